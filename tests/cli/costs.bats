# Counts, which do not wobble: system calls, processes, syncs of one start.

load helpers

# Under a tracer newuidmap is not privileged: a plain user is counted with one id.
# $1: the network
count() {
	[ "${MODE:-release}" = release ] || skip "other builds are not for speed"
	need_program strace
	if [ "$(id -u)" != 0 ]; then export DOCKERSHELL_USERNS=single; fi
	# What is made once, the bridge too, is there, and stays while this one runs.
	ds run -d --name holds --network "$1" busybox sleep 600 >/dev/null
	strace -f -qq -o trace "$DOCKERSHELL" run --rm --network "$1" busybox true
}

# expect_calls MOST
expect_calls() {
	local calls unfinished
	calls=$(grep -cE '^[0-9]+ +([a-z_0-9]+\(|<\.\.\. [a-z_0-9]+ resumed)' trace)
	unfinished=$(grep -c 'unfinished \.\.\.>$' trace || :)
	calls=$((calls - unfinished))
	echo "$calls system calls"
	[ "$calls" -le "$1" ] || {
		sed 's/^[0-9]* *//; s/(.*//' trace | sort | uniq -c | sort -rn | head -40
		return 1
	}
}

@test "a start needs at most 320 system calls" {
	count none
	expect_calls 320
}

@test "the default network adds at most 40 of them, and no process" {
	count bridge
	expect_calls 360
	processes=$(cut -d' ' -f1 trace | sort -u | wc -l)
	echo "$processes processes"
	[ "$processes" -le 3 ]
}

@test "a start needs at most 3 processes" {
	count none
	processes=$(cut -d' ' -f1 trace | sort -u | wc -l)
	echo "$processes processes"
	[ "$processes" -le 3 ]
}

@test "a start waits for no disk" {
	count bridge
	! grep -E 'fsync|fdatasync|syncfs|sync_file_range| sync\(' trace
}

@test "the program loads the C library and nothing else" {
	[ "${MODE:-release}" = release ] || skip "other builds are not for speed"
	run ldd "$DOCKERSHELL"
	expect_status 0
	! grep -vE 'linux-vdso|ld-linux|libc\.so|libm\.so' <<<"$output"
}
