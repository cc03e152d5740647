/* runtime/userns.h - user and group ids: which ones this account has, and how a
 * process comes to be root among them.
 *
 * Owns the uid and gid maps. Three worlds: root needs no user namespace; an
 * account with subordinate ids (/etc/subuid, newuidmap) gets 0 -> itself and
 * 1.. -> its range; any other account gets 0 -> itself and nothing else. */
#ifndef RUNTIME_USERNS_H
#define RUNTIME_USERNS_H

#include <stdbool.h>
#include <sys/types.h>

struct buf;
struct err;

enum userns_kind {
	USERNS_NONE,   /* root: ids are what they are */
	USERNS_RANGE,  /* many ids, by newuidmap and newgidmap */
	USERNS_SINGLE, /* one id; owners of files are kept as metadata */
};

/* What this account has. Reads /etc/subuid and /etc/subgid once.
 * $DOCKERSHELL_USERNS=single asks for the third world where there are ranges
 * (tests; lesson "safety"). */
enum userns_kind userns_kind(void);

/* How many ids /etc/subuid and /etc/subgid give this account, whether they can be
 * used or not. */
void userns_subordinate(unsigned long *out_uids, unsigned long *out_gids);

/* Writes the maps of `pid`, which waits in its new user namespace; called by the
 * parent, and of use to USERNS_RANGE only: the right to map other ids lies outside
 * of the new namespace. -EPERM comes with the hint of what an administrator can
 * change. */
int userns_write_maps(pid_t pid, struct err *err);

/* For root: ids 0 to count - 1 of the namespace of `pid` are first .. of ours. */
int userns_write_range(pid_t pid, unsigned long first, unsigned long count,
		       struct err *err);

/* What was found out about the account holds no more: the process was born in another
 * user namespace. */
void userns_forget(void);

/* USERNS_SINGLE: the process itself, new in its namespace, maps its one id. */
int userns_map_self(struct err *err);

/* Whether this is the machine's own root, or was before it went elsewhere: geteuid(2)
 * says 0 too in a user namespace that this account's ids are mapped into. */
bool userns_is_root(void);

/* The process goes for good into a user namespace that holds this account's ids as
 * the functions above map them, and into more of that process's namespaces: flags for
 * setns(2), CLONE_NEWUSER among them. It is root in there, so whom it makes later it
 * maps without the helpers. */
int userns_enter(int pidfd, int flags, struct err *err);

/* The process went into a user namespace that was made a while ago, and its own /proc is
 * still the machine's: where there is one id in there, userns_kind() is USERNS_SINGLE from
 * now on, whatever the account has been given meanwhile. userns_enter() does it too. */
void userns_look_again(void);

/* Adds to a failed clone with CLONE_NEWUSER what an administrator can change.
 * Returns -err->code. */
int userns_explain_clone(struct err *err);

/* Adds to a program's failed change of user what an administrator can change:
 * the child that failed may not look words up. */
void userns_explain_become(struct err *err);

/* The work to be done among the container's ids. What it adds to `reply` reaches
 * the caller. Returns 0, or -errno with *err filled in. */
typedef int userns_work(void *arg, struct buf *reply, struct err *err);

/* Runs work(arg) in a child process that is root among this account's ids
 * (USERNS_NONE: a plain child), with a mount namespace of its own if
 * `own_mounts`. Waits for it. The child sees copies of all memory; only `reply`
 * (may be NULL) and *err come back. A child that dies of a signal is -EIO.
 * Files that belong to subordinate ids can be made, changed and removed only in
 * here. */
int userns_call(userns_work *work, void *arg, bool own_mounts,
		struct buf *reply, struct err *err);

/* The same in two halves, for work that goes on beside the caller's: the two talk
 * over a socket that the caller made before.
 *
 * USERNS_HERE  a plain child: the work itself goes where it has to be */
enum userns_where { USERNS_HERE, USERNS_IDS, USERNS_WITH_MOUNTS };
struct userns_child {
	pid_t pid;
	int reply_fd;
};
int userns_start(userns_work *work, void *arg, enum userns_where where,
		 struct userns_child *out, struct err *err);

/* Waits for its end; every child that was started is to be finished. */
int userns_finish(struct userns_child *child, struct buf *reply,
		  struct err *err);

/* Removes a tree that may hold files of subordinate ids: first directly, which
 * is cheap, then in a userns_call. */
int userns_remove_tree(int dir_fd, const char *path, struct err *err);

#endif
