# info, version, system df, system prune.

load helpers

@test "info counts what there is, in Docker's layout" {
	need_userns
	ds run --name one busybox true
	ds run -d --name two --network none busybox sleep 100 >/dev/null
	run ds info
	expect_status 0
	expect_in_output "
Server:
 Daemon: none, each command does its work itself
 Containers: 2
  Running: 1
  Paused: 0
  Stopped: 1
 Images: 1
"
	expect_in_output " Storage Driver: overlay2"
	expect_in_output " Docker Root Dir: $DOCKERSHELL_HOME"
	run ds system info --format '{{.Driver}} {{.ContainersRunning}} {{.OSType}}'
	expect_output "overlay2 1 linux"
	run ds info -f '{{.Nosuch}}'
	expect_status 1
	expect_in_output "can't evaluate field Nosuch in type system.info"
	run ds info -f '{{'
	expect_status 64
}

@test "version is Docker's for scripts, and says whose it is" {
	run ds version -f '{{.Server.Version}}'
	expect_status 0
	[[ $output =~ ^20\.10\.24\+dockershell ]]
	run ds version -f '{{.Client.ApiVersion}} {{.Server.Os}}'
	expect_output "1.41 linux"
	run ds version
	expect_in_output "There is no server: each command does its work itself."
	run ds version -f '{{.x'
	expect_status 64
	expect_output "template parsing error: template: version:1: unclosed action"
}

@test "system df adds up images and containers" {
	need_userns
	ds run --name one busybox sh -c 'dd if=/dev/zero of=/big bs=1k count=100 2>&-'
	run ds system df
	expect_status 0
	expect_output "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE
Images          1         1         1.996MB   0B (0%)
Containers      1         0         102.4kB   102.4kB (100%)
Local Volumes   0         0         0B        0B
Build Cache     0         0         0B        0B"
	run ds system df --format '{{.Type}} {{.TotalCount}}'
	expect_output "Images 1
Containers 1
Local Volumes 0
Build Cache 0"
	run ds system df -v
	expect_status 0
	expect_in_output "Containers space usage:"
	[[ ${lines[2]} =~ ^"busybox      latest    "[0-9a-f]{12}.*" 0B            1.996MB       1"$ ]]
	run ds system df -v --format '{{range .Containers}}{{.Names}} {{.Size}}{{end}}'
	expect_output "one 102.4kB" || expect_output "one 102kB"
}

@test "a layer that two images share is counted once" {
	need_program python3
	ds tag busybox second
	total=$(ds system df --format '{{.Type}} {{.Size}}' | head -1)
	[ "$total" = "Images 1.996MB" ]
}

@test "system prune asks, and removes what nobody uses" {
	need_userns
	ds run --name gone busybox sh -c 'echo 1234 >/f'
	ds run -d --name kept --network none busybox sleep 100 >/dev/null
	id=$(ds ps -aq --no-trunc --filter name=gone)
	run ds system prune <<<n
	expect_status 0
	expect_output "WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all dangling images
  - all dangling build cache

Are you sure you want to continue? [y/N] "
	run ds system prune -f --filter label=none
	expect_output "Total reclaimed space: 0B"
	run ds system prune -f
	expect_status 0
	expect_output "Deleted Containers:
$id

Total reclaimed space: 5B"
	run ds ps -a --format '{{.Names}}'
	expect_output kept
	run ds system prune -f --filter foo=bar
	expect_status 1
	expect_output "Error response from daemon: Invalid filter 'foo'"
	run ds system prune -af
	run ds images -q busybox
	[ -n "$output" ]
}
