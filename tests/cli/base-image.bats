# The image that comes with the program: what is in it, and that it works.

load helpers

@test "busybox is there at the first start, and ubuntu is a name of it" {
	run ds images
	expect_status 0
	expect_in_output busybox
	expect_in_output ubuntu
}

@test "its files have the modes that programs rely on" {
	run ds run --rm busybox stat -c '%a %u:%g %n' / /tmp /root /etc/passwd \
		/etc/group /etc/nsswitch.conf /bin/busybox /var/tmp
	expect_status 0
	expect_output "755 0:0 /
1777 0:0 /tmp
700 0:0 /root
644 0:0 /etc/passwd
644 0:0 /etc/group
644 0:0 /etc/nsswitch.conf
755 0:0 /bin/busybox
1777 0:0 /var/tmp"
	run ds run --rm busybox cat /etc/nsswitch.conf
	expect_output "hosts: files dns"
}

@test "every applet has its link" {
	run ds run --rm busybox sh -c '
		for a in $(busybox --list); do
			[ -x "/bin/$a" ] || echo "no $a"
		done
		/usr/bin/env true && echo all'
	expect_output all
}

@test "adduser and its kin make the accounts that Dockerfiles ask for" {
	need_many_ids
	run ds run --rm busybox sh -ec '
		addgroup -g 1500 -S grp
		adduser -D -u 1000 -G grp -h /home/x x
		adduser -S -D sys1
		addgroup -g 1000 -S app
		groupadd -r rapp
		useradd -g app -m appu
		useradd -r -u 1005 -s /bin/false y
		addgroup x app
		adduser -DHu1234 glued
		adduser --disabled-password --gecos "" --uid 2000 deb
		grep -E "^(x|sys1|appu|y|glued|deb):" /etc/passwd
		stat -c "%u:%g %a %n" /home/x /home/appu
		test ! -e /home/glued
		id x
		su x -c "id -u"'
	expect_status 0
	expect_output "x:x:1000:1500:Linux User,,,:/home/x:/bin/sh
sys1:x:100:65534:Linux User,,,:/home/sys1:/bin/false
appu:x:1001:1000::/home/appu:/bin/sh
y:x:1005:1005::/home/y:/bin/false
glued:x:1234:1234:Linux User,,,:/home/glued:/bin/sh
deb:x:2000:2000:Linux User,,,:/home/deb:/bin/sh
1000:1500 755 /home/x
1001:1000 755 /home/appu
uid=1000(x) gid=1500(grp) groups=1500(grp),1000(app)
1000"
}

@test "adduser says what it cannot do" {
	# One stream: between two of them no order is promised.
	run ds run --rm busybox sh -c '
		exec 2>&1
		adduser -D -u abc q; echo $?
		adduser -D root; echo $?
		adduser -D -G nosuch q; echo $?
		adduser -D "a:b"; echo $?
		groupadd root; echo $?
		useradd -p x q; echo $?'
	expect_output "adduser: 'abc' is no id: a number is wanted
1
adduser: user 'root' in use
1
adduser: group 'nosuch' does not exist
1
adduser: 'a:b' is no name for a user or a group
1
groupadd: group 'root' already exists
1
useradd: -p: passwords are not kept here; use passwd
1"
}

@test "with one user id only, adduser tells why a home stays root's" {
	need_plain_user
	DOCKERSHELL_USERNS=single run ds run --rm busybox adduser -D x
	expect_status 0
	expect_in_output "/home/x stays root's"
}

@test "a wget that fails gives a message, also with -T" {
	run ds run --rm busybox wget -T 2 http://127.0.0.1:1/
	expect_status 1
	expect_in_output "Connection refused"
	run ds run --rm busybox sh -c 'wget -T 2 http://127.0.0.1:1/'
	expect_status 1
	expect_in_output "Connection refused"
	run ds run --rm busybox wget -q -T1 http://no.such.host.invalid/
	expect_status 1
	expect_in_output wget:
}

@test "wget -T ends a download that hangs" {
	run ds run --rm busybox sh -c '
		nc -l -p 8080 >/dev/null </dev/zero &
		sleep 0.2
		/bin/wget -T 1 -q -O /dev/null http://127.0.0.1:8080/'
	expect_status 1
	expect_in_output "timed out"
}

@test "wget fetches" {
	run ds run --rm busybox sh -c '
		echo hello >/tmp/index.html
		httpd -p 127.0.0.1:80 -h /tmp
		/bin/wget -qO- -T 5 --header "X: -T" http://127.0.0.1/'
	expect_status 0
	expect_output hello
}
