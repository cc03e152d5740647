# pause, unpause, top, stats, update: what is looked at and changed while a
# container runs.

load helpers

counter='while :; do echo -n x >>/n; done'

# start NAME COMMAND...: a container in the background, without a word
start() {
	ds run -d --name "$1" busybox "${@:2}" >/dev/null
}

counted() {
	ds exec "$1" wc -c /n | cut -d' ' -f1
}

id_of() {
	basename "$(readlink "$DOCKERSHELL_HOME/containers/by-name/$1")"
}

folders_of() {
	find /sys/fs/cgroup -type d -name "dockershell-$1" 2>/dev/null
}

# A container's file as it lies in its writable layer: looking needs no process
# inside.
size_of() {
	stat -c %s "$DOCKERSHELL_HOME/containers/by-name/$1/upper/n" 2>/dev/null ||
		echo 0
}

grows() {
	local before
	before=$(size_of "$1")
	wait_for 10 eval "[ \"\$(size_of $1)\" -gt $before ]"
}

@test "a paused container stands still, is shown so, and goes on" {
	start clock sh -c "$counter"
	grows clock
	run ds pause clock
	expect_status 0
	expect_output clock
	before=$(size_of clock)
	run ds ps
	expect_in_output " (Paused) "
	sleep 0.2
	[ "$(size_of clock)" = "$before" ]
	run ds unpause clock
	expect_status 0
	expect_output clock
	grows clock
	run ds ps
	[[ $output != *Paused* ]]
	ds rm -f clock
}

@test "what does not fit its state is refused in Docker's words" {
	start clock sleep 1000
	id=$(id_of clock)
	run ds unpause clock
	expect_status 1
	expect_output "Error response from daemon: Container $id is not paused"
	ds pause clock
	run ds pause clock
	expect_status 1
	expect_output "Error response from daemon: Container $id is already paused"
	run ds exec clock true
	expect_status 1
	expect_output "Error response from daemon: Container clock is paused, unpause the container before exec"
	run ds start clock
	expect_status 1
	expect_in_output "Error response from daemon: cannot start a paused container, try unpause instead"
	run ds rm clock
	expect_status 1
	expect_output "Error response from daemon: You cannot remove a paused container $id. Unpause and then stop the container before attempting removal or force remove"
	run ds top clock
	expect_status 0
	ds stop -t 0 clock
	run ds pause clock
	expect_status 1
	expect_output "Error response from daemon: Container $id is not running"
	run ds top clock
	expect_status 1
	expect_output "Error response from daemon: Container $id is not running"
	run ds pause nosuch
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch"
}

@test "a paused container can be stopped, and hears the signal" {
	start clock sh -c 'trap "exit 3" TERM; while :; do echo -n x >>/n; sleep 0.01; done'
	grows clock
	ds pause clock
	run ds stop clock
	expect_status 0
	run ds ps -a
	expect_in_output "Exited (3)"
}

@test "a killed monitor takes a paused container along, and its cgroup goes" {
	start clock sh -c "$counter"
	grows clock
	ds pause clock
	id=$(id_of clock)
	kill -9 "$(sed -n 's/.*"monitorPid": *\([0-9]*\).*/\1/p' \
		"$DOCKERSHELL_HOME/containers/$id/state.json")"
	shown_as_ended() { ds ps -a | grep -q 'Exited (255)'; }
	wait_for 10 shown_as_ended
	[ -z "$(folders_of "$id")" ]
	before=$(size_of clock)
	sleep 0.1
	[ "$(size_of clock)" = "$before" ]
	ds rm clock
}

@test "version 2 of cgroups: born into it, frozen by it, gone with it" {
	need_root
	cat >v2.sh <<-'END'
		set -e
		umount -l /sys/fs/cgroup
		mount -t cgroup2 none /sys/fs/cgroup
		"$DOCKERSHELL" run -d --name clock busybox sh -c "$1" >/dev/null
		id=$(basename "$(readlink "$DOCKERSHELL_HOME/containers/by-name/clock")")
		folder=/sys/fs/cgroup/dockershell-$id
		grep -q . "$folder/cgroup.procs"
		"$DOCKERSHELL" exec clock grep -x 0::/ /proc/self/cgroup
		"$DOCKERSHELL" pause clock
		grep -x "frozen 1" "$folder/cgroup.events"
		"$DOCKERSHELL" unpause clock
		grep -x "frozen 0" "$folder/cgroup.events"
		"$DOCKERSHELL" pause clock
		"$DOCKERSHELL" rm -f clock
		[ ! -e "$folder" ]
	END
	export DOCKERSHELL
	run unshare -m bash v2.sh "$counter"
	expect_status 0
	expect_output "0::/
clock
frozen 1
clock
frozen 0
clock
clock"
}

@test "version 1 of cgroups alone freezes, too" {
	need_root
	[ -e /sys/fs/cgroup/freezer ] || skip "this machine has no version 1"
	cat >v1.sh <<-'END'
		set -e
		umount -l /sys/fs/cgroup/unified 2>/dev/null || :
		"$DOCKERSHELL" run -d --name clock busybox sh -c "$1" >/dev/null
		"$DOCKERSHELL" pause clock
		id=$(basename "$(readlink "$DOCKERSHELL_HOME/containers/by-name/clock")")
		cat "$(find /sys/fs/cgroup/freezer -name "dockershell-$id")/freezer.state"
		"$DOCKERSHELL" rm -f clock
		find /sys/fs/cgroup -name "dockershell-$id"
	END
	export DOCKERSHELL
	run unshare -m bash v1.sh "$counter"
	expect_status 0
	expect_output "clock
FROZEN
clock"
}

@test "a container sees its own limits, and cannot change them" {
	need_root
	[ -e /sys/fs/cgroup/memory ] || skip "this machine has no version 1"
	run ds run --rm -m 64m busybox cat /sys/fs/cgroup/memory/memory.limit_in_bytes
	expect_output 67108864
	run ds run --rm -m 64m busybox sh -c 'echo -1 >/sys/fs/cgroup/memory/memory.limit_in_bytes'
	expect_in_output "Read-only file system"
	[ "$status" -ne 0 ]
	# One that may make cgroups of its own leaves none behind.
	run ds run --name own --privileged -m 64m busybox \
		mkdir -p /sys/fs/cgroup/memory/a/b
	expect_status 0
	[ -z "$(folders_of "$(id_of own)")" ]
}

# ---- top ----

@test "top has Docker's columns" {
	start web sleep 1000
	run ds top web
	expect_status 0
	[ "${lines[0]}" = "UID                 PID                 PPID                C                   STIME               TTY                 TIME                CMD" ]
	[[ ${lines[1]} == *" 00:00:00            sleep 1000" ]]
	[ "${#lines[@]}" -eq 2 ]
}

@test "top takes the options of ps that people use" {
	start web sh -c 'sleep 1000 & wait'
	run ds top web -o pid,comm
	expect_status 0
	[ "${lines[0]}" = "PID                 COMMAND" ]
	[[ ${lines[1]} == *" sh" && ${lines[2]} == *" sleep" ]]
	run ds top web -eo pid,args=WHAT
	[ "${lines[0]}" = "PID                 WHAT" ]
	[[ ${lines[2]} == *" sleep 1000" ]]
	for options in aux -aux; do
		run ds top web $options
		expect_status 0
		expect_in_output "%CPU"
		expect_in_output "START"
	done
	run ds container top web -ef
	expect_status 0
	run ds top web -o comm
	expect_status 1
	expect_output "Error response from daemon: Couldn't find PID field in ps output"
	run ds top web --sort=-pcpu
	expect_status 1
	expect_in_output "the ps option '--sort=-pcpu' is not understood"
	expect_in_output "understood are"
	run ds top web -o pid,nonsense
	expect_status 1
	expect_in_output 'ps: error: unknown user-defined format specifier "nonsense"'
}

@test "what a program calls itself cannot write to the terminal" {
	start web sh -c "exec -a \$'' sleep 1000" 2>/dev/null || :
	ds rm -f web
	start web sh -c 'sleep 1000; : "$1"' sh "$(printf 'a\033[31mb\nc')"
	run ds top web
	expect_status 0
	expect_in_output 'a?[31mb?c'
}

# ---- stats ----

@test "stats shows what is used, in Docker's columns" {
	start busy sh -c 'while :; do :; done'
	run ds stats --no-stream
	expect_status 0
	[[ ${lines[0]} =~ ^"CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT "\ +"MEM %     NET I/O "\ +"BLOCK I/O "\ *" PIDS"$ ]]
	[[ ${lines[1]} =~ ^[0-9a-f]{12}"   busy      "[0-9.]+"% ".*"KiB / "|"MiB / ".*" 1"$ ]]
	run ds stats --no-stream --format '{{.Name}} {{.PIDs}} {{.CPUPerc}}' busy
	[[ $output =~ ^"busy 1 "([0-9]+)\.[0-9]+%$ ]]
	[ "${BASH_REMATCH[1]}" -gt 5 ]
	run ds stats --no-stream --format '{{json .}}' busy
	[[ $output == '{"BlockIO":'*'"Name":"busy"'* ]]
	run ds stats --no-stream --format 'table {{.Name}}\t{{.MemPerc}}'
	[ "${lines[0]}" = "NAME      MEM %" ]
}

@test "stats of what does not run are nothing, and unknown names are told" {
	ds run --name done1 busybox true
	run ds stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' done1
	expect_output "done1 0B / 0B 0"
	run ds stats --no-stream --format '{{.Name}}'
	expect_output ""
	run ds stats --no-stream -a --format '{{.Name}}'
	expect_output done1
	run ds stats --no-stream done1 nosuch other
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch
Error response from daemon: No such container: other"
}

@test "stats goes on until Ctrl-C, and ends at once" {
	start busy sleep 1000
	# bash starts background jobs with SIGINT ignored
	env --default-signal=INT "$DOCKERSHELL" stats --format '{{.Name}}' \
		>out 2>err &
	pid=$!
	two_lines() { [ "$(grep -c busy out)" -ge 2 ]; }
	wait_for 10 two_lines
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	run cat out err
	[[ $output != *$'\033'* ]]
	[ ! -s err ]
}

# ---- update ----

@test "update refuses what Docker refuses, in its words" {
	start web sleep 1000
	id=$(id_of web)
	run ds update web
	expect_status 1
	expect_output "you must provide one or more flags when using this command"
	run ds update -m 1m web
	expect_status 1
	expect_output "Error response from daemon: Minimum memory limit allowed is 6MB"
	run ds update -m 64m web
	expect_status 1
	expect_output "Error response from daemon: Cannot update container $id: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
	run ds update --restart sometimes web
	expect_status 1
	expect_output "Error response from daemon: invalid restart policy 'sometimes'"
	run ds update --restart always:3 web
	expect_output "Error response from daemon: maximum retry count cannot be used with restart policy 'always'"
	run ds update --restart on-failure:x web
	expect_output "maximum retry count must be an integer"
	run ds update --cpuset-cpus 0-x web
	expect_output "Error response from daemon: Invalid value 0-x for cpuset cpus: invalid format: 0-x"
	run ds update --blkio-weight 5 web
	if [ "$(id -u)" = 0 ]; then
		expect_output "Error response from daemon: Range of blkio weight is from 10 to 1000"
	else # no cgroup, no weight
		expect_output "WARNING: Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.
web"
	fi
	run ds update --pids-limit 9 nosuch
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch"
}

@test "update sets limits of a running container, and of one that does not run" {
	need_root
	start web sleep 1000
	id=$(id_of web)
	run ds update -m 64m --memory-swap 64m --cpus 0.25 --pids-limit 4 web
	expect_status 0
	expect_output web
	[ -n "$(folders_of "$id")" ]
	grep -qx 67108864 $(folders_of "$id" | sed 's,$,/memory.limit_in_bytes,; p; s,limit_in_bytes,max,') 2>/dev/null
	run ds exec web sh -c 'for i in 1 2 3 4 5 6; do sleep 1 >/dev/null 2>&1 & done'
	expect_in_output "can't fork"
	run ds exec web dd if=/dev/zero of=/dev/null bs=100M count=1
	expect_status 137
	ds stop -t 0 web
	[ -z "$(folders_of "$id")" ]
	run ds update --pids-limit 3 web
	expect_status 0
	ds start web
	run ds exec web sh -c 'for i in 1 2 3 4 5 6; do sleep 1 >/dev/null 2>&1 & done'
	expect_in_output "can't fork"
	ds rm -f web
	[ -z "$(folders_of "$id")" ]
}

@test "what runs out of memory is killed, and the record says why" {
	need_root
	ds run --name eater busybox dd if=/dev/zero of=/dev/null bs=100M count=1
	ds update -m 32m --memory-swap 32m eater
	run ds start -a eater
	expect_status 137
	grep -q '"oomKilled": true' "$DOCKERSHELL_HOME/containers/by-name/eater/state.json"
	run ds ps -a
	expect_in_output "Exited (137)"
}

@test "a plain user is told what is not kept" {
	need_plain_user
	start web sleep 1000
	run ds update -m 64m --memory-swap -1 web
	expect_status 0
	expect_output "WARNING: Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.
web"
	run ds update --cpus 0.5 web
	expect_status 1
	expect_output "Error response from daemon: NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted"
	run ds update --pids-limit 4 web
	expect_status 0
	expect_output "WARNING: Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.
web"
	# On a terminal, what is done instead as well.
	run script -qec "'$DOCKERSHELL' update -m 64m --memory-swap -1 web" /dev/null
	expect_in_output "(RLIMIT_DATA)"
	ds stop -t 0 web
	ds start web
	run ds exec web sh -c 'for i in 1 2 3 4 5 6; do sleep 1 >/dev/null 2>&1 & done'
	expect_in_output "can't fork"
}
