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

# told < ROWS: lines of one session, for each start of the program costs time.
#
#   LINE                               is done
#   why [THING] => CAUSE | EVIDENCE    the answer is that one, with that evidence
#   LINE => CAUSE | EVIDENCE           the line fails, and `why` alone says why
#   ... => ?CAUSE | EVIDENCE           it says that it does not know, and what would tell
told() {
	local row line script="" rows=() said i want
	while read -r row; do
		line=${row%% => *}
		case $row in
		'why => '* | 'why '*' => '*) script+="why --json ${line#why}" ;;
		*' => '*) script+="$line && echo 'succeeded: it was to fail'"$'\nwhy --json' ;;
		*) script+=$row ;;
		esac
		script+=$'\n'
		[[ $row != *' => '* ]] || rows+=("$row")
	done
	ds -c "$script" >out 2>err || :
	mapfile -t said < <(sed -n '/^{$/,/^}$/p' out | jq -c .)
	if [ ${#said[@]} != ${#rows[@]} ] || grep '^succeeded' out; then
		echo "answers: ${#said[@]} of ${#rows[@]}"
		cat out err
		return 1
	fi
	for i in "${!rows[@]}"; do
		want=${rows[i]#* => }
		line=${want%% | *}
		if [[ ${said[i]} != '{"cause":"'"${line#\?}"'",'* || ${said[i]} != *"${want#* | }"* ]] ||
			[[ $line == \?* && ! ${said[i]} =~ '"known":false'.*unknown.*'"tells":"' ]]; then
			printf 'wanted: %s\nit said: %s\n' "${rows[i]}" "${said[i]}"
			cat err
			return 1
		fi
	done
}

# Whether `why THING` has come to say CAUSE.
says() {
	ds why --json "$1" | grep -q "\"cause\": \"$2\""
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
	ds run -d --name uncured --health-cmd nosuchcmd --health-interval 100ms --health-retries 2 busybox sleep 600 >/dev/null &
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
	wait_for 30 eval 'ds logs heeds | grep -q ready'
	kill -9 "$(pid_of outside)"
	ds -c 'stop -t 30 heeds; stop -t 30 polite; kill killed; kill -s INT ctrlc; pause frozen' >/dev/null
	wait_for 30 has_ended outside
	wait "$pids"
	wait_for 30 eval '[ "$(ds inspect -f "{{.RestartCount}}" again)" -ge 1 ]'
	wait_for 30 eval '[ "$(ds inspect -f "{{.State.Health.Status}}" sick)" = unhealthy ]'
	wait_for 20 says uncured health_command_missing
	# The monitor of one is killed: nobody saw its end.
	kill -9 "$(sed -n 's/.*"monitorPid": \([0-9]*\).*/\1/p' \
		"$DOCKERSHELL_HOME/containers/$(ds inspect -f '{{.Id}}' lost)/state.json")"
	wait_for 30 has_ended lost

	told <<-'END'
		why shell => stdin_ended | no -i
		why done => work_done | process 1: true
		why chose => own_number | out of ideas
		why lacks => command_not_found | nonsense
		why child => child_signalled | no signal ended it
		why killed => killed_by_kill | SIGKILL: sent by 'kill'
		why heeds => stopped_itself | process 1 had a handler for it
		why polite => stopped_itself | process 1 had a handler for it
		why frozen => paused | paused
		why never => never_started | no start
		why ctrlc => signal_dropped | SigCgt does not hold it
		why outside => ?killed_unknown | no 'stop' and no 'kill'
		why deaf => killed_after_grace | process 1 had no handler for it (SigCgt)
		why again => restarting | restart always
		why sick => unhealthy | it said: no heart
		why uncured => health_command_missing | ended with 127
		why lost => monitor_gone | the monitor was killed
		why 99 => no_such_end | no container ended with 99
		run --rm --name brief busybox sh -c 'exit 5'
		why brief => own_number | gone with the container
		run --name mute --log-driver none busybox sh -c 'exit 3'
		why mute => own_number | not kept: --log-driver none
	END
	# Which of them was the last is of the moment.
	run ds why 137
	expect_in_output "137 = 128 + 9"
	says stop stop_heeded || says stop killed_after_grace
	# The notes of an end are gone: then nothing is claimed.
	sed -i '/"note":/d' "$DOCKERSHELL_HOME/events"
	told <<-'END'
		why chose => ?end_unknown | no note
		why killed => ?end_unknown | no note
		why child => ?end_unknown | no note
	END
	rm "$DOCKERSHELL_HOME/events"
	told <<-'END'
		why done => ?end_unknown | no note
		why stop => no_stop_yet | no 'stop'
	END
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
	printf '\357\273\277#!/bin/sh\n' >bom
	chmod 755 crlf.sh py.sh bare.sh arm empty bom
	chmod 644 plain.sh
	printf 'FROM busybox\nCOPY . /x/\nRUN ln -s /nowhere /x/link && rm /x/other\n' >Dockerfile

	told <<-'END'
		build -q -t img . >/dev/null
		run --name aa busybox bash => not_in_path | /bin: not there
		why aa => not_in_path | this image has sh
		why aa => not_in_path | it ended in step 2
		run busybox /bin/none => no_such_program | /bin/none: not there
		run --name bb img /x/crlf.sh => crlf | the line end of Windows
		run img /x/py.sh => interpreter_missing | /usr/bin/python9: not there
		run --rm img /x/bare.sh => no_shebang | it begins with: echo hi
		run --rm img /x/plain.sh => not_executable | mode 0644
		run --rm img /x => is_a_folder | a folder
		run --rm img /x/arm => wrong_machine | for arm64
		run --rm img /x/empty => empty_program | 0 bytes
		run --rm img /x/bom => byte_order_mark | it begins with
		run --rm --entrypoint 'sh -c' img => not_in_path | taken as one name
		pull nosuchimage
		why => said_so | this program asks none
		run --name ro --read-only busybox touch /x => read_only | Read-only file system
		network connect nosuchnet ro => said_so | network nosuchnet not found
		unpause ro => said_so | is not paused
		run --rm img /x/link => no_such_program | a link to '/nowhere'
		run -u nobodyhere busybox true => no_such_user | /etc/passwd: there
		run --mount type=bind,src=$PWD/none,dst=/m busybox true => no_bind_source | none: not there
		run --name aa busybox true => name_in_use | aa (created)
		run nosuchimage => no_such_image | none of that name
		rm zz => no_such_container | no container of that name
		start zz => no_such_container | No such container: zz
		rename aa bb => name_in_use | bb (created)
		run => said_so | requires at least 1 argument
		layers => said_so | a word is missing
		run --nonsense busybox => unknown_option | unknown flag: --nonsense
		frobnicate
		why => unknown_command | 127
		exec aa true => container_not_running | status created
		ls /no/such/folder => sh_failed | /no/such/folder
		run --rm --name gone busybox true
		logs gone => container_removed | destroy
		run -d --name up busybox sleep 600 >/dev/null
		rm up => container_runs | status running
		rmi img => image_in_use | made from it
		exec up sh -c 'exit 7' => program_chose | 7
		exec up sh -c 'kill -9 $$' => ?program_chose | 137 = 128 + 9
		run --name cc busybox sh -c 'echo bad; exit 9' => own_number | bad
		run --rm busybox cat /no/up => own_number | by itself
		run --rm busybox wget -q http://up:80/ => name_not_found | it speaks of 'up'
		run --name island --network none busybox wget -q http://192.0.2.1/ => no_network | network none
		volume create vol >/dev/null
		create --name holds -v vol:/v busybox true >/dev/null
		volume rm vol => volume_in_use | its containers
		why vol => volume_in_use | holds (created)
		rm holds; volume rm vol
		why vol => volume_removed | volume destroy
		exec up /x/none => no_such_program | /x: not there
		why 127 => interpreter_missing | /usr/bin/python9: not there
		run --rm img /x/py.sh => interpreter_missing | execve; 'explain --dry-run run
		image rm -f img >/dev/null
		why => ?start_unknown | not here any more
		run --rm img /x/py.sh => no_such_image | none of that name
	END
	# A value that was given in confidence is in no record.
	ds run --rm -e PASSWORD=hunter2 busybox false || :
	run grep hunter2 "$DOCKERSHELL_HOME/failures"
	expect_status 1
	[ "$(stat -c %a "$DOCKERSHELL_HOME/failures")" = 600 ]
	[ "$(wc -l <"$DOCKERSHELL_HOME/failures")" -le 20 ]
}

@test "files, ports, images and builds" {
	local port taken
	mkdir ctx && cd ctx
	printf '#secrets\nkeys/*\n*.tmp\n' >.dockerignore
	mkdir keys && echo k >keys/a && echo d >data
	head -c 3000000 /dev/urandom >big
	printf 'FROM busybox\nRUN echo "app:x:1000:1000::/:/bin/sh" >>/etc/passwd\nCOPY big /big\nRUN chmod 600 /big && mkdir /d && head -c 99999 /dev/zero >/d/f\nRUN rm -r /d && ln -s /none /l && touch /top\nUSER app\nCMD ["sh"]\n' >Dockerfile
	printf 'FROM busybox\nCOPY keys/a /\n' >../Df1
	printf 'FROM busybox\nCOPY Df2 /\n' >../Df2
	printf 'FROM busybox\nRUN echo sorry; exit 4\n' >../Df3
	# After `layers`, a number is one of its layers, where it has as many.
	[[ $(ds -c 'layers busybox; why 1; why 143') == *"layer 1 of busybox"*"143 = 128 + 15"* ]]

	told <<-END
		why build => no_build_yet | no record
		build -q -t img . >/dev/null
		why cache => cache_miss | step 2/7: built anew
		build -q -t img . >/dev/null
		why build => all_cached | in the cache
		echo more >>big
		build -q -t img . >/dev/null
		why cache => cache_miss | 'big' has changed
		build -q --no-cache -t img . >/dev/null
		why cache => cache_miss | no-cache
		build -f ../Df1 . => hidden_by_dockerignore | line 2: keys/*
		build -f ../Df2 . => copy_not_found | there, beside the Dockerfile
		build . -q -f ../Df2 => copy_not_found | $PWD/Df2: not there
		build -f nofolder/Df . => no_dockerfile | $PWD/nofolder/Df: not there
		build -f ../Df3 . => run_failed | "from":"log","fact":"sorry"
		build /nowhere/at/all => no_context | "also":[]
		build ../ => no_dockerfile | not there
		create --name web -v "$PWD:/mnt" img >/dev/null
		why web:/d/f => deleted_in_layer | a whiteout
		why web:/l => dangling_link | '/none'
		why img:/l => dangling_link | "next":"whose img:/l"
		why web:/etc/nothing => never_there | no layer has it
		why web:/etc/paswd => never_there | did you mean 'passwd'
		why web:/top => there | serves it
		why web:/big => denied_to_user | mode 0600
		why web:/mnt/data => covered_by_mount | mounted on /mnt
		why img:/top => there | serves it
		why web:/proc/1 => kernels_own | mounted anew at each start
		cp web:/nope . => never_there | no layer has it
		why ./data => written_through_bind | mounted on /mnt
		why img => image_waste | layer 3
		why busybox => image_size | layer 1
		layers img >/dev/null
		why 4 => layer_copies | with the same content as below: 1
		why 3 => layer_adds | new files
		why web 5 => layer_only_hides | marks of a deletion
		why web 99 => no_such_layer | layers:
		why commit => commit_makes_an_image | upper
		why localhost => localhost_inside | lo
		run -d --name lo -p 127.0.0.1::80 busybox httpd -f -p 127.0.0.1:80 >/dev/null
		run -d --name other -p 127.0.0.1::80 busybox httpd -f -p 8080 >/dev/null
		run -d --name none -p 127.0.0.1::80 busybox sleep 600 >/dev/null
		run -d --name fine -p 127.0.0.1::80 busybox httpd -f >/dev/null
		run -d --name exposed --expose 7777 busybox sleep 600 >/dev/null
	END
	taken=$(ds port fine 80)
	taken=${taken##*:}
	port=$(ds port lo 80)
	wait_for 30 says lo loopback_only
	wait_for 30 says other other_port
	wait_for 30 says "$taken" port_published
	told <<-END
		why :${port##*:} => loopback_only | 127.0.0.1:80
		why other => other_port | :8080
		why none => nobody_listens | is open on this machine
		run -d -p 127.0.0.1:$taken:80 busybox true => port_taken | fine publishes
		stop -t 0 fine >/dev/null
		why => port_was_taken | then: the container 'fine' has it
		why :$taken => port_stopped | is to publish
		why :7777 => port_only_exposed | exposes 7777
		run --rm busybox false => own_number | destroy
		rm -f lo other none fine exposed >/dev/null
		container prune -f >/dev/null
		why :$taken => port_free | nothing listens
	END
}

@test "what the kernel ends, refuses and has no room for" {
	ds -c 'create --name made busybox true; cp made:/bin/busybox crash' >/dev/null
	# Its first instruction is to lie at 0, where nothing is.
	printf '\0\0\0\0\0\0\0\0' | dd of=crash bs=1 seek=24 conv=notrunc status=none
	ds -c 'for name in termed unseen hit; do run -d --pid host --name $name busybox sleep 600; done
		kill -s TERM termed' >/dev/null
	kill -TERM "$(pid_of unseen)"
	kill -SEGV "$(pid_of hit)"
	for name in termed unseen hit; do wait_for 30 has_ended $name; done
	told <<-END
		run --name crash -v $PWD/crash:/crash busybox /crash => crashed | ended by SIGSEGV
		run --name sealed --read-only busybox touch /x => read_only | Read-only file system
		run --name alone busybox wget -q -O- http://localhost:9/ => localhost_inside | onnection refused
		why termed => ended_by_signal | 143 = 128 + 15
		why unseen => ?signal_unknown | no 'stop' and no 'kill' sent it SIGTERM
		why hit => ?crashed | processes of this machine could signal it
	END
	if [ "$(id -u)" = 0 ]; then
		mkdir small tiny
		mount -t tmpfs -o size=12m,noexec none small
		mount -t tmpfs -o size=64k none tiny
		cp crash small/true
		head -c 12000000 /dev/zero >large
		told <<-END
			run --name hog -m 20m busybox sh -c 'a=x; while :; do a=\$a\$a; done' => oom | memory limit 20MiB
			run --name shut -v $PWD/small:/s busybox /s/true => noexec | mounted noexec
			cp made:/bin/busybox tiny/y => no_space | tiny/y
		END
		[ -z "$(ls tiny)" ]
		export DOCKERSHELL_HOME=$PWD/small/home
		ds create --name full busybox true >/dev/null
		run ds cp large full:/tmp/x
		expect_in_output "write /tmp/x: No space left on device"
		expect_in_output "untouched"
		run ds why --json
		expect_in_output '"cause": "no_space"'
		dd if=/dev/zero of=small/filler bs=64k 2>/dev/null || :
		! ds run --name more busybox true
		run ds why --json
		expect_in_output '"cause": "no_space"'
		expect_in_output "are free now"
		export DOCKERSHELL_HOME=$scratch/home
	else
		told <<-'END'
			run --name owner busybox chown 1000000000 /tmp => chown_not_mapped | uid_map
		END
		if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 81 ]; then
			told <<-'END'
				run -p 81:80 busybox true => port_for_root | ip_unprivileged_port_start
			END
		fi
	fi
	told <<-'END'
		learn diff >/dev/null
		check >/dev/null
		why => goal_open | expected: 
	END
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
