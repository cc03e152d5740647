#!/bin/sh
# The shop. When SIGTERM asks it to end, it saves the orders first.
trap 'echo "shop.sh: closing, all orders saved"; exit 0' TERM
echo "shop.sh: open"
while true; do
	sleep 60 &
	wait $!
done
