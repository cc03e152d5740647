/* runtime/tracer_decode.c - registers to text: the calls that steps are made of; see
 * tracer.h.
 *
 * One row for each system call. A row whose function says no is a call of that number
 * which is none of ours (a getrlimit(2) is a prlimit64(2) too). */
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/caps.h"
#include "runtime/tracer.h"
#include "runtime/tracer_parts.h"

enum { MOST_WORDS = 256 };

/* ---- mounts ---- */

static bool do_mount(struct reading *r)
{
	OWN_FREE char *source = reading_string(r, ARG(0));
	OWN_FREE char *target = reading_string(r, ARG(1));
	OWN_FREE char *type = reading_string(r, ARG(2));
	OWN_FREE char *options = reading_string(r, ARG(4));

	call_text_mount(r->out, source, target, type, ARG(3), options);
	return true;
}

static bool do_umount(struct reading *r)
{
	buf_str(r->out, "umount2(");
	reading_put_string(r, ARG(0));
	buf_str(r->out, ", ");
	call_text_umount_flags(r->out, ARG(1));
	buf_str(r->out, ")");
	return true;
}

static bool do_pivot_root(struct reading *r)
{
	buf_str(r->out, "pivot_root(");
	reading_put_string(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_str(r->out, ")");
	return true;
}

static bool do_open_tree(struct reading *r)
{
	buf_str(r->out, "open_tree(");
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", %s%s%s%s)", ARG(2) & 1 ? "OPEN_TREE_CLONE" : "0",
		ARG(2) & O_CLOEXEC ? "|OPEN_TREE_CLOEXEC" : "",
		ARG(2) & AT_EMPTY_PATH ? "|AT_EMPTY_PATH" : "",
		ARG(2) & AT_RECURSIVE ? "|AT_RECURSIVE" : "");
	return true;
}

static bool do_move_mount(struct reading *r)
{
	buf_fmt(r->out, "move_mount(%d, ", (int)ARG(0));
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", %d, ", (int)ARG(2));
	reading_put_string(r, ARG(3));
	if (ARG(4) == 0x44)
		buf_str(r->out,
			", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)");
	else
		buf_fmt(r->out, ", 0x%x)", (unsigned)ARG(4));
	return true;
}

static bool do_mount_setattr(struct reading *r)
{
	uint64_t attr[4];

	(void)reading_get(r, ARG(3), attr, sizeof(attr));
	buf_fmt(r->out, "mount_setattr(%d, ", (int)ARG(0));
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", AT_EMPTY_PATH%s, {attr_set=",
		ARG(2) & 0x8000 ? "|AT_RECURSIVE" : "");
	if (attr[0] == 4)
		buf_str(r->out, "MOUNT_ATTR_NODEV");
	else
		buf_fmt(r->out, "0x%llx", (unsigned long long)attr[0]);
	buf_fmt(r->out, "}, %d)", (int)ARG(4));
	return true;
}

/* ---- processes and namespaces ---- */

static bool do_setns(struct reading *r)
{
	buf_fmt(r->out, "setns(%d, ", (int)ARG(0));
	call_text_clone_flags(r->out, (uint32_t)ARG(1));
	buf_str(r->out, ")");
	return true;
}

static bool do_unshare(struct reading *r)
{
	buf_str(r->out, "unshare(");
	call_text_clone_flags(r->out, (uint32_t)ARG(0));
	buf_str(r->out, ")");
	return true;
}

static bool do_clone3(struct reading *r)
{
	struct clone_args args;

	(void)reading_get(r, ARG(0), &args, CLONE_ARGS_SIZE_VER0);
	if (args.flags & CLONE_VM)
		return false; /* a thread, or posix_spawn(3) */
	buf_str(r->out, "clone3({flags=");
	call_text_clone_flags(r->out, args.flags);
	buf_fmt(r->out, ", exit_signal=%s}, %d)",
		args.exit_signal == SIGCHLD ? "SIGCHLD" : "0", (int)ARG(1));
	return true;
}

static bool do_clone(struct reading *r)
{
	if (ARG(0) & CLONE_VM || (ARG(0) & CSIGNAL) != SIGCHLD)
		return false;
	buf_str(r->out, "fork()");
	return true;
}

static bool do_fork(struct reading *r)
{
	buf_str(r->out, "fork()");
	return true;
}

/* How many pointers stand at that address, up to a closing NULL; the first of them
 * into `out`. */
static size_t get_vector(struct reading *r, uint64_t address, uint64_t *out,
			 size_t room)
{
	size_t count = 0;
	uint64_t one = 0;

	while (address && count < 65536 &&
	       reading_get(r, address + count * sizeof(one), &one,
			   sizeof(one)) &&
	       one) {
		if (count < room)
			out[count] = one;
		count++;
	}
	return count;
}

static bool do_execve(struct reading *r)
{
	uint64_t words[MOST_WORDS];
	size_t count = get_vector(r, ARG(1), words, MOST_WORDS);
	size_t variables = get_vector(r, ARG(2), NULL, 0);

	buf_str(r->out, "execve(");
	reading_put_string(r, ARG(0));
	buf_str(r->out, ", [");
	for (size_t i = 0; i < count && i < MOST_WORDS; i++) {
		buf_str(r->out, i ? ", " : "");
		reading_put_string(r, words[i]);
	}
	buf_fmt(r->out, "], /* %zu vars */)", variables);
	return true;
}

static bool do_waitid(struct reading *r)
{
	if (ARG(0) != P_PIDFD)
		return false;
	buf_fmt(r->out, "waitid(P_PIDFD, %d, %s)", (int)ARG(1),
		ARG(3) == WEXITED ? "WEXITED" : "...");
	return true;
}

static bool do_pidfd_send_signal(struct reading *r)
{
	buf_fmt(r->out, "pidfd_send_signal(%d, ", (int)ARG(0));
	call_text_signal(r->out, (int)ARG(1));
	buf_str(r->out, ", NULL, 0)");
	return true;
}

/* ---- names and rights ---- */

static bool put_name(struct reading *r, const char *call)
{
	char name[256];
	size_t len = ARG(1) < sizeof(name) ? (size_t)ARG(1) : sizeof(name);

	(void)reading_get(r, ARG(0), name, len);
	buf_fmt(r->out, "%s(", call);
	call_text_quote(r->out, name, len);
	buf_fmt(r->out, ", %d)", (int)ARG(1));
	return true;
}

static bool do_sethostname(struct reading *r)
{
	return put_name(r, "sethostname");
}

static bool do_setdomainname(struct reading *r)
{
	return put_name(r, "setdomainname");
}

static bool do_prctl(struct reading *r)
{
	if (ARG(0) == PR_SET_NO_NEW_PRIVS) {
		buf_fmt(r->out, "prctl(PR_SET_NO_NEW_PRIVS, %d, 0, 0, 0)",
			(int)ARG(1));
		return true;
	}
	if (ARG(0) != PR_CAPBSET_DROP)
		return false;
	buf_str(r->out, "prctl(PR_CAPBSET_DROP, ");
	call_text_cap(r->out, (int)ARG(1));
	buf_str(r->out, ")");
	return true;
}

/* Two halves of 32 bits, each: effective, permitted, inheritable. */
static bool do_capset(struct reading *r)
{
	uint32_t half[6];
	uint64_t sets[3];

	(void)reading_get(r, ARG(1), half, sizeof(half));
	for (int i = 0; i < 3; i++)
		sets[i] = half[i] | (uint64_t)half[i + 3] << 32;
	call_text_capset(r->out, sets[0], sets[1], sets[2]);
	return true;
}

static bool do_setgroups(struct reading *r)
{
	buf_fmt(r->out, "setgroups(%d, [", (int)ARG(0));
	for (uint64_t i = 0; i < ARG(0) && i < 65536; i++) {
		uint32_t group;

		if (!reading_get(r, ARG(1) + i * sizeof(group), &group,
				 sizeof(group)))
			break;
		buf_fmt(r->out, "%s%u", i ? ", " : "", group);
	}
	buf_str(r->out, "])");
	return true;
}

static bool put_ids(struct reading *r, const char *call)
{
	buf_fmt(r->out, "%s(%u, %u, %u)", call, (unsigned)ARG(0),
		(unsigned)ARG(1), (unsigned)ARG(2));
	return true;
}

static bool do_setresuid(struct reading *r)
{
	return put_ids(r, "setresuid");
}

static bool do_setresgid(struct reading *r)
{
	return put_ids(r, "setresgid");
}

static bool do_seccomp(struct reading *r)
{
	unsigned short len;

	if (ARG(0) != SECCOMP_SET_MODE_FILTER)
		return false;
	(void)reading_get(r, ARG(2), &len, sizeof(len));
	buf_fmt(r->out, "seccomp(SECCOMP_SET_MODE_FILTER, %d, {len=%u})",
		(int)ARG(1), len);
	return true;
}

static bool do_prlimit(struct reading *r)
{
	struct rlimit limit;

	if (!ARG(2))
		return false;
	(void)reading_get(r, ARG(2), &limit, sizeof(limit));
	buf_fmt(r->out,
		"prlimit64(%d, %d, {rlim_cur=%lld, rlim_max=%lld}, NULL)",
		(int)ARG(0), (int)ARG(1), (long long)limit.rlim_cur,
		(long long)limit.rlim_max);
	return true;
}

static bool do_affinity(struct reading *r)
{
	buf_fmt(r->out, "sched_setaffinity(%d, %d)", (int)ARG(0), (int)ARG(1));
	return true;
}

/* ---- the table ---- */

static const struct {
	uint64_t number;
	bool (*decode)(struct reading *r);
} rows[] = {
	{ SYS_mount, do_mount },
	{ SYS_umount2, do_umount },
	{ SYS_pivot_root, do_pivot_root },
	{ SYS_open_tree, do_open_tree },
	{ SYS_move_mount, do_move_mount },
	{ 442, do_mount_setattr }, /* older headers lack its name */
	{ SYS_setns, do_setns },
	{ SYS_unshare, do_unshare },
	{ SYS_clone3, do_clone3 },
	{ SYS_clone, do_clone },
	{ SYS_execve, do_execve },
	{ SYS_waitid, do_waitid },
	{ SYS_pidfd_send_signal, do_pidfd_send_signal },
	{ SYS_sethostname, do_sethostname },
	{ SYS_setdomainname, do_setdomainname },
	{ SYS_prctl, do_prctl },
	{ SYS_capset, do_capset },
	{ SYS_setgroups, do_setgroups },
	{ SYS_setresuid, do_setresuid },
	{ SYS_setresgid, do_setresgid },
	{ SYS_seccomp, do_seccomp },
	{ SYS_prlimit64, do_prlimit },
	{ SYS_sched_setaffinity, do_affinity },
	{ SYS_mkdirat, tracer_do_mkdirat },
	{ SYS_mknodat, tracer_do_mknodat },
	{ SYS_symlinkat, tracer_do_symlinkat },
	{ SYS_renameat, tracer_do_renameat },
	{ SYS_renameat2, tracer_do_renameat2 },
	{ SYS_unlinkat, tracer_do_unlinkat },
	{ SYS_syncfs, tracer_do_syncfs },
	{ SYS_chdir, tracer_do_chdir },
	{ SYS_write, tracer_do_write },
	{ SYS_openat, tracer_do_openat },
	{ SYS_ioctl, tracer_do_ioctl },
	{ SYS_socket, tracer_do_socket },
	{ SYS_bind, tracer_do_bind },
	{ SYS_listen, tracer_do_listen },
	{ SYS_sendto, tracer_do_sendto },
#ifdef SYS_mkdir
	{ SYS_mkdir, tracer_do_mkdir },
	{ SYS_rmdir, tracer_do_rmdir },
	{ SYS_symlink, tracer_do_symlink },
	{ SYS_rename, tracer_do_rename },
	{ SYS_fork, do_fork },
#endif
};

bool tracer_decode(const struct tracer_entry *entry, struct buf *text,
		   bool *blind)
{
	struct reading reading = { .entry = entry, .out = text };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].number != entry->number)
			continue;
		if (!rows[i].decode(&reading)) {
			buf_clear(text);
			return false;
		}
		*blind = reading.blind;
		return true;
	}
	return false;
}
