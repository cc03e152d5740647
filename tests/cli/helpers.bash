# tests/cli/helpers.bash - what the tests of the command line start from.
#
# Each test has a home of its own, in $DOCKERSHELL_HOME, made by `setup` and
# removed by `teardown`. `ds` is the program. `expect_*` say what was wrong.

root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${DOCKERSHELL:=$root/dockershell}" "${TOOLS:=$root/build/release/tests}"

setup() {
	new_home
}

teardown() {
	drop_home
}

new_home() {
	scratch=$(mktemp -d)
	export DOCKERSHELL_HOME=$scratch/home
	cd "$scratch" || return 1
}

# Ends what the test left running, too: its processes carry the home's name. Where other
# tests make many processes a number is soon somebody else's: it is looked at once more.
drop_home() {
	local pid
	for pid in $(pids_of_home); do
		grep -qzxF "DOCKERSHELL_HOME=$DOCKERSHELL_HOME" "/proc/$pid/environ" 2>/dev/null &&
			kill -9 "$pid" 2>/dev/null
	done
	cd /
	"$TOOLS/tool_remove" "$scratch"
}

ds() {
	"$DOCKERSHELL" "$@"
}

# Processes of dockershell that were started with this test's home. Not the keeper of
# its networks: that ends by itself, and takes them down.
pids_of_home() {
	local pid
	grep -lzxF "DOCKERSHELL_HOME=$DOCKERSHELL_HOME" /proc/[0-9]*/environ \
		2>/dev/null | tr -dc '0-9\n' | while read -r pid; do
		case $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) in
		'' | *bats* | grep* | tr* | sed* | cat* | *bash*) ;;
		*) grep -qx dsh-net "/proc/$pid/comm" 2>/dev/null || echo "$pid" ;;
		esac
	done
}

# wait_for SECONDS COMMAND...: until it succeeds; fails where it never does.
wait_for() {
	local until=$((SECONDS + $1))
	shift
	while ! "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.05
	done
}

# not COMMAND...: it fails. A test goes on behind a `!` that was not so.
not() {
	if "$@"; then return 1; fi
}

expect_status() {
	[ "$status" -eq "$1" ] || {
		echo "exit status $status, $1 wanted; it said:"
		echo "$output"
		return 1
	}
}

expect_output() {
	[ "$output" = "$1" ] || {
		printf 'wanted:\n%s\nit said:\n%s\n' "$1" "$output"
		return 1
	}
}

expect_in_output() {
	[[ $output == *"$1"* ]] || {
		printf 'wanted somewhere: %s\nit said:\n%s\n' "$1" "$output"
		return 1
	}
}

# Skips, with a reason; a failure where everything must work, unless the test is
# for another kind of account than DOCKERSHELL_ACCOUNT. $1: root, subids, plain
# (any but root) or any.
skip_because() {
	local meant=${DOCKERSHELL_ACCOUNT:-}
	if [ "${DOCKERSHELL_MUST_WORK:-}" = 1 ]; then
		case $1/$meant in
		root/subids | root/single | root/plain) ;;
		subids/root | subids/single | subids/plain) ;;
		plain/root) ;;
		*)
			echo "must work here, but $2"
			return 1
			;;
		esac
	fi
	skip "$2"
}

# Of what is the same for everybody, one account of CI is enough: root's, built as it is
# used.
need_once() {
	[ "${MODE:-release}" = release ] || skip "one build is enough"
	case ${DOCKERSHELL_ACCOUNT:-} in
	subids | single) skip "root is asked" ;;
	esac
}

need_root() {
	[ "$(id -u)" = 0 ] || skip_because root "only root may do this"
}

need_plain_user() {
	[ "$(id -u)" != 0 ] || skip_because plain "root is not held by this"
}

has_many_ids() {
	[ "$(id -u)" = 0 ] || { [ "${DOCKERSHELL_USERNS:-}" != single ] &&
		command -v newuidmap >/dev/null &&
		grep -q "^$(id -un):" /etc/subuid; }
}

need_many_ids() {
	has_many_ids || skip_because subids "the account has one user id only"
}

need_userns() {
	unshare -U true 2>/dev/null ||
		skip_because any "the kernel refuses user namespaces"
}

need_program() {
	command -v "$1" >/dev/null || skip_because any "there is no program '$1'"
}

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
