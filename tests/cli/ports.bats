# Ports of the machine that lead into a container.

load helpers

bats_require_minimum_version 1.5.0

# The port of the machine that leads to $2 ("80", "53/udp") of container $1.
port_of() {
	ds port "$1" "$2" | sed -n '1s/.*://p'
}

# What a visitor of $1, port $2 gets to see.
fetch() {
	busybox nc -w 5 "$1" "$2" </dev/null
}

fetched() {
	[ "$(fetch "$1" "$2" 2>/dev/null)" = "$3" ]
}

# Whether a datagram to $1, port $2 comes back.
echoed() {
	exec 9<>"/dev/udp/$1/$2"
	echo ping >&9
	[ "$(timeout 1 head -c 5 <&9)" = ping ]
}

# busybox has no server of UDP: the machine's perl is one, in a container that sees
# the machine's programs.
echo_datagrams='socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(53, INADDR_ANY)); while ($from = recv(S, $text, 999, 0)) { send(S, $text, 0, $from) }'
machine="-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro"

# Runs a container that says its name to each visitor of its port 80.
serve() {
	local name=$1
	shift
	ds run -d --name "$name" "$@" busybox \
		nc -ll -p 80 -e echo "$name" >/dev/null
}

refused() {
	! busybox nc -w 2 127.0.0.1 "$1" </dev/null >/dev/null 2>&1
}

has_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null
}

gone() {
	[ -z "$(pids_of_home)" ]
}

@test "a published port is reached at each address of the machine, by TCP and UDP, until the end" {
	local port udp own
	need_program perl
	# shellcheck disable=SC2086
	serve web -p 80 -p 127.0.0.1::53/udp --expose 9000-9001 $machine
	port=$(port_of web 80)
	udp=$(port_of web 53/udp)
	wait_for 5 fetched 127.0.0.1 "$port" web
	own=$(hostname -I | tr ' ' '\n' | grep -m1 '^[0-9.]*$')
	[ -z "$own" ] || fetched "$own" "$port" web
	! has_ipv6 || fetched ::1 "$port" web
	ds exec -d web /usr/bin/perl -MSocket -e "$echo_datagrams"
	wait_for 5 echoed 127.0.0.1 "$udp"
	# As Docker shows it.
	run ds port web 53/udp
	expect_output "127.0.0.1:$udp"
	run ds ps --format '{{.Ports}}'
	expect_in_output "9000-9001/tcp, 127.0.0.1:$udp->53/udp, 0.0.0.0:$port->80/tcp"
	run ds inspect -f '{{json .HostConfig.PortBindings}} {{index .NetworkSettings.Ports "80/tcp" 0 "HostPort"}} {{(index .NetworkSettings.Ports "53/udp" 0).HostIp}} {{json (index .NetworkSettings.Ports "9000/tcp")}}' web
	expect_output '{"53/udp":[{"HostIp":"127.0.0.1","HostPort":""}],"80/tcp":[{"HostIp":"","HostPort":""}]} '"$port 127.0.0.1 null"
	run ds port web 81
	expect_status 1
	expect_output "Error: No public port '81/tcp' published for web"
	ds restart -t 0 web >/dev/null
	wait_for 5 fetched 127.0.0.1 "$(port_of web 80)" web
	port=$(port_of web 80)
	ds stop -t 0 web >/dev/null
	refused "$port"
	run ds port web
	expect_output ""
	wait_for 5 gone
}

@test "a port that is taken: Docker's words, and the container waits for another start" {
	serve web -p 127.0.0.1::80
	local port=$(port_of web 80)
	run --separate-stderr ds run -d --name next -p "127.0.0.1:$port:80" busybox sleep 1000
	expect_status 125
	[ "$output" = "$(ds inspect -f '{{.Id}}' next)" ]
	[[ $stderr =~ ^"docker: Error response from daemon: driver failed programming external connectivity on endpoint next ("[0-9a-f]{64}"): Bind for 127.0.0.1:$port failed: port is already allocated."$ ]]
	run ds inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' next
	expect_in_output "created 128 driver failed programming"
	run ds start next
	expect_status 1
	expect_in_output "port is already allocated
Error: failed to start containers: next"
	ds stop -t 0 web >/dev/null
	run ds start next
	expect_output next
	run ds inspect -f '{{.State.Status}}{{.State.Error}}' next
	expect_output running
	run --separate-stderr ds run --rm -p 192.0.2.1:80:80 busybox true
	[[ $stderr == *"listen tcp4 192.0.2.1:80: bind: cannot assign requested address." ]]
}

@test "nothing listens any more, and nothing is left, when the monitor is killed" {
	serve web -p 127.0.0.1::80
	local port=$(port_of web 80)
	wait_for 5 fetched 127.0.0.1 "$port" web
	for pid in $(pids_of_home); do
		[ "$(cat "/proc/$pid/comm")" != dsh-monitor ] || kill -9 "$pid"
	done
	wait_for 5 refused "$port"
	run ds ps -a --format '{{.Status}}{{.Ports}}'
	expect_in_output "Exited (255)"
	wait_for 5 gone
}

@test "where there is no network of its own, -p is without effect or refused" {
	run --separate-stderr ds run --rm --network host -p 80:80 busybox true
	expect_status 0
	[ "$stderr" = "WARNING: Published ports are discarded when using host network mode" ]
	run ds run --rm --network none -p 127.0.0.1:1:80 busybox true
	expect_status 0
	expect_output ""
	ds create --name web busybox >/dev/null
	run ds run --rm --network container:web -p 80 busybox true
	expect_status 125
	expect_in_output "conflicting options: port publishing and the container type network mode"
	run ds run -p 99999:80 busybox true
	expect_status 125
	expect_output "docker: Invalid hostPort: 99999.
See 'docker run --help'."
	run ds run -p 80/sctp busybox true
	expect_status 125
	expect_in_output "only TCP and UDP are carried here"
}
