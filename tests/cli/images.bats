# images: which images there are; image prune: those that nobody needs.

load helpers

# An image of one empty file, with a label; its id.
import_one() {
	mkdir -p "$scratch/in"
	echo "$1" >"$scratch/in/$1"
	tar cf - -C "$scratch/in" "$1" |
		ds import -c "LABEL from=$1" - "${@:2}"
}

@test "the table has Docker's columns, with the digest where it is asked for" {
	run ds images busybox
	expect_status 0
	[ "${lines[0]}" = "REPOSITORY   TAG       IMAGE ID       CREATED        SIZE" ]
	[[ ${lines[1]} =~ ^"busybox      latest    "[0-9a-f]{12}"   "[0-9]+\ (months|years)\ ago\ +"2MB"$ ]]
	run ds images --digests busybox
	[[ ${lines[1]} =~ ^"busybox      latest    <none>    "[0-9a-f]{12}" " ]]
	run ds images nosuch
	expect_status 0
	expect_output "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
}

@test "a pattern fits the name that is shown, with its tag or without" {
	ds tag busybox me/bb:1
	ds tag busybox me/bb:2
	run ds images --format '{{.Repository}}:{{.Tag}}' me/bb
	expect_output "me/bb:1
me/bb:2"
	run ds images --format '{{.Tag}}' me/bb:2
	expect_output 2
	run ds images --format '{{.Tag}}' 'me/*:1'
	expect_output 1
	run ds images -q docker.io/library/busybox
	expect_output ""
}

@test "an id stands once a name; in full with --no-trunc" {
	ds tag busybox other
	run ds images -q busybox
	[ "${#output}" = 12 ]
	run ds images -q --no-trunc other
	[[ $output == sha256:* ]] && [ "${#output}" = 71 ]
	run ds images -q
	[ "${lines[0]}" = "${lines[1]}" ]
}

@test "templates and JSON" {
	run ds images --format 'table {{.Tag}}\t{{.Repository}}' busybox
	expect_output "TAG       REPOSITORY
latest    busybox"
	run ds images --format json busybox
	expect_in_output '"Digest":"\u003cnone\u003e"'
	expect_in_output '"Repository":"busybox"'
	run ds images --format '{{.Nosuch}}' busybox
	expect_status 1
	expect_output 'template parsing error: template: :1:2: executing "" at <.Nosuch>: can'"'"'t evaluate field Nosuch in type *formatter.imageContext'
}

@test "filters choose" {
	import_one first one:1
	import_one second two:1
	import_one third
	run ds images --format '{{.Repository}}' -f dangling=true
	expect_output "<none>"
	run ds images --format '{{.Repository}}' -f dangling=false -f label=from
	expect_output "two
one"
	run ds images --format '{{.Repository}}' -f label=from=first
	expect_output one
	run ds images --format '{{.Repository}}' -f since=one:1 -f before=two:1
	expect_output ""
	run ds images --format '{{.Repository}}' -f since=one:1 -f 'reference=t*'
	expect_output two
	run ds images --format '{{.Repository}}' -f before=one:1 -f reference=busybox
	expect_output busybox
	run ds images --format '{{.Repository}}' -f until=24h -f label=from
	expect_output ""
}

@test "a wrong filter is refused in Docker's words" {
	run ds images -f foo=bar
	expect_status 1
	expect_output "Error response from daemon: Invalid filter 'foo'"
	run ds images -f dangling=x
	expect_status 1
	expect_output "Error response from daemon: Invalid filter 'dangling=[x]'"
	run ds images -f before=nosuch
	expect_status 1
	expect_output "Error response from daemon: No such image: nosuch:latest"
}

@test "image prune removes the nameless ones and says what became free" {
	import_one kept keep:1
	id=$(import_one gone)
	run ds image prune <<<n
	expect_status 0
	expect_output "WARNING! This will remove all dangling images.
Are you sure you want to continue? [y/N] Total reclaimed space: 0B"
	run ds image prune -f --filter label=from=kept
	expect_output "Total reclaimed space: 0B"
	run ds image prune <<<y
	expect_status 0
	expect_in_output "Deleted Images:
deleted: $id
deleted: sha256:"
	expect_in_output "
Total reclaimed space: 5B"
	run ds images -q keep
	[ -n "$output" ]
	run ds images -f dangling=true -q
	expect_output ""
}

@test "image prune -a leaves what a container uses" {
	need_userns
	import_one gone gone:1
	ds rmi ubuntu >/dev/null
	ds run --name user busybox true
	run ds image prune -af
	expect_status 0
	expect_in_output "untagged: gone:1"
	run ds images --format '{{.Repository}}'
	expect_output busybox
}

@test "what is wrong with an archive is said in the chosen language, from inside its own root too" {
	echo "no archive" >junk.tar
	run ds --lang ja import junk.tar mine
	expect_status 1
	expect_output "dockershell: tarアーカイブではありません"
}
