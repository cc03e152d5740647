# Where the kernel allows no user namespaces: one message, and the way to mend it.

load helpers

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
