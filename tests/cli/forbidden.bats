# Where the kernel allows no user namespaces: one message, and the way to mend it.

load helpers

# Runs a command as a user (uid 1000 of a user namespace) who may make no
# further ones. The limit counts what is below the outer namespace, so nobody
# else on the machine notices.
without_userns() {
	mkfifo go
	unshare -Ur sh -c '
		unshare -U --map-user=1000 --map-group=1000 sh -c "
			read -r _ <go
			exec \"\$@\"" sh "$@" &
		# the inner namespace must be there before the limit is
		until [ "$(readlink /proc/$!/ns/user 2>/dev/null)" != "$(readlink /proc/self/ns/user)" ]; do
			sleep 0.01
		done
		echo 0 >/proc/sys/user/max_user_namespaces
		echo go >go
		wait $!' sh "$@"
}

@test "a plain user without user namespaces is told why, and what to do" {
	need_userns
	run without_userns "$DOCKERSHELL" run --rm busybox true
	echo "$output"
	expect_status 125
	expect_in_output "user namespace"
	expect_in_output "max_user_namespaces"
	# one message: no usage, no stack, no second complaint
	[ "${#lines[@]}" -le 6 ]
}

@test "what needs no container works all the same" {
	need_userns
	run without_userns "$DOCKERSHELL" ps -a
	expect_status 0
	run without_userns "$DOCKERSHELL" images
	expect_status 0
}
