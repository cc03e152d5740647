/* runtime/syscalls_compile.c - see syscalls_compile.h
 *
 * The filter has two parts, run one after the other for each system call:
 *
 *   ours      newer than the table?            -> ENOSYS
 *             ioctl TIOCSTI or TIOCLINUX?      -> EPERM
 *   libseccomp's
 *             not this machine's way of calls? -> ENOSYS
 *             in a binary tree by number: allowed, allowed for these arguments
 *             all else                         -> EPERM
 *
 * A tree, because the kernel runs the filter once for every number when it is
 * loaded, to remember those that are always allowed: with a plain list that
 * takes three times as long. Source: seccomp(2); kernel
 * userspace-api/seccomp_filter.rst. */
#include "runtime/syscalls_compile.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

static const struct syscalls_row rows[] = {
#define ALLOW(name) { #name, NULL, 0, -1, SYSCALLS_ALLOW },
#define ALLOW_NEW(name, number) { #name, NULL, 0, number, SYSCALLS_ALLOW },
#define NEEDS(name, caps, why) { #name, why, caps, -1, SYSCALLS_NEEDS },
#define NEEDS_NEW(name, number, caps, why) \
	{ #name, why, caps, number, SYSCALLS_NEEDS },
#define NEVER(name, why) { #name, why, 0, -1, SYSCALLS_NEVER },
#define PARTLY(name, why) { #name, why, 0, -1, SYSCALLS_PARTLY },
#include "runtime/syscalls.def"
#undef ALLOW
#undef ALLOW_NEW
#undef NEEDS
#undef NEEDS_NEW
#undef NEVER
#undef PARTLY
	{ .name = NULL },
};

const struct syscalls_row *syscalls_rows(void)
{
	return rows;
}

int syscalls_number(const struct syscalls_row *row)
{
	int number;

	if (row->number >= 0)
		return row->number;
	/* libseccomp numbers what this machine does not have below zero. */
	number = seccomp_syscall_resolve_name(row->name);
	return number < 0 ? -1 : number;
}

uint64_t syscalls_caps_that_open(void)
{
	uint64_t caps = CAP(SYS_ADMIN); /* clone and clone3 ask for it too */

	for (const struct syscalls_row *row = rows; row->name; row++)
		caps |= row->caps;
	return caps;
}

/* ---- calls that depend on their arguments ---- */

static int allow_clone(scmp_filter_ctx ctx, int number)
{
	/* Any of these bits makes a namespace. */
	const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
				    CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0));
}

static int allow_personality(scmp_filter_ctx ctx, int number)
{
	static const uint64_t harmless[] = {
		PER_LINUX,  PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26,
		0xffffffff, /* asks which one it is */
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (r == 0)
			r = seccomp_rule_add(
				ctx, SCMP_ACT_ALLOW, number, 1,
				SCMP_A0(SCMP_CMP_EQ, harmless[i], 0));
	return r;
}

/* Families are listed, not excluded: the filter compares 64 bits, of which the
 * kernel looks at 32, so "not 38" would let 38 + 2^32 pass. */
static int allow_socket(scmp_filter_ctx ctx, int number)
{
	int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 1,
				 SCMP_A0(SCMP_CMP_LT, AF_ALG, 0));

	for (uint64_t family = AF_ALG + 1; family < AF_MAX; family++)
		if (r == 0 && family != AF_VSOCK)
			r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 1,
					     SCMP_A0(SCMP_CMP_EQ, family, 0));
	return r;
}

static int allow_partly(scmp_filter_ctx ctx, const struct syscalls_row *row,
			int number, bool admin)
{
	if (admin && strncmp(row->name, "clone", 5) == 0)
		return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
	if (strcmp(row->name, "clone3") == 0)
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	if (strcmp(row->name, "clone") == 0)
		return allow_clone(ctx, number);
	if (strcmp(row->name, "personality") == 0)
		return allow_personality(ctx, number);
	if (strcmp(row->name, "socket") == 0)
		return allow_socket(ctx, number);
	/* ioctl: the first part of the filter has looked at it. */
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
}

/* ---- the whole ---- */

static int add_rows(scmp_filter_ctx ctx, uint64_t caps)
{
	bool admin = caps & CAP(SYS_ADMIN);

	for (const struct syscalls_row *row = rows; row->name; row++) {
		int number = syscalls_number(row);
		int r = 0;

		if (number < 0)
			continue;
		if (row->kind == SYSCALLS_PARTLY)
			r = allow_partly(ctx, row, number, admin);
		else if (row->kind == SYSCALLS_ALLOW || (row->caps & caps))
			r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

static int newest_number(void)
{
	int newest = 0;

	for (const struct syscalls_row *row = rows; row->name; row++) {
		int number = syscalls_number(row);

		if (number > newest)
			newest = number;
	}
	return newest;
}

/* The first part, in BPF by hand: libseccomp can neither say "newer than" nor
 * look at half an argument only, and TIOCSTI + 2^32 is TIOCSTI to the kernel.
 * On the machines there are, the low half comes first. */
static void add_ours(struct buf *out)
{
	const struct syscalls_row ioctl_row = { .name = "ioctl", .number = -1 };
	const struct sock_filter ours[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)newest_number(),
			 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 (uint32_t)syscalls_number(&ioctl_row), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};

	buf_add(out, ours, sizeof(ours));
}

/* libseccomp writes to a file only: a nameless one in memory. */
static int export_code(scmp_filter_ctx ctx, struct buf *out, struct err *err)
{
	enum { MAX_BYTES = BPF_MAXINSNS * sizeof(struct sock_filter) };
	OWN_FD int fd = memfd_create("seccomp", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(err, "memfd_create");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return err_set(err, -r, "seccomp_export_bpf: %s", strerror(-r));
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "lseek");
	return fs_read_fd(fd, MAX_BYTES, out, err);
}

static int prepare_context(scmp_filter_ctx ctx, uint64_t caps)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				 SCMP_ACT_ERRNO(ENOSYS));

	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return r == 0 ? add_rows(ctx, caps) : r;
}

int syscalls_compile(uint64_t caps, struct sock_filter **out_code,
		     size_t *out_count, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	OWN_BUF struct buf code = { 0 };
	int r;

	if (!ctx)
		return err_set(err, ENOMEM, "seccomp_init");
	add_ours(&code);
	r = prepare_context(ctx, caps);
	if (r < 0)
		(void)err_set(err, -r, "libseccomp: %s", strerror(-r));
	else
		r = export_code(ctx, &code, err);
	seccomp_release(ctx);
	if (r < 0)
		return r;
	*out_count = code.len / sizeof(struct sock_filter);
	*out_code = (struct sock_filter *)(void *)buf_give(&code);
	return 0;
}
