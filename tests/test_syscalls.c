/* tests/test_syscalls.c - the filter, asked without and with a kernel.
 *
 * Most questions go to the filter's own instructions, run by the little machine
 * below: so every number and argument can be tried, also those that would do
 * harm if they were let through. */
#include "runtime/syscalls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/syscalls_compile.h"
#include "tests/test.h"

#if defined(__x86_64__)
#define THIS_MACHINE AUDIT_ARCH_X86_64
#define OTHER_MACHINE AUDIT_ARCH_I386
#else
#define THIS_MACHINE AUDIT_ARCH_AARCH64
#define OTHER_MACHINE AUDIT_ARCH_ARM
#endif

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* Docker's fourteen. */
static const uint64_t DOCKERS = UINT64_C(0xa80425fb);

enum { ALLOWED = 0 };

/* One step of a program without loops; *at moves on. Returns the end's value,
 * or -1 to go on. */
static long long bpf_step(const struct sock_filter *code, size_t *at,
			  const struct seccomp_data *data, uint32_t *acc)
{
	const struct sock_filter *op = &code[(*at)++];
	bool yes;

	switch (op->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		memcpy(acc, (const char *)data + op->k, sizeof(*acc));
		return -1;
	case BPF_ALU | BPF_AND | BPF_K:
		*acc &= op->k;
		return -1;
	case BPF_RET | BPF_K:
		return op->k;
	case BPF_JMP | BPF_JA:
		*at += op->k;
		return -1;
	case BPF_JMP | BPF_JEQ | BPF_K:
		yes = *acc == op->k;
		break;
	case BPF_JMP | BPF_JGT | BPF_K:
		yes = *acc > op->k;
		break;
	case BPF_JMP | BPF_JGE | BPF_K:
		yes = *acc >= op->k;
		break;
	default:
		fail_msg("the filter has an instruction 0x%x", op->code);
		return 0;
	}
	*at += yes ? op->jt : op->jf;
	return -1;
}

/* What the filter says: ALLOWED, or the errno. */
static int verdict(const struct syscalls_filter *filter, uint32_t machine,
		   int number, const uint64_t args[2])
{
	struct seccomp_data data = { .nr = number, .arch = machine };
	long long end = -1;
	uint32_t acc = 0;
	size_t at = 0;

	data.args[0] = args[0];
	data.args[1] = args[1];
	while (end < 0) {
		assert_true(at < filter->count);
		end = bpf_step(filter->code, &at, &data, &acc);
	}
	if (end == SECCOMP_RET_ALLOW)
		return ALLOWED;
	assert_int_equal(end & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
	return (int)(end & SECCOMP_RET_DATA);
}

static int verdict_on(const struct syscalls_filter *filter, long number,
		      uint64_t arg0, uint64_t arg1)
{
	const uint64_t args[2] = { arg0, arg1 };

	return verdict(filter, THIS_MACHINE, (int)number, args);
}

static struct syscalls_filter filter_for(uint64_t caps)
{
	struct syscalls_filter filter = { 0 };
	struct err err = { 0 };

	assert_ok(syscalls_prepare(caps, &filter, &err), &err);
	assert_int_equal(err.code, 0);
	return filter;
}

static void what_was_built_in_is_what_the_table_says_today(void **state)
{
	OWN_SYSCALLS struct syscalls_filter built = filter_for(DOCKERS);
	struct syscalls_filter fresh = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_null(built.owned);
	assert_ok(syscalls_compile(DOCKERS, &fresh.owned, &fresh.count, &err),
		  &err);
	assert_int_equal(built.count, fresh.count);
	assert_memory_equal(built.code, fresh.owned,
			    fresh.count * sizeof(struct sock_filter));
	syscalls_done(&fresh);
}

static void one_filter_serves_dockers_capabilities_and_fewer(void **state)
{
	OWN_SYSCALLS struct syscalls_filter all = filter_for(DOCKERS);
	OWN_SYSCALLS struct syscalls_filter none = filter_for(0);

	(void)state;
	assert_ptr_equal(all.code, none.code);
}

/* Walks the table: each row's verdict with `caps` is what its kind says. */
static void check_rows(uint64_t caps)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(caps);

	for (const struct syscalls_row *row = syscalls_rows(); row->name;
	     row++) {
		int number = syscalls_number(row);
		int want = EPERM;

		if (number < 0 || row->kind == SYSCALLS_PARTLY)
			continue;
		if (row->kind == SYSCALLS_ALLOW || (row->caps & caps))
			want = ALLOWED;
		if (verdict_on(&filter, number, 0, 0) != want)
			fail_msg("%s (%d): not %d with capabilities %llx",
				 row->name, number, want,
				 (unsigned long long)caps);
	}
}

static void each_row_of_the_table_holds(void **state)
{
	(void)state;
	check_rows(0);
	check_rows(DOCKERS);
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (syscalls_caps_that_open() & (UINT64_C(1) << cap))
			check_rows(DOCKERS | UINT64_C(1) << cap);
	check_rows(UINT64_MAX);
}

/* Docker's numbers for x86-64, counted from its own profile over the calls that
 * the headers of Linux 6.1 name: 292 allowed, 3 by their arguments, 67 not. */
static void refuses_as_many_calls_as_docker_does(void **state)
{
#if defined(__x86_64__)
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);
	int refused = 0;

	(void)state;
	for (int number = 0; number <= SYS_set_mempolicy_home_node; number++)
		if (number <= SYS_rseq || number >= SYS_pidfd_send_signal)
			refused += verdict_on(&filter, number, 0, 0) != ALLOWED;
	assert_int_equal(refused, 67);
#else
	(void)state;
	skip();
#endif
}

static void a_newer_call_is_unknown_rather_than_forbidden(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);

	(void)state;
	assert_int_equal(verdict_on(&filter, 467, 0, 0), ENOSYS);
	assert_int_equal(verdict_on(&filter, 9999, 0, 0), ENOSYS);
	assert_int_equal(verdict_on(&filter, -1, 0, 0), ENOSYS);
}

static void another_machines_calls_do_not_exist(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);
	const uint64_t none[2] = { 0, 0 };

	(void)state;
	for (int number = 0; number < 500; number++)
		assert_int_equal(verdict(&filter, OTHER_MACHINE, number, none),
				 ENOSYS);
#if defined(__x86_64__)
	/* x32: the same machine's calls with pointers of half the size */
	assert_int_equal(verdict_on(&filter, 0x40000000 | SYS_read, 0, 0),
			 ENOSYS);
#endif
}

static void clone_makes_processes_but_no_namespaces(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);
	OWN_SYSCALLS struct syscalls_filter admin =
		filter_for(DOCKERS | CAP(SYS_ADMIN));
	const uint64_t kinds[] = { CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
				   CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
				   CLONE_NEWCGROUP };

	(void)state;
	assert_int_equal(verdict_on(&filter, SYS_clone, SIGCHLD, 0), ALLOWED);
	assert_int_equal(
		verdict_on(&filter, SYS_clone, CLONE_VM | CLONE_THREAD, 0),
		ALLOWED);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_int_equal(
			verdict_on(&filter, SYS_clone, kinds[i] | SIGCHLD, 0),
			EPERM);
		assert_int_equal(
			verdict_on(&admin, SYS_clone, kinds[i] | SIGCHLD, 0),
			ALLOWED);
	}
	assert_int_equal(verdict_on(&filter, SYS_clone3, 0, 0), ENOSYS);
	assert_int_equal(verdict_on(&admin, SYS_clone3, 0, 0), ALLOWED);
}

static void ciphers_and_the_hypervisor_cannot_be_reached(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);
	const uint64_t high = UINT64_C(1) << 32; /* the kernel drops it */

	(void)state;
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_INET, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_UNIX, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_NETLINK, 0),
			 ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_NFC, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_XDP, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_ALG, 0), EPERM);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_VSOCK, 0), EPERM);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_ALG | high, 0),
			 EPERM);
	assert_int_equal(verdict_on(&filter, SYS_socket, AF_VSOCK | high, 0),
			 EPERM);
}

static void nobody_types_into_another_terminal(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(UINT64_MAX);
	const uint64_t high = UINT64_C(1) << 32;

	(void)state;
	assert_int_equal(verdict_on(&filter, SYS_ioctl, 0, TIOCGWINSZ),
			 ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_ioctl, 0, TIOCSTI), EPERM);
	assert_int_equal(verdict_on(&filter, SYS_ioctl, 0, TIOCLINUX), EPERM);
	assert_int_equal(verdict_on(&filter, SYS_ioctl, 0, TIOCSTI | high),
			 EPERM);
	assert_int_equal(verdict_on(&filter, SYS_ioctl, 0, TIOCLINUX | high),
			 EPERM);
}

static void only_harmless_personalities_are_taken_on(void **state)
{
	OWN_SYSCALLS struct syscalls_filter filter = filter_for(DOCKERS);

	(void)state;
	assert_int_equal(verdict_on(&filter, SYS_personality, 0, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_personality, 8, 0), ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_personality, 0x20000, 0),
			 ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_personality, 0x20008, 0),
			 ALLOWED);
	assert_int_equal(verdict_on(&filter, SYS_personality, 0xffffffff, 0),
			 ALLOWED);
	/* addresses without chance */
	assert_int_equal(verdict_on(&filter, SYS_personality, 0x40000, 0),
			 EPERM);
}

/* The kernel agrees: each refused call, made for real. Exit status 0, or the
 * position of the first row that was not refused, from 1. */
static int call_all_refused(void)
{
	struct err err = { 0 };
	int position = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscalls_install(DOCKERS, &err) < 0)
		return 255;
	for (const struct syscalls_row *row = syscalls_rows(); row->name;
	     row++) {
		int number = syscalls_number(row);

		if (row->kind != SYSCALLS_NEEDS && row->kind != SYSCALLS_NEVER)
			continue;
		position++;
		if (number < 0)
			continue;
		errno = 0;
		if (syscall(number, -1, -1, -1, -1, -1, -1) != -1 ||
		    errno != EPERM)
			return position;
	}
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return 251;
	if (socket(AF_ALG, SOCK_SEQPACKET, 0) != -1 || errno != EPERM)
		return 252;
	if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1 ||
	    errno != EPERM)
		return 253;
	if (getpid() <= 0 || socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		return 254;
	return 0;
}

static void the_kernel_refuses_each_of_them(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(call_all_refused());
	assert_int_equal(child_status(pid), 0);
}

static void says_why_a_filter_was_not_taken(void **state)
{
	pid_t pid;

	(void)state;
	need_plain_user();
	pid = fork();
	if (pid == 0) {
		struct err err = { 0 };

		/* no_new_privs is not set, and this is not root */
		_exit(syscalls_install(0, &err) == -EACCES &&
				      strstr(err.msg, "seccomp")
			      ? 0
			      : 1);
	}
	assert_int_equal(child_status(pid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_built_in_is_what_the_table_says_today),
		TEST(one_filter_serves_dockers_capabilities_and_fewer),
		TEST(each_row_of_the_table_holds),
		TEST(refuses_as_many_calls_as_docker_does),
		TEST(a_newer_call_is_unknown_rather_than_forbidden),
		TEST(another_machines_calls_do_not_exist),
		TEST(clone_makes_processes_but_no_namespaces),
		TEST(ciphers_and_the_hypervisor_cannot_be_reached),
		TEST(nobody_types_into_another_terminal),
		TEST(only_harmless_personalities_are_taken_on),
		TEST(the_kernel_refuses_each_of_them),
		TEST(says_why_a_filter_was_not_taken),
	};

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
