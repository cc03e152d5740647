/* runtime/calls.c - see calls.h */
#include "runtime/calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/sys.h"

/* What a descriptor is open on, where the arguments name only its number. */
static void note_fd(int fd)
{
	char path[40];
	char target[160];
	ssize_t len;

	if (!trace_is_on())
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return;
	target[len] = '\0';
	trace_note("%d: %s", fd, target);
}

/* Tells of a call whose text is to be built. */
#define TOLD(step, result, text) \
	((int)trace_call((step), (long)(result), "%s", buf_text(&(text))))

int call_mount(enum trace_step step, const char *source, const char *target,
	       const char *type, unsigned long flags, const char *options)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on())
		call_text_mount(&text, source, target, type, flags, options);
	trace_begin();
	r = mount(source, target, type, flags, options);
	return TOLD(step, r, text);
}

int call_mount_at(enum trace_step step, const struct call_mount_at *what)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", what->target_fd);
	note_fd(what->target_fd);
	return call_mount(step, what->source, path, what->type, what->flags,
			  what->options);
}

int call_umount(enum trace_step step, const char *path, int flags)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		buf_str(&text, "umount2(");
		call_text_string(&text, path);
		buf_str(&text, ", ");
		call_text_umount_flags(&text, (uint64_t)flags);
		buf_str(&text, ")");
	}
	trace_begin();
	r = umount2(path, flags);
	return TOLD(step, r, text);
}

int call_pivot_root(enum trace_step step, const char *root, const char *old)
{
	return TRACED(step, sys_pivot_root(root, old),
		      "pivot_root(\"%s\", \"%s\")", root, old);
}

/* ---- namespaces ---- */

int call_setns(enum trace_step step, int fd, int flags)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		buf_fmt(&text, "setns(%d, ", fd);
		call_text_clone_flags(&text, (uint64_t)flags);
		buf_str(&text, ")");
	}
	trace_begin();
	r = setns(fd, flags);
	return TOLD(step, r, text);
}

int call_unshare(enum trace_step step, int flags)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		buf_str(&text, "unshare(");
		call_text_clone_flags(&text, (uint64_t)flags);
		buf_str(&text, ")");
	}
	trace_begin();
	r = unshare(flags);
	return TOLD(step, r, text);
}

void call_cloned(enum trace_step step, uint64_t flags, long result)
{
	OWN_BUF struct buf text = { 0 };

	if (!trace_is_on())
		return;
	buf_str(&text, "clone3({flags=");
	call_text_clone_flags(&text, flags);
	buf_fmt(&text, ", exit_signal=%s}, %zu)",
		flags & CLONE_PARENT ? "0" : "SIGCHLD",
		sizeof(struct clone_args));
	(void)TOLD(step, result, text);
}

void call_forked(enum trace_step step, long result)
{
	(void)trace_call(step, result, "fork()");
}

int call_kill(int pidfd, int signal)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		buf_fmt(&text, "pidfd_send_signal(%d, ", pidfd);
		call_text_signal(&text, signal);
		buf_str(&text, ", NULL, 0)");
	}
	trace_begin();
	r = sys_pidfd_send_signal(pidfd, signal);
	return TOLD(TRACE_KILL, r, text);
}

void call_waited(enum trace_step step, int pidfd, const siginfo_t *info,
		 long result)
{
	const char *name;

	if (!trace_is_on())
		return;
	name = sigabbrev_np(info->si_status);
	if (info->si_code == CLD_EXITED)
		trace_note(_("it left with exit status %d"), info->si_status);
	else
		trace_note(_("it was ended by signal %d (SIG%s)"),
			   info->si_status, name ? name : "?");
	(void)trace_call(step, result, "waitid(P_PIDFD, %d, WEXITED)", pidfd);
}

/* ---- files ---- */

/* mode: what stands behind the path, or NULL. */
static void path_text(struct buf *text, const char *call, const char *path,
		      const mode_t *mode)
{
	if (!trace_is_on())
		return;
	buf_str(text, call);
	call_text_string(text, path);
	if (mode)
		buf_fmt(text, ", %s%#03o",
			strncmp(call, "mknod", 5) == 0 ? "S_IFREG|" : "",
			*mode);
	buf_str(text, ")");
}

int call_mkdir(enum trace_step step, const char *path, mode_t mode)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	path_text(&text, "mkdir(", path, &mode);
	trace_begin();
	r = mkdir(path, mode);
	return TOLD(step, r, text);
}

int call_mkdir_at(enum trace_step step, int folder_fd, const char *path,
		  mode_t mode)
{
	note_fd(folder_fd);
	return TRACED(step, mkdirat(folder_fd, path, mode),
		      "mkdirat(%d, \"%s\", %#03o)", folder_fd, path, mode);
}

int call_rename_at(enum trace_step step, int folder_fd, const char *from,
		   const char *to)
{
	note_fd(folder_fd);
	return TRACED(step, renameat(folder_fd, from, folder_fd, to),
		      "renameat(%d, \"%s\", %d, \"%s\")", folder_fd, from,
		      folder_fd, to);
}

int call_rename_new(enum trace_step step, int folder_fd, const char *from,
		    const char *to)
{
	note_fd(folder_fd);
	return TRACED(step,
		      renameat2(folder_fd, from, folder_fd, to,
				RENAME_NOREPLACE),
		      "renameat2(%d, \"%s\", %d, \"%s\", RENAME_NOREPLACE)",
		      folder_fd, from, folder_fd, to);
}

int call_symlink_at(enum trace_step step, const char *target, int folder_fd,
		    const char *name)
{
	note_fd(folder_fd);
	return TRACED(step, symlinkat(target, folder_fd, name),
		      "symlinkat(\"%s\", %d, \"%s\")", target, folder_fd,
		      name);
}

int call_file(enum trace_step step, const char *path, mode_t mode)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	path_text(&text, "mknodat(AT_FDCWD, ", path, &mode);
	trace_begin();
	r = mknod(path, S_IFREG | mode, 0);
	return TOLD(step, r, text);
}

int call_rmdir(enum trace_step step, const char *path)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	path_text(&text, "rmdir(", path, NULL);
	trace_begin();
	r = rmdir(path);
	return TOLD(step, r, text);
}

int call_symlink(enum trace_step step, const char *target, const char *name)
{
	return TRACED(step, symlink(target, name), "symlink(\"%s\", \"%s\")",
		      target, name);
}

int call_rename(enum trace_step step, const char *from, const char *to)
{
	return TRACED(step, rename(from, to), "rename(\"%s\", \"%s\")", from,
		      to);
}

int call_unlink_at(enum trace_step step, int folder_fd, const char *path,
		   int flags)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		if (folder_fd == AT_FDCWD)
			buf_str(&text, "unlinkat(AT_FDCWD, ");
		else
			buf_fmt(&text, "unlinkat(%d, ", folder_fd);
		call_text_string(&text, path);
		buf_fmt(&text, ", %s)",
			flags & AT_REMOVEDIR ? "AT_REMOVEDIR" : "0");
		if (folder_fd != AT_FDCWD)
			note_fd(folder_fd);
	}
	trace_begin();
	r = unlinkat(folder_fd, path, flags);
	return TOLD(step, r, text);
}

ssize_t call_write(enum trace_step step, int fd, const char *path,
		   const char *text)
{
	OWN_BUF struct buf told = { 0 };
	size_t len = strlen(text);
	ssize_t r;

	if (trace_is_on()) {
		buf_fmt(&told, "write(%d, ", fd);
		call_text_quote(&told, text, len);
		buf_fmt(&told, ", %zu)", len);
		if (path[0] == '/')
			trace_note("%d: %s", fd, path);
		else
			note_fd(fd);
	}
	trace_begin();
	r = write(fd, text, len);
	return trace_call(step, r, "%s", buf_text(&told));
}

/* ---- mounts by descriptor ---- */

int call_open_tree(enum trace_step step, int fd, const char *path,
		   int recursive)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		if (fd == AT_FDCWD)
			buf_str(&text, "open_tree(AT_FDCWD, ");
		else
			buf_fmt(&text, "open_tree(%d, ", fd);
		call_text_string(&text, path);
		buf_fmt(&text,
			", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH%s)",
			recursive ? "|AT_RECURSIVE" : "");
	}
	trace_begin();
	r = sys_open_tree(fd, path, recursive);
	return TOLD(step, r, text);
}

int call_move_mount(enum trace_step step, int tree_fd, int at_fd)
{
	note_fd(at_fd);
	return TRACED(
		step, sys_move_mount(tree_fd, at_fd),
		"move_mount(%d, \"\", %d, \"\", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
		tree_fd, at_fd);
}

/* ---- sockets ---- */

int call_bind(enum trace_step step, int fd, const struct sockaddr *address,
	      socklen_t size)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (trace_is_on()) {
		buf_fmt(&text, "bind(%d, ", fd);
		call_text_address(&text, address, size);
		buf_fmt(&text, ", %u)", size);
	}
	trace_begin();
	r = bind(fd, address, size);
	return TOLD(step, r, text);
}

int call_listen(enum trace_step step, int fd, int backlog)
{
	return TRACED(step, listen(fd, backlog), "listen(%d, %d)", fd, backlog);
}

ssize_t call_netlink(enum trace_step step, int fd, int protocol,
		     const void *bytes, size_t len)
{
	OWN_BUF struct buf text = { 0 };
	ssize_t r;

	if (trace_is_on()) {
		buf_fmt(&text, "sendto(%d, {", fd);
		call_text_netlink(&text, protocol, bytes, len);
		buf_fmt(&text, "}, %zu)", len);
	}
	trace_begin();
	r = send(fd, bytes, len, 0);
	return trace_call(step, r, "%s", buf_text(&text));
}
