#!/bin/sh
# Gets the shop ready, then opens it.
echo "start.sh: floor swept, lights on"
./shop.sh
