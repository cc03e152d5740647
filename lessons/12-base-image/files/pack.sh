# Writes an archive of programs of this machine, with the libraries that they need:
#     sh pack.sh bash ls | import - mine
for name in "$@"; do
	for dir in /bin /usr/bin /sbin /usr/sbin; do
		[ -x "$dir/$name" ] && break
	done
	if [ -x "$dir/$name" ]; then
		echo "$dir/$name"
		ldd "$dir/$name" 2>/dev/null | grep -o '/[^ ]*'
	else
		echo "pack.sh: there is no $name on this machine; it is left out" >&2
	fi
done | sort -u | sed 's|^/||' | tar -C / -chT -
