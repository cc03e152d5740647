# make's promises: installing, a tree that cannot be written, what is missing.

load helpers

@test "an installed program finds what belongs to it, wherever it is put" {
	[ "${MODE:-release}" = release ] || skip "one build is enough"
	run make -s -C "$root" BUILD="${BUILD:-build}" install PREFIX=/opt/x DESTDIR="$scratch/stage"
	expect_status 0
	[ -x stage/opt/x/bin/dockershell ]
	[ -e stage/opt/x/share/dockershell/base/busybox.tar.gz ]
	[ -s stage/opt/x/share/bash-completion/completions/dockershell ]
	mv stage/opt/x moved
	run env -i HOME="$scratch" PATH="$PATH" DOCKERSHELL_HOME="$DOCKERSHELL_HOME" \
		moved/bin/dockershell run --rm busybox echo installed
	expect_output installed
}

@test "a tree that cannot be written is told of, with a way out" {
	need_plain_user
	mkdir tree
	cp -r "$root/Makefile" "$root/tests" "$root/runtime" "$root/images" tree/
	chmod -R a-w tree
	run make -C tree all
	chmod -R u+w tree
	[ "$status" -ne 0 ]
	expect_in_output "cannot write to"
	expect_in_output "a folder of your own"
}

@test "what is missing is named with its reason" {
	mkdir empty
	run env PATH="$scratch/empty:/usr/bin:/bin" PKG_CONFIG_LIBDIR=/nowhere \
		"$root/tests/package/needs" -n build
	expect_status 1
	expect_in_output "libcap-dev             capabilities"
}

@test "nothing is said where nothing is missing" {
	run "$root/tests/package/needs" -n build test
	expect_status 0
	expect_output ""
}

@test "no git checkout is needed" {
	! grep -n 'git ' "$root/Makefile" "$root/images/base/make" "$root/tests/package/needs" "$root/tests/package/flags"
}

@test "where AppArmor forbids user namespaces, this tree gets a profile" {
	need_plain_user
	mkdir bin profiles
	echo 1 >switch
	printf '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n' >bin/sudo
	printf '#!/bin/sh\necho "loaded $2" >>%s/loaded\n' "$scratch" >bin/apparmor_parser
	chmod +x bin/*
	for i in 1 2; do
		PATH=$scratch/bin:$PATH APPARMOR_SWITCH=$scratch/switch \
			APPARMOR_FOLDER=$scratch/profiles "$root/tests/package/userns"
	done
	# written and loaded once, not at each start
	[ "$(wc -l <loaded)" -eq 1 ]
	grep -q 'userns,' profiles/dockershell.*
	grep -q "$(cd "$root" && pwd -P)/{dockershell," profiles/dockershell.*
}
