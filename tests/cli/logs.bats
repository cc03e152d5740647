# What containers printed: kept, followed, bounded.

load helpers

bats_require_minimum_version 1.5.0

printed() {
	[ "$(ds logs "$1" 2>&1)" = "$2" ]
}

exited() {
	[ "$(ds inspect -f '{{.State.Status}}' "$1")" = exited ]
}

@test "standard output and error stay apart" {
	ds run --name talk busybox sh -c 'echo out; echo err >&2' >/dev/null 2>&1
	run --separate-stderr ds logs talk
	expect_output out
	[ "$stderr" = err ]
	run --separate-stderr ds logs --tail 1 talk
	expect_output ""
	[ "$stderr" = err ]
}

@test "times are Docker's and choose lines" {
	ds run --name talk busybox sh -c 'echo one; sleep 1.1; echo two'
	run ds logs -t talk
	[[ ${lines[0]} =~ ^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}Z\ one$ ]]
	second=${lines[1]%% *}
	run ds logs --since "$second" talk
	expect_output two
	run ds logs --until "${second%.*}.000000000Z" talk
	expect_output one
	run ds logs --since 1h talk
	expect_output "one
two"
	run ds logs --since 0s talk
	expect_output ""
	run ds logs --until 1h talk
	expect_output ""
	run ds logs --since "$(date -d "$second" +%s.%N)" talk
	expect_output two
	run ds logs --since 2000-01-02 talk
	expect_output "one
two"
	run ds logs --since nonsense talk
	expect_status 1
	expect_output 'invalid value for "since": failed to parse value as time or duration: "nonsense"'
}

@test "--tail takes numbers, and all for what is none" {
	ds run --name talk busybox seq 1 100 >/dev/null
	[ "$(ds logs --tail 0 talk | wc -l)" = 0 ]
	[ "$(ds logs -n 5 talk)" = "$(seq 96 100)" ]
	for all in all -1 random 1000; do
		[ "$(ds logs --tail $all talk)" = "$(seq 1 100)" ]
	done
}

@test "--details leaves room for what nothing was chosen for" {
	ds run --name talk busybox echo hello >/dev/null
	run ds logs --details talk
	expect_output " hello"
}

@test "logs survive the death of everything" {
	ds run -d --name talk busybox sh -c 'echo hello; sleep 1000' >/dev/null
	wait_for 5 printed talk hello
	kill -9 "$(ds inspect -f '{{.State.Pid}}' talk)" "$(sed -n 's/.*"monitorPid": *\([0-9]*\).*/\1/p' "$DOCKERSHELL_HOME/containers/by-name/talk/state.json")"
	wait_for 5 exited talk
	run ds logs talk
	expect_output hello
	run ds start talk
	wait_for 5 printed talk "hello
hello"
}

@test "-f follows to the end and ends with it" {
	ds run -d --name talk busybox sh -c 'for i in $(seq 1 200); do echo $i; sleep 0.005; done' >/dev/null
	run ds logs -f talk
	expect_status 0
	expect_output "$(seq 1 200)"
	run ds logs -f talk
	expect_output "$(seq 1 200)"
	run ds logs -f --tail 2 talk
	expect_output "199
200"
}

@test "-f sleeps while nothing is printed" {
	need_program strace
	ds run -d --name talk busybox sleep 1000 >/dev/null
	timeout 3 strace -qq -o trace "$DOCKERSHELL" logs -f talk || :
	polls=$(grep -c '^poll' trace)
	echo "$polls polls"
	[ "$polls" -le 3 ]
}

@test "-f misses and repeats nothing of much output, and the disk use is bounded" {
	ds run -d --name talk busybox sh -c 'sleep 0.2; seq 1 1500000' >/dev/null
	ds logs -f talk >out
	[ "$(wc -l <out)" = 1500000 ]
	seq 1 1500000 | cmp - out
	[ "$(du -sm "$DOCKERSHELL_HOME/containers/by-name/talk/" | cut -f1)" -le 105 ]
}

@test "50 at once: nothing is lost, nothing is mixed, the monitors are small" {
	for i in $(seq 50); do
		ds run -d --name "t$i" busybox sh -c "for n in \$(seq 1 100); do echo $i \$n; echo e$i \$n >&2; done; sleep 1000" >/dev/null
	done
	all_printed() {
		for i in $(seq 50); do
			[ "$(ds logs "t$i" 2>&1 | wc -l)" = 200 ] || return 1
		done
	}
	wait_for 30 all_printed
	for i in $(seq 50); do
		ds logs "t$i" >o 2>e
		seq 1 100 | sed "s/^/$i /" | cmp - o
		seq 1 100 | sed "s/^/e$i /" | cmp - e
		pid=$(sed -n 's/.*"monitorPid": *\([0-9]*\).*/\1/p' "$DOCKERSHELL_HOME/containers/by-name/t$i/state.json")
		private=$(awk '/^Private/ { sum += $2 } END { print sum }' "/proc/$pid/smaps_rollup")
		# A sanitizer keeps books of its own in each process.
		[ "${MODE:-release}" != release ] || [ "$private" -lt 2048 ] || {
			echo "monitor of t$i: $private kB private"
			return 1
		}
	done
	ds rm -f $(seq -f 't%g' 50) >/dev/null
}

@test "what is not kept cannot be shown" {
	ds run --name talk --log-driver none busybox echo hi
	run ds logs talk
	expect_status 1
	expect_output "Error response from daemon: configured logging driver does not support reading"
}

@test "--log-opt bounds the log and chooses what --details shows" {
	ds run --name talk -e STAGE=prod -l tier=1 -l other=2 --log-opt max-size=10k --log-opt max-file=3 --log-opt labels=tier --log-opt env=STAGE busybox seq 1 5000 >/dev/null
	[ "$(du -sk --apparent-size "$DOCKERSHELL_HOME/containers/by-name/talk/" | cut -f1)" -lt 60 ]
	run ds logs --details --tail 1 talk
	expect_output "STAGE=prod,tier=1 5000"
}
