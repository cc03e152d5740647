/* runtime/calls.h - system calls that are steps: made, and told of.
 *
 * Each makes one call with the arguments that it is given, and tells of it in
 * trace.h's way with its arguments, its result and the time it took; with no sink it
 * is the call alone. Results and errno are the call's own. */
#ifndef RUNTIME_CALLS_H
#define RUNTIME_CALLS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "runtime/base/trace.h"

int call_mount(enum trace_step step, const char *source, const char *target,
	       const char *type, unsigned long flags, const char *options);

/* On what a descriptor stands for: mount(2) wants a path, and the descriptor's name in
 * /proc is one that cannot be exchanged under our feet. `source` NULL with a type: the
 * type's name. */
struct call_mount_at {
	int target_fd;
	const char *source;
	const char *type;
	unsigned long flags;
	const char *options;
};
int call_mount_at(enum trace_step step, const struct call_mount_at *what);

int call_umount(enum trace_step step, const char *path, int flags);
int call_pivot_root(enum trace_step step, const char *root, const char *old);
int call_setns(enum trace_step step, int fd, int flags);
int call_unshare(enum trace_step step, int flags);
int call_mkdir(enum trace_step step, const char *path, mode_t mode);
int call_mkdir_at(enum trace_step step, int folder_fd, const char *path,
		  mode_t mode);
int call_rename_at(enum trace_step step, int folder_fd, const char *from,
		   const char *to);
/* One that fails where the name is taken. */
int call_rename_new(enum trace_step step, int folder_fd, const char *from,
		    const char *to);
int call_symlink_at(enum trace_step step, const char *target, int folder_fd,
		    const char *name);
int call_file(enum trace_step step, const char *path, mode_t mode); /* mknod(2) */
int call_symlink(enum trace_step step, const char *target, const char *name);
int call_rmdir(enum trace_step step, const char *path);
int call_rename(enum trace_step step, const char *from, const char *to);
int call_unlink_at(enum trace_step step, int folder_fd, const char *path,
		   int flags);

/* One write of a whole text. `path` is what the descriptor was opened as. */
ssize_t call_write(enum trace_step step, int fd, const char *path,
		   const char *text);

int call_open_tree(enum trace_step step, int fd, const char *path,
		   int recursive);
int call_move_mount(enum trace_step step, int tree_fd, int at_fd);

int call_bind(enum trace_step step, int fd, const struct sockaddr *address,
	      socklen_t size);
int call_listen(enum trace_step step, int fd, int backlog);

/* What goes to a netlink socket of `protocol`. */
ssize_t call_netlink(enum trace_step step, int fd, int protocol,
		     const void *bytes, size_t len);

/* A clone3(2) that has been made by the calling side: `result` is the new process. */
void call_cloned(enum trace_step step, uint64_t flags, long result);

/* A fork(2) that has been made. */
void call_forked(enum trace_step step, long result);

/* pidfd_send_signal(2) to a container's process 1: the step "kill". */
int call_kill(int pidfd, int signal);

/* A waitid(2) of a process by its pidfd, with WEXITED. */
void call_waited(enum trace_step step, int pidfd, const siginfo_t *info,
		 long result);

#endif
