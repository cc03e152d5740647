# why: thirty and more failures, made for real, each with its cause and its evidence.
#
# Causes are named by --json ("cause"), which is in no language; evidence is looked for
# in what is shown. All containers are made at once, so that none waits for another.

load helpers

setup() {
	new_home
	export DOCKERSHELL_LANG=en
}

teardown() {
	umount -l "$scratch/small" "$scratch/tiny" 2>/dev/null || :
	drop_home
}

# same CAUSE EVIDENCE [THING...]: what `why THING` says.
same() {
	local cause=$1 evidence=$2 said got
	shift 2
	said=$(ds why --json "$@" 2>&1) || {
		echo "why $*: failed: $said"
		return 1
	}
	got=$(sed -n 's/^  "cause": "\(.*\)",$/\1/p' <<<"$said")
	[ "$got" = "$cause" ] || {
		echo "why $*: wanted the cause $cause, got $got: $said"
		return 1
	}
	[[ $said == *"$evidence"* ]] || {
		echo "why $*: no evidence '$evidence' in: $said"
		return 1
	}
}

# unknown CAUSE EVIDENCE THING...: says that it does not know, and what would tell.
unknown() {
	local said
	same "$@" || return 1
	shift 2
	said=$(ds why --json "$@")
	[[ $said == *'"known": false'* && $said == *'"tells": "'* &&
		$said == *unknown* ]] || {
		echo "why $*: claims to know: $said"
		return 1
	}
}

# after 'LINE' CAUSE EVIDENCE: the line fails, and `why` alone says why.
after() {
	local line=$1
	shift
	if ds -c "$line" >/dev/null 2>&1; then
		echo "succeeded: $line"
		return 1
	fi
	same "$@" || {
		echo "after: $line"
		return 1
	}
}

pid_of() {
	ds inspect -f '{{.State.Pid}}' "$1"
}

has_ended() {
	[ "$(ds inspect -f '{{.State.Running}}' "$1")" = false ]
}

begin_containers() {
	local pids=""
	ds run --name shell busybox </dev/null
	ds run --name done busybox true
	ds run --name chose busybox sh -c 'echo out of ideas; exit 3' >/dev/null || :
	ds run --name lacks busybox sh -c 'nonsense' 2>/dev/null || :
	ds run --name child busybox sh -c 'sleep 600 & kill -9 $!; wait $!' 2>/dev/null || :
	for name in deaf killed outside ctrlc lost frozen; do
		ds run -d --name $name busybox sleep 600 >/dev/null &
		pids+=" $!"
	done
	ds run -d --name heeds busybox sh -c 'trap "exit 0" TERM; echo ready; sleep 600 & wait' >/dev/null &
	pids+=" $!"
	ds run -d --init --name polite busybox sleep 600 >/dev/null &
	pids+=" $!"
	ds run -d --name again --restart always busybox sh -c 'echo over; exit 4' >/dev/null &
	pids+=" $!"
	ds run -d --name sick --health-cmd 'echo no heart; exit 1' --health-interval 100ms --health-retries 2 busybox sleep 600 >/dev/null &
	pids+=" $!"
	ds create --name never busybox true >/dev/null
	wait $pids
}

@test "how a container ended, and why it is as it is" {
	local pids
	begin_containers
	ds stop -t 1 deaf >/dev/null &
	pids=$!
	wait_for 10 eval 'ds logs heeds | grep -q ready'
	ds stop -t 30 heeds >/dev/null
	ds stop -t 30 polite >/dev/null
	ds kill killed >/dev/null
	kill -9 "$(pid_of outside)"
	ds kill -s INT ctrlc >/dev/null
	ds pause frozen >/dev/null
	wait_for 10 has_ended outside

	same stdin_ended "no -i" shell
	same work_done "process 1: true" done
	same own_number "out of ideas" chose
	same command_not_found "nonsense" lacks
	same child_signalled "no signal ended it" child
	same killed_by_kill "SIGKILL: sent by 'kill'" killed
	same stopped_itself "process 1 had a handler for it" heeds
	same stopped_itself "process 1 had a handler for it" polite
	same paused "paused" frozen
	same never_started "no start" never
	same signal_dropped "SigCgt does not hold it" ctrlc
	# An end that nobody here has brought about.
	unknown killed_unknown "no 'stop' and no 'kill'" outside

	wait "$pids"
	same killed_after_grace "process 1 had no handler for it (SigCgt)" deaf
	same stop_heeded "no signal ended it" stop
	same killed_unknown "137 = 128 + 9" 137 ||
		same killed_after_grace "137 = 128 + 9" 137
	run ds why 137
	expect_in_output "137 = 128 + 9"
	same no_such_end "no container ended with 99" 99
	wait_for 10 eval '[ "$(ds inspect -f "{{.RestartCount}}" again)" -ge 1 ]'
	same restarting "restart always" again
	wait_for 10 eval '[ "$(ds inspect -f "{{.State.Health.Status}}" sick)" = unhealthy ]'
	same unhealthy "it said: no heart" sick
	# The monitor of one is killed: nobody saw its end.
	kill -9 "$(sed -n 's/.*"monitorPid": \([0-9]*\).*/\1/p' \
		"$DOCKERSHELL_HOME/containers/$(ds inspect -f '{{.Id}}' lost)/state.json")"
	wait_for 10 has_ended lost
	same monitor_gone "the monitor was killed" lost
	# Gone, with its end: the log still knows.
	ds run --rm --name brief busybox sh -c 'exit 5' || :
	same own_number "gone with the container" brief
	# The notes of an end are gone: then nothing is claimed.
	sed -i '/"note":/d' "$DOCKERSHELL_HOME/events"
	unknown end_unknown "no note" chose
	unknown end_unknown "no note" killed
	unknown end_unknown "no note" child
	rm "$DOCKERSHELL_HOME/events"
	unknown end_unknown "no note" done
}

@test "why a command failed, and why a program did not start" {
	mkdir ctx && cd ctx
	printf '#!/bin/sh\r\necho hi\r\n' >crlf.sh
	printf '#!/usr/bin/python9\nprint()\n' >py.sh
	printf 'echo hi\n' >bare.sh
	printf 'echo hi\n' >plain.sh
	printf 'MZ other\n' >other
	printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\002\0\267\0\001\0\0\0' >arm
	head -c 200 /dev/zero >>arm
	: >empty
	chmod 755 crlf.sh py.sh bare.sh arm empty
	chmod 644 plain.sh
	printf 'FROM busybox\nCOPY . /x/\nRUN ln -s /nowhere /x/link && rm /x/other\n' >Dockerfile
	ds build -q -t img . >/dev/null

	after "run --name aa busybox bash" not_in_path "/bin: not there"
	same not_in_path "this image has sh" aa
	after "run busybox /bin/none" no_such_program "/bin/none: not there"
	after "run --name bb img /x/crlf.sh" crlf 'the line end of Windows'
	after "run img /x/py.sh" interpreter_missing "/usr/bin/python9: not there"
	after "run --rm img /x/bare.sh" no_shebang "it begins with: echo hi"
	after "run --rm img /x/plain.sh" not_executable "mode 0644"
	after "run --rm img /x" is_a_folder "a folder"
	after "run --rm img /x/arm" wrong_machine "for arm64"
	after "run --rm img /x/empty" empty_program "0 bytes"
	after "run --rm img /x/link" no_such_program "a link to '/nowhere'"
	after "run -u nobodyhere busybox true" no_such_user "/etc/passwd: there"
	after "run --mount type=bind,src=$PWD/none,dst=/m busybox true" no_bind_source "none: not there"
	after "run --name aa busybox true" name_in_use "aa (created)"
	after "run nosuchimage" no_such_image "none of that name"
	after "rm zz" no_such_container "no container of that name"
	after "run --nonsense busybox" unknown_option "unknown flag: --nonsense"
	after "frobnicate" unknown_command "127"
	after "exec aa true" container_not_running "status created"
	after "ls /no/such/folder" sh_failed "/no/such/folder"
	ds run --rm --name gone busybox true
	after "logs gone" container_removed "destroy"
	ds run -d --name up busybox sleep 600 >/dev/null
	after "rm up" container_runs "status running"
	after "rmi img" image_in_use "made from it"
	after "exec up sh -c 'exit 7'" program_chose "7"
	after "run --name cc busybox sh -c 'echo bad; exit 9'" own_number bad
	after "run --rm busybox cat /no/up" own_number "by itself"
	after "run --rm busybox wget -q http://up:80/" name_not_found "it speaks of 'up'"
	ds volume create vol >/dev/null
	ds create --name holds -v vol:/v busybox true >/dev/null
	after "volume rm vol" volume_in_use "its containers"
	same volume_in_use "holds (created)" vol
	ds rm holds >/dev/null && ds volume rm vol >/dev/null
	same volume_removed "volume destroy" vol
	same interpreter_missing "127: the program was not found" 127
	after "exec up /x/none" no_such_program "/x: not there"
	# The container is gone, and so is what would tell.
	ds image rm -f img >/dev/null
	after "run --rm img /x/py.sh" no_such_image "none of that name"
	# A value that was given in confidence is in no record.
	ds run --rm -e PASSWORD=hunter2 busybox false || :
	run grep hunter2 "$DOCKERSHELL_HOME/failures"
	expect_status 1
	[ "$(stat -c %a "$DOCKERSHELL_HOME/failures")" = 600 ]
	[ "$(wc -l <"$DOCKERSHELL_HOME/failures")" -le 20 ]
}

@test "files, ports, images and builds" {
	mkdir ctx && cd ctx
	printf '#secrets\nkeys/*\n*.tmp\n' >.dockerignore
	mkdir keys && echo k >keys/a && echo d >data
	head -c 3000000 /dev/urandom >big
	printf 'FROM busybox\nRUN echo "app:x:1000:1000::/:/bin/sh" >>/etc/passwd\nCOPY big /big\nRUN chmod 600 /big && mkdir /d && head -c 99999 /dev/zero >/d/f\nRUN rm -r /d && ln -s /none /l && touch /top\nUSER app\nCMD ["sh"]\n' >Dockerfile
	same no_build_yet "no record" build
	# After `layers`, a number is one of its layers, where it has as many.
	ds layers busybox >/dev/null
	[[ $(ds why 1) == "layer 1 of busybox"* ]]
	[[ $(ds why 143) == "143 = 128 + 15"* ]]
	ds build -q -t img . >/dev/null
	same cache_miss "step 2/7: built anew" cache
	ds build -q -t img . >/dev/null
	same all_cached "in the cache" build
	echo more >>big
	ds build -q -t img . >/dev/null
	same cache_miss "'big' has changed" cache
	ds build -q --no-cache -t img . >/dev/null
	same cache_miss "no-cache" cache

	printf 'FROM busybox\nCOPY keys/a /\n' >../Df1
	after "build -f ../Df1 ." hidden_by_dockerignore "line 2: keys/*"
	printf 'FROM busybox\nCOPY Df1 /\n' >../Df1
	after "build -f ../Df1 ." copy_not_found "there, beside the Dockerfile"
	after "build -f nofolder/Df ." no_dockerfile "$PWD/nofolder/Df: not there"
	printf 'FROM busybox\nRUN echo sorry; exit 4\n' >../Df1
	after "build -f ../Df1 ." run_failed "returned a non-zero code: 4"
	after "build /nowhere/at/all" no_context "unable to prepare context"
	after "build ../" no_dockerfile "not there"

	ds create --name web -v "$PWD:/mnt" img >/dev/null
	same deleted_in_layer "a whiteout" web:/d/f
	same dangling_link "'/none'" web:/l
	same never_there "no layer has it" web:/etc/nothing
	same never_there "did you mean 'passwd'" web:/etc/paswd
	same there "serves it" web:/top
	same denied_to_user "mode 0600" web:/big
	same covered_by_mount "mounted on /mnt" web:/mnt/data
	same there "serves it" img:/top
	same kernels_own "mounted anew at each start" web:/proc/1
	after "cp web:/nope ." never_there "no layer has it"
	same written_through_bind "mounted on /mnt" ./data
	same image_waste "layer 3" img
	same image_size "layer 1" busybox
	ds layers img >/dev/null
	same layer_copies "with the same content as below: 1" 4
	same layer_adds "new files" 3
	same layer_only_hides "marks of a deletion" web 5
	same no_such_layer "layers:" web 99

	ds run -d --name lo -p 127.0.0.1::80 busybox httpd -f -p 127.0.0.1:80 >/dev/null
	ds run -d --name other -p 127.0.0.1::80 busybox httpd -f -p 8080 >/dev/null
	ds run -d --name none -p 127.0.0.1::80 busybox sleep 600 >/dev/null
	ds run -d --name fine -p 127.0.0.1::80 busybox httpd -f >/dev/null
	ds run -d --name exposed --expose 7777 busybox sleep 600 >/dev/null
	wait_for 10 eval 'ds why --json lo | grep -q loopback_only'
	wait_for 10 eval 'ds why --json other | grep -q other_port'
	local port
	port=$(ds port lo 80)
	same loopback_only "127.0.0.1:80" ":${port##*:}"
	same other_port ":8080" other
	same nobody_listens "is open on this machine" none
	port=$(ds port fine 80)
	port=${port##*:}
	wait_for 10 eval "ds why --json $port | grep -q port_published"
	after "run -d -p 127.0.0.1:$port:80 busybox true" port_taken "fine publishes"
	ds stop -t 0 fine >/dev/null
	same port_stopped "is to publish" ":$port"
	same port_only_exposed "exposes 7777" :7777
	after "run --rm busybox false" own_number "destroy"
	ds rm -f $(ds ps -aq) >/dev/null
	same port_free "nothing listens" ":$port"
	same commit_makes_an_image "upper" commit
	same localhost_inside "lo" localhost
}

@test "what the kernel ends, refuses and has no room for" {
	ds create --name made busybox true >/dev/null
	ds cp made:/bin/busybox crash
	# Its first instruction is to lie at 0, where nothing is.
	printf '\0\0\0\0\0\0\0\0' | dd of=crash bs=1 seek=24 conv=notrunc status=none
	after "run --name crash -v $PWD/crash:/crash busybox /crash" crashed "ended by SIGSEGV"
	ds run -d --pid host --name termed busybox sleep 600 >/dev/null
	ds run -d --pid host --name unseen busybox sleep 600 >/dev/null
	ds kill -s TERM termed >/dev/null
	kill -TERM "$(pid_of unseen)"
	after "run --name sealed --read-only busybox touch /x" read_only "Read-only file system"
	after "run --name alone busybox wget -q -O- http://localhost:9/" localhost_inside "onnection refused"
	wait_for 10 has_ended termed
	same ended_by_signal "143 = 128 + 15" termed
	wait_for 10 has_ended unseen
	unknown signal_unknown "no 'stop' and no 'kill' sent it SIGTERM" unseen
	if [ "$(id -u)" = 0 ]; then
		after "run --name hog -m 20m busybox sh -c 'a=x; while :; do a=\$a\$a; done'" oom "memory limit 20MiB"
		mkdir small
		mount -t tmpfs -o size=12m,noexec none small
		cp crash small/true
		after "run --name shut -v $PWD/small:/s busybox /s/true" noexec "mounted noexec"
		ds --home "$PWD/small/home" create --name full busybox true >/dev/null
		head -c 12000000 /dev/zero >large
		run ds --home "$PWD/small/home" cp large full:/tmp/x
		expect_in_output "write /tmp/x: No space left on device"
		expect_in_output "untouched"
		run ds --home "$PWD/small/home" why --json
		expect_in_output '"cause": "no_space"'
		mkdir tiny && mount -t tmpfs -o size=64k none tiny
		after "cp made:/bin/busybox tiny/y" no_space "tiny/y"
		[ -z "$(ls tiny)" ]
		umount tiny
		dd if=/dev/zero of=small/filler bs=64k 2>/dev/null || :
		! ds --home "$PWD/small/home" run --name more busybox true
		run ds --home "$PWD/small/home" why --json
		expect_in_output '"cause": "no_space"'
		expect_in_output "are free now"
	else
		after "run --name owner busybox chown 1000000000 /tmp" chown_not_mapped "uid_map"
		if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 81 ]; then
			after "run -p 81:80 busybox true" port_for_root "ip_unprivileged_port_start"
		fi
	fi
	ds learn diff >/dev/null
	! ds check >/dev/null
	same goal_open "expected: "
}

@test "nothing failed, nothing of that name, and the three forms" {
	run ds why
	expect_status 0
	expect_in_output "nothing has failed here yet"
	run ds why 70000
	expect_status 1
	run ds why no-such-thing-at-all
	expect_status 1
	expect_in_output "nothing here is called 'no-such-thing-at-all'"
	ds run --name wrong busybox sh -c 'echo x; exit 2' || :
	run ds why wrong
	expect_in_output "wrong ended with 2"
	expect_in_output "Next: "
	run ds why --plain wrong
	expect_in_output "evidence, exit status: 2"
	COLUMNS=60 run ds why wrong
	while read -r line; do [ "${#line}" -le 60 ]; done < <(head -n -1 <<<"$output")
	DOCKERSHELL_LANG=ja run ds why --json wrong
	expect_in_output '"cause": "own_number"'
}
