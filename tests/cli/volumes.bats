#!/usr/bin/env bats
# Volumes: made, listed, used and removed; what Docker says of each.

load helpers

# refused WANTED COMMAND...
refused() {
	local wanted=$1
	shift
	run ds "$@"
	[ "$status" -ne 0 ] || { echo "not refused: $*"; return 1; }
	expect_in_output "$wanted"
}

@test "a volume is made, listed, looked at and removed" {
	run ds volume create --label tier=1 --label bare data
	expect_output data
	ds volume create --name second >/dev/null
	run ds volume create data
	expect_output data
	run ds volume ls
	expect_output "$(printf 'DRIVER    VOLUME NAME\nlocal     data\nlocal     second')"
	run ds volume ls -q --filter label=tier=1
	expect_output data
	run ds volume ls --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Mountpoint}} {{.Labels}} {{.Label "tier"}} {{.Links}} {{.Size}}' -f name=^da
	expect_output "data local local $DOCKERSHELL_HOME/volumes/data/_data bare=,tier=1 1 N/A N/A"
	run ds volume inspect -f '{{json .Labels}} {{json .Options}} {{.Name}} {{.Scope}}' data
	expect_output '{"bare":"","tier":"1"} {} data local'
	[[ $(ds inspect --type volume -f '{{.CreatedAt}}' data) =~ ^20[0-9-]+T[0-9:]+(Z|[+-]) ]]
	run ds volume rm data nosuch second
	expect_status 1
	expect_output "$(printf 'data\nsecond\nError: No such volume: nosuch')"
	run ds volume rm -f nosuch
	expect_status 0
	run ds volume inspect nosuch
	expect_status 1
	expect_output "$(printf '[]\nError: No such volume: nosuch')"
	refused 'create x1: error looking up volume plugin foo: plugin "foo" not found' volume create -d foo x1
	refused 'create x1: invalid option: "foo"' volume create --opt foo=1 x1
	refused 'create x1: missing required option: "device"' volume create --opt type=tmpfs x1
	refused "\"=b\" for \"--label\" flag: invalid label '=b': empty name" volume create --label =b x1
	refused 'create x: volume name is too short' volume create x
	refused 'create ../x: "../x" includes invalid characters for a local volume name' volume create ../x
	refused "Invalid filter 'dangling=[x]'" volume ls -f dangling=x
	refused "Invalid filter 'until'" volume prune -f --filter until=1h
}

@test "who uses a volume keeps it, and prune takes what nobody uses" {
	id=$(ds create --name box -v data:/data -v /var busybox true)
	run ds volume rm data
	expect_status 1
	expect_output "Error response from daemon: remove data: volume is in use - [$id]"
	ds volume create --label keep spare >/dev/null
	ds volume create old >/dev/null
	ds volume create -o type=tmpfs -o device=tmpfs made >/dev/null
	run ds volume ls -q -f dangling=true
	expect_output "$(printf 'made\nold\nspare')"
	run ds volume prune -f --filter 'label!=keep'
	expect_output "$(printf 'Deleted Volumes:\nold\n\nTotal reclaimed space: 0B')"
	# What was made with settings is removed by its name only.
	ds volume rm made
	run ds system df
	expect_in_output "Local Volumes   3         2 "
	ds rm box >/dev/null
	echo 12345 >"$DOCKERSHELL_HOME/volumes/spare/_data/file"
	run ds system df -v
	expect_in_output "spare                                                              0         6B"
	run ds system prune -f --volumes
	expect_in_output "Deleted Volumes:"
	[ -z "$(ls -A "$DOCKERSHELL_HOME/volumes")" ]
	run ds events --since 1h --until 0s --filter type=volume --filter volume=spare --format '{{.Action}}'
	expect_output "$(printf 'create\ndestroy')"
}

@test "a container's start and end are told of as events of its volumes" {
	ds run --name box -v data:/d:ro busybox true
	run ds events --since 1h --until 0s --filter type=volume --format '{{.Action}} {{.Actor.ID}} {{index .Actor.Attributes "read/write"}} {{.Actor.Attributes.destination}}'
	expect_output "$(printf 'create data  <no value>\nmount data false /d\nunmount data  <no value>')"
	run ds inspect -f '{{json .Mounts}}{{json .HostConfig.Binds}}' box
	expect_output "[{\"Type\":\"volume\",\"Name\":\"data\",\"Source\":\"$DOCKERSHELL_HOME/volumes/data/_data\",\"Destination\":\"/d\",\"Driver\":\"local\",\"Mode\":\"ro\",\"RW\":false,\"Propagation\":\"\"}][\"data:/d:ro\"]"
}

@test "--mount, -v and --volumes-from are read as Docker reads them" {
	mkdir -p host/sub
	echo one >host/f
	ln -s host link
	refused "daemon: invalid volume specification: '/a:'." run -v /a: busybox
	refused "daemon: invalid volume specification: 'a:b:c:d'." run -v a:b:c:d busybox
	refused 'daemon: invalid mode: b.' run -v a::b busybox
	refused 'docker: invalid empty volume spec.' run -v '' busybox
	refused 'daemon: invalid mode: ro,rw.' run -v /a:/b:ro,rw busybox
	refused "'v1:/x:rslave': invalid mount config for type \"volume\": field BindOptions must not be specified." run -v v1:/x:rslave busybox
	refused 'type "bind": field VolumeOptions must not be specified.' run -v /a:/x:nocopy busybox
	refused "cannot mix 'volume-*' options with mount type 'bind'" run --mount type=bind,src=/a,dst=/b,volume-nocopy busybox
	refused 'plugin "foo" not found.' run --volume-driver foo -v v1:/x busybox
	refused 'daemon: invalid mode: rslave.' run --volumes-from x:rslave busybox
	refused 'cannot mount volume over existing file, file exists /etc/passwd' create -v /etc/passwd busybox
	[ -z "$(ds volume ls -q | grep -E '^[0-9a-f]{64}$')" ]
	refused 'flags: 0x5000: not a directory: unknown: Are you trying to mount a directory onto a file' run -v "$PWD/host:/etc/passwd" busybox
	ds run --name from -v v1:/a -v /anon -v "$PWD/link:/b:ro,z" \
		--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700 \
		--mount type=bind,src="$PWD/host/f",dst=/new/file,readonly \
		busybox sh -c 'echo 1 >/a/x; echo 2 >/anon/y; cat /b/f /new/file'
	id=$(ds inspect -f '{{.Id}}' from)
	run ds run --rm --volumes-from "${id:0:12}" -v other:/a busybox sh -c \
		'exec 2>&1; ls /a; cat /anon/y /b/f; touch /b/f; mount | grep -c "tmpfs on /t .*size=1024k,mode=700"'
	expect_output "$(printf '2\none\ntouch: /b/f: Read-only file system\n1')"
	run ds run --rm --volumes-from from:ro busybox touch /a/z
	expect_output "touch: /a/z: Read-only file system"
	# What lies higher is mounted first, whatever the order of the words.
	run ds run --rm -v v1:/m/sub/deep -v "$PWD/host:/m" busybox sh -c 'cat /m/f /m/sub/deep/x'
	expect_output "$(printf 'one\n1')"
	# Over a whole /etc, too, a container's own names are to be found.
	run ds run --rm -h box -v conf:/etc busybox sh -c 'cat /etc/hostname; ls /etc/group'
	expect_output "$(printf 'box\n/etc/group')"
	# A link of the image on the way leads on inside of it.
	run ds run --rm -v v1:/var/run/x busybox cat /run/x/x
	expect_output 1
}

@test "a volume may be another folder, or a file system of its own" {
	mkdir real
	ds volume create --opt type=none --opt o=bind --opt device="$PWD/real" other >/dev/null
	ds run --rm -v other:/d busybox touch /d/file
	[ -e real/file ]
	ds volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=1m,mode=755 mem >/dev/null
	run ds run --rm -v mem:/d busybox sh -c 'mount | grep "tmpfs on /d "'
	expect_in_output "size=1024k,mode=755"
	ds run -d --name one -v mem:/d busybox sleep 1000 >/dev/null
	refused "the volume mem is a file system in memory, and one runs with it" run --rm -v mem:/d busybox true
	ds rm -f one >/dev/null
	mv real moved
	refused "failed to mount local volume: mount $PWD/real:$DOCKERSHELL_HOME/volumes/other/_data, flags: 0x1000: no such file or directory." run --rm -v other:/d busybox true
	ds volume rm other mem >/dev/null
	[ -e moved/file ]
}

@test "a device node in a volume opens nothing" {
	need_root
	run ds run --rm -v data:/d -v /dev/null:/e busybox sh -c 'mknod /d/full c 1 7; cat /e; (: </d/full) && echo open'
	expect_output "sh: can't open /d/full: Permission denied"
	run ds run --rm -v /dev:/dev busybox sh -c 'echo >/dev/null && echo fine'
	expect_output fine
}

@test "names that are swapped while they are mounted upon lead nowhere else" {
	mkdir canary
	ds run --rm -v swap:/s -v other:/o busybox mkdir /s/dir
	ln -s "$PWD/canary" "$DOCKERSHELL_HOME/volumes/swap/_data/link"
	before=$(stat -c '%Y %Z %h' canary)
	"$TOOLS/tool_exchange" "$DOCKERSHELL_HOME/volumes/swap/_data" dir link 3>&- &
	racer=$!
	for i in $(seq 25); do
		# It may fail, where the link is met: inside, it leads to nothing.
		ds run --rm -v swap:/s -v other:/s/dir/deep/point -v "$PWD/canary:/c:ro" busybox true >/dev/null 2>&1 || true
		ds run --rm -v swap:/s -v other:/s/link busybox touch /s/link/owned >/dev/null 2>&1 || true
	done
	kill "$racer"
	[ -z "$(ls -A canary)" ]
	[ "$(stat -c '%Y %Z %h' canary)" = "$before" ]
}
