#!/bin/sh
# The page. httpd runs this for each visit.
cd ../.. || exit 1
echo "$(date) $REQUEST_METHOD $REQUEST_URI" >> log/access.log
for name in $(cat packages.txt); do
	if [ ! -s "modules/$name" ]; then
		printf 'Status: 500\r\nContent-Type: text/plain\r\n\r\n%s is not installed\n' "$name"
		exit
	fi
done
printf 'Content-Type: text/html\r\n\r\n'
cat views/index.html
