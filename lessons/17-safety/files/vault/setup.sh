# Opens the store room by its password, and fetches what the image needs.
test -s password.txt && test -n "$DOOR"
echo "Welcome to the vault. There is nothing to see." > welcome.txt
