# What is left behind: nothing. And the truth after a kill -9.

load helpers

# Everything of ours outside of the home's layers, one thing a line.
traces() {
	pids_of_home | sed 's/^/process /'
	grep -F "$DOCKERSHELL_HOME" /proc/self/mountinfo
	find "$DOCKERSHELL_HOME/containers" "$DOCKERSHELL_HOME/run" \
		"$DOCKERSHELL_HOME" -maxdepth 1 2>/dev/null |
		grep -v -e '-wal$' -e '-shm$' | sort -u
	for id in $(ls "$DOCKERSHELL_HOME/containers"); do
		find /sys/fs/cgroup -type d -name "*${id:0:12}*" 2>/dev/null
	done
}

no_process() {
	[ -z "$(pids_of_home)" ]
}

nothing_new() {
	[ "$(traces)" = "$before" ]
}

expect_nothing_new() {
	wait_for 10 nothing_new || {
		diff <(echo "$before") <(traces)
		return 1
	}
}

@test "200 runs in a row leave nothing behind" {
	ds run --rm busybox true
	wait_for 10 no_process # the first one's monitor is on its way out
	before=$(traces)
	for i in $(seq 200); do
		ds run --rm busybox hostname # which is the first part of its id
	done >ids
	expect_nothing_new
	[ "$(sort -u ids | wc -l)" = 200 ]
	! find /sys/fs/cgroup -type d 2>/dev/null | grep -F -f ids
}

@test "20 runs at once leave nothing behind, and all work" {
	ds run --rm busybox true
	before=$(traces)
	for i in $(seq 20); do
		ds run --rm busybox sh -c "sleep 0.2; echo $i" >"out.$i" 2>&1 &
	done
	for job in $(jobs -p); do
		wait "$job" || failed=1
	done
	[ -z "${failed:-}" ] || {
		cat out.*
		return 1
	}
	[ "$(cat out.* | sort -n | tr '\n' ' ')" = "$(seq -s ' ' 20) " ]
	expect_nothing_new
}

@test "the very first start may happen twice at once" {
	ds run --rm busybox echo one >a 2>&1 &
	ds run --rm busybox echo two >b 2>&1 &
	wait
	[ "$(cat a b)" = "one
two" ] || {
		cat a b
		return 1
	}
}

@test "removing the folder removes all trace, also without us" {
	ds run --name kept busybox touch /tmp/x
	ds run --name changed busybox rm -r /bin
	wait_for 10 no_process
	rm -rf "$DOCKERSHELL_HOME"
	[ ! -e "$DOCKERSHELL_HOME" ]
}

# sleeps N: is a process of that very command line alive?
sleeps() {
	grep -qzxF "$1" /proc/[0-9]*/cmdline 2>/dev/null
}

gone() {
	! sleeps "$1"
}

# What `ps -a` says of each container must be so: "Up" for those whose process
# (sleep 5000<name>) is there, for no other.
ps_tells_the_truth() {
	local name state
	while IFS='|' read -r name state; do
		case $state in
		Up*) sleeps "5000${name#k}" || {
			echo "$name is '$state', but has no process"
			return 1
		} ;;
		*) gone "5000${name#k}" || {
			echo "$name is '$state', but lives"
			return 1
		} ;;
		esac
	done < <(ds ps -a | awk 'NR > 1 {
		name = $NF
		state = /   Up [A-Z0-9a-z ]*/ ? "Up" : "not up"
		print name "|" state
	}')
}

monitor_of() {
	sed -n 's/.*"monitorPid": *\([0-9]*\).*/\1/p' \
		"$DOCKERSHELL_HOME"/containers/by-name/"$1"/state.json
}

@test "a killed monitor takes its container along, and ps says so" {
	ds run -d --name k1 busybox sleep 50001 >/dev/null
	wait_for 5 sleeps 50001
	run ps_tells_the_truth
	expect_status 0
	kill -9 "$(monitor_of k1)"
	wait_for 5 gone 50001
	run ps_tells_the_truth
	expect_status 0
	run ds ps
	[ "${#lines[@]}" -eq 1 ] || {
		echo "$output"
		return 1
	}
	run ds rm k1
	expect_status 0
	run ds run --name k1 busybox echo again
	expect_status 0
	expect_output again
}

# A start that was killed with nothing but an empty folder made looks for a moment
# like one that is under way: a later look sweeps it.
all_swept() {
	ds ps -a >/dev/null
	[ -z "$(ls "$DOCKERSHELL_HOME/containers" | grep -v by-name)" ]
}

@test "a program killed at any moment leaves a store that works" {
	ds run --rm busybox true
	for i in $(seq 1 30); do
		"$DOCKERSHELL" run -d --name "k$i" busybox sleep "5000$i" >/dev/null 2>&1 &
		sleep "0.$(printf %03d $((i * 2)))"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
	done
	run ds ps -a
	expect_status 0
	# A container whose client was killed early may still be starting.
	wait_for 10 ps_tells_the_truth >/dev/null || ps_tells_the_truth
	for i in $(seq 1 30); do
		run ds rm -f "k$i"
	done
	wait_for 5 gone 50001
	run ds ps -a
	[ "${#lines[@]}" -eq 1 ] || {
		echo "$output"
		return 1
	}
	run ds run --rm --name k1 busybox echo works
	expect_output works
	wait_for 10 all_swept || {
		ls -R "$DOCKERSHELL_HOME/containers"
		return 1
	}
}

@test "a killed foreground run leaves no lie behind" {
	for i in $(seq 1 10); do
		"$DOCKERSHELL" run --name "k$i" busybox sleep "5000$i" >/dev/null 2>&1 &
		sleep "0.$(printf %03d $((i * 7)))"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
	done
	wait_for 10 ps_tells_the_truth >/dev/null || ps_tells_the_truth
	run ds run --rm busybox echo works
	expect_output works
}

@test "the first start, killed half-way, is made up for" {
	for ms in 005 010 020 040 080 120; do
		"$DOCKERSHELL" images >/dev/null 2>&1 &
		sleep "0.$ms"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
	done
	run ds run --rm busybox echo works
	expect_status 0
	expect_output works
}
