# Networks: made and removed, and how containers find each other on them.

load helpers

bats_require_minimum_version 1.5.0

# said STATUS TEXT: the last command's status and all that it said on both streams
said() {
	expect_status "$1" && expect_output "$2"
}

address_of() {
	ds inspect -f "{{.NetworkSettings.Networks.$2.IPAddress}}" "$1"
}

fetches() {
	[ "$(ds exec "$1" wget -qO- -T 2 "http://$2/" 2>/dev/null)" = "$3" ]
}

serve='mkdir /www; hostname >/www/index.html; exec httpd -f -h /www'

@test "networks are made, listed, looked at and removed, in Docker's words" {
	id=$(ds network create --subnet 10.89.3.0/24 --label tier=1 office)
	[ "${#id}" = 64 ]
	run ds network create office
	said 1 "Error response from daemon: network with name office already exists"
	run ds network create bridge
	said 1 "Error response from daemon: operation is not permitted on predefined bridge network "
	run ds network create --subnet 10.89.3.128/25 other
	said 1 "Error response from daemon: Pool overlaps with other one on this address space"
	run ds network create --subnet 10.89.4.0/24 --gateway 10.89.5.1 other
	said 1 "no matching subnet for gateway 10.89.5.1"
	run ds network create --subnet 10.89.4.0/24 --gateway 10.89.4.255 other
	said 1 "Error response from daemon: failed to allocate gateway (10.89.4.255): Address already in use"
	run ds network create --subnet 10.89.4.0/31 other
	said 1 "Error response from daemon: failed to allocate gateway (): No available addresses on this pool"
	run ds network create --subnet 10.89.4.0/24 --aux-address me=10.89.4.1 other
	said 1 "Error response from daemon: failed to allocate secondary ip address (me:10.89.4.1): Address already in use"
	run ds network create -o com.docker.network.driver.mtu=x other
	said 1 'Error response from daemon: failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing "x": invalid syntax)'
	run ds network create -o com.docker.network.bridge.host_binding_ipv4=x other
	said 1 "Error response from daemon: failed to parse com.docker.network.bridge.host_binding_ipv4 value: x (nil ip)"
	run ds network create -d nosuch other
	said 1 'Error response from daemon: plugin "nosuch" not found'
	run ds network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'
	expect_output "bridge bridge local
host host local
none null local
office bridge local"
	run ds network ls -q --no-trunc --filter label=tier=1 --filter type=custom
	expect_output "$id"
	run ds network ls --filter dangling=true --format '{{.Name}} {{.Internal}} {{.Labels}}'
	expect_output "office false tier=1"
	run ds network inspect -f '{{json .IPAM.Config}} {{.Options}}' office
	expect_output '[{"Subnet":"10.89.3.0/24"}] map[]'
	run ds inspect -f '{{.Name}} {{.Driver}}' "${id:0:12}"
	expect_output "office bridge"
	run ds network inspect nosuch
	said 1 "[]
Error: No such network: nosuch"
	run ds network connect office nosuch
	said 1 "Error response from daemon: No such container: nosuch"
	run ds network rm bridge nosuch office
	said 1 "Error response from daemon: bridge is a pre-defined network and cannot be removed
Error: No such network: nosuch
office"
	ds network create one >/dev/null
	run ds network prune -f
	expect_output "Deleted Networks:
one"
	run ds events --since 1m --until 0s --filter type=network --format '{{.Action}} {{.Actor.Attributes.name}}'
	expect_output "create office
destroy office
create one
destroy one
prune <no value>"
}

@test "two containers on a network of their own serve and fetch a page by name" {
	ds network create mynet >/dev/null
	id=$(ds run -d --name web --network mynet --network-alias www busybox sh -c "$serve")
	ds run -d --name me --network mynet --link web:shop busybox sleep 1000 >/dev/null
	for name in web www shop web.mynet "${id:0:12}" WEB; do
		wait_for 5 fetches me "$name" "${id:0:12}"
	done
	run ds exec me cat /etc/resolv.conf
	[ "${lines[0]%% *}" = nameserver ] || [ "${lines[0]%% *}" = search ]
	expect_in_output "nameserver 127.0.0.11"
	expect_in_output "ndots:0"
	run ds exec me tail -n 1 /etc/hosts
	expect_output "$(address_of me mynet)	$(ds inspect -f '{{.Config.Hostname}}' me)"
	run ds exec me nslookup "$(address_of web mynet)"
	expect_in_output "name = web.mynet"
	run ds inspect -f '{{.NetworkSettings.Networks.mynet.Aliases}} {{.HostConfig.NetworkMode}} [{{.NetworkSettings.IPAddress}}]' web
	expect_output "[www ${id:0:12}] mynet []"
	run ds network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}};{{end}}' mynet
	expect_in_output "web $(address_of web mynet)/16;"
	run ds ps --filter network=mynet --format '{{.Names}} {{.Networks}}'
	expect_output "me mynet
web mynet"
	# Another one takes the name over: whoever asks hears of it at once.
	ds rename web api
	fetches me api "${id:0:12}"
	run ds exec me ping -c 1 web
	said 1 "ping: bad address 'web'"
	ds restart -t 0 api
	wait_for 5 fetches me api "${id:0:12}"
	ds stop -t 0 api
	run ds exec me ping -c 1 api
	said 1 "ping: bad address 'api'"
	run ds network rm mynet
	expect_status 1
	expect_in_output "has active endpoints"
}

@test "connect and disconnect: names come and go while it runs" {
	ds network create -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 mynet >/dev/null
	ds run -d --name web busybox sh -c "$serve" >/dev/null
	host=$(ds inspect -f '{{.Config.Hostname}}' web)
	ds run -d --name me --network mynet -p 80 -p 0.0.0.0::81 busybox sleep 1000 >/dev/null
	# The network says at which address its ports are published, where -p does not.
	run ds port me
	[[ $output =~ ^"80/tcp -> 127.0.0.1:"[0-9]+$'\n'"81/tcp -> 0.0.0.0:"[0-9]+$ ]]
	ds run --rm -d --name late busybox sleep 1000 >/dev/null
	run ds exec me ping -c 1 web
	said 1 "ping: bad address 'web'"
	ds exec web sh -c 'echo 1.2.3.4 mine >>/etc/hosts'
	ds network connect --alias www mynet web
	wait_for 5 fetches me www "$host"
	run ds exec web tail -n 3 /etc/hosts
	expect_output "1.2.3.4 mine
$(address_of web bridge)	$host
$(address_of web mynet)	$host"
	# It came later, and asks by name all the same.
	ds network connect mynet late
	wait_for 5 fetches late web "$host"
	run ds network connect mynet late
	expect_status 1
	# At an address of its own; the next device is a new one, though eth0 is free again.
	ds network create --subnet 10.89.7.0/24 -o com.docker.network.driver.mtu=1400 \
		-o com.docker.network.bridge.enable_icc=false fixed >/dev/null
	run ds network connect --ip 10.89.7 fixed late
	said 1 "Error response from daemon: Invalid IPv4 address: 10.89.7)"
	ds network disconnect bridge late
	ds network connect --ip 10.89.7.9 fixed late
	run ds exec late ip -o -4 addr show dev eth2
	expect_in_output "10.89.7.9/24"
	run ds exec late cat /sys/class/net/eth2/mtu
	expect_output 1400
	# Each reaches the way out of such a network, and none of the others on it.
	ds network connect fixed web
	ds exec late ping -c 1 -W 10 10.89.7.1
	not ds exec late ping -c 1 -W 1 "$(address_of web fixed)"
	ds network disconnect fixed web
	ds network disconnect mynet web
	run ds exec me ping -c 1 www
	said 1 "ping: bad address 'www'"
	run ds inspect -f '{{range $name, $n := .NetworkSettings.Networks}}{{$name}} {{end}}' web
	expect_output "bridge "
	run ds events --since 1m --until 0s --filter type=network --filter event=connect --filter event=disconnect --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.container}}'
	expect_in_output "connect mynet $(ds inspect -f '{{.Id}}' late)"
	expect_in_output "disconnect mynet $(ds inspect -f '{{.Id}}' web)"
	# An internal network has a gateway too: the machine, which passes nothing on.
	ds network create --internal --subnet 10.89.8.0/24 within >/dev/null
	run ds run --rm --network within busybox ip route
	expect_in_output "default via 10.89.8.1 dev eth0"
}

@test "a link on the usual network is lines in hosts and variables" {
	db=$(ds run -d --name db -e KEY=value --expose 3306 busybox sleep 1000)
	run ds run --name me --link db:my-sql busybox sh -c 'grep my-sql /etc/hosts; env | grep ^MY_SQL | sort'
	ip=$(address_of db bridge)
	expect_output "$ip	my-sql ${db:0:12} db
MY_SQL_ENV_KEY=value
MY_SQL_NAME=/me/my-sql
MY_SQL_PORT=tcp://$ip:3306
MY_SQL_PORT_3306_TCP=tcp://$ip:3306
MY_SQL_PORT_3306_TCP_ADDR=$ip
MY_SQL_PORT_3306_TCP_PORT=3306
MY_SQL_PORT_3306_TCP_PROTO=tcp"
	run ds ps --no-trunc --format '{{.Names}}'
	expect_output "db,me/my-sql"
	run ds inspect -f '{{json .HostConfig.Links}}' me
	expect_output '["/db:/me/my-sql"]'
	ds stop -t 0 db >/dev/null
	run --separate-stderr ds start me
	expect_status 1
	[ "${stderr_lines[0]}" = "Error response from daemon: Cannot link to a non running container: /db AS /me/my-sql" ]
	run ds rm --link me/my-sql
	said 0 "me/my-sql"
	ds start me
	run ds run --rm --link nosuch busybox true
	expect_status 125
	expect_in_output "docker: Error response from daemon: could not get container for nosuch: No such container: nosuch."
	run ds run --rm --network bridge --link db busybox true
	expect_in_output "docker: links are only supported for user-defined networks."
}
