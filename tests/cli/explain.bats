# `explain` tells what was done; strace and ptrace say whether it is so.

bats_require_minimum_version 1.5.0

load helpers

# Leaks cannot be looked for in what is traced already.
traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace "$@"
}

# One home for all: what is made anew each time is none of what is tested.
setup_file() {
	new_home
	export scratch
	ds run --rm --network none busybox true
}

teardown_file() {
	drop_home
}

setup() {
	cd "$scratch"
}

teardown() {
	local all
	mapfile -t all < <(ds ps -aq)
	[ ${#all[@]} = 0 ] || ds rm -f "${all[@]}" >/dev/null
	rm -rf there said err out trace ours theirs
}

# The steps' names, one a line, of the JSON in file $1.
names() {
	jq -r '.steps[].name' "$1"
}

# Each call of a step in strace's words, with its result; what only one of the two
# writes (addresses, unused arguments) is taken out of both.
same_words() {
	sed -E 's/ \/\* [0-9]+ vars \*\/\)/)/; s/, 0x[0-9a-f]+\)/)/; s/, (pidfd|stack|stack_size|attr_clr|propagation|userns_fd)=[^,}]*( \/\*[^*]*\*\/)?//g; s/ => \{pidfd=\[[0-9]+\]\}//; s/, filter=0x[0-9a-f]+//; s/, 0x[0-9a-f]+, (MS_[^,]*MS_REMOUNT)/, "tmpfs", \1/; s/\|CLONE_INTO_CGROUP//; s/, \)/)/; s/\],\) =/]) =/; s/, cgroup=[0-9]+//'
}

kinds='mount|umount2|pivot_root|open_tree|move_mount|setns|unshare|clone3|sethostname|capset|seccomp|setresuid|setresgid|setgroups'

@test "explain run agrees call by call with strace" {
	need_program strace
	# Under a tracer newuidmap is not privileged.
	if [ "$(id -u)" != 0 ]; then export DOCKERSHELL_USERNS=single; fi
	mkdir there
	traced -f -qq -s 500 -o trace "$DOCKERSHELL" explain --json run --rm \
		--network none -u 0 -v "$scratch/there:/x:ro" busybox true >said
	jq -r '.steps[].calls[] | select(.call) | .call + " = " +
		(if .error then "-1 " + .error else (.result | tostring) end)' said |
		same_words | grep -E "^($kinds)\(|^execve\(\"/bin/true\"|^prctl\(PR_CAPBSET_DROP" |
		sort >ours
	# A call in two lines, because another process came between, is put together.
	awk '{ pid = $1; sub(/^[0-9]+ +/, "")
		if (sub(/ <unfinished \.\.\.>$/, "")) { open[pid] = $0; next }
		if (sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "")) $0 = open[pid] $0
		print }' trace |
		sed -E 's/ +\([A-Z][^()]*\)$//; s/\) += /) = /' | same_words |
		grep -E "^($kinds)\(|^execve\(\"/bin/true\"|^prctl\(PR_CAPBSET_DROP" |
		sort >theirs
	[ "$(wc -l <ours)" -gt 50 ]
	diff ours theirs
}

@test "--verify: the kernel saw each call of run, exec, ports and networks" {
	local lines=("run --rm busybox true"
		"run -d --name two --network n1 -p 127.0.0.1::80 busybox sleep 1000"
		"network connect n1 web" "network disconnect n1 web" "exec web true"
		"stop -t 0 two" "rm -f two" "rename web w2" "rename w2 web" "network rm n1")
	ds -c 'run -d --name web busybox sleep 1000; network create n1' >/dev/null
	ds -c "$(printf 'explain --verify --json %s\n' "${lines[@]}")" >said 2>err
	jq -se --argjson lines ${#lines[@]} 'length == $lines and all(.[]; .status == 0 and
		(.verified | .wrong == 0 and .calls > 1 and .untold == [] and
		.calls == .same + .entered + .hidden + .not_watched))' said >/dev/null || {
		jq -c '[.command, .status, .verified]' said
		cat err
		return 1
	}
	# What the monitor and the name server did is told by them.
	for step in veth pin address names kill exit name "bridge away"; do
		names said | grep -qx "$step"
	done
	# A grace of no time: what is told behind the answer is heard, too.
	jq -se '[.[] | select(.command | startswith("stop")) | .steps[].calls[].call] |
		any(contains("SIGTERM")) and any(contains("SIGKILL"))' said >/dev/null
	# There can be one tracer only; the command runs all the same.
	need_program strace
	traced -o /dev/null "$DOCKERSHELL" explain --verify --json rm -f web >said
	jq -e '.not_verified | contains("ptrace")' said
	[ "$(jq .status said)" = 0 ]
}

@test "run: each step with its call, result, time and reason, and the sum of the times" {
	ds explain --json run --rm -m 64m --network none busybox true >said
	jq -e '.total_ns == .steps_ns - .overlap_ns + .program_ns + .between_ns' said
	jq -e '.steps_ns == ([.steps[].calls[].took_ns] | add)' said
	jq -e '[.steps[] | select((.name and .call and .detail and .process and .pid and .why) | not)] == []' said
	for step in monitor clone3 private overlay proc dev mask pivot_root \
		sethostname loopback capabilities seccomp execve exit remove; do
		names said | grep -qx "$step" || {
			echo "no step $step"
			return 1
		}
	done
	# The program comes after its rights are gone, and it is the child's.
	names said | grep -nxE 'seccomp|pivot_root|execve' | sort -n | sed 's/.*://' >order
	[ "$(tr '\n' ' ' <order)" = "pivot_root seccomp execve " ]
	[ "$(jq -r '.steps[] | select(.name == "execve") | .process' said)" = child ]
}

@test "the command's own output and status stay what they are" {
	run ds explain run --rm --network none busybox sh -c 'echo inside; exit 7'
	expect_status 7
	[ "${lines[0]}" = inside ]
	expect_in_output "7 after "
	[[ ${lines[-1]} == "Next: dockershell explain --verify run --rm"* ]]
	# What to type next can be typed: nothing of that name would be there, or it is.
	ds create --name gone --network none busybox true >/dev/null
	run ds explain rm gone
	[ "${lines[-1]}" = "Next: dockershell explain --docker rm gone" ]
	run ds explain stop nobody
	[ "${lines[-1]}" = "Next: dockershell why" ]
	run ds explain ps
	[ "${lines[-1]}" = "Next: dockershell explain run --rm busybox true" ]
	run ds explain lss
	expect_status 127
	[ "${#lines[@]}" = 2 ]
	# The JSON is alone on its stream.
	ds explain --json run --rm --network none busybox echo inside >said 2>err
	jq -e .steps said >/dev/null
	[ "$(cat err)" = inside ]
}

@test "what failed is the last step, and the call that refused is named" {
	run -127 ds explain run --rm --network none busybox nosuch
	expect_status 127
	expect_in_output "refused in step"
	ds explain --json run --rm --network none busybox nosuch >said 2>err || true
	[ "$(jq -r '.steps[-1].name' said)" = failed ]
	jq -e '.steps[-1].calls[0].note | contains("nosuch")' said
	ds create --name one busybox true
	ds explain --json create --name one busybox true >said 2>err || true
	[ "$(jq -r '.steps[-1].name' said)" = failed ]
	jq -e '.steps[-1].detail | contains("already in use")' said
}

@test "diff, commit, cp and rm: whiteouts, opaque folders, layers, paths" {
	ds run --name hoge --network none busybox sh -c \
		'rm /bin/ls; rm -r /usr; mkdir /usr; touch /usr/new'
	ds explain --json diff hoge >said 2>out
	grep -qx 'D /bin/ls' out
	jq -e '[.steps[] | select(.name == "whiteout") | .detail] | any(contains("/bin/ls"))' said
	jq -e '[.steps[] | select(.name == "opaque") | .detail] | any(contains("/usr"))' said
	ds explain --json commit hoge mine:1 >said
	names said | grep -qx layer
	names said | grep -qx image
	ds explain --json cp hoge:/usr/new there >said
	jq -e '[.steps[] | select(.name == "resolve") | .detail] | any(contains("/usr/new"))' said
	names said | grep -qx tar
	ds explain --json rm hoge >said
	names said | grep -qx forget
	jq -e '[.steps[].detail] | any(contains("state.json"))' said
}

@test "build: context, instructions, the cache's answer, the container of RUN, layers" {
	mkdir -p folder
	printf 'FROM busybox\nRUN echo hi >/a\nCOPY f /b\n' >folder/Dockerfile
	echo f >folder/f
	ds explain --json build -t b:1 folder >said
	for step in context instruction cache clone3 execve layer image; do
		names said | grep -qx "$step" || {
			echo "no step $step"
			return 1
		}
	done
	[ "$(names said | grep -cx instruction)" = 3 ]
	ds explain --json build -t b:1 folder >said
	[ "$(names said | grep -cx execve)" = 0 ]
	jq -e '[.steps[] | select(.name == "cache") | .detail] | all(contains("found"))' said
}

# Names and contents of all that is in the home. In run/net the keeper of the networks
# notes when it goes, some seconds after the last container; readers of the store have
# their locks in store.db-shm.
home_as_it_is() {
	(cd "$DOCKERSHELL_HOME" && find . -type f ! -path ./run/net ! -name store.db-shm -exec sha256sum {} + | sort -k2
		find . | sort)
}

@test "--dry-run: the steps of the real thing, and the store stays as it is" {
	mkdir -p folder
	printf 'FROM busybox\nRUN true\n' >folder/Dockerfile
	ds run -d --name web --network none busybox sleep 1000
	ds create --name one busybox true
	home_as_it_is >before
	ds explain --dry-run --json run --rm --network none -v "$scratch/nosuch:/x" busybox true >said
	local lines=("create busybox true" "exec web true" "build folder" "commit one x:1"
		"rm one" "cp one:/etc/passwd ." "network create n" "diff one" "start one"
		"stop web" "restart web" "rename one x" "tag busybox x:1" "rmi busybox"
		"volume create x" "network connect bridge one")
	ds -c "$(printf 'explain --dry-run %s\n' "${lines[@]}")" >said
	[ "$(tr '\n' ' ' <said | grep -o 'nothing was done' | wc -l)" = ${#lines[@]} ]
	home_as_it_is >after
	diff before after
	[ ! -e nosuch ]
	# Its steps are those that are done: cgroups depend on the machine, and what -v
	# makes beside.
	ds explain --dry-run --json run --rm --network none busybox true >planned
	ds explain --json run --rm --network none busybox true >done
	for file in planned done; do
		jq -r '.steps[] | select(.process == "child") | .name' $file |
			grep -v cgroup >"$file.names"
		jq -r '.steps[] | .process + " " + .name' $file | sort >"$file.all"
	done
	diff planned.names done.names
	diff planned.all done.all
	[ "$(jq -r '.steps[] | select(.name == "execve") | tostring' planned done | grep -o 'execve.*vars' | grep -o '[0-9]* vars' | uniq | wc -l)" = 1 ]
	# A name that is in use is seen beforehand.
	ds explain --dry-run --json create --name one busybox >planned
	ds explain --json create --name one busybox >done || true
	diff <(names planned) <(names done)
	[ "$(names planned | tail -n 1)" = failed ]
	[[ $(ds explain --dry-run run --name one busybox) == *"would fail in the last of these 7 steps"* ]]
	# So are mount points that are missing, volumes, a folder to start in, a program
	# that is not there, and a port that is taken; what would fail says so.
	local line taken
	ds run -d --name has -p 127.0.0.1::80 busybox sleep 1000
	taken=$(ds port has 80)
	# Its bridge is there: to make one may mean to put another home's aside.
	ds network create held
	ds run -d --network held busybox sleep 1000
	for line in "run --network none -v vol:/data --tmpfs /run/a/b -w /new/cwd busybox true" \
		"run --rm --network none -v /etc/passwd:/x/pw --device /dev/null:/dev/y/z busybox true" \
		"run --network none --name lacks busybox nosuch" "rm web" "kill -s WINCH web" \
		"run -d --name busy -p $taken:80 busybox sleep 1000" "exec -d web sleep 1000" \
		"network create n" "network connect held has" "run --rm --network none -u 1 busybox true" \
		"run --rm --network container:has busybox true"; do
		ds explain --dry-run --json $line >planned
		ds explain --json $line >done 2>err || true
		for file in planned done; do
			jq -r '.steps[] | .process + " " + .name' $file | sort | grep -v cgroup >"$file.all"
		done
		diff planned.all done.all || {
			echo "$line"
			return 1
		}
	done
	run ds explain --dry-run run -p "$taken:80" busybox true
	expect_in_output "would fail in the last of"
	expect_in_output "port is already allocated"
	[ "${lines[-1]}" = "Next: dockershell ps -a" ]
	run ds explain --dry-run ps
	expect_status 1
	expect_in_output "cannot be told without doing them"
	run ds explain --dry-run exec nosuch true
	expect_status 1
	expect_in_output "No such container: nosuch"
}

@test "--docker: what one would type there" {
	run ds explain --docker run --rm -e 'A=b c' busybox ls
	expect_status 0
	[ "${lines[0]}" = "The same in Docker: docker run --rm -e 'A=b c' busybox ls" ]
	[ "${lines[-1]}" = "Next: dockershell explain --dry-run run --rm -e 'A=b c' busybox ls" ]
	# There is no plan of it. What is to be typed is not broken.
	run ds explain --docker pause one two three four five six seven eight nine ten 'eleven twelve'
	[ "${lines[1]}" = "Next: dockershell explain ${lines[0]#The same in Docker: docker }" ]
	run ds explain --docker run busybox echo "it's"
	[ "${lines[0]}" = "The same in Docker: docker run busybox echo 'it'\''s'" ]
	run ds explain --docker ports web
	expect_in_output "docker port web"
	run ds explain --docker doctor
	expect_in_output "docker info"
	run ds explain --docker lessons
	[ "${lines[0]}" = "Docker has nothing for 'lessons'." ]
	run -127 ds explain --docker nosuch
	expect_status 127
	run ds explain explain run busybox
	expect_status 1
}

@test "60 columns hold; plain has one fact a line; Japanese is read too" {
	export COLUMNS=60
	ds explain run --rm --network none busybox true >said
	# The last line is for copying.
	[ "$(head -n -1 said | wc -L)" -le 60 ]
	ds explain --plain run --rm --network none busybox true >said
	grep -qE '^step [0-9]+: clone3, by monitor, process [0-9]+, [0-9.]+ (micro|milli)seconds$' said
	LANGUAGE=ja ds explain --json run --rm --network none busybox true >said
	jq -e '.steps | length > 15' said
}
