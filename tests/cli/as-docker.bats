# Called by the name of Docker: scripts that know nothing of this program.

load helpers

# A link called docker, the first on $PATH; nothing else is new there.
setup() {
	new_home
	mkdir bin project
	ln -s "$DOCKERSHELL" bin/docker
	PATH=$scratch/bin:$PATH
	export PORT=$((20000 + RANDOM % 20000))
}

@test "a script of others builds, runs, looks, copies, saves and cleans up, unchanged" {
	cp "$BATS_TEST_DIRNAME/deploy.sh" project/
	run ./project/deploy.sh
	expect_status 0
	[ "${lines[0]%% *} ${lines[1]} ${lines[-1]}" = "==> ==> status 1 ==> done" ]
	run docker ps -aq
	expect_output ""
}

@test "set -e ends such a script where a command of Docker's would fail" {
	run sh -eu -c 'docker rm nobody; echo not reached'
	expect_status 1
	expect_output "Error: No such container: nobody"
	run sh -c 'docker run --rm busybox sh -c "exit 42" || echo "it was $?"'
	expect_output "it was 42"
	run sh -c 'docker ps --nonsense; echo $?; docker run; echo $?; docker frobnicate; echo $?'
	expect_in_output "unknown flag: --nonsense
See 'docker ps --help'.
125"
	expect_in_output "docker: 'frobnicate' is not a docker command.
See 'docker --help'
1"
}

@test "by that name there are Docker's words only, and what is not here says why" {
	for word in compose swarm buildx; do
		run docker "$word" up
		expect_status 1
		expect_in_output "'docker $word' is not here: "
	done
	echo 'echo a script' >script
	run docker ./script
	expect_status 1
	expect_in_output "docker: './script' is not a docker command."
	run docker --version
	expect_in_output "Docker version 20.10"
}
