# commit: what a container changed becomes a layer and an image.

load helpers

# The config document of an image: its id is its name.
config_of() {
	cat "$DOCKERSHELL_HOME/blobs/sha256/${1#sha256:}"
}

# field ID PYTHON: something of the document, as one line of JSON.
field() {
	config_of "$1" | python3 -c "import json,sys; d=json.load(sys.stdin); print(json.dumps($2))"
}

# The tar of an image's highest layer.
layer_of() {
	local diff blob
	diff=$(field "$1" "d['rootfs']['diff_ids'][-1]" | tr -d '"')
	blob=$(grep -l "\"diff\":\"$diff\"" "$DOCKERSHELL_HOME"/layers/*/layer.json |
		head -1 | xargs sed 's/.*"blob":"sha256:\([0-9a-f]*\)".*/\1/')
	zstd -dc <"$DOCKERSHELL_HOME/blobs/sha256/$blob"
}

@test "commit makes an image that has what the container wrote" {
	ds run --name box busybox sh -c 'echo hello >/greeting; rm /etc/nsswitch.conf'
	run ds commit box mine
	expect_status 0
	[[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
	run ds run --rm mine sh -c 'cat /greeting; ls /etc/nsswitch.conf'
	expect_status 1
	expect_output "hello
ls: /etc/nsswitch.conf: No such file or directory"
	run ds images mine
	expect_in_output "mine         latest"
}

@test "the layer has what changed and no more: whiteouts, opaque folders, no mount points" {
	need_program zstd
	ds run --name box busybox sh -c '
		rm /etc/nsswitch.conf; rm -r /home; mkdir /home; echo 1 >/home/new
		mkdir -p /d/e; echo x >/d/e/.hidden; ln -s e /d/l; ln /d/e/.hidden /d/hard'
	id=$(ds commit box)
	layer_of "$id" >layer.tar
	run tar -tf layer.tar
	expect_output "d/
d/e/
d/e/.hidden
d/hard
d/l
etc/
etc/.wh.nsswitch.conf
home/
home/.wh..wh..opq
home/new"
	run bash -c "tar -tvf layer.tar | grep -E 'wh.nss|hard'"
	[[ ${lines[0]} == "hrw-r--r--"*"d/hard link to d/e/.hidden" ]]
	[[ ${lines[1]} == "-rw-------"*"0 "*"etc/.wh.nsswitch.conf" ]]
}

@test "a container that changed nothing adds no layer" {
	ds run --name box busybox true
	base=$(ds images --no-trunc -q busybox | head -1)
	id=$(ds commit -m nothing box)
	run field "$id" "[d['rootfs']['diff_ids'] == json.load(open('$DOCKERSHELL_HOME/blobs/sha256/${base#sha256:}'))['rootfs']['diff_ids'], d['history'][-1].get('empty_layer')]"
	expect_output "[true, true]"
}

@test "author, message and the container's command are in the history" {
	ds run --name box busybox sh -c 'echo a b >/f'
	id=$(ds commit -a 'Hana <h@example.com>' -m 'my notes' box note:1)
	run field "$id" "[d['author'], d['history'][-1]['author'], d['history'][-1]['comment'], d['history'][-1]['created_by'], d['container'][:12] == d['config']['Hostname']]"
	expect_output '["Hana <h@example.com>", "Hana <h@example.com>", "my notes", "sh -c echo a b >/f", true]'
}

@test "-c changes the config, the container's settings lie over the image's" {
	ds run --name box -e A=1 -e B=2 -w /tmp -l k=v -u 0 busybox env >/dev/null
	id=$(ds commit -c 'ENV B=3 C="4 5"' -c 'CMD ["echo", "hi"]' -c 'EXPOSE 80' \
		-c 'LABEL x=y' -c 'VOLUME /data' -c 'USER app' -c 'WORKDIR sub' \
		-c 'ONBUILD RUN true' -c 'ENTRYPOINT ["env"]' -c 'CMD ["true"]' box)
	run field "$id" "{k: d['config'][k] for k in ('Env','Cmd','Entrypoint','ExposedPorts','Labels','Volumes','User','WorkingDir','OnBuild')}"
	for part in '"A=1"' '"B=3"' '"C=4 5"' '"Cmd": ["true"]' '"Entrypoint": ["env"]' \
		'"80/tcp": {}' '"k": "v"' '"x": "y"' '"/data": {}' '"User": "app"' \
		'"WorkingDir": "/tmp/sub"' '"OnBuild": ["RUN true"]'; do
		expect_in_output "$part"
	done
	# The container's own config is kept as it was.
	run field "$id" "[d['container_config'][k] for k in ('Cmd', 'Labels', 'AttachStdout')]"
	expect_output '[["env"], {"k": "v"}, true]'
}

@test "the entrypoint, volumes, ports and stop signal of a container stay" {
	ds run --name box --entrypoint sh -v /data --expose 81/udp --stop-signal INT busybox -c 'true'
	id=$(ds commit box)
	run field "$id" "[d['config'][k] for k in ('Entrypoint','Cmd','Volumes','ExposedPorts','StopSignal')] + [d['history'][-1]['created_by']]"
	expect_output '[["sh"], ["-c", "true"], {"/data": {}}, {"81/udp": {}}, "INT", "-c true"]'
}

@test "an image made so can be run, committed and removed again" {
	ds run --name one busybox sh -c 'echo 1 >/one'
	ds commit one first >/dev/null
	ds run --name two first sh -c 'echo 2 >/two; rm /one'
	ds commit two second >/dev/null
	run ds run --rm second sh -c 'cat /two; ls /one'
	expect_output "2
ls: /one: No such file or directory"
	run ds rmi first
	expect_status 1 # its child and a container need it
	ds rm one two
	run ds rmi second first
	expect_status 0
	expect_in_output "Untagged: second:latest"
	expect_in_output "Untagged: first:latest"
}

@test "owners, modes and capabilities of files go along" {
	need_many_ids
	ds run --name box busybox sh -c 'echo x >/f; chown 12:34 /f; chmod 4751 /f; mkdir /d; chown 5:6 /d; mkfifo /p'
	ds commit box own >/dev/null
	run ds run --rm own stat -c '%a %u:%g %n' /f /d
	expect_output "4751 12:34 /f
755 5:6 /d"
	run ds run --rm own sh -c '[ -p /p ] && echo fifo'
	expect_output fifo
}

@test "a container that runs stands still meanwhile, and goes on" {
	# The first file is never more than one ahead of the second.
	ds run -d --name box busybox sh -c '
		dd if=/dev/zero of=/aaa bs=1M count=8 2>/dev/null
		i=0; while :; do
			echo $i >/t; mv /t /a; echo $i >/t; mv /t /z
			i=$((i+1)); [ $i = 5 ] && : >/ready
		done' >/dev/null
	wait_for 20 ds exec box test -e /ready
	ds commit box live >/dev/null
	run ds ps --format '{{.Status}}'
	[[ $output == Up* && $output != *Paused* ]]
	run ds run --rm live sh -c 'a=$(cat /a) z=$(cat /z); [ $((a - z)) -le 1 ] && [ $((z - a)) -le 0 ] && echo consistent'
	expect_output consistent
	before=$(ds exec box cat /a)
	wait_for 10 bash -c "[ \"\$('$DOCKERSHELL' exec box cat /a)\" != '$before' ]"
}

@test "--pause=false reads it while it runs, and one that is paused stays so" {
	ds run -d --name box busybox sh -c 'echo 1 >/f; touch /ready; sleep 300' >/dev/null
	wait_for 10 ds exec box test -e /ready
	ds commit --pause=false box live >/dev/null
	ds pause box
	ds commit box paused >/dev/null
	run ds ps --format '{{.Status}}'
	expect_in_output Paused
	ds unpause box
	run ds run --rm paused cat /f
	expect_output 1
}

@test "what cannot be is refused in Docker's words, and leaves nothing" {
	ds run --name box busybox touch /x
	before=$(ds images -q | sort | md5sum)
	run ds commit nosuch x
	expect_status 1
	expect_output "Error response from daemon: No such container: nosuch"
	run ds commit box Upper
	expect_output "invalid reference format: repository name must be lowercase"
	run ds commit box "x@sha256:$(printf 0%.0s {1..64})"
	expect_output "refusing to create a tag with a digest reference"
	run ds commit -c 'RUN true' box
	expect_output "Error response from daemon: run is not a valid change command"
	run ds commit -c 'ENV A' box
	expect_in_output "ENV must have two arguments"
	run ds commit
	expect_in_output '"docker commit" requires at least 1 and at most 2 arguments.'
	[ "$before" = "$(ds images -q | sort | md5sum)" ]
	run bash -c "ls $DOCKERSHELL_HOME/layers | grep -c tmp-"
	expect_output 0
}

@test "names the container could not have given are in the layer byte for byte" {
	ds run --name box busybox sh -c 'printf x >"$(printf "/\377\376")"; touch "/a b" "/日本" /-dash; mkdir -p /'"$(printf 'y%.0s' {1..200})/$(printf 'z%.0s' {1..200})"
	ds commit box odd >/dev/null
	run ds run --rm odd sh -c 'cat "$(printf "/\377\376")"; for f in "/a b" "/日本" /-dash; do [ -e "$f" ] || echo "no $f"; done; ls -d /y*/z* | wc -c'
	expect_output "x403"
}
