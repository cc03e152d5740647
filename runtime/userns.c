/* runtime/userns.c - see userns.h; the child that works in there is
 * userns_call.c's.
 *
 * A process may map one id, its own, by itself. More ids belong to somebody
 * else, so the setuid helpers newuidmap and newgidmap look into /etc/subuid and
 * /etc/subgid whether the account may have them. */
#include "runtime/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/call_text.h"
#include "runtime/calls.h"

/* Ids 1..count inside are first.. outside. count 0: there are none. */
struct range {
	unsigned long first;
	unsigned long count;
};

/* What was found out about this account, once. */
static struct {
	bool known;
	enum userns_kind kind;
	uid_t uid;
	gid_t gid;
	bool by_hand; /* we may write the maps ourselves: root in a namespace */
	bool root;    /* of this machine, or of a namespace */
	struct range uids;
	struct range gids;
} account;

/* The line of /etc/passwd whose third field is `uid`; "" where there is none.
 * The name service is not asked: it would load libraries for what is nearly
 * always in the file, and accounts from elsewhere may stand in /etc/subuid by
 * their number. */
static void name_of_uid(uid_t uid, char *name, size_t size)
{
	OWN_FILE FILE *file = fopen("/etc/passwd", "re");
	OWN_FREE char *line = NULL;
	size_t room = 0;

	name[0] = '\0';
	while (file && getline(&line, &room, file) > 0) {
		char *first = strchr(line, ':');
		char *second = first ? strchr(first + 1, ':') : NULL;

		if (!second || strtoul(second + 1, NULL, 10) != uid)
			continue;
		*first = '\0';
		snprintf(name, size, "%s", line);
		return;
	}
}

/* The first range of this account in `path` ("name:first:count" lines). */
static struct range find_range(const char *path, const char *name, uid_t uid)
{
	OWN_FILE FILE *file = fopen(path, "re");
	OWN_FREE char *line = NULL;
	char number[24];
	size_t room = 0;

	snprintf(number, sizeof(number), "%u", uid);
	while (file && getline(&line, &room, file) > 0) {
		char *colon = strchr(line, ':');
		char *end;
		struct range range;

		if (!colon)
			continue;
		*colon = '\0';
		if (strcmp(line, number) != 0 &&
		    (!*name || strcmp(line, name) != 0))
			continue;
		range.first = strtoul(colon + 1, &end, 10);
		if (*end != ':')
			continue;
		range.count = strtoul(end + 1, NULL, 10);
		if (range.count > 0 && range.first > 0)
			return range;
	}
	return (struct range){ 0 };
}

/* How many ids, from 0, this process's own user namespace has; the whole space
 * in the machine's first one. */
static unsigned long ids_of_this_namespace(const char *map)
{
	OWN_FILE FILE *file = fopen(map, "re");
	unsigned long inside;
	unsigned long outside;
	unsigned long count;
	unsigned long all = 0;

	if (!file)
		return UINT32_MAX; /* a kernel without user namespaces */
	/* NOLINTNEXTLINE(cert-err34-c): numbers of the kernel's own making */
	while (fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
		if (inside == all)
			all += count;
	return all;
}

/* The machine's first user namespace has a number of its own, fixed in the
 * kernel: PROC_USER_INIT_INO of include/linux/proc_ns.h. */
static bool in_first_namespace(void)
{
	static const char first[] = "user:[4026531837]";
	char name[32];
	ssize_t len = readlink("/proc/self/ns/user", name, sizeof(name));

	return len == (ssize_t)sizeof(first) - 1 &&
	       memcmp(name, first, sizeof(first) - 1) == 0;
}

static void look_at_root(void)
{
	unsigned long uids;
	unsigned long gids;

	account.kind = USERNS_NONE;
	if (in_first_namespace())
		return;
	uids = ids_of_this_namespace("/proc/self/uid_map");
	gids = ids_of_this_namespace("/proc/self/gid_map");
	if (uids >= UINT32_MAX && gids >= UINT32_MAX)
		return;
	/* Root of somebody's user namespace: a plain user of the machine. */
	account.kind = USERNS_SINGLE;
	if (uids > 1 && gids > 1) {
		account.kind = USERNS_RANGE;
		account.by_hand = true;
		account.uids = (struct range){ 1, uids - 1 };
		account.gids = (struct range){ 1, gids - 1 };
	}
}

static void look_at_user(void)
{
	char name[256];

	account.kind = USERNS_SINGLE;
	name_of_uid(account.uid, name, sizeof(name));
	account.uids = find_range("/etc/subuid", name, account.uid);
	if (account.uids.count)
		account.gids = find_range("/etc/subgid", name, account.uid);
	if (account.gids.count && access("/usr/bin/newuidmap", X_OK) == 0 &&
	    access("/usr/bin/newgidmap", X_OK) == 0)
		account.kind = USERNS_RANGE;
}

void userns_subordinate(unsigned long *out_uids, unsigned long *out_gids)
{
	char name[256];

	name_of_uid(geteuid(), name, sizeof(name));
	*out_uids = find_range("/etc/subuid", name, geteuid()).count;
	*out_gids = find_range("/etc/subgid", name, geteuid()).count;
}

enum userns_kind userns_kind(void)
{
	const char *asked = getenv("DOCKERSHELL_USERNS");
	bool single = asked && strcmp(asked, "single") == 0;

	if (account.known)
		return account.kind;
	account.uid = geteuid();
	account.gid = getegid();
	account.root = account.uid == 0;
	if (account.uid == 0)
		look_at_root();
	else if (!single)
		look_at_user();
	else
		account.kind = USERNS_SINGLE;
	if (single && account.kind == USERNS_RANGE)
		account.kind = USERNS_SINGLE;
	if (account.kind == USERNS_SINGLE)
		account.uids = account.gids = (struct range){ 0 };
	account.known = true;
	return account.kind;
}

static enum trace_step step_of(const char *map)
{
	return strcmp(map, "uid_map") == 0 ? TRACE_UID_MAP :
	       strcmp(map, "gid_map") == 0 ? TRACE_GID_MAP :
					     TRACE_SETGROUPS;
}

/* whose  "/proc/PID" or "/proc/self". A process that maps itself leaves the closing
 * to its exec, which is near. */
static int write_map(const char *whose, const char *name, const char *text,
		     struct err *err)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", whose, name);
	fd = fs_open(AT_FDCWD, path, O_WRONLY, 0, err);
	if (fd < 0)
		return fd;
	if (call_write(step_of(name), fd, path, text) < 0)
		(void)err_errno(err, "write '%s' to %s", text, path);
	if (strcmp(whose, "/proc/self") != 0)
		close(fd);
	return -err->code;
}

bool userns_is_root(void)
{
	(void)userns_kind();
	return account.root;
}

void userns_look_again(void)
{
	if (userns_kind() != USERNS_RANGE ||
	    (ids_of_this_namespace("/proc/self/uid_map") > 1 &&
	     ids_of_this_namespace("/proc/self/gid_map") > 1))
		return;
	account.kind = USERNS_SINGLE;
	account.uids = account.gids = (struct range){ 0 };
}

int userns_enter(int pidfd, int flags, struct err *err)
{
	(void)userns_kind(); /* of the account, before it is root of that one */
	if (call_setns(TRACE_SHARED_NET, pidfd, flags) < 0)
		return err_errno(err, "setns(CLONE_NEWUSER)");
	account.uid = 0;
	account.gid = 0;
	userns_look_again();
	account.by_hand = account.kind == USERNS_RANGE;
	account.uids.first = account.uids.count ? 1 : 0;
	account.gids.first = account.gids.count ? 1 : 0;
	return 0;
}

static int explain_refusal(struct err *err)
{
	return err_hint(err, _("this machine does not let you have ids of your own in a container; an administrator can allow it: sysctl -w user.max_user_namespaces=15000, and where they exist kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0"));
}

/* "0 1000 1\n1 100000 65536\n", the second line only with a range. */
static void map_text(unsigned own, struct range range, char *text, size_t size)
{
	if (range.count)
		snprintf(text, size, "0 %u 1\n1 %lu %lu\n", own, range.first,
			 range.count);
	else
		snprintf(text, size, "0 %u 1\n", own);
}

static int write_by_hand(const char *whose, struct range uids, struct range gids,
			 struct err *err)
{
	char text[96];

	map_text(account.uid, uids, text, sizeof(text));
	if (write_map(whose, "uid_map", text, err) < 0)
		return explain_refusal(err);
	/* Without this a process could drop a group that forbids it something;
	 * the kernel wants it before an unprivileged gid_map. */
	if (!gids.count && write_map(whose, "setgroups", "deny", err) < 0)
		return explain_refusal(err);
	map_text(account.gid, gids, text, sizeof(text));
	if (write_map(whose, "gid_map", text, err) < 0)
		return explain_refusal(err);
	return 0;
}

static void tell_helper(const char *helper, char *const *argv, int result)
{
	extern char **environ;
	int code = errno;
	OWN_BUF struct buf text = { 0 };
	size_t variables = 0;

	if (!trace_is_on())
		return;
	while (environ[variables])
		variables++;
	call_text_execve(&text, argv[0], argv, variables);
	errno = code;
	(void)trace_call(strcmp(helper, "newuidmap") == 0 ? TRACE_UID_MAP :
							    TRACE_GID_MAP,
			 result, "%s", buf_text(&text));
	errno = code;
}

/* Starts `newuidmap PID 0 OWN 1 1 FIRST COUNT`. */
static int start_helper(const char *helper, pid_t pid, unsigned own,
			struct range range, pid_t *out_child, struct err *err)
{
	extern char **environ;
	char numbers[4][24];
	char path[64];
	char zero[] = "0";
	char one[] = "1";
	char *argv[] = { path, numbers[0], zero, numbers[1], one,
			 one,  numbers[2], numbers[3], NULL };
	int r;

	snprintf(path, sizeof(path), "/usr/bin/%s", helper);
	snprintf(numbers[0], sizeof(numbers[0]), "%d", pid);
	snprintf(numbers[1], sizeof(numbers[1]), "%u", own);
	snprintf(numbers[2], sizeof(numbers[2]), "%lu", range.first);
	snprintf(numbers[3], sizeof(numbers[3]), "%lu", range.count);
	trace_begin();
	r = posix_spawn(out_child, path, NULL, NULL, argv, environ);
	errno = r;
	tell_helper(helper, argv, r ? -1 : 0);
	if (r != 0) {
		errno = r;
		return err_errno(err, "start %s", path);
	}
	return 0;
}

static int wait_for_helper(const char *helper, pid_t child, struct err *err)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "wait for %s", helper);
	if (status != 0) {
		err_set(err, EPERM, _("%s refused the ids of /etc/sub%cid"),
			helper, helper[3]);
		return err_hint(err, _("an administrator can give this account a range of its own: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"));
	}
	return 0;
}

int userns_map_self(struct err *err)
{
	const struct range none = { 0 };

	return userns_kind() == USERNS_SINGLE ?
		       write_by_hand("/proc/self", none, none, err) :
		       0;
}

int userns_write_range(pid_t pid, unsigned long first, unsigned long count,
		       struct err *err)
{
	char whose[32];
	char text[64];

	snprintf(whose, sizeof(whose), "/proc/%d", pid);
	snprintf(text, sizeof(text), "0 %lu %lu\n", first, count);
	if (write_map(whose, "uid_map", text, err) < 0 ||
	    write_map(whose, "gid_map", text, err) < 0)
		return explain_refusal(err);
	return 0;
}

void userns_forget(void)
{
	account.known = false;
	account.by_hand = false;
	account.uids = account.gids = (struct range){ 0 };
}

int userns_write_maps(pid_t pid, struct err *err)
{
	char whose[32];
	pid_t uid_helper;
	pid_t gid_helper;
	int r;

	if (userns_kind() != USERNS_RANGE)
		return 0;
	snprintf(whose, sizeof(whose), "/proc/%d", pid);
	if (account.by_hand)
		return write_by_hand(whose, account.uids, account.gids, err);
	/* Both at once: each costs about a millisecond of starting up. */
	r = start_helper("newuidmap", pid, account.uid, account.uids, &uid_helper,
			 err);
	if (r < 0)
		return r;
	r = start_helper("newgidmap", pid, account.gid, account.gids, &gid_helper,
			 err);
	if (wait_for_helper("newuidmap", uid_helper, err) < 0)
		r = -err->code;
	if (r == 0 && wait_for_helper("newgidmap", gid_helper, err) < 0)
		r = -err->code;
	return r;
}

int userns_explain_clone(struct err *err)
{
	if (err->code == ENOSPC || err->code == EUSERS)
		return err_hint(err, _("user namespaces are switched off or used up on this machine; an administrator can allow them: sysctl -w user.max_user_namespaces=15000"));
	if (err->code == EPERM && access("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", F_OK) == 0)
		return err_hint(err, _("this system's AppArmor keeps user namespaces from programs it does not know; an administrator can allow them: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. 'doctor' knows a way for this program alone"));
	if (err->code == EPERM)
		return err_hint(err, _("this machine keeps user namespaces from ordinary users; an administrator can allow them: sysctl -w kernel.unprivileged_userns_clone=1. 'doctor' looks for the reason"));
	return -err->code;
}

void userns_explain_become(struct err *err)
{
	if (err->hint[0] || userns_kind() != USERNS_SINGLE ||
	    err->code != EINVAL || !strstr(err->msg, "become user"))
		return;
	(void)err_hint(err, _("this account has one id to give, so every process in its containers is root in there. With subordinate ids others work too; an administrator adds them by: apt-get install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"));
}
