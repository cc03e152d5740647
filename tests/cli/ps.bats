# ps: which containers there are, and how the list is asked for.

load helpers

setup() {
	need_userns
	new_home
	ds run --name done -l kind=one -l a.b=c busybox \
		sh -c 'echo x >/f; exit 3' || true
	ds run -d --name up --network none busybox sleep 100 >/dev/null
}

names() {
	run ds ps --format '{{.Names}}' "$@"
	expect_status 0
}

@test "only those that run, unless all are asked for; the newest first" {
	names
	expect_output up
	names -a
	expect_output "up
done"
	names -l
	expect_output up
	names -n 2
	expect_output "up
done"
	names -n 1
	expect_output up
	run ds ps -aq --no-trunc
	[ "${#lines[0]}" = 64 ] && [ "${#lines[1]}" = 64 ]
	run ds ps -q
	[ "${#output}" = 12 ]
}

@test "the table has Docker's columns" {
	run ds ps -a
	[[ ${lines[0]} =~ ^"CONTAINER ID   IMAGE     COMMAND                  CREATED "\ +"STATUS "\ +"PORTS     NAMES"$ ]]
	[[ ${lines[2]} =~ "   busybox   \"sh -c 'echo x >/f; …\"   ".*' ago'\ +'Exited (3) '.*' ago '\ +done$ ]]
	run ds container ls -a --no-trunc
	expect_in_output "\"sh -c 'echo x >/f; exit 3'\""
}

@test "-s shows what was written" {
	run ds ps -as --format '{{.Names}} {{.Size}}'
	expect_in_output "done 2B (virtual 2MB)"
	expect_in_output "up 0B (virtual 2MB)"
	run ds ps -as
	[[ ${lines[0]} == *"NAMES     SIZE" ]]
}

@test "a template shows what it asks for" {
	run ds ps -a --format 'table {{.Names}}\t{{.Label "a.b"}}\t{{.Networks}}\t{{.State}}'
	expect_output "NAMES     b         NETWORKS   STATE
up                  none       running
done      c         bridge     exited"
	names --filter name=done -a --format '{{.Labels}}|{{upper .Image}}|{{.LocalVolumes}}|{{.Command}}'
	expect_output 'a.b=c,kind=one|BUSYBOX|0|"sh -c '"'echo x >/f; …"'"'
	run ds ps --format json
	expect_in_output '"Names":"up"'
	expect_in_output '"State":"running"'
	[ "${#lines[@]}" = 1 ]
}

@test "a wrong template is refused in Docker's words, with or without containers" {
	ds rm -f up done >/dev/null
	run ds ps --format '{{.Nosuch}}'
	expect_status 1
	expect_output 'failed to execute template: template: :1:2: executing "" at <.Nosuch>: can'"'"'t evaluate field Nosuch in type *formatter.ContainerContext'
	run ds ps --format '{{.ID'
	expect_status 1
	expect_output 'failed to parse template: template: :1: unclosed action'
}

@test "filters choose" {
	names -a -f name=on
	expect_output "done"
	names -a -f 'name=^u'
	expect_output up
	names -a -f label=kind
	expect_output "done"
	names -a -f label=kind=one -f label=a.b=x
	expect_output ""
	names -a -f label!=kind
	expect_output up
	names -f status=exited
	expect_output "done"
	names -a -f exited=3 -f exited=4
	expect_output "done"
	names -a -f exited=0
	expect_output ""
	names -a -f network=none
	expect_output up
	names -a -f health=none -f name=up
	expect_output up
	names -a -f "id=$(ds ps -q)"
	expect_output up
	names -a -f since=done
	expect_output up
	names -a -f before=up
	expect_output "done"
	names -a -f is-task=true
	expect_output ""
	names -a -f publish=80 -f expose=80
	expect_output ""
}

@test "an ancestor is an image or what it was made from" {
	ds tag busybox mine:1
	names -f ancestor=mine:1
	expect_output up
	names -f ancestor=nosuch
	expect_output ""
}

@test "a wrong filter is refused in Docker's words" {
	run ds ps --filter foo=bar
	expect_status 1
	expect_output "Error response from daemon: Invalid filter 'foo'"
	run ds ps --filter status=rubbish
	expect_status 1
	expect_output "Error response from daemon: Invalid filter 'status=rubbish'"
	run ds ps --filter foo
	expect_status 125
	expect_output 'invalid argument "foo" for "-f, --filter" flag: bad format of filter (expected name=value)
See '"'docker ps --help'."
	run ds ps --filter before=nosuch
	expect_status 1
	expect_output "Error response from daemon: no such container nosuch"
}

@test "an image whose name moved on is shown by its id" {
	id=$(ds images -q busybox)
	tar cf - -T /dev/null | ds import - busybox:latest >/dev/null
	names -f name=up --format '{{.Image}}'
	expect_output "$id"
	names -f name=up --no-trunc --format '{{.Image}}'
	[[ $output == sha256:$id* ]]
}

@test "no port is published, and port says so" {
	run ds port up
	expect_status 0
	expect_output ""
	run ds port up 80
	expect_status 1
	expect_output "Error: No public port '80/tcp' published for up"
	run ds port nosuch
	expect_status 1
	expect_output "Error: No such container: nosuch"
	run ds port up x
	expect_status 1
	expect_output 'strconv.ParseUint: parsing "x": invalid syntax'
}
