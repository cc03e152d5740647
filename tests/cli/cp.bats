# cp: files from a container to the machine and back, by Docker's rules.

load helpers

# A container with something in it, running; $1: its name.
start_box() {
	ds run -d --name "$1" busybox sh -c '
		mkdir -p /w/d/sub /w/e; echo f1 >/w/f1; echo in-d >/w/d/x
		echo in-sub >/w/d/sub/y; ln -s f1 /w/lnf; ln -s d /w/lnd
		touch /ready; sleep 300' >/dev/null
	wait_for 10 ds exec "$1" test -e /ready
}

# The same, ended.
stopped_box() {
	ds run --name "$1" busybox sh -c '
		mkdir -p /w/d/sub /w/e; echo f1 >/w/f1; echo in-d >/w/d/x
		echo in-sub >/w/d/sub/y; ln -s f1 /w/lnf; ln -s d /w/lnd'
}

make_files() {
	mkdir -p h/d/sub h/out
	echo host1 >h/f1
	echo hx >h/d/x
	echo hy >h/d/sub/y
}

@test "a file goes in: as a new name, over a file, into a folder, through a link" {
	make_files
	start_box box
	ds cp h/f1 box:/w/new
	ds cp h/f1 box:/w/f1
	ds cp h/f1 box:/w/e
	ds cp h/f1 box:w/rel
	ds cp h/f1 box:/w/lnd/
	run ds exec box sh -c 'cd /w; cat new f1 e/f1 rel d/f1; readlink lnd'
	expect_output "host1
host1
host1
host1
host1
d"
}

@test "a file copied onto a link replaces what the link leads to" {
	make_files
	stopped_box box
	ds cp h/f1 box:/w/lnf
	run ds cp box:/w/f1 -
	expect_in_output host1
	run bash -c "'$DOCKERSHELL' cp box:/w/lnf - | tar -tv"
	expect_in_output "lnf -> f1"
}

@test "a folder goes in: itself, or with /. what is in it" {
	make_files
	stopped_box box
	ds cp h/d box:/w/new
	ds cp h/d box:/w/e
	ds cp h/d/. box:/w/e
	run bash -c "'$DOCKERSHELL' cp box:/w/new - | tar -t"
	expect_output "new/
new/sub/
new/sub/y
new/x"
	run bash -c "'$DOCKERSHELL' cp box:/w/e/. - | tar -t"
	expect_output "./
./d/
./d/sub/
./d/sub/y
./d/x
./sub/
./sub/y
./x"
}

@test "files and folders come out, of a container that runs and of one that does not" {
	make_files
	start_box runs
	stopped_box ended
	for c in runs ended; do
		rm -rf got && mkdir -p got/there
		ds cp $c:/w/f1 got/n
		ds cp $c:/w/f1 got/there
		ds cp $c:/w/d got/nd
		ds cp $c:/w/d got/there
		ds cp $c:/w/d/. got/there
		ds cp $c:/w/lnd/. got/through
		run bash -c 'cd got; cat n there/f1; find nd there through | sort'
		expect_output "f1
f1
nd
nd/sub
nd/sub/y
nd/x
there
there/d
there/d/sub
there/d/sub/y
there/d/x
there/f1
there/sub
there/sub/y
there/x
through
through/sub
through/sub/y
through/x"
	done
}

@test "a link comes out as a link, with -L what it leads to" {
	stopped_box box
	ds cp box:/w/lnf l
	run readlink l
	expect_output f1
	ds cp -L box:/w/lnf ll
	run cat ll
	expect_output f1
	mkdir into
	ds cp -L box:/w/lnd into
	run ls into/lnd
	expect_output "sub
x"
}

@test "a link on the machine goes in as a link, with -L as a file" {
	make_files
	stopped_box box
	ln -s f1 h/link
	ds cp h/link box:/w/link
	ds cp -L h/link box:/w/file
	run bash -c "'$DOCKERSHELL' cp box:/w/. - | tar -tv | grep -E 'link|file' | sed 's/.*\.\///'"
	expect_output "file
link -> f1"
}

@test "what cannot be is refused as Docker refuses it" {
	make_files
	stopped_box box
	run ds cp box:/w/nosuch .
	expect_status 1
	expect_output "Error: No such container:path: box:/w/nosuch"
	run ds cp nosuch:/a .
	expect_output "Error: No such container:path: nosuch:/a"
	run ds cp h/f1 nosuch:/tmp/x
	expect_output "Error: No such container:path: nosuch:/tmp"
	run ds cp /nosuch box:/tmp
	expect_output "lstat //nosuch: no such file or directory"
	run ds cp h/f1 box:/nodir/deep/f
	expect_output "Error: No such container:path: box:/nodir/deep"
	run ds cp h/f1 box:/w/nodir/
	expect_output "no such directory"
	run ds cp h/d box:/w/f1
	expect_output "cannot copy directory"
	run ds cp box:/w/d h/f1
	expect_output "cannot copy directory"
	run ds cp box:/w/f1 nodir/x
	expect_output "invalid output path: directory \"$PWD/nodir\" does not exist"
	run ds cp box:/a box:/b
	expect_output "copying between containers is not supported"
	run ds cp a b
	expect_output "must specify at least one container source"
	run ds cp "" box:/b
	expect_output "source can not be empty"
	run ds cp box:/a
	expect_status 1
	expect_in_output '"docker cp" requires exactly 2 arguments.'
}

@test "a file never takes a folder's place, nor a folder a file's" {
	make_files
	stopped_box box
	mkdir h/x
	echo 1 >h/x/inside
	run ds cp h/x box:/w/d
	expect_status 1
	expect_output 'Error response from daemon: Error processing tar file(exit status 1): cannot overwrite non-directory "/w/d/x" with directory "/w/d"'
	mkdir -p h/out/f1
	run ds cp box:/w/f1 h/out
	expect_status 1
	expect_output "cannot overwrite directory \"$PWD/h/out/f1\" with non-directory \"$PWD/h/out\""
}

@test "modes and times stay, owners become root's in there and the caller's out here" {
	make_files
	stopped_box box
	chmod 2750 h/d/sub
	chmod 640 h/f1
	touch -d '2020-02-03 04:05:06' h/f1
	ds cp h/f1 box:/w/f
	ds cp h/d box:/w/dir
	run bash -c "TZ=UTC '$DOCKERSHELL' cp box:/w/f - | TZ=UTC tar -tv --full-time"
	expect_output "-rw-r----- 0/0               6 $(date -d '2020-02-03 04:05:06' -u '+%F %T') f"
	run bash -c "'$DOCKERSHELL' cp box:/w/dir - | tar -tv | grep sub/\$ | cut -c1-14"
	expect_output "drwxr-s--- 0/0"
	ds cp box:/w/f back
	run stat -c '%a %u %Y' back
	expect_output "640 $(id -u) $(date -d '2020-02-03 04:05:06' +%s)"
}

@test "setuid bits do not come out: they would be the caller's rights" {
	ds run --name box busybox sh -c 'cp /bin/busybox /su; chmod 6755 /su'
	ds cp box:/su .
	run stat -c %a su
	expect_output 755
}

@test "-a keeps owners" {
	need_many_ids
	make_files
	ds run --name box busybox sh -c 'echo x >/f; chown 12:34 /f'
	run bash -c "tar -c --owner=56 --group=78 h/f1 | '$DOCKERSHELL' cp - box:/tmp; '$DOCKERSHELL' cp box:/tmp/h - | tar -tv | grep f1"
	expect_in_output "56/78"
	ds cp -a h/f1 box:/kept
	run bash -c "'$DOCKERSHELL' cp box:/kept - | tar -tvn"
	expect_in_output "$(id -u)/$(id -g)"
	[ "$(id -u)" = 0 ] || return 0
	ds cp -a box:/f f
	run stat -c %u:%g f
	expect_output 12:34
}

@test "an archive goes in on standard input, packed or not, and comes out on standard output" {
	make_files
	stopped_box box
	tar -c -C h d | ds cp - box:/w/e
	tar -cz -C h f1 | ds cp - box:/w/e
	run bash -c "'$DOCKERSHELL' cp box:/w/e - | tar -t"
	expect_output "e/
e/d/
e/d/sub/
e/d/sub/y
e/d/x
e/f1"
	run bash -c "tar -c -C h d | '$DOCKERSHELL' cp - box:/w/f1"
	expect_output 'destination "box:/w/f1" must be a directory'
	run bash -c "echo nothing | '$DOCKERSHELL' cp - box:/w"
	expect_status 1
	expect_in_output "this is no tar archive"
}

@test "names with spaces, newlines and any bytes go through unchanged" {
	stopped_box box
	mkdir odd
	touch "odd/a b" odd/$'new\nline' odd/$'\xff\xfe' "odd/日本" odd/-dash odd/.wh.plain
	long=$(printf 'x%.0s' {1..200})
	mkdir -p "odd/$long/$long"
	touch "odd/$long/$long/f"
	ds cp odd box:/w/odd
	ds cp box:/w/odd back
	run diff -r odd back
	expect_status 0
	run bash -c "ls odd | md5sum; ls back | md5sum"
	[ "${lines[0]}" = "${lines[1]}" ]
	# Nothing of it is a whiteout.
	run ds diff box
	expect_in_output "A /w/odd/.wh.plain"
}

@test "fifos, empty folders and hard links are copied as such" {
	stopped_box box
	mkdir -p t/empty
	mkfifo t/pipe
	echo 1 >t/one
	ln t/one t/two
	ds cp t box:/w/t
	ds cp box:/w/t back
	[ -p back/pipe ] && [ -d back/empty ]
	run stat -c %h back/one
	expect_output 2
}

@test "hosts and hostname are the container's own" {
	start_box box
	ds cp box:/etc/hostname hn
	run ds exec box hostname
	expect_output "$(cat hn)"
	run ds cp hn box:/etc/hostname
	expect_status 1
	expect_in_output "unlinkat /etc/hostname: device or resource busy"
}

@test "/proc, /sys and /dev of a running container are not there, as in Docker" {
	start_box box
	run ds cp box:/proc/cpuinfo .
	expect_output "Error: No such container:path: box:/proc/cpuinfo"
	run bash -c "'$DOCKERSHELL' cp box:/dev - | tar -t"
	expect_in_output "dev/console"
}

@test "volumes and folders of the machine are reached, of a container that runs or ran" {
	mkdir host
	echo m >host/m
	ds run -d --name box -v /vol -v "$PWD/host:/host" -v named:/named busybox \
		sh -c 'echo v >/vol/f; echo n >/named/f; touch /ready; sleep 300' >/dev/null
	wait_for 10 ds exec box test -e /ready
	for state in runs ended; do
		rm -rf got && mkdir got
		ds cp box:/vol/f got/v
		ds cp box:/named/f got/n
		ds cp box:/host/m got/m
		run cat got/v got/n got/m
		expect_output "v
n
m"
		echo "$state" >new
		ds cp new box:/named/
		ds cp new box:/host/
		run cat host/new "$DOCKERSHELL_HOME/volumes/named/_data/new"
		expect_output "$state
$state"
		ds stop -t 0 box >/dev/null
	done
}

@test "what is mounted read-only takes nothing" {
	mkdir host
	echo x >x
	ds run --name box -v "$PWD/host:/host:ro" busybox true
	run ds cp x box:/host/
	expect_status 1
	expect_output "Error response from daemon: mounted volume is marked read-only"
	ds cp x box:/beside
}

@test "a tmpfs is the running container's alone, as in Docker" {
	echo x >x
	ds run -d --name box --tmpfs /mem busybox sh -c 'echo 1 >/mem/inside; sleep 300' >/dev/null
	wait_for 10 ds exec box test -e /mem/inside
	run ds cp box:/mem/inside .
	expect_output "Error: No such container:path: box:/mem/inside"
	ds cp x box:/mem/
	run ds exec box ls /mem
	expect_output inside
}

@test "links inside lead around inside only" {
	ds run --name box busybox sh -c 'ln -s /../../../../etc/passwd /l; ln -s / /root/up; ln -s /proc/self/root/etc /p; ln -s loop /loop'
	ds cp -L box:/l passwd
	run grep -c : passwd
	[ "$output" -lt 20 ] # the image's, not the machine's
	ds cp box:/root/up/root/up/etc/passwd again
	cmp passwd again
	run ds cp -L box:/p/passwd x
	expect_output "Error: No such container:path: box:/p/passwd"
	run ds cp box:/loop/x y
	expect_status 1
	expect_in_output "too many links"
	# A link to nowhere is no folder for what an archive says lies in it.
	mkdir -p t/l
	ln -s nowhere t/gone
	echo x >t/l/f
	tar -C t -cf links.tar --transform 's,^l/,gone/,' gone l/f
	run bash -c "'$DOCKERSHELL' cp - box:/tmp <links.tar"
	expect_status 1
	expect_output "Error response from daemon: Error processing tar file(exit status 1): open /tmp/gone/f: no such file or directory"
}

@test "a read-only container takes nothing" {
	make_files
	ds run --name box --read-only busybox true
	run ds cp h/f1 box:/x
	expect_status 1
	expect_output "Error response from daemon: container rootfs is marked read-only"
}

half_there() {
	find "$DOCKERSHELL_HOME/containers" -name '.dockershell-*' 2>/dev/null | grep -q .
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

@test "Ctrl-C ends a copy at once and leaves nothing half" {
	stopped_box box
	mkfifo slow
	# An archive whose one file never ends.
	truncate -s 1G big
	{
		tar -c big 2>/dev/null | head -c 20000000
		sleep 30
	} >slow &
	feeder=$!
	env --default-signal=INT "$DOCKERSHELL" cp - box:/w <slow &
	copy=$!
	wait_for 10 half_there
	kill -INT "$copy"
	wait_for 5 gone "$copy"
	kill "$feeder" 2>/dev/null || true
	run ds diff box
	[[ $output != *big* && $output != *.dockershell* ]]
}
