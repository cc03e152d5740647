# image recipe: programs of this machine, as images.

load helpers

@test "a program comes with its loader and its libraries, and nothing else of the machine" {
	run ds image recipe host:sh,ls
	expect_status 0
	expect_in_output "/ls"
	expect_in_output "libc.so.6"
	[[ ${lines[-1]} =~ ^"host:sh-ls is "[0-9a-f]{12}", "[0-9.]+"MB in one layer"$ ]]
	run ds run --rm host:sh-ls ls /
	expect_in_output tmp
	[[ $output != *home* ]]
	run ds inspect -f '{{.Config.Cmd}} {{len .RootFS.Layers}}' host:sh-ls
	expect_output "[sh] 1"
	run ds image recipe -q -t mine:1 host:sh
	[[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
	run ds run --rm mine:1 sh -c 'echo $PATH'
	expect_output /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

@test "a script brings its interpreter, a static program nothing, a missing one a word" {
	printf '#!/usr/bin/env sh\necho from a script\n' >own
	chmod +x own
	run ds image recipe "host:$PWD/own"
	expect_in_output "a script of /usr/bin/env"
	run ds run --rm host:own
	expect_output "from a script"
	cp "$(command -v busybox)" "$PWD/box"
	run ds image recipe "host:$PWD/box"
	expect_in_output "static: it needs no library"
	run ds image recipe host:no-such-program
	expect_status 1
	expect_in_output "there is no program 'no-such-program' on this machine"
	echo text >own
	run ds image recipe "host:$PWD/own"
	expect_status 1
	expect_in_output "neither an ELF program nor a script"
	run ds image recipe busybox
	expect_in_output "'busybox' is no recipe"
	run ds run --rm host:absent
	expect_in_output "image recipe host:absent"
}

@test "python3 comes with its library folder" {
	need_program python3
	ds image recipe -q host:python3
	run ds run --rm host:python3 python3 -c 'import json, hashlib, sqlite3; print(json.dumps([1]))'
	expect_output "[1]"
}
