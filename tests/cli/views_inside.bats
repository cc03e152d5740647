# Views of what happens inside: ns, tree, uidmap, ports, watch, lookup, cow; each
# against what other programs, and /proc, say.

load helpers

bats_require_minimum_version 1.5.0

# Runs a view and keeps its object for `holds`.
look() {
	ds "$@" --json >view
}

# holds EXPRESSION...: each is true of the object d that the view gave.
holds() {
	python3 - "$@" <<-'END'
		import json, os, sys
		d = json.load(open("view"))
		read = lambda path: open(path).read()
		status = lambda pid, key: read(f"/proc/{pid}/status").split(key + ":")[1].split("\n")[0].split()
		listed = lambda name, key: {} if isinstance(d, list) else {x[key]: x for x in d.get(name, [])}
		views, ports, steps = listed("views", "view"), listed("ports", "port"), listed("steps", "name")
		wrong = [e for e in sys.argv[1:] if not eval(e)]
		for e in wrong:
		    print("not so:", e)
		sys.exit(bool(wrong))
	END
}

# is_cause CONTAINER HOP CAUSE: where the way to its port 80 ends.
is_cause() {
	look ports "$1" && holds "(ports[80]['failed'], ports[80]['cause']) == ($2, '$3')"
}

@test "ns, tree and uidmap say what /proc says" {
	local pid upper name
	ds run -d --name web --hostname inside-web busybox \
		sh -c 'touch /tmp/mine; sleep 1000; true' >/dev/null
	pid=$(ds inspect -f '{{.State.Pid}}' web)
	upper=$DOCKERSHELL_HOME/containers/$(ds inspect -f '{{.Id}}' web)/upper
	wait_for 5 test -e "$upper/tmp/mine"
	look ns web
	holds "d['pid_outside'] == $pid" \
		"str(d['pid_inside']) == status($pid, 'NSpid')[-1]" \
		"len(d['namespaces']) >= 7" \
		"all(os.readlink(f'/proc/$pid/ns/' + n['name']) == '%s:[%d]' % (n['name'], n['inside']) for n in d['namespaces'])" \
		"all((os.readlink(f'/proc/self/ns/' + n['name']) != os.readlink(f'/proc/$pid/ns/' + n['name'])) == n['separate'] for n in d['namespaces'])" \
		"(views['hostname']['outside'], views['hostname']['inside'], views['hostname']['separate']) == (os.uname().nodename, 'inside-web', 'yes')" \
		"views['kernel']['inside'] == os.uname().release and views['kernel']['separate'] == 'no'" \
		"' %d mounts' % len(read('/proc/$pid/mountinfo').splitlines()) in views['mounts']['inside']"
	# The shell and its sleep, each with both numbers.
	look tree web
	holds "[p['role'] for p in d['containers'][0]['processes']][:2] == ['monitor', 'first']" \
		"len([p for p in d['containers'][0]['processes'] if p['inside_pid']]) == 2" \
		"all(status(p['pid'], 'NSpid')[-1] == str(p['inside_pid']) for p in d['containers'][0]['processes'] if p['inside_pid'])" \
		"all(status(p['pid'], 'Uid')[1] == str(p['uid']) for p in d['containers'][0]['processes'])"
	look uidmap web
	holds "[[m['inside'], m['outside'], m['count']] for m in d['uids']] == [list(map(int, l.split())) for l in read('/proc/$pid/uid_map').splitlines()]" \
		"d['files'][0]['outside'] == os.stat('$upper/tmp/mine').st_uid"
	# What another container shares with it is neither's own.
	ds run -d --name guest --pid container:web --network container:web busybox sleep 999 >/dev/null
	look ns guest
	holds "all((n['shared_with'] == ['web']) == (n['separate'] and os.readlink('/proc/%d/ns/%s' % (d['pid_outside'], n['name'])) == os.readlink('/proc/$pid/ns/' + n['name'])) for n in d['namespaces'])" \
		"{'pid', 'net'} <= {n['name'] for n in d['namespaces'] if n['shared_with']}" \
		"(views['pid']['separate'], views['network']['separate'], views['mounts']['separate']) == ('shared', 'shared', 'yes')"
	look tree web
	holds "[p['command'] for p in d['containers'][0]['processes'] if p.get('of_container') == 'guest'] == ['sleep 999']"
	run ds tree guest
	expect_in_output "its first is process $(ds inspect -f '{{.State.Pid}}' guest) of this"
	run ds ports guest
	[ "${lines[-1]}" = "Next: dockershell ports web" ]
	ds rm -f guest >/dev/null
	for name in ns tree uidmap; do
		COLUMNS=60 LC_ALL=C ds "$name" web >drawn
		[ "$(tail -n 1 drawn | cut -c1-17)" = "Next: dockershell" ]
		awk 'length($0) > 60 && !/^Next/ { print; exit 1 }' drawn
	done
	ds kill web >/dev/null
	run ds ns web
	expect_status 1
	expect_in_output "start web"
}

@test "ports marks the hop that fails" {
	local pid
	ds run -d --name web -p 127.0.0.1::80 busybox nc -ll -p 80 -e true >/dev/null
	ds run -d --name lo -p 127.0.0.1::80 busybox httpd -f -p 127.0.0.1:80 >/dev/null
	ds run -d --name far -p 127.0.0.1::80 busybox nc -ll -p 81 -e true >/dev/null
	ds run -d --name none --network none --expose 80 busybox sleep 1000 >/dev/null
	ds run -d --name shown --expose 80 busybox nc -ll -p 80 >/dev/null
	ds create --name made -p 127.0.0.1::80 busybox true >/dev/null
	wait_for 8 is_cause web None none
	holds "[h['state'] for h in ports[80]['hops'] if h['hop'] == 'try'] == ['ok']"
	wait_for 5 is_cause far "'socket'" other_port
	is_cause none "'network'" no_network
	is_cause shown "'published'" not_published
	is_cause made "'container'" not_running
	wait_for 5 is_cause lo "'socket'" loopback_only
	# What is said of the socket is what the kernel says.
	pid=$(ds inspect -f '{{.State.Pid}}' lo)
	holds "[h['where'] for h in ports[80]['hops'] if h['hop'] == 'socket'] == ['127.0.0.1:80']" \
		"' 0100007F:0050 00000000:0000 0A' in read('/proc/$pid/net/tcp')"
	run ds ports lo
	expect_in_output "FAILS"
	expect_in_output "0.0.0.0"
	run ds ports nobody
	expect_status 1
}

@test "watch tells of files, processes and the end" {
	ds run -d --name web busybox sh -c 'sleep 0.8; echo x >>/etc/passwd; rm /bin/ls; touch /new; sleep 0.9; rm /new; exit 3' >/dev/null
	ds watch --json web | sed 's/$/,/; 1s/^/[/; $s/,$/]/' >view
	holds "d[0]['what'] == 'begin' and d[0]['container'] == 'web'" \
		"('copied_up', '/etc/passwd') in [(l.get('change'), l.get('path')) for l in d]" \
		"('whiteout', '/bin/ls') in [(l.get('change'), l.get('path')) for l in d]" \
		"('added', '/new') in [(l.get('change'), l.get('path')) for l in d]" \
		"('started', 'sleep 0.9') in [(l.get('change'), l.get('command')) for l in d]" \
		"('ended', 'sleep 0.9') in [(l.get('change'), l.get('command')) for l in d]" \
		"(d[-1]['what'], d[-1]['status'], d[-1]['exit_code']) == ('end', 'exited', 3)" 2>&1 || {
		cat view
		false
	}
	ds run -d --name more busybox sleep 1000 >/dev/null
	run ds watch --for 0.3 --plain more
	expect_status 0
	expect_in_output "Next: dockershell diff more"
}

@test "lookup finds what the container finds; cow and the experiment change nothing" {
	local upper bytes
	ds run --name web busybox sh -c 'rm /bin/ls; echo mine >/tmp/mine; rm -r /var; mkdir /var; touch /var/new' || true
	upper=$DOCKERSHELL_HOME/containers/$(ds inspect -f '{{.Id}}' web)/upper
	look lookup web:/tmp/mine
	holds "d['layer'] == 'rw'" "d['bytes'] == os.stat('$upper/tmp/mine').st_size"
	look lookup web:/bin/ls
	holds "steps['ls']['end'] == 'deleted'" "steps['ls']['answers']['1'] == 'hidden'"
	[ "$(stat -c '%F %t %T' "$upper/bin/ls")" = "character special file 0 0" ]
	# Deleted and made anew: the layers below do not show.
	if python3 -c "import os, sys; sys.exit(not any(a.endswith('overlay.opaque') for a in os.listxattr('$upper/var')))" 2>/dev/null; then
		look lookup web:/var/new
		holds "steps['var']['answers']['rw'] == 'opaque_folder'"
	fi
	# A link that leads to what was deleted: it is said what was.
	ds run --name linked busybox sh -c 'echo >/there; ln -s there /link'
	ds commit linked linked >/dev/null
	ds run --name cut linked rm /there
	run ds lookup cut:/link/x
	[[ ${lines[0]} == "/link/x is not found: /there, which it leads over, was deleted"* ]]
	look lookup web:/no/such
	holds "not d['found'] and d['layer'] is None"
	look lookup busybox:/bin/busybox
	holds "d['layer'] == '1'" "d['first']['count'] > 2"
	run ds lookup busybox
	expect_status 1
	expect_in_output "NAME:/path"
	# The file is copied, and not in the container.
	look cow web:/bin/busybox
	holds "d['layer'] == '1' and d['file']['copied'] >= d['file']['bytes'] > 1000"
	[ ! -e "$upper/bin/busybox" ]
	look cow web:/etc/hosts
	holds "d['mounted'] == '/etc/hosts'"
	run ds cow web:/etc
	expect_status 1
	look lookup --lab
	holds "[r['layers'] for r in d['rows']] == [1, 2, 4, 8, 16, 32, 64, 100]" \
		"d['orders']['all_first_grows'] in ('above', 'unknown')" \
		"all(r['all_first']['count'] == 300 for r in d['rows'])"
	! ls "$DOCKERSHELL_HOME/run" | grep lab
}
