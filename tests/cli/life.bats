# The commands of a container's life, as a user types them.

load helpers

bats_require_minimum_version 1.5.0

running() {
	[ "$(ds ps -q --filter "name=^$1$" --filter status=running | wc -l)" = 1 ]
}

exited() {
	[ "$(ds ps -aq --filter "name=^$1$" --filter status=exited | wc -l)" = 1 ]
}

printed() {
	[ "$(ds logs "$1" 2>&1)" = "$2" ]
}

@test "start, stop, restart and kill say the name and do it" {
	ds run -d --name web busybox sh -c 'echo up; trap "exit 3" TERM; while :; do sleep 0.05; done' >/dev/null
	wait_for 5 printed web up
	run ds stop web
	expect_output web
	run ds wait web
	expect_output 3
	run ds start web
	expect_output web
	running web
	run ds restart -t 0 web
	expect_output web
	running web
	run ds kill web
	expect_output web
	run ds wait web
	expect_output 137
	run ds stop web
	expect_output web
	expect_status 0
}

@test "one that fails does not keep the others" {
	ds run -d --name aa busybox sleep 1000 >/dev/null
	ds run -d --name bb busybox sleep 1000 >/dev/null
	run --separate-stderr ds stop -t 0 aa nosuch bb
	expect_status 1
	expect_output "aa
bb"
	[ "$stderr" = "Error response from daemon: No such container: nosuch" ]
	run --separate-stderr ds start aa nosuch bb
	expect_status 1
	expect_output "aa
bb"
	[ "$stderr" = "Error response from daemon: No such container: nosuch
Error: failed to start containers: nosuch" ]
	run --separate-stderr ds kill aa nosuch bb
	expect_status 1
	expect_output "aa
bb"
	[ "$stderr" = "Error response from daemon: Cannot kill container: nosuch: No such container: nosuch" ]
	run --separate-stderr ds wait aa nosuch bb
	expect_status 1
	expect_output "137
137"
	run --separate-stderr ds rm aa nosuch bb
	expect_status 1
	expect_output "aa
bb"
	[ "$stderr" = "Error: No such container: nosuch" ]
}

@test "several stubborn ones are stopped in the grace of one" {
	for name in aa bb cc; do
		ds run -d --name $name busybox sleep 1000 >/dev/null
	done
	SECONDS=0
	run ds stop -t 2 aa bb cc
	expect_output "aa
bb
cc"
	[ "$SECONDS" -lt 5 ]
}

@test "what cannot be is refused in Docker's words" {
	id=$(ds run -d --name web busybox sleep 1000)
	run ds rm web
	expect_status 1
	expect_output "Error response from daemon: You cannot remove a running container $id. Stop the container before attempting removal or force remove"
	run ds rm -f web
	expect_output web
	id=$(ds run -d --name web busybox true)
	ds wait web >/dev/null
	run ds kill web
	expect_status 1
	expect_output "Error response from daemon: Cannot kill container: web: Container $id is not running"
	run ds kill -s NOSUCH web
	expect_output "Error response from daemon: Invalid signal: NOSUCH"
	run ds attach web
	expect_status 1
	expect_output "You cannot attach to a stopped container, start it first"
	run ds attach nosuch
	expect_output "Error: No such container: nosuch"
	run ds start -a web web
	expect_output "you cannot start and attach multiple containers at once"
	run ds rm -l web
	expect_status 1
	expect_output "Error response from daemon: Conflict, cannot remove the default link name of the container"
	run ds rm -f nosuch
	expect_status 0
	expect_output "Error: No such container: nosuch"
}

@test "rename gives the name away and says what is wrong with a new one" {
	id=$(ds run -d --name web busybox sleep 1000)
	ds run --name other busybox true
	run ds rename web site
	expect_status 0
	expect_output ""
	run ds rename site other
	expect_status 1
	expect_in_output 'Error when allocating new name: Conflict. The container name "/other" is already in use by container'
	expect_in_output 'Error: failed to rename container named site'
	run ds rename site 'bad name'
	expect_in_output 'Error when allocating new name: Invalid container name (/bad name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed'
	run ds rename site site
	expect_in_output 'Renaming a container with the same name as its current name'
	run ds rename nosuch x1
	expect_output "Error response from daemon: No such container: nosuch
Error: failed to rename container named nosuch"
	run ds rename site ''
	expect_output "Error: Neither old nor new names may be empty"
	ds run --name web busybox true
	run ds stop -t 0 site
	run ds inspect -f '{{.Name}} {{.Id}}' site
	expect_output "/site $id"
}

@test "start -a shows what it prints and ends as it ends" {
	ds run --name ee busybox sh -c 'echo out; echo err >&2; exit 4' >/dev/null 2>&1 || :
	run --separate-stderr ds start -a ee
	expect_status 4
	expect_output out
	[ "$stderr" = err ]
}

@test "attach sees what is printed from then on, and its exit code" {
	ds run -di --name web busybox sh -c 'echo before; read line; echo "got $line"; exit 5' >/dev/null
	wait_for 5 printed web before
	run ds attach web <<<hello
	expect_status 5
	expect_output "got hello"
}

@test "attach passes signals on, unless it is not to" {
	ds run -d --name web busybox sh -c 'trap "echo got; exit 7" INT; echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 5 printed web up
	timeout -s INT 1 "$DOCKERSHELL" attach --sig-proxy=false web || :
	running web
	run timeout --preserve-status -s INT 1 "$DOCKERSHELL" attach web
	expect_output got
	expect_status 7
}

# still_there LINE: is there a process of ours with these words?
still_there() {
	local pid
	for pid in $(pids_of_home); do
		[[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" != "$DOCKERSHELL $1 " ]] ||
			return 0
	done
	return 1
}

@test "what waits ends at once at Ctrl-C and leaves the container alone" {
	ds run -d --name web busybox sh -c 'trap "" TERM; echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 5 printed web up
	for line in "wait web" "logs -f web" "events" "attach --sig-proxy=false web" "stop -t 1000 web"; do
		SECONDS=0
		# not in the background: there SIGINT is ignored
		run timeout --preserve-status -s INT 0.4 "$DOCKERSHELL" $line
		[ "$status" = 130 ]
		[ "$SECONDS" -lt 4 ]
		if still_there "$line"; then return 1; fi
	done
	running web
	ds kill web
}

@test "container prune removes what does not run and says how much it was" {
	ds run -d --name web busybox sleep 1000 >/dev/null
	ds run --name old --label x=1 busybox sh -c 'head -c 1000 /dev/zero >/f'
	ds run --name older busybox true
	id=$(ds inspect -f '{{.Id}}' old)
	run ds container prune <<<n
	expect_in_output "WARNING! This will remove all stopped containers."
	expect_in_output "Are you sure you want to continue? [y/N]"
	run ds container prune -f --filter label=x
	expect_output "Deleted Containers:
$id

Total reclaimed space: 1kB"
	run ds container prune -f --filter until=24h
	expect_output "Total reclaimed space: 0B"
	ds container prune -f >/dev/null
	run ds ps -a --format '{{.Names}}'
	expect_output web
}

@test "both spellings work" {
	ds run -d --name web busybox sleep 1000 >/dev/null
	run ds docker container stop -t 0 web
	expect_output web
	run ds container start web
	expect_output web
	run ds container restart -t 0 web
	expect_output web
	run ds container rename web site
	expect_status 0
	run ds container kill site
	expect_output site
	run ds container wait site
	expect_output 137
	run ds container logs site
	expect_status 0
	run ds container rm site
	expect_output site
}

@test "restart policies bring a container back, stop ends them" {
	ds run -d --name web --restart on-failure:2 busybox sh -c 'echo run; exit 7' >/dev/null
	back_twice() {
		[ "$(ds inspect -f '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' web)" = "2 exited 7" ]
	}
	wait_for 10 back_twice
	run ds logs web
	expect_output "run
run
run"
	ds run -d --name forever --restart always busybox false >/dev/null
	waits() {
		[[ $(ds ps --filter name=forever --format '{{.Status}}') =~ ^Restarting\ \(1\)\ .*\ ago$ ]]
	}
	wait_for 10 waits
	run ds stop forever
	expect_output forever
	run ds inspect -f '{{.State.Status}}' forever
	expect_output exited
	ds start forever >/dev/null
	wait_for 10 waits
	run ds rm -f forever
	expect_output forever
	run ds ps -aq --filter name=forever
	expect_output ""
}

@test "health checks show in ps, inspect and events" {
	ds run -d --name web --health-cmd 'test ! -e /ill' --health-interval 100ms --health-retries 2 busybox sleep 1000 >/dev/null
	is() {
		[[ $(ds ps --format '{{.Status}}') == *"($1)" ]]
	}
	wait_for 60 is healthy
	ds exec web touch /ill
	wait_for 60 is unhealthy
	run ds inspect -f '{{.State.Health.Status}} {{len .State.Health.Log}}' web
	[[ $output =~ ^unhealthy\ [2-5]$ ]]
	run ds events --since 1h --until 0s --filter event=health_status --format '{{.Action}}'
	expect_output "health_status: healthy
health_status: unhealthy"
	# What the checks said stays over a start, as in Docker.
	ds restart -t 0 web
	run ds inspect -f '{{len .State.Health.Log}}' web
	[[ $output =~ ^[2-5]$ ]]
}

@test "a paused container can be stopped, and says why it cannot be joined" {
	ds run -d --name web busybox sleep 1000 >/dev/null
	ds pause web
	run ds attach web
	expect_status 1
	expect_output "You cannot attach to a paused container, unpause it first"
	run ds start web
	expect_in_output "cannot start a paused container, try unpause instead"
	run ds rm web
	expect_in_output "Unpause and then stop the container before attempting removal or force remove"
	run ds stop -t 1 web
	expect_output web
	run ds inspect -f '{{.State.Status}}' web
	expect_output exited
	ds start web
	ds pause web
	run ds rm -f web
	expect_output web
}

@test "a new name survives whatever else is changed" {
	ds run -d --name web busybox sleep 1000 >/dev/null
	ds rename web site
	ds update --restart always site
	ds restart -t 0 site
	run ds inspect -f '{{.Name}} {{.HostConfig.RestartPolicy.Name}} {{.State.Status}}' site
	expect_output "/site always running"
	ds rm -f site
}

@test "a number that is no signal, and ports that are none, are refused in Docker's words" {
	ds run -d --name site busybox sleep 1000
	run ds kill -s 99 site
	expect_status 1
	expect_output "Error response from daemon: Cannot kill container: site: The linux daemon does not support signal 99"
	run ds ps --filter publish=5-3
	expect_status 1
	expect_output "Error response from daemon: error while looking up for publish 5-3: Invalid range specified for the Port: 5-3"
	run ds run --expose x busybox true
	expect_status 125
	expect_in_output 'docker: invalid range format for --expose: x, error: strconv.ParseUint: parsing "x": invalid syntax.'
	run ds exec -d site nosuch
	expect_status 1
	expect_in_output 'Error response from daemon: OCI runtime exec failed: exec failed: '
	ds rm -f site
}

@test "start and rm wait for who copies into a container" {
	ds create --name site busybox true
	id=$(ds inspect -f '{{.Id}}' site)
	mkfifo go
	# As a long cp does: the lock of the container, for a while.
	flock "$DOCKERSHELL_HOME/containers/$id" sh -c 'echo >locked; read -r x <go' &
	wait_for 5 test -e locked
	ds start site >started &
	starting=$!
	sleep 0.3 # longer than a lock is asked for in vain
	[ ! -s started ]
	echo >go
	wait "$starting"
	[ "$(cat started)" = site ]
}
