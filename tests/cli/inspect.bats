# inspect: all that is known of containers and images.

load helpers

setup() {
	need_userns
	new_home
	ds run --name box -l b=2 -l a=1 -e X=1 -w /tmp busybox \
		sh -c 'echo hello >/f' >/dev/null
}

# value TEMPLATE NAME
value() {
	run ds inspect -f "$1" "$2"
	expect_status 0
}

@test "a container has Docker's keys in Docker's order" {
	need_program python3
	run ds inspect box
	expect_status 0
	python3 - "$output" <<'P'
import json, sys
c, = json.loads(sys.argv[1])
assert list(c) == '''Id Created Path Args State Image ResolvConfPath
HostnamePath HostsPath LogPath Name RestartCount Driver Platform MountLabel
ProcessLabel AppArmorProfile ExecIDs HostConfig GraphDriver Mounts Config
NetworkSettings'''.split(), list(c)
assert list(c['State']) == '''Status Running Paused Restarting OOMKilled Dead
Pid ExitCode Error StartedAt FinishedAt'''.split(), list(c['State'])
assert list(c['Config']) == '''Hostname Domainname User AttachStdin
AttachStdout AttachStderr Tty OpenStdin StdinOnce Env Cmd Image Volumes
WorkingDir Entrypoint OnBuild Labels'''.split(), list(c['Config'])
assert list(c['HostConfig']) == '''Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy
AutoRemove VolumeDriver VolumesFrom CapAdd CapDrop CgroupnsMode Dns
DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links OomScoreAdj
PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt UTSMode
UsernsMode ShmSize Runtime ConsoleSize Isolation CpuShares Memory NanoCpus
CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps
BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod
CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems Devices
DeviceCgroupRules DeviceRequests KernelMemory KernelMemoryTCP
MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit
Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth MaskedPaths
ReadonlyPaths'''.split(), list(c['HostConfig'])
assert list(c['NetworkSettings']) == '''Bridge SandboxID HairpinMode LinkLocalIPv6Address LinkLocalIPv6PrefixLen
Ports SandboxKey SecondaryIPAddresses SecondaryIPv6Addresses EndpointID
Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress IPPrefixLen
IPv6Gateway MacAddress Networks'''.split()
endpoint, = c['NetworkSettings']['Networks'].values()
assert list(endpoint) == '''IPAMConfig Links Aliases NetworkID EndpointID Gateway IPAddress IPPrefixLen
IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen MacAddress DriverOpts'''.split()
assert c['Path'] == 'sh' and c['Args'] == ['-c', 'echo hello >/f']
P
	[ "${lines[1]}" = "    {" ]
	[[ ${lines[2]} == '        "Id": "'* ]]
}

@test "an image has Docker's keys in Docker's order" {
	need_program python3
	run ds image inspect busybox
	expect_status 0
	python3 - "$output" <<'P'
import json, sys
i, = json.loads(sys.argv[1])
assert list(i) == '''Id RepoTags RepoDigests Parent Comment Created Container
ContainerConfig DockerVersion Author Config Architecture Os Size VirtualSize
GraphDriver RootFS Metadata'''.split(), list(i)
assert i['RepoTags'][0] == 'busybox:latest'
assert i['RootFS']['Layers'][0].startswith('sha256:')
P
}

@test "values are those of the container" {
	value '{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.State.Running}}' box
	expect_output "/box exited 0 false"
	value '{{.Config.Cmd}} {{.Config.WorkingDir}} {{.Config.Image}}' box
	expect_output "[sh -c echo hello >/f] /tmp busybox"
	value '{{range .Config.Env}}{{println .}}{{end}}' box
	expect_in_output "X=1"
	value '{{json .Config.Labels}} {{index .Config.Labels "a"}}' box
	expect_output '{"a":"1","b":"2"} 1'
	value '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.ShmSize}}' box
	expect_output "no 67108864"
	value '{{.NetworkSettings.Networks.bridge.IPAddress}}|{{json .Mounts}}' box
	expect_output "|[]"
}

@test "paths lead to what they name" {
	value '{{.GraphDriver.Data.UpperDir}}' box
	[ "$(cat "$output/f")" = hello ]
	value '{{.GraphDriver.Data.LowerDir}}' box
	[ -x "${output##*:}/bin/busybox" ]
	value '{{.HostsPath}}' box
	grep -q localhost "$output"
	value '{{.GraphDriver.Data.UpperDir}}' busybox
	[ -x "$output/bin/busybox" ]
}

@test "a running container shows its process and its root" {
	ds run -d --name up --network none busybox sleep 100 >/dev/null
	value '{{.State.Pid}}' up
	kill -0 "$output"
	[ "$(ds inspect -f '{{.GraphDriver.Data.MergedDir}}' up)" = "/proc/$output/root" ]
	value '{{.State.FinishedAt}} {{.State.Running}}' up
	expect_output "0001-01-01T00:00:00Z true"
}

@test "-s measures what was written" {
	value '{{.SizeRw}}' box
	expect_output '<nil>'
	run ds inspect -s -f '{{.SizeRw}}' box
	expect_output 6
	run ds inspect -s busybox
	expect_status 0
	expect_in_output "WARNING: --size ignored for image"
}

@test "what is not there is said behind the rest" {
	run ds inspect nosuch
	expect_status 1
	expect_output "[]
Error: No such object: nosuch"
	run ds inspect --type image nosuch
	expect_output "[]
Error: No such image: nosuch"
	run ds container inspect busybox
	expect_status 1
	expect_output "[]
Error: No such container: busybox"
	run ds image inspect box
	expect_status 1
	expect_output "[]
Error: No such image: box"
	run ds inspect -f '{{.Name}}' nosuch box
	expect_status 1
	expect_output "/box
Error: No such object: nosuch"
	run ds inspect --type nosuch box
	expect_status 1
	expect_output '"nosuch" is not a valid value for --type'
}

@test "a template that is wrong ends with 64, one that fails with 1" {
	run ds inspect -f '{{.No' box
	expect_status 64
	expect_output "template parsing error: template: :1: unclosed action"
	run ds inspect -f '{{.Nosuch}}' box
	expect_status 1
	expect_output '
template parsing error: template: :1:2: executing "" at <.Nosuch>: map has no entry for key "Nosuch"'
	run ds inspect -f '{{.State.Health.Status}}' box
	expect_status 1
	expect_in_output 'map has no entry for key "Health"'
}

@test "a backslash and a letter stay what they are" {
	value '{{.Name}}\t{{len .Args}}\n' box
	expect_output '/box\t2\n'
}

@test "what checks said of a container's health is shown" {
	id=$(ds inspect -f '{{.Id}}' box)
	dir=$DOCKERSHELL_HOME/containers/$id
	sed -i 's/"health": 0/"health": 2/' "$dir/state.json"
	echo '[{"Start":"2026-11-23T18:44:36Z","End":"2026-11-23T18:44:37Z","ExitCode":0,"Output":"fine\n"}]' \
		>"$dir/health.json"
	value '{{.State.Health.Status}} {{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}' box
	expect_output "healthy 0 fine"
	run ds ps -a --filter health=healthy --format '{{.Names}}'
	expect_output box
	# Times alone are for the test of an image that may have none.
	ds create --name times --health-interval 1s busybox >/dev/null
	run ds inspect -f '{{json .Config.Healthcheck}}' times
	expect_output '{"Interval":1000000000}'
}

@test "the further programs that run in it are listed by their ids" {
	ds run -d --name busy busybox sleep 1000
	value '{{json .ExecIDs}}' busy
	expect_output null
	ds exec -d busy sleep 1000
	value '{{len .ExecIDs}} {{len (index .ExecIDs 0)}}' busy
	expect_output "1 64"
	ds restart -t 0 busy
	wait_for 5 eval '[ "$(ds inspect -f "{{json .ExecIDs}}" busy)" = null ]'
	ds rm -f busy
}

@test "bytes that are no UTF-8 do no harm" {
	# The last one is a character by which the record stands for the byte 'A'.
	ds run --name odd busybox echo $'\xff\xfe\U10ff41' >/dev/null
	value '{{json .Args}}' odd
	expect_output $'["��\U10ff41"]'
	run ds ps -a --filter name=odd
	expect_status 0
	run ds ps -a --format json
	expect_status 0
	ds run --name made busybox touch $'/\xff' >/dev/null
	[ "$(ds lookup --json $'made:/\xff' | jq -r '.path, .layer' | xargs)" = '/� rw' ]
	[ "$(ds cow --json $'made:/\xff' | jq -r '.path, .layer' | xargs)" = '/� rw' ]
	ds run -d --name runs busybox sh -c 'sleep 1000; :' $'\xff' >/dev/null
	ds tree --json runs | jq -r '.containers[0].processes[].command' | grep -qx 'sh -c sleep 1000; : �'
	run ds rm $'\xff'
	[ "$(ds why --json | jq -r .about)" = 'rm �' ]
}
