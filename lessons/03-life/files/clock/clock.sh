# Counts how often it has been started, then ticks once a second until it is
# asked to stop.
times=$(( $(cat /starts 2>/dev/null || echo 0) + 1 ))
echo $times > /starts
echo "start $times"

trap 'echo "stopped after $ticks ticks"; exit 0' TERM INT
ticks=0
while :; do
  sleep 1 & wait $!
  ticks=$(( ticks + 1 ))
  echo "tick $ticks"
done
