# export: all files of a container as one archive.

load helpers

@test "export gives the whole tree, the mount points as empty files" {
	ds run --name box busybox sh -c 'echo hi >/tmp/hi; rm /etc/nsswitch.conf'
	ds export box >all.tar
	run tar -tf all.tar
	for name in .dockerenv dev/ dev/console etc/hosts etc/hostname \
		etc/resolv.conf proc/ sys/ bin/busybox tmp/hi; do
		[[ $'\n'$output$'\n' == *$'\n'"$name"$'\n'* ]] || { echo "no $name"; false; }
	done
	[[ $output != *nsswitch* && $output != *.wh.* ]]
	run bash -c 'tar -xOf all.tar tmp/hi etc/hosts etc/hostname'
	expect_output hi
}

@test "of a container that runs it gives no /proc, no volumes' content, and the same files" {
	ds run -d --name box busybox sh -c 'echo hi >/tmp/hi; touch /ready; sleep 300' >/dev/null
	wait_for 10 ds exec box test -e /ready
	run bash -c "'$DOCKERSHELL' export box | tar -t | grep -E '^(proc|sys|dev)/' | sort"
	expect_output "dev/
dev/console
dev/pts/
dev/shm/
proc/
sys/"
	run bash -c "'$DOCKERSHELL' export box | tar -xO tmp/hi etc/hosts"
	expect_output hi
}

@test "a container that never ran can be exported too" {
	ds run --name box busybox /nosuch 2>/dev/null || [ $? = 127 ]
	run bash -c "'$DOCKERSHELL' export box | tar -t | grep dockerenv"
	expect_output .dockerenv
}

@test "-o writes a file, whole or not at all" {
	ds run --name box busybox true
	ds export -o all.tar box
	run bash -c 'tar -tf all.tar | grep -c bin/busybox'
	expect_output 1
	run ds export -o nosuch/all.tar box
	expect_status 1
	expect_output 'failed to export container: invalid output path: directory "nosuch" does not exist'
	echo before >kept
	run ds export -o kept nosuch
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch"
	run cat kept
	expect_output before
	run ls -A
	[[ $output != *docker_temp* ]]
}

@test "a terminal is no place for an archive" {
	need_program script
	ds run --name box busybox true
	run script -qec "'$DOCKERSHELL' export box" /dev/null
	expect_status 1
	expect_in_output "cowardly refusing to save to a terminal. Use the -o flag or redirect"
}

@test "what is exported can be imported, with owners, modes and links" {
	ds run --name box busybox sh -c '
		echo x >/f; chmod 4750 /f; ln /f /hard; ln -s f /soft; mkfifo /pipe; mkdir -m 1777 /sticky'
	ds export box | ds import - again >/dev/null
	run ds run --rm again sh -c 'stat -c "%a %h %n" /f /sticky; readlink /soft; [ -p /pipe ] && echo pipe; stat -c %a /tmp /etc/shadow'
	expect_output "4750 2 /f
1777 2 /sticky
f
pipe
1777
600"
}

@test "users of the container are its own in the archive" {
	need_many_ids
	ds run --name box busybox sh -c 'echo x >/f; chown 12:34 /f'
	run bash -c "'$DOCKERSHELL' export box | tar -tvn --numeric-owner | grep ' f\$'"
	expect_in_output 12/34
}

@test "owners that an account with one id could not give are in the archive all the same" {
	mkdir -p t/d
	echo x >t/f
	ln -s f t/l
	tar -c --owner=12 --group=34 -C t . | ds import - owned >/dev/null
	ds run --name box owned /nosuch 2>/dev/null || [ $? = 127 ]
	run bash -c "'$DOCKERSHELL' export box | tar -tv --numeric-owner | grep -E ' (f|d/|l -> f)\$' | grep -c 12/34"
	expect_output 3
}
