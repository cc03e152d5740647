# build: what the recorded answers of Docker do not show: why the cache missed, what
# a build leaves that is killed, RUN --mount, what is refused.

load helpers
bats_require_minimum_version 1.5.0

# dockerfile LINE...: into ctx/Dockerfile
dockerfile() {
	mkdir -p ctx
	printf '%s\n' "$@" >ctx/Dockerfile
}

# The why of each step that --explain tells of, one a line.
reasons() {
	ds build --explain "$@" ctx 2>&1 >/dev/null |
		sed -n 's/^  not in the cache: //p'
}

something_runs() {
	[ -n "$(ds ps -q)" ]
}

nothing_left() {
	[ -z "$(ds ps -aq)" ] && [ "$(ls "$DOCKERSHELL_HOME/containers")" = by-name ]
}

@test "a step that is built though it was built before says why" {
	dockerfile 'FROM busybox' 'ARG WHO=world' 'COPY . /c' \
		'RUN echo $WHO' 'RUN true'
	echo 1 >ctx/a
	echo 1 >ctx/b
	run reasons
	[ "${lines[0]}" = "this Dockerfile is built for the first time" ]
	[ "${lines[1]}" = "a step before it is new" ]
	[ -z "$(reasons)" ]
	touch -d 2001-01-01 ctx/a # times do not count
	[ -z "$(reasons)" ]
	[ "$(reasons --build-arg WHO=you | head -1)" = "the argument WHO was 'world' and is 'you'" ]
	echo 2 >ctx/a
	rm ctx/b
	chmod 700 ctx/Dockerfile # modes do
	touch ctx/c
	[ "$(reasons | head -1)" = "'Dockerfile' has changed, 'a' has changed, 'b' is gone, and 1 more" ]
	sed -i 's/RUN true/RUN date/' ctx/Dockerfile
	reasons >/dev/null
	sed -i 's/RUN date/RUN pwd/' ctx/Dockerfile
	[ "$(reasons | head -1)" = "'Dockerfile' has changed" ]
	[ "$(reasons --no-cache | sort -u)" = "--no-cache was given" ]
	# Another Dockerfile upon the same image is not what this one was before.
	mkdir other
	printf 'FROM busybox\nARG WHO=nobody\nCOPY Dockerfile /x/\nRUN id\n' >other/Dockerfile
	ds build -q other >/dev/null
	sed -i 's/WHO=world/WHO=mars/' ctx/Dockerfile
	run reasons
	[[ ${lines[0]} == "it was "*"ARG WHO=world' before" ]]
	# What Docker prints is Docker's, whoever reads along.
	run --separate-stderr ds build --explain ctx
	[ "$(grep -c 'Using cache' <<<"$output")" = 4 ]
	[[ $output != *compared* && $stderr == *"step 3"*"in the cache"* ]]
}

@test "--cache-from takes steps from an image that was loaded, and from no other" {
	dockerfile 'FROM busybox' 'RUN echo a >/a' 'ENV A=1' 'COPY f /f' \
		'RUN echo b >/b' 'CMD cat /a /b'
	echo 1 >ctx/f
	ds build -q -t there:1 ctx
	ds save -o there.tar there:1
	ds rmi there:1
	ds load -i there.tar
	using() { ds build "$@" ctx 2>err | grep -c 'Using cache'; }
	[ "$(using --cache-from nowhere,there:1 -t here:1 --explain)" = 5 ]
	grep -q "there is no image 'nowhere' here" err
	[ "$(grep -c "in the cache: a step of 'there:1'" err)" = 5 ]
	[ "$(ds inspect -f '{{.Id}}' here:1)" = "$(ds inspect -f '{{.Id}}' there:1)" ]
	[ "$(ds history -q there:1 | sort -u | wc -l)" = 6 ]
	[ "$(ds run --rm here:1)" = $'a\nb' ]
	# What was built here counts no more, if no named image stands on it.
	[ "$(using -t new:1)" = 0 ]
	[ "$(using)" = 5 ]
	run reasons --cache-from busybox
	[ "${lines[0]}" = "it was built here before, but no image that --cache-from names was made from it" ]
	# Up to the first that is another one there.
	echo 2 >ctx/f
	[ "$(using --cache-from there:1 --explain)" = 2 ]
	grep -q "not in the cache: in 'there:1', which --cache-from names, other files are copied" err
	[ "$(using --cache-from there:1 --no-cache)" = 0 ]
}

@test "RUN sees no input, ends with its status, and its container stays to be looked at" {
	dockerfile 'FROM busybox' 'RUN cat; [ ! -t 0 ] && echo made >/made' \
		'RUN cat /made >/other; exit 3'
	run ds build ctx
	expect_status 3
	expect_in_output "The command '/bin/sh -c cat /made >/other; exit 3' returned a non-zero code: 3"
	run ds diff "$(ds ps -lq)"
	expect_output "A /other"
	run ds build --force-rm ctx
	expect_status 3
	expect_in_output "Using cache"
	ds rm "$(ds ps -lq)"
	nothing_left
	run ds build -q ctx # says nothing, or all
	expect_in_output "Step 3/3"
}

@test "a build that is killed or interrupted leaves whole steps and nothing else" {
	dockerfile 'FROM busybox' 'RUN echo 1 >/one' 'RUN echo 2 >/two; sleep 60'
	for signal in KILL "KILL and the monitor" INT; do
		"$DOCKERSHELL" build ctx >out 2>&1 &
		pid=$!
		wait_for 20 grep -q 'Step 3' out
		wait_for 20 something_runs
		monitor=
		[[ $signal != *monitor ]] || monitor=$(cat "/proc/$pid/task/$pid/children")
		kill -${signal%% *} "$pid" $monitor
		wait "$pid" || status=$?
		[ "$status" -gt 128 ] || [ "$signal" = INT ]
		wait_for 20 nothing_left
	done
	grep -q 'Using cache' out
	sed -i 's/; sleep 60//' ctx/Dockerfile
	run ds build -t whole ctx
	expect_status 0
	expect_in_output "Using cache"
	[ "$(ds run --rm whole cat /one /two)" = "1
2" ]
	! ls "$DOCKERSHELL_HOME/layers" | grep -q tmp-
}

# What the last commit to the disk would have missed: another boot, half a layer.
power_cut() {
	python3 - "$DOCKERSHELL_HOME/store.db" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		db.execute("UPDATE meta SET value = 'another' WHERE key = 'unsynced_boot'")
		db.commit()
	END
	rm -rf "$DOCKERSHELL_HOME"/layers/*/diff/one
}

@test "a power cut takes the steps of a build that had not ended, and no others" {
	dockerfile 'FROM busybox' 'RUN echo 0 >/zero'
	ds build -t kept ctx
	dockerfile 'FROM busybox' 'RUN echo 0 >/zero' 'RUN echo 1 >/one' 'RUN sleep 60'
	"$DOCKERSHELL" build ctx >out 2>&1 &
	pid=$!
	wait_for 20 grep -q 'Step 4' out
	wait_for 20 something_runs
	kill -KILL "$pid"
	wait "$pid" || true
	wait_for 20 nothing_left
	[ "$(ds images -aq | sort -u | wc -l)" = 3 ]
	power_cut
	[ "$(ds images -aq | sort -u | wc -l)" = 2 ]
	[ "$(ls "$DOCKERSHELL_HOME/layers" | wc -l)" = 2 ]
	[ "$(ds run --rm kept cat /zero)" = 0 ]
	sed -i 's/sleep 60/cat one/' ctx/Dockerfile
	run ds build ctx
	expect_status 0
	[ "$(grep -c 'Using cache' <<<"$output")" = 1 ]
}

@test "RUN --mount: files of the build, a cache that stays, memory; secrets are refused" {
	dockerfile 'FROM busybox AS one' 'RUN echo stage >/s' 'FROM busybox' \
		'RUN --mount=type=cache,target=/c echo x >>/c/n; wc -l </c/n' \
		'RUN --mount=target=/b --mount=from=one,source=/s,target=/s cat /b/f /s; echo no >/b/f || true' \
		'RUN --mount=type=tmpfs,target=/t,size=1m echo exit >/t/x && chmod 755 /t/x && /t/x && grep -q " /t tmpfs" /proc/mounts' \
		'RUN <<EOF' '#!/bin/sh -e' 'echo script' 'EOF' \
		'RUN ls /b /c /t /dev'
	echo file >ctx/f
	run ds build ctx
	expect_status 0
	expect_in_output $'\n1\n'
	expect_in_output $'file\nstage\n'
	expect_in_output 'Read-only file system'
	expect_in_output $'script\n'
	expect_in_output $'/b:\n\n/c:\n\n/dev:\n'
	run ds build ctx
	[ "$(grep -c 'Using cache' <<<"$output")" = 6 ]
	echo other >ctx/f # what a mount shows counts
	run ds build ctx
	expect_in_output $'other\nstage\n'
	run ds build --no-cache ctx
	expect_in_output $'\n2\n'
	run ds builder prune -f
	expect_in_output "Total reclaimed space: 4B"
	run ds build --no-cache ctx
	expect_in_output $'\n1\n'
	dockerfile 'FROM busybox' 'RUN --mount=type=cache,target=/c,mode=9 true'
	run ds build ctx
	expect_status 1
	expect_in_output "invalid value 9 for mode"
	dockerfile 'FROM busybox' 'RUN --mount=type=secret,id=x true'
	run ds build ctx
	expect_status 1
	expect_in_output "RUN --mount=type=secret is not here"
	# builds at once that begin the same cache
	dockerfile 'FROM busybox' \
		'RUN --mount=type=cache,from=busybox,source=/bin,target=/new test -e /new/sh'
	ds build --no-cache ctx & local one=$!
	ds build --no-cache ctx & local two=$!
	ds build --no-cache ctx
	wait $one
	wait $two
}

@test "what a build is asked for beside the image" {
	dockerfile 'FROM busybox' 'VOLUME /v rel' 'RUN echo lost | tee /v/x >/rel/x' \
		'RUN mkdir -p /k && hostname >/k/name' 'RUN ip link | grep -c : '
	run ds build -q -t a:1 -t b -t a:1 --label x=1 --label w="a b" --iidfile id ctx
	expect_status 0
	[ "$output" = "$(cat id)" ]
	[ "$(ds images -q | sort -u | wc -l)" -ge 2 ]
	[ "$(ds inspect -f '{{json .Config.Labels}}' b)" = '{"w":"a b","x":"1"}' ]
	[ "$(ds run --rm b find /v /rel)" = $'/v\n/rel' ]
	run ds build --ast ctx
	[ "${lines[0]}" = '(from "busybox")' ]
	for option in --squash --secret=x --ssh=default -o=x; do
		run ds build $option ctx
		expect_status 125
		expect_in_output "is Docker's, but not ours"
	done
	run ds build -t UPPER ctx
	expect_status 125
	expect_in_output 'invalid argument "UPPER" for "-t, --tag" flag: invalid reference format: repository name must be lowercase'
	run ds build --rm=false --no-cache ctx
	[ "$(ds ps -aq | wc -l)" = 4 ]
	dockerfile 'FROM busybox' 'WORKDIR /a/../b//c' 'RUN pwd; false'
	run ds build -q --iidfile id ctx
	expect_status 1
	[[ ${lines[0]} == "Sending build context to Docker daemon"* ]]
	expect_in_output $'\n/b/c\n'
	[ ! -e id ]
}

@test "the steps wait for the disk together" {
	[ "${MODE:-release}" = release ] || skip "a sanitizer looks for leaks as a tracer does"
	need_program strace
	# A program that is traced has no use of newuidmap's rights.
	[ "$(id -u)" = 0 ] || export DOCKERSHELL_USERNS=single
	dockerfile 'FROM busybox' 'ENV a=1' 'WORKDIR /a' 'COPY . b' 'RUN echo c >c' \
		'RUN rm c' 'USER 0' 'EXPOSE 80' 'CMD ["true"]' 'STOPSIGNAL INT'
	ds build -t first - <<<"FROM scratch
ENV x=1" # the first build of a boot notes the boot
	strace -f -o trace -e trace=fsync,fdatasync,syncfs "$DOCKERSHELL" build -t x ctx
	[ "$(grep -c 'sync(' trace)" -le 8 ]
	strace -f -o trace -e trace=fsync,fdatasync,syncfs "$DOCKERSHELL" build ctx
	! grep 'sync(' trace
}

@test "what a step wrote is its layer: nothing else is left of it, and it is given out again as it was" {
	dockerfile 'FROM busybox' 'VOLUME /data' \
		'RUN echo 1 >/data/x; mkdir -p /d/e /k; echo 2 >/d/f; ln /d/f /d/g; echo 3 >/k/1; truncate -s 1M /d/holes' \
		'RUN rm -r /d/f /k /bin/ash; mkdir /k; echo 4 >/k/2; chmod 700 /; nc -lU /d/socket & sleep 0'
	ds build -q -t mine ctx
	[ -z "$(ds volume ls -q)" ]
	ds run --rm mine true
	[ -z "$(ds volume ls -q)" ]
	nothing_left
	ds save -o saved.tar mine
	other='an,other:\home' # marks that mount(2) divides its options by
	ds --home "$other" load -i saved.tar
	for home in "$DOCKERSHELL_HOME" "$other"; do
		run ds --home "$home" run --rm mine sh -c \
			'ls /d /k /data; cat /k/2 /d/g; stat -c %a /; ls -l /d/g | cut -c1-15; [ ! -e /bin/ash ]'
		expect_status 0
		[ "$(tr '\n' ' ' <<<"$output")" = '/d: e g holes  /data:  /k: 2 4 2 755 -rw-r--r--    2 ' ]
	done
	ds --home "$other" create --name made mine true
	[ "$(ds --home "$other" cp made:/k/2 - | tar -xO)" = 4 ]
}

@test "an image of no layers is an empty folder" {
	ds build -q -t empty --iidfile id - <<<"FROM scratch
LABEL a=b"
	[ "$(wc -c <id)" = 72 ] # with -q the end of the line, too
	run -127 ds run --rm empty x
	expect_in_output 'exec: "x": executable file not found in $PATH'
	ds create --name box empty x
	[ -z "$(ds diff box)" ]
	ds cp id box:/id
	[ "$(ds diff box)" = "A /id" ]
	ds commit box more
	[ "$(ds inspect -f '{{len .RootFS.Layers}}' more)" = 1 ]
	run ds build - <<<"FROM scratch
RUN [\"x\"]"
	expect_status 1
	expect_in_output 'exec: "x": executable file not found in $PATH: unknown'
	[[ $(ds ps -a) == *"<no image>"* ]]
}
