/* runtime/userns_call.c - work done among the container's ids; see userns.h
 *
 *   parent                              child (new user namespace)
 *   clone3(CLONE_NEWUSER) ------------> no id is mapped: it is nobody
 *   newuidmap PID 0 1000 1 ...          waits on the pipe
 *   write "go" -----------------------> is 0 in here, 1000 out there
 *   read reply <----------------------- work(); writes err and reply
 *   waitpid <-------------------------- _exit */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

/* What travels back through the pipe, before the events (that many bytes of struct
 * trace_event, for whoever looks at the steps) and the reply's bytes. */
struct outcome {
	int result;
	size_t events;
	struct err err;
};

/* What the child begins with. go_fd: -1 where there is nothing to wait for. */
struct beginning {
	userns_work *work;
	void *arg;
	bool mapped;
	bool own_mounts;
	int go_fd;
	int reply_fd;
};

static void keep_event(void *arg, const struct trace_event *event)
{
	buf_add(arg, event, sizeof(*event));
}

static _Noreturn void child_main(const struct beginning *begin)
{
	struct outcome outcome = { 0 };
	struct buf events = { 0 };
	struct buf reply = { 0 };
	bool traced = trace_is_on();
	char go;

	trace_to_pipe(-1);
	trace_as(TRACE_HELPER);
	if (traced)
		(void)trace_add_sink(keep_event, &events);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (begin->go_fd >= 0 && read(begin->go_fd, &go, 1) != 1)
		_exit(1); /* the parent gave up */
	umask(0);
	if (begin->mapped)
		outcome.result = userns_map_self(&outcome.err);
	if (outcome.result == 0 && begin->own_mounts &&
	    call_mount(TRACE_PROPAGATION, NULL, "/", NULL, MS_REC | MS_PRIVATE,
		       NULL) < 0)
		outcome.result = err_errno(&outcome.err, "make mounts private");
	if (outcome.result == 0)
		outcome.result = begin->work(begin->arg, &reply, &outcome.err);
	outcome.events = events.len;
	if (fs_write_all(begin->reply_fd, &outcome, sizeof(outcome)) < 0 ||
	    fs_write_all(begin->reply_fd, buf_text(&events), events.len) < 0 ||
	    fs_write_all(begin->reply_fd, buf_text(&reply), reply.len) < 0)
		_exit(1);
	_exit(0);
}

static void deliver(const struct userns_child *child, const char *bytes,
		    size_t len)
{
	struct trace_event event;

	for (; len >= sizeof(event); bytes += sizeof(event), len -= sizeof(event)) {
		memcpy(&event, bytes, sizeof(event));
		event.pid = child->pid; /* as we count */
		trace_deliver(&event);
	}
}

int userns_finish(struct userns_child *child, struct buf *reply,
		  struct err *err)
{
	OWN_BUF struct buf all = { 0 };
	struct outcome outcome;
	int status = 0;
	int r = fs_read_fd(child->reply_fd, SIZE_MAX / 4, &all, err);

	close(own_give_fd(&child->reply_fd));
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	if (all.len < sizeof(outcome)) {
		if (WIFSIGNALED(status))
			return err_set(err, EIO, _("the helper process ended by signal %d"),
				       WTERMSIG(status));
		return err_set(err, EIO, _("the helper process ended without an answer"));
	}
	memcpy(&outcome, all.data, sizeof(outcome));
	if (all.len - sizeof(outcome) < outcome.events)
		return err_set(err, EIO, _("the helper process ended without an answer"));
	deliver(child, all.data + sizeof(outcome), outcome.events);
	if (outcome.result < 0) {
		*err = outcome.err;
		return outcome.result;
	}
	if (reply)
		buf_add(reply, all.data + sizeof(outcome) + outcome.events,
			all.len - sizeof(outcome) - outcome.events);
	return outcome.result;
}

int userns_start(userns_work *work, void *arg, enum userns_where where,
		 struct userns_child *out, struct err *err)
{
	bool mapped = where != USERNS_HERE && userns_kind() != USERNS_NONE;
	struct beginning begin = { work, arg, mapped,
				   where == USERNS_WITH_MOUNTS, -1, -1 };
	uint64_t flags = (mapped ? CLONE_NEWUSER : 0u) |
			 (begin.own_mounts ? CLONE_NEWNS : 0u);
	OWN_FD int go_read = -1;
	OWN_FD int go_write = -1;
	OWN_FD int reply_read = -1;
	OWN_FD int reply_write = -1;
	int pair[2];
	pid_t child;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	reply_read = pair[0];
	reply_write = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	go_read = pair[0];
	go_write = pair[1];
	begin.go_fd = go_read;
	begin.reply_fd = reply_write;
	trace_begin();
	child = sys_clone(flags, NULL);
	if (child != 0)
		call_cloned(mapped ? TRACE_IDS : TRACE_HELPER_FORK, flags,
			    child);
	if (child < 0) {
		err_errno(err, "clone(%s%s)", mapped ? "CLONE_NEWUSER" : "",
			  begin.own_mounts ? " CLONE_NEWNS" : "");
		return mapped ? userns_explain_clone(err) : -err->code;
	}
	if (child == 0) {
		close(go_write);
		close(reply_read);
		child_main(&begin);
	}
	if (mapped && userns_write_maps(child, err) < 0) {
		close(own_give_fd(&go_write)); /* the child gives up */
		(void)waitpid(child, NULL, 0);
		return -err->code;
	}
	(void)!write(go_write, "g", 1); /* a child that is gone has no reader */
	*out = (struct userns_child){ child, own_give_fd(&reply_read) };
	return 0;
}

int userns_call(userns_work *work, void *arg, bool own_mounts,
		struct buf *reply, struct err *err)
{
	struct userns_child child = { -1, -1 };
	int r = userns_start(work, arg,
			     own_mounts ? USERNS_WITH_MOUNTS : USERNS_IDS,
			     &child, err);

	return r < 0 ? r : userns_finish(&child, reply, err);
}

struct removal {
	int dir_fd;
	const char *path;
};

static int remove_in_there(void *arg, struct buf *reply, struct err *err)
{
	const struct removal *removal = arg;

	(void)reply;
	return fs_remove_tree(removal->dir_fd, removal->path, err);
}

int userns_remove_tree(int dir_fd, const char *path, struct err *err)
{
	struct removal removal = { dir_fd, path };
	struct err direct = { 0 };
	int r = fs_remove_tree(dir_fd, path, &direct);

	if (r == 0)
		return 0;
	if (userns_kind() != USERNS_RANGE || (r != -EPERM && r != -EACCES)) {
		*err = direct;
		return r;
	}
	return userns_call(remove_in_there, &removal, false, NULL, err);
}
