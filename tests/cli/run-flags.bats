# The options of run and create: what they do, and what Docker says of bad ones.

load helpers
bats_require_minimum_version 1.5.0

# refused ARGUMENTS... : run says $wanted and ends with status 125.
refused() {
	run ds "$@" busybox true
	expect_status 125
	expect_in_output "$wanted"
}

@test "create makes a container that start runs" {
	run ds create --name later busybox echo made
	expect_status 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	run ds start -a later
	expect_output made
	run ds create --name later busybox true
	expect_status 1
	expect_in_output 'Error response from daemon: Conflict. The container name "/later" is already in use'
	run ds create -d busybox
	expect_status 125
	expect_in_output "unknown shorthand flag: 'd' in -d"
}

@test "-a joins only the streams that are named" {
	run ds run --rm -a stdout busybox sh -c 'echo out; echo err >&2'
	expect_output out
	run ds run --rm -a STDERR busybox sh -c 'echo out; echo err >&2'
	expect_output err
	echo typed >typed
	run ds run --name fed -i -a stdin busybox cat <typed
	expect_status 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	run ds logs fed
	expect_output typed
	wanted='valid streams are STDIN, STDOUT and STDERR' refused run -a foo
	run ds run -d -a stdout busybox true
	expect_status 1
	expect_output "Conflicting options: -a and -d"
}

@test "environment and labels come from files too" {
	printf '# note\nA=1\n\n B=two words\nHERE\n' >env
	printf 'x=y\n' >labels
	HERE=mine run ds run --rm --env-file env -e A=3 busybox sh -c 'echo $A $B $HERE'
	expect_output "3 two words mine"
	run ds run --name noted --label-file labels -l a=b busybox true
	expect_status 0
	grep -q '"x=y"' "$DOCKERSHELL_HOME/containers/by-name/noted/state.json"
	wanted='docker: open /nosuch: no such file or directory.' refused run --env-file /nosuch
	wanted='docker: open /nosuch: no such file or directory.' refused run --label-file /nosuch
	wanted="invalid argument \"=v\" for \"-l, --label\" flag: invalid label '=v': empty name" refused run -l =v
	wanted="label 'a b' contains whitespaces" refused run -l 'a b=c'
	printf 'A\377=x\n' >bytes
	wanted='docker: env file bytes contains invalid utf8 bytes at line 1: [65 255 61 120].' refused run --env-file bytes
	wanted='invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x' \
		refused run -e =x
}

@test "--cidfile gets the id, once" {
	ds run --name c1 --cidfile cid busybox true
	[ "$(cat cid)" = "$(basename "$(readlink "$DOCKERSHELL_HOME/containers/by-name/c1")")" ]
	wanted="docker: container ID file found, make sure the other container isn't running or delete cid." \
		refused run --cidfile cid
	run ds run --cidfile other --name c1 busybox true
	expect_status 125
	[ ! -e other ]
}

@test "--init puts a small process 1 in front" {
	run ds run --rm --init busybox ps -o pid,args
	[[ ${lines[1]} == *"1 /sbin/docker-init -- ps -o pid,args" ]]
	run ds run --rm --init busybox sh -c 'test $$ -ne 1 && exit 5'
	expect_status 5
	run -127 ds run --rm --init busybox nosuch
	expect_status 127
}

@test "capabilities are given and taken" {
	run ds run --rm --cap-drop ALL --cap-add chown busybox grep CapEff /proc/self/status
	expect_in_output 0000000000000001
	run ds run --rm --cap-add SYS_PTRACE --cap-drop CAP_CHOWN busybox grep CapEff /proc/self/status
	expect_in_output 00000000a80c25fa
	run ds run --rm --cap-add ALL busybox sh -c 'hostname other && hostname'
	expect_output other
	wanted='invalid CapAdd: unknown capability: "CAP_NOSUCH".' refused run --cap-add nosuch
	wanted='invalid CapDrop: unknown capability: "CAP_0".' refused run --cap-drop 0
	# What was typed is what is shown.
	ds create --name given --cap-add sys_admin --cap-drop CAP_CHOWN busybox
	run ds inspect -f '{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}' given
	expect_output "[sys_admin] [CAP_CHOWN]"
}

@test "--privileged leaves nothing covered and no call refused" {
	run ds run --rm --privileged busybox sh -c 'mkdir /m; mount -t tmpfs none /m && grep -E "Seccomp:" /proc/self/status; mount | grep -c "proc on /proc/sys"; ls /dev | wc -l'
	expect_status 0
	[[ ${lines[0]} == Seccomp:*0 ]]
	[ "${lines[1]}" = 0 ]
	[ "${lines[2]}" -ge 14 ]
}

@test "system calls are filtered by one's own profile, in exec too" {
	cat >profile.json <<'END'
{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  { "names": [ "chmod", "fchmodat", "nosuchcall" ], "action": "SCMP_ACT_ERRNO" },
  { "name": "mkdir", "action": "SCMP_ACT_ERRNO", "errnoRet": 28 } ] }
END
	run ds run -d --name filtered --security-opt seccomp=profile.json busybox sleep 1000
	expect_status 0
	run ds exec filtered sh -c 'chmod 700 /tmp; mkdir /x; grep Seccomp: /proc/self/status'
	expect_in_output "chmod: /tmp: Operation not permitted"
	expect_in_output "No space left on device"
	expect_in_output "Seccomp:	2"
	ds rm -f filtered
	run ds run --rm --security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status
	expect_output "Seccomp:	0"
	wanted='docker: opening seccomp profile (/nosuch) failed: open /nosuch: no such file or directory.' \
		refused run --security-opt seccomp=/nosuch
	echo '{"defaultAction":"FOO"}' >bad.json
	wanted='Decoding seccomp profile failed: unknown or unsupported action "FOO"' \
		refused run --security-opt seccomp=bad.json
}

@test "--security-opt takes what Docker takes" {
	run ds run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status
	expect_output "NoNewPrivs:	1"
	run ds run --rm --security-opt no-new-privileges:false busybox grep NoNewPrivs /proc/self/status
	expect_output "NoNewPrivs:	0"
	run ds run --rm --security-opt apparmor=unconfined --security-opt label=disable busybox true
	expect_status 0
	run ds run --rm --security-opt systempaths=unconfined busybox sh -c 'mount | grep -c "on /proc/"'
	expect_output 0
	wanted='docker: Invalid --security-opt: "foo".' refused run --security-opt foo
	wanted='invalid --security-opt 2: "foo=bar".' refused run --security-opt foo=bar
}

@test "limits of the process are set" {
	run ds run --rm --ulimit nofile=64:128 --ulimit core=0 busybox sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
	expect_output "64
128
0"
	wanted='invalid argument "foo=1" for "--ulimit" flag: invalid ulimit type: foo' \
		refused run --ulimit foo=1
}

@test "kernel settings of the namespaces are set, others refused" {
	run ds run --rm --sysctl net.ipv4.ip_forward=1 busybox cat /proc/sys/net/ipv4/ip_forward
	expect_output 1
	wanted="sysctl 'kernel.core_pattern=x' is not whitelisted" \
		refused run --sysctl kernel.core_pattern=x
	wanted='sysctl "net.core.somaxconn" not allowed in host network namespace' \
		refused run --net host --sysctl net.core.somaxconn=9
}

@test "/dev/shm is as large as wished, /etc holds the names that were given" {
	run ds run --rm --shm-size 1m busybox sh -c 'df -k /dev/shm | tail -1'
	expect_in_output " 1024 "
	run ds run --rm --add-host foo:1.2.3.4 --add-host six:::1 --dns 9.9.9.9 --dns-search x.org --dns-option ndots:2 \
		busybox sh -c 'sed -n 7,8p /etc/hosts; cat /etc/resolv.conf'
	expect_output "1.2.3.4	foo
::1	six
search x.org
nameserver 9.9.9.9
options ndots:2"
	wanted='flag: foo is not an ip address' refused run --dns foo
	wanted='bad format for add-host: "foo"' refused run --add-host foo
}

@test "--read-only leaves only mounts to be written to" {
	# The folder to start in is made before.
	run ds run --rm --read-only -w /new/../other//dir busybox pwd
	expect_output /other/dir
	run ds run --rm --read-only --tmpfs /tmp busybox sh -c 'touch /tmp/x /dev/shm/x && echo ok; touch /x; echo >>/etc/hosts'
	[ "${lines[0]}" = ok ]
	expect_in_output "touch: /x: Read-only file system"
	expect_in_output "can't create /etc/hosts: Read-only file system"
}

@test "further groups are those of the container" {
	need_many_ids
	run ds run --rm --group-add 77 --group-add wheel -u nobody busybox id
	expect_in_output "77"
	expect_in_output "10(wheel)"
	wanted='docker: Error response from daemon: Unable to find group nosuch: no matching entries in group file.' refused run --group-add nosuch
}

@test "a folder of the machine is mounted, and made where it is missing" {
	mkdir host
	echo outside >host/a
	run ds run --rm -v "$PWD/host:/mnt" busybox sh -c 'cat /mnt/a; echo inside >/mnt/b'
	expect_output outside
	[ "$(cat host/b)" = inside ]
	run ds run --rm -v ./host:/mnt:ro busybox touch /mnt/c
	expect_status 1
	expect_output "touch: /mnt/c: Read-only file system"
	run ds run --rm -v "$PWD/new/folder:/y" busybox ls -d /y
	expect_output /y
	[ -d new/folder ]
	run ds run --rm --mount type=bind,source="$PWD/host",target=/mnt,readonly busybox touch /mnt/c
	expect_status 1
}

@test "bad mounts are refused in Docker's words" {
	wanted="invalid volume specification: '/a:b': invalid mount config for type \"bind\": invalid mount path: 'b' mount path must be absolute." \
		refused run -v /a:b
	wanted="invalid volume specification: '/:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'." \
		refused run -v /:/
	wanted='create relative/path: "relative/path" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path.' \
		refused run -v relative/path:/x
	wanted='invalid mode: foo' refused run -v /a:/b:foo
	wanted='invalid mount config for type "bind": bind source path does not exist: /nosuch2.' \
		refused run --mount type=bind,source=/nosuch2,target=/y
	wanted='invalid mount config for type "foo": mount type unknown.' \
		refused run --mount type=foo,target=/y
	wanted='invalid argument "type=bind" for "--mount" flag: target is required' \
		refused run --mount type=bind
	wanted='Duplicate mount point: /run.' refused run --tmpfs /run -v /run:/run
	wanted='invalid tmpfs option ["foobar"].' refused run --tmpfs /run:foobar
}

@test "volumes keep what was written, and are passed on" {
	ds run --name one -v data:/data busybox sh -c 'echo kept >/data/file'
	run ds run --rm -v data:/d:ro busybox sh -c 'cat /d/file; touch /d/x'
	[ "${lines[0]}" = kept ]
	expect_in_output "touch: /d/x: Read-only file system"
	run ds run --rm --volumes-from one busybox cat /data/file
	expect_output kept
	run ds run --rm --volumes-from one:ro busybox touch /data/x
	expect_status 1
	wanted='No such container: nosuch.' refused run --volumes-from nosuch
	run ds diff one
	expect_output "A /data"
	run ds run --rm -v filled:/var busybox ls /var
	expect_in_output log
	ds run --rm -v /anon busybox touch /anon/x
	ds run --name two -v /anon busybox touch /anon/x
	ds rm -v two
	[ "$(ls "$DOCKERSHELL_HOME/volumes" | tr '\n' ' ')" = "data filled " ]
}

@test "a mount point that turns into a link leads nowhere else" {
	mkdir host canary
	ds run -d --name racer -v swap:/s busybox sh -c 'cd /s; while :; do rm -rf b; ln -s ../../../../../../../../../../../tmp b; rm -f b; mkdir b; done' >/dev/null
	for i in $(seq 15); do
		run ds run --rm -v swap:/s -v "$PWD/host:/s/b/dockershell-canary" busybox true
	done
	ds rm -f racer
	[ ! -e /tmp/dockershell-canary ]
	[ -z "$(ls canary)" ]
}

@test "restart policies and health checks are checked and written down" {
	run ds create --name again --restart on-failure:3 --health-cmd 'test -e /x' --health-interval 1m --health-retries 2 busybox true
	expect_status 0
	record=$(cat "$DOCKERSHELL_HOME/containers/by-name/again/state.json")
	[[ $record == *'"restartPolicy": "on-failure"'* ]]
	[[ $record == *'"restartMax": 3'* ]]
	[[ $record == *'"test -e /x"'* ]]
	[[ $record == *'"healthInterval": 60000000000'* ]]
	wanted="docker: Error response from daemon: invalid restart policy 'foo'." refused run --restart foo
	wanted="maximum retry count cannot be used with restart policy 'always'." refused run --restart always:3
	wanted='docker: Conflicting options: --restart and --rm.' refused run --rm --restart always
	wanted='docker: --no-healthcheck conflicts with --health-* options.' refused run --health-cmd x --no-healthcheck
	wanted='flag: time: missing unit in duration "1"' refused run --health-interval 1
}

@test "limits are checked in Docker's words" {
	wanted='docker: Error response from daemon: Minimum memory limit allowed is 6MB.' refused run --memory 4m
	wanted="for \"-m, --memory\" flag: invalid size: '10q'" refused run -m 10q
	wanted='You should always set the Memory limit when using Memoryswap limit, see usage.' refused run --memory-swap 10m
	wanted='Range of CPUs is from 0.01 to' refused run --cpus 1000
	wanted='Invalid value 1-42-- for cpuset cpus: invalid format: 1-42--.' refused run --cpuset-cpus 1-42--
	wanted='range for oom score adj is [-1000, 1000].' refused run --oom-score-adj 2000
}

@test "views are shared with the machine and with other containers" {
	ds run -d --name donor --ipc shareable busybox sh -c 'echo hi >/dev/shm/f; exec sleep 1000' >/dev/null
	run ds run --rm --pid container:donor busybox ps -o args
	expect_in_output "sleep 1000"
	shared() { [ "$(ds run --rm --ipc container:donor busybox cat /dev/shm/f 2>&1)" = hi ]; }
	wait_for 5 shared
	run ds run --rm --uts host busybox hostname
	expect_output "$(hostname)"
	run ds run --rm --pid host busybox sh -c 'echo $$'
	[ "$output" -ne 1 ]
	wanted='docker: Error response from daemon: No such container: nosuch.' refused run --ipc container:nosuch
	wanted='docker: --pid: invalid PID mode.' refused run --pid foo
	wanted='docker: Error response from daemon: Invalid IPC mode: foo.' refused run --ipc foo
	wanted='conflicting options: hostname and the network mode.' refused run -h=name --net=container:other
}

@test "what Docker has and we have not is refused by name, with a reason" {
	for option in --gpus=all --cgroup-parent=x --link-local-ip=169.254.1.1 --runtime=runc; do
		run ds run "$option" busybox true
		expect_status 125
		expect_in_output "'${option%%=*}' is Docker's, but not ours: "
	done
	wanted="'--pull always' asks a registry" refused run --pull always
	run ds run --pull never nosuch true
	expect_status 125
	expect_in_output "docker: Error response from daemon: No such image: nosuch:latest."
}

@test "output is kept unless it shall not be" {
	ds run --name kept busybox echo hi
	ds run --name none --log-driver none busybox echo hi
	[ -e "$DOCKERSHELL_HOME/containers/by-name/kept/log" ]
	[ ! -e "$DOCKERSHELL_HOME/containers/by-name/none/log" ]
	wanted="unknown log opt 'foo' for json-file log driver." refused run --log-opt foo=1
	wanted='error looking up logging plugin foo: plugin "foo" not found.' refused run --log-driver foo
}
