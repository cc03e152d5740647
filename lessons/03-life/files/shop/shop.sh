# A shop that cannot open before it has been told its name.
if [ -z "$SHOP_NAME" ]; then
  echo "shop: SHOP_NAME is not set, so there is nothing to write on the door" >&2
  exit 3
fi
echo "$SHOP_NAME is open"

trap 'echo "$SHOP_NAME is closed"; exit 0' TERM INT
while :; do
  sleep 1 & wait $!
done
