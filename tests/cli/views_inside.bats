# Views of what happens inside: ns, tree, uidmap, ports, watch, lookup, cow; each
# against what other programs say.

load helpers

bats_require_minimum_version 1.5.0

# What jq's filter $1 makes of a view: json FILTER VIEW...
json() {
	local filter=$1
	shift
	ds "$@" --json | jq -r "$filter"
}

pid_of() {
	ds inspect -f '{{.State.Pid}}' "$1"
}

# The reason that `ports $1` gives for the port $2.
cause() {
	json ".ports[] | select(.port == $2) | \"\(.failed) \(.cause)\"" ports "$1"
}

is_cause() {
	[ "$(cause "$1" "$2")" = "$3" ]
}

watched() {
	grep -q "$1" watched
}

@test "ns, tree and uidmap say what /proc says" {
	local pid name inode both
	ds run -d --name web --hostname inside-web busybox \
		sh -c 'touch /tmp/mine; sleep 1000; true' >/dev/null
	pid=$(pid_of web)
	[ "$(json .pid_outside ns web)" = "$pid" ]
	[ "$(json .pid_inside ns web)" = "$(sed -n 's/^NSpid:.*\t//p' "/proc/$pid/status")" ]
	json '.namespaces[] | "\(.name) \(.inside) \(.separate)"' ns web >namespaces
	[ "$(wc -l <namespaces)" -ge 7 ]
	while read -r name inode both; do
		[ "$(readlink "/proc/$pid/ns/$name")" = "$name:[$inode]" ]
		if [ "$(readlink "/proc/self/ns/$name")" = "$name:[$inode]" ]; then
			[ "$both" = false ]
		else
			[ "$both" = true ]
		fi
	done <namespaces
	run json '.views[] | select(.view == "hostname") | "\(.outside) \(.inside) \(.separate)"' ns web
	expect_output "$(hostname) inside-web yes"
	run json '.views[] | select(.view == "kernel") | .inside' ns web
	expect_output "$(uname -r)"
	run json '.views[] | select(.view == "mounts") | .inside' ns web
	expect_in_output "$(wc -l <"/proc/$pid/mountinfo") mounts"
	# The shell and its sleep, each with both numbers.
	json '.containers[].processes[] | select(.inside_pid) | "\(.pid) \(.inside_pid)"' tree web >both
	[ "$(wc -l <both)" -eq 2 ]
	while read -r pid inode; do
		[ "$(sed -n 's/^NSpid:.*\t//p' "/proc/$pid/status")" = "$inode" ]
	done <both
	run json '.containers[0].processes[0].role' tree web
	expect_output monitor
	pid=$(pid_of web)
	json '.uids[] | "\(.inside) \(.outside) \(.count)"' uidmap web >map
	awk '{ print $1, $2, $3 }' "/proc/$pid/uid_map" | diff map -
	# Whose its file is, as stat sees it from outside.
	wait_for 5 test -n "$(json '.files[].outside' uidmap web)"
	[ "$(json '.files[0].outside' uidmap web)" = "$(stat -c %u "$DOCKERSHELL_HOME/containers/$(ds inspect -f '{{.Id}}' web)/upper/tmp/mine")" ]
	for name in ns tree uidmap; do
		run ds "$name" web
		expect_in_output "Next: dockershell"
		COLUMNS=60 ds "$name" web | LC_ALL=C awk 'length($0) > 120 { exit 1 }'
	done
	ds kill web >/dev/null
	wait_for 5 eval '! kill -0 "$pid" 2>/dev/null'
	run ds ns web
	expect_status 1
	expect_in_output "start web"
}

@test "ports marks the hop that fails" {
	local port
	ds run -d --name web -p 127.0.0.1::80 busybox nc -ll -p 80 -e true >/dev/null
	ds run -d --name lo -p 127.0.0.1::80 busybox httpd -f -p 127.0.0.1:80 >/dev/null
	ds run -d --name far -p 127.0.0.1::80 busybox nc -ll -p 81 -e true >/dev/null
	ds run -d --name none --network none --expose 80 busybox sleep 1000 >/dev/null
	ds run -d --name shown --expose 80 busybox nc -ll -p 80 >/dev/null
	ds create --name made -p 127.0.0.1::80 busybox true >/dev/null
	wait_for 8 is_cause web 80 "null none"
	wait_for 5 is_cause lo 80 "socket loopback_only"
	wait_for 5 is_cause far 80 "socket other_port"
	is_cause none 80 "network no_network"
	is_cause shown 80 "published not_published"
	is_cause made 80 "container not_running"
	# What is said of the socket is what the kernel says.
	port=$(json '.ports[0].hops[] | select(.hop == "socket") | .where' ports lo)
	[ "$port" = 127.0.0.1:80 ]
	grep -q ' 0100007F:0050 00000000:0000 0A' "/proc/$(pid_of lo)/net/tcp"
	[ "$(json '.ports[0].hops[] | select(.hop == "try") | .state' ports web)" = ok ]
	run ds ports lo
	expect_in_output "FAILS"
	expect_in_output "0.0.0.0"
	ds pause web >/dev/null
	is_cause web 80 "container paused"
	ds unpause web >/dev/null
	run ds ports nobody
	expect_status 1
}

@test "watch tells of files, processes and the end" {
	ds run -d --name web busybox sh -c 'sleep 1; echo x >>/etc/passwd; rm /bin/ls; touch /new; sleep 1.5; rm /new; exit 3' >/dev/null
	ds watch --json web >watched
	watched '"what":"begin","container":"web"'
	watched '"change":"copied_up","path":"/etc/passwd"'
	watched '"change":"whiteout","path":"/bin/ls"'
	watched '"change":"added","path":"/new"'
	watched '"change":"started".*"command":"sleep 1.5"'
	watched '"change":"ended".*"command":"sleep 1.5"'
	watched '"what":"end","container_ended":true,"status":"exited".*"exit_code":3'
	[ "$(jq -s length watched)" = "$(wc -l <watched)" ]
	ds run -d --name more busybox sleep 1000 >/dev/null
	run ds watch --for 0.3 --plain more
	expect_status 0
	expect_in_output "Next: dockershell diff more"
	[ -z "$(ls "$DOCKERSHELL_HOME/run" | grep lab)" ]
}

@test "lookup finds what the container finds, and cow changes no container" {
	local id upper layer order
	ds run --name web busybox sh -c 'rm /bin/ls; echo mine >/tmp/mine; echo x >>/etc/group; rm -r /var; mkdir /var; touch /var/new' || true
	id=$(ds inspect -f '{{.Id}}' web)
	upper=$DOCKERSHELL_HOME/containers/$id/upper
	[ "$(json '"\(.found) \(.layer)"' lookup web:/tmp/mine)" = "true rw" ]
	[ "$(json '.bytes' lookup web:/tmp/mine)" = "$(stat -c %s "$upper/tmp/mine")" ]
	run json '.steps[-1].end' lookup web:/bin/ls
	expect_output deleted
	[ "$(stat -c '%F %t %T' "$upper/bin/ls")" = "character special file 0 0" ]
	[ "$(json '.steps[-1].answers["1"]' lookup web:/bin/ls)" = hidden ]
	# Deleted and made anew: the layers below do not show.
	if getfattr -dm- "$upper/var" 2>/dev/null | grep -q opaque; then
		[ "$(json '.steps[] | select(.name == "var") | .answers.rw' lookup web:/var/new)" = opaque_folder ]
	fi
	[ "$(json '.found' lookup web:/no/such)" = false ]
	[ "$(json .layer lookup busybox:/bin/busybox)" = 1 ]
	[ "$(json '.first.count > 2' lookup busybox:/bin/busybox)" = true ]
	run ds lookup busybox
	expect_status 1
	expect_in_output "NAME:/path"
	# The file is copied, and not in the container.
	run json '"\(.file.bytes) \(.file.copied >= .file.bytes) \(.layer)"' cow web:/bin/busybox
	expect_output "$(json .bytes lookup busybox:/bin/busybox) true 1"
	[ ! -e "$upper/bin/busybox" ]
	[ "$(json .layer cow web:/tmp/mine)" = rw ]
	[ "$(json .mounted cow web:/etc/hosts)" = /etc/hosts ]
	run ds cow web:/etc
	expect_status 1
}

@test "the experiments state what they found, or that it is unknown" {
	local order
	order=$(json .orders.all_first_grows lookup --lab)
	case $order in
	above) ;;
	unknown)
		run ds lookup --lab
		[[ $output == *"Unknown"* || $output == *"takes longer with more layers"* ]]
		;;
	*) false ;;
	esac
	ds cow --lab --json >lab
	[ "$(jq '.rows | length' lab)" -ge 1 ]
	case $(jq -r .orders.first_over_second lab) in
	above | unknown) ;;
	*) false ;;
	esac
	[ "$(jq -r .whiteout_device lab)" = true ]
	[ "$(jq -r .rename_error lab)" = 18 ] # EXDEV
	[ "$(jq '.chmod_copied >= 1000000' lab)" = true ]
	jq -r .options lab | grep -q 'upperdir='
	[ -z "$(ls "$DOCKERSHELL_HOME/run" | grep lab)" ]
	! grep -q "$DOCKERSHELL_HOME/run" /proc/self/mountinfo
}
