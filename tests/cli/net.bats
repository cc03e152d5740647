# What networks do to the machine, and what is left of them.

load helpers

# Runs the rest of the test's lines in a network namespace of their own, so that it
# stands for a machine on which nobody else changes anything.
on_a_machine_of_its_own() {
	need_root
	need_program ip
	unshare -n bash -eu -c "$(declare -f ds wait_for); DOCKERSHELL=$DOCKERSHELL; ip link set lo up; $1"
}

# Everything that a network could leave: links, routes, what is passed on, tables of
# nftables (asked for as the program nft would), the firewall.
cat_machine() {
	ip -o link | cut -d' ' -f2
	ip route
	cat /proc/sys/net/ipv4/ip_forward
	iptables -S FORWARD 2>/dev/null || :
	python3 - <<'END'
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.send(struct.pack('=IHHII', 20, 10 << 8 | 1, 0x301, 1, 0) + bytes(4))
data = s.recv(65536)
while len(data) >= 16:
    size, kind = struct.unpack('=IH', data[:6])
    if kind == 10 << 8:
        print('table', data[24:size].split(b'\0')[0])
    data = data[(size + 3) & ~3:]
END
}

is_told_of() {
	ds ps -a | grep -q Exited
}

has_own_net() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# SIGTERM: it does not wait for whoever may come soon.
hurry_keeper() {
	kill -TERM "$(sed -n "s/^.*POSIX  ADVISORY  WRITE \([0-9]*\) .*:$(stat -c %i home/run/net) 2 2$/\1/p" /proc/locks)"
}

# A signal is sent before who gets it is dead.
has_died() {
	[ ! -e "/proc/$1" ] || grep -q "^State:	Z" "/proc/$1/status"
}

gone_like_before() {
	cat_machine >after
	cmp -s before after
}

@test "the machine is as it was once the last container has been gone for a while" {
	on_a_machine_of_its_own "$(declare -f cat_machine gone_like_before has_own_net hurry_keeper)"'
		echo 0 >/proc/sys/net/ipv4/ip_forward
		iptables -P FORWARD DROP 2>/dev/null || :
		# A neighbour of the machine, who knows nothing of 172.17.0.0/16.
		unshare -n sleep 60 & outside=$!
		wait_for 5 has_own_net $outside
		ip link add out type veth peer name eth0 netns $outside
		ip addr add 198.51.100.1/24 dev out
		ip link set out up
		nsenter -t $outside -n sh -c "ip link set eth0 up; ip addr add 198.51.100.2/24 dev eth0"
		cat_machine >before
		ds run -d --name web busybox sleep 1000
		ds run --rm busybox ping -c 1 -W 5 172.17.0.2 # even through that firewall
		ds run --rm busybox ping -c 1 -W 5 198.51.100.2
		! gone_like_before
		nsenter -t $outside -n sh -c "ip route add 172.17.0.0/16 via 198.51.100.1"
		! nsenter -t $outside -n ping -c 1 -W 0.3 172.17.0.2
		ds rm -f web
		hurry_keeper
		wait_for 15 gone_like_before || diff before after
		kill $outside'
}

@test "a keeper and a monitor that were killed leave nothing after the next command" {
	on_a_machine_of_its_own "$(declare -f cat_machine gone_like_before has_died is_told_of)"'
		cat_machine >before
		ds run -d --name web busybox sleep 1000
		monitor=$(sed -n "s/.*\"monitorPid\": \([0-9]*\).*/\1/p" home/containers/*/state.json)
		keeper=$(sed -n "s/^.*POSIX  ADVISORY  WRITE \([0-9]*\) .*:$(stat -c %i home/run/net) 2 2$/\1/p" /proc/locks)
		kill -9 $keeper $monitor
		wait_for 10 has_died $keeper
		wait_for 10 has_died $monitor
		wait_for 10 is_told_of
		wait_for 5 gone_like_before || diff before after'
}

@test "twenty that start at once reach each other, each at an address of its own" {
	local i
	ds run --rm busybox true
	for i in {1..20}; do
		ds run -d --name "c$i" busybox sleep 1000 >/dev/null &
	done
	wait
	[ "$(sed -n 's/.*"ip": "\(.*\)".*/\1/p' home/containers/*/state.json | sort -u | wc -l)" = 20 ]
	[ "$(ds ps -q | wc -l)" = 20 ] || { ds ps -a; return 1; }
	run ds exec c7 sh -c 'net=$(ip -4 -o addr show eth0 | sed "s/.*inet //; s/[.][0-9]*\/.*//"); for i in $(seq 2 21); do ping -c 1 -W 5 $net.$i >/dev/null || { echo "$net.$i is silent"; ip neigh; exit 1; }; done'
	[ "$status" = 0 ] || { echo "$output"; ds ps -a; return 1; }
}

@test "who was given more ids is told why the network of running containers has none of them" {
	need_plain_user
	need_many_ids
	DOCKERSHELL_USERNS=single ds run -d --name one busybox sleep 1000
	run ds run --rm busybox true
	[ "$status" -eq 125 ]
	[[ $output == *"made when this account had one id"*"'ps' lists them"* ]]
	ds run --rm --network none busybox true
	ds exec one true
	ds rm -f one
	wait_for 20 ds run --rm -u 1000 busybox true
}
