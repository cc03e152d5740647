# diff: what a container changed, whatever overlayfs made of it.

load helpers

# diff_of SCRIPT: runs it in a new container and shows what it changed.
diff_of() {
	ds rm -f box >/dev/null 2>&1
	ds run --name box "${image:-busybox}" sh -ec "$1" >/dev/null
	run ds diff box
}

# An image with a tree to change, in two layers. Its times are old ones: archives
# keep whole seconds, and what is changed within that second is not seen, as in
# Docker.
make_tree() {
	ds run --name tree busybox sh -ec '
		mkdir -p /t/dir/sub /t/gone /t/file-to-be; echo 1 >/t/dir/a; echo 2 >/t/dir/b
		echo 3 >/t/dir/sub/c; echo 4 >/t/file; echo 5 >/t/other; ln -s file /t/link
		echo 6 >/t/gone/x; echo 7 >/t/file-to-be/y
		find /t -exec touch -h -d "2020-01-02 03:04:05" {} +'
	ds commit tree half >/dev/null
	ds run --name tree2 half sh -ec 'rm -r /t/gone; mkdir /t/gone; echo 8 >/t/gone/z; echo 9 >/t/dir/second
		touch -d "2020-01-02 03:04:05" /t/gone/z /t/dir/second'
	ds commit tree2 tree >/dev/null
	image=tree
}

@test "new, changed and deleted files, their folders before them" {
	diff_of 'echo x >>/etc/passwd; rm /etc/group; mkdir -p /srv/a/b; echo 1 >/srv/a/b/c'
	expect_output "C /etc
D /etc/group
C /etc/passwd
A /srv
A /srv/a
A /srv/a/b
A /srv/a/b/c"
}

@test "what came and went is nothing, what was looked at is nothing" {
	diff_of 'echo x >/tmp/x; rm /tmp/x; cat /etc/passwd; touch /tmp; exec 3>>/etc/passwd'
	expect_output ""
}

@test "a renamed file and a renamed folder" {
	make_tree
	diff_of 'mv /t/file /t/moved; mv /t/dir /t/dir2'
	expect_output "C /t
D /t/dir
A /t/dir2
A /t/dir2/a
A /t/dir2/b
A /t/dir2/second
A /t/dir2/sub
A /t/dir2/sub/c
D /t/file
A /t/moved"
}

@test "a folder that was removed and made again hides what was in it" {
	make_tree
	diff_of 'rm -r /t/dir; mkdir /t/dir; echo 2 >/t/dir/b'
	expect_output "C /t
C /t/dir
D /t/dir/a
C /t/dir/b
D /t/dir/second
D /t/dir/sub"
	# An opaque folder of a lower layer: x is not there to be deleted.
	diff_of 'rm -r /t/gone'
	expect_output "C /t
D /t/gone"
	diff_of 'rm -r /t/gone; mkdir /t/gone'
	expect_output "C /t
C /t/gone
D /t/gone/z"
}

@test "a file made again is changed, one replaced by a folder too, and the other way" {
	make_tree
	diff_of 'rm /t/file; echo new >/t/file; rm /t/other; mkdir /t/other; echo in >/t/other/in; rm -r /t/file-to-be; echo f >/t/file-to-be'
	expect_output "C /t
C /t/file
C /t/file-to-be
C /t/other
A /t/other/in"
}

@test "modes, owners and times of files; of folders mode and owner only" {
	make_tree
	diff_of 'chmod 600 /t/file; touch /t/other; chmod 700 /t/dir; touch /t/gone'
	expect_output "C /t
C /t/dir
C /t/file
C /t/other"
}

@test "a changed owner" {
	need_many_ids
	make_tree
	diff_of 'chown 5 /t/file; chown 6 /t/dir; chown -h 7 /t/link'
	expect_output "C /t
C /t/dir
C /t/file
C /t/link"
}

@test "a hard link is added, what it is a link to is not changed" {
	make_tree
	diff_of 'ln /t/file /t/hard; ln -sf other /t/link'
	expect_output "C /t
A /t/hard
C /t/link"
}

@test "whiteouts in folders of several layers" {
	make_tree
	diff_of 'rm /t/dir/second /t/dir/a; echo x >/t/dir/a2'
	expect_output "C /t
C /t/dir
D /t/dir/a
A /t/dir/a2
D /t/dir/second"
	diff_of 'rm -r /t/dir/sub; mkdir -p /t/dir/sub/deep; rm -r /t/dir/sub'
	expect_output "C /t
C /t/dir
D /t/dir/sub"
}

@test "folders that only their owner may enter do not stop it" {
	need_many_ids
	make_tree
	diff_of 'mkdir /t/private; echo 1 >/t/private/f; chown -R 12:34 /t/private; chmod 700 /t/private; chown 12 /t/dir; chmod 700 /t/dir; echo x >/t/dir/new'
	expect_output "C /t
C /t/dir
A /t/dir/new
A /t/private
A /t/private/f"
}

@test "odd names are one line each as they are" {
	diff_of 'touch "/tmp/a b" /tmp/.wh.x /tmp/日本'
	expect_output "C /tmp
A /tmp/.wh.x
A /tmp/a b
A /tmp/日本"
}

@test "a running container shows what it changed so far, and no mount" {
	ds run -d --name box busybox sh -c 'touch /one; sleep 300' >/dev/null
	wait_for 10 bash -c "'$DOCKERSHELL' diff box | grep -q one"
	ds exec box touch /dev/shm/x /two
	run ds diff box
	expect_output "A /one
A /two"
}

@test "hosts, hostname and what the runtime mounts upon never show" {
	diff_of 'echo 1.2.3.4 x >>/etc/hosts; touch /dev/x; rm /etc/mtab'
	expect_output "C /etc
D /etc/mtab"
}

@test "it costs by what changed, not by the size of the image" {
	[ "${MODE:-release}" = release ] || skip "other builds are not for speed"
	need_program strace
	ds run --name big busybox sh -ec 'mkdir /many; cd /many; for d in 1 2 3 4 5 6 7 8; do mkdir $d; i=0; while [ $i -lt 250 ]; do : >$d/$i; i=$((i+1)); done; done'
	ds commit big large >/dev/null
	ds run --name small busybox touch /etc/x
	ds run --name other large sh -c 'touch /etc/x'
	for box in small other; do
		strace -f -qq -o $box.trace "$DOCKERSHELL" diff $box >/dev/null
	done
	small=$(wc -l <small.trace) other=$(wc -l <other.trace)
	echo "$small system calls, with 2000 more files $other"
	[ "$other" -le $((small + 40)) ]
}

@test "each of many changes is there once" {
	diff_of 'cd /tmp; mkdir d; i=0; while [ $i -lt 500 ]; do : >d/$i; i=$((i+1)); done'
	[ "${#lines[@]}" -eq 502 ]
	[ "$(printf '%s\n' "${lines[@]}" | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "no such container" {
	run ds diff nosuch
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch"
}
