# A plain user's containers and the world: through pasta or slirp4netns where the
# machine lets one of them work, else through a stand-in that makes a world of its own.

load helpers

# Serves a page at an address of "the machine" that is not 127.0.0.1.
serve() {
	cat >"$scratch/serve" <<-'PY'
	import http.server, sys
	class Page(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        self.send_response(200)
	        self.end_headers()
	        self.wfile.write(b'the world\n')
	    def log_message(self, *args):
	        pass
	server = http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Page)
	print(server.server_port, file=open(sys.argv[3], 'w'), flush=True)
	server.serve_forever()
	PY
	mkdir bin
	cat >bin/pasta <<-STANDIN
	#!/bin/bash
	# The last word is the process that waits to be given a way out.
	keeper=\${@: -1}
	exec nsenter -t \$keeper -U -n --preserve-credentials unshare -n bash -euc '
	ip link set lo up
	ip addr add 198.51.100.7/32 dev lo
	ip link add world type veth peer name tap0 netns '\$keeper'
	ip addr add 192.0.0.2/24 dev world
	ip link set world up
	inside="nsenter -t '\$keeper' -n ip"
	\$inside addr add 192.0.0.100/24 dev tap0
	\$inside link set tap0 up
	\$inside route add default via 192.0.0.2
	exec python3 $scratch/serve 198.51.100.7 80 $scratch/port'
	STANDIN
	chmod +x bin/pasta
	address=$(ip -4 -o addr show scope global up | sed -n '1s/.*inet \([0-9.]*\).*/\1/p')
	if [ -n "$address" ] && [ "$(ds info -f '{{.NetworkWayOut}}')" != none ]; then
		python3 serve "$address" 0 "$scratch/port" 3>&- &
		server=$!
	else
		PATH=$scratch/bin:$PATH address=198.51.100.7
	fi
}

fetch() {
	ds exec "$1" wget -q -T 5 -O- "http://$address:$(cat port)/"
}

# The processes that carry packets for this home: whoever else has one is not asked.
ways_out() {
	sed -n '2s/ .*//p' home/run/net | while read -r pid; do
		[ ! -d "/proc/$pid" ] || echo "$pid"
	done
}

no_way_out() {
	ds ps -a >/dev/null
	[ -z "$(ways_out)" ]
}

keeper() {
	sed -n "s/^.*POSIX  ADVISORY  WRITE \([0-9]*\) .*:$(stat -c %i home/run/net) 2 2$/\1/p" /proc/locks
}

@test "containers of a plain user share one way out, internal ones have none, and it ends after the last" {
	local monitor way dropped
	need_plain_user
	need_userns
	need_program ip
	serve
	ds network create own
	ds network create --internal within
	ds run -d --name aa busybox sleep 1000
	wait_for 5 test -s port
	way=$(ways_out)
	[ -n "$way" ]
	ds run -d --name bb --network own busybox sleep 1000
	ds run -d --name ii --network within busybox sleep 1000
	[ "$(ways_out)" = "$way" ]
	[ "$(fetch aa)" = "the world" ]
	[ "$(fetch bb)" = "the world" ]
	# What is to leave an internal network is dropped without a word.
	ds exec ii wget -T 1 -O- "http://$address:$(cat port)/" >dropped 2>&1 3>&- &
	dropped=$!
	# With another keeper the way stays open for those who come.
	kill -9 "$(keeper)"
	ds run -d --name cc busybox sleep 1000
	[ "$(ds info -f '{{.NetworkWayOut}}')" = slirp4netns ] || # it ends with its keeper
		[ "$(fetch cc)" = "the world" ]
	not wait "$dropped"
	grep -q 'timed out' dropped
	ds rm -f aa ii cc
	monitor=$(sed -n 's/.*"monitorPid": \([0-9]*\).*/\1/p' home/containers/*/state.json)
	kill -9 $monitor
	kill -TERM "$(keeper)" # it need not linger
	wait_for 10 no_way_out
	[ -z "${server:-}" ] || kill "$server"
}

@test "without a way out a program is told at once, and info says why" {
	need_plain_user
	need_userns
	mkdir bin
	for tool in busybox newuidmap newgidmap; do
		! command -v $tool >/dev/null || ln -s "$(command -v $tool)" bin/
	done
	PATH=$scratch/bin run ds info
	expect_in_output " Network Way Out: none"
	expect_in_output "WARNING: containers have no way out: neither pasta (package passt) nor slirp4netns is installed"
	PATH=$scratch/bin run ds run --rm busybox wget -T 60 -O- http://203.0.113.80/
	expect_status 1
	expect_in_output "Network is unreachable"
}
