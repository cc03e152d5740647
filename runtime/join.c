/* runtime/join.c - see join.h
 *
 *   caller                 keeper                        child
 *   ------                 ------                        -----
 *   pidfd of process 1,
 *   record read again
 *   fork ----------------> closes all but three files
 *   attach_talk            setns(user, pid)
 *     ^                    clone ----------------------> born among the pids of
 *     |                      |                           the container
 *     |                      |                           setns(mnt net uts ipc
 *     |                      |                                 cgroup)
 *     |                      | <------ terminal's master  (with -t)
 *     +-- streams, exit <----+ <------ news (news.h)      drop rights, exec
 *
 * setns(2) moves the caller in all but the pid namespace, where only its children
 * are born; so the keeper stays outside, and sees the end of its child as any
 * parent does. The child dies with the keeper, and the keeper ends the child when
 * its caller is gone.
 *
 * From birth to exec the child is our program in reach of the container's: it is
 * not dumpable, so that nobody in there may look into its memory or its files
 * (CVE-2016-9962). */
#include "runtime/join.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/caps.h"
#include "runtime/cgroup.h"
#include "runtime/container.h"
#include "runtime/enclosure_guard.h"
#include "runtime/events.h"
#include "runtime/exec_ids.h"
#include "runtime/home.h"
#include "runtime/links.h"
#include "runtime/join_child.h"
#include "runtime/keeper.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/news.h"
#include "runtime/process_1.h"
#include "runtime/relay.h"
#include "runtime/rights.h"
#include "runtime/state.h"
#include "runtime/stages_parts.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum { LINGER_MS = 2000 }; /* for output of what the program left running */

/* ---- events ---- */

/* `what` is "exec_die", or "exec_create", "exec_start" with the program behind it. */
static void note(const struct joining *j, const char *what, const char *extra)
{
	OWN_BUF struct buf line = { 0 };
	OWN_STRS struct strs more = { 0 };
	OWN_FREE char *words = strs_join(j->join->args, " ");
	OWN_FREE char *action = extra ? mem_str(what) :
					mem_fmt("%s: %s", what, words);

	if (!j->home)
		return;
	strs_addf(&more, "execID=%s", j->exec_id);
	if (extra)
		strs_add(&more, extra);
	events_add_container(&line, 0, j->spec, action, &more);
	events_write(j->home, &line);
}

static void forget(const struct joining *j)
{
	if (j->home)
		exec_ids_forget(j->home, j->spec->id, j->exec_id);
}

/* ---- the keeper ---- */

struct keeper {
	struct relay relay;
	pid_t pid;
	int pidfd;
	int control;
	const struct joining *joining;
	bool stays; /* the caller has left it running */
	bool failed;
	struct err failure;
};

static void obey(void *arg, int client, const struct wire_message *message)
{
	struct keeper *k = arg;
	struct wire_signal signal;
	int32_t result = 0;

	if (message->kind == WIRE_LEAVE)
		k->stays = true;
	if (message->kind != WIRE_SIGNAL || message->len != sizeof(signal))
		return;
	memcpy(&signal, message->bytes, sizeof(signal));
	if (sys_pidfd_send_signal(k->pidfd, signal.signal) < 0)
		result = errno;
	relay_tell(&k->relay, client, WIRE_DONE, &result, sizeof(result));
}

static void send_event(void *arg, const struct trace_event *event)
{
	struct keeper *k = arg;

	relay_tell_all(&k->relay, WIRE_EVENT, event, sizeof(*event));
}

static int begin(struct keeper *k, const struct joining *j, bool traced,
		 struct err *err)
{
	int joined = (namespaces_of_process_1(j->spec) & CLONE_NEWPID) |
		     (userns_kind() == USERNS_NONE ? 0 : CLONE_NEWUSER);
	int stdio[3] = { -1, -1, -1 };
	OWN_FD int ours = -1;
	OWN_FD int theirs = -1;
	int pair[2];
	pid_t pid;
	int r = 0;

	if (!j->join->tty)
		r = relay_make_pipes(&k->relay, j->join->open_stdin, stdio,
				     err);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	/* While /proc/self is still its own. */
	if (guard_is_on() && stages_set_oom_score(j->spec, err) < 0)
		return -err->code;
	(void)prctl(PR_SET_DUMPABLE, 0L);
	if (joined && call_setns(TRACE_JOIN, j->target, joined) < 0)
		return err_errno(err, "setns(process 1, CLONE_NEWPID%s)",
				 joined & CLONE_NEWUSER ? "|NEWUSER" : "");
	userns_look_again();
	trace_begin();
	pid = sys_clone_into(0, j->cgroup.v2, &k->pidfd);
	if (pid != 0)
		call_cloned(TRACE_ENTER_CLONE,
			    CLONE_PIDFD |
				    (j->cgroup.v2 >= 0 ? CLONE_INTO_CGROUP : 0),
			    pid);
	if (pid < 0) /* ENOMEM: nobody is born where process 1 has died */
		return err_errno(err, "clone3 in the container");
	if (pid == 0) {
		int keep[5 + CGROUP_FDS] = { stdio[0], stdio[1], stdio[2],
					     theirs, j->target };

		sys_close_all_but(3, keep,
				  cgroup_list_fds(&j->cgroup, keep, 5));
		join_child(j, stdio, theirs, traced);
	}
	k->pid = pid;
	for (int i = 0; i < 3; i++)
		if (stdio[i] >= 0)
			close(stdio[i]);
	k->control = own_give_fd(&ours);
	return 0;
}

static void hear_child(struct keeper *k)
{
	struct trace_event event;
	int fd = -1;

	switch (news_receive(k->control, &fd, &event, &k->failure)) {
	case NEWS_EXEC:
		close(own_give_fd(&k->control));
		/* Whoever sees the output needs no word that it runs. */
		for (int i = k->relay.client_count - 1; i >= 0 && !k->failed;
		     i--)
			if (!k->relay.clients[i].streams.output)
				relay_tell(&k->relay, i, WIRE_STARTED,
					   &(int32_t){ 0 }, sizeof(int32_t));
		break;
	case NEWS_FAILED:
		k->failed = true;
		break;
	case NEWS_TTY:
		relay_take_terminal(&k->relay, fd);
		break;
	case NEWS_EVENT:
		event.pid = k->pid; /* as we count */
		trace_deliver(&event);
		break;
	case NEWS_NOTHING:
		break;
	}
}

static void reap(struct keeper *k)
{
	siginfo_t info = { 0 };
	int32_t code = 255;
	int r;

	trace_begin();
	r = waitid(P_PIDFD, (id_t)k->pidfd, &info, WEXITED);
	call_waited(TRACE_ENTER_EXIT, k->pidfd, &info, r);
	if (r == 0)
		code = info.si_code == CLD_EXITED ? info.si_status :
						    128 + info.si_status;
	while (k->control >= 0)
		hear_child(k);
	relay_drain(&k->relay, LINGER_MS);
	if (!k->failed) {
		char extra[32];

		snprintf(extra, sizeof(extra), "exitCode=%d", code);
		note(k->joining, "exec_die", extra);
	}
	forget(k->joining);
	if (k->failed)
		relay_tell_all(&k->relay, WIRE_FAILED, &k->failure,
			       sizeof(k->failure));
	else
		relay_tell_all(&k->relay, WIRE_EXIT, &code, sizeof(code));
	relay_flush(&k->relay);
}

static void watch(struct keeper *k, bool attached)
{
	enum { AT_PIDFD, AT_CONTROL, AT_RELAY };
	struct pollfd fds[AT_RELAY + RELAY_MAX_FDS];

	for (;;) {
		int count = relay_watch(&k->relay, fds + AT_RELAY);

		fds[AT_PIDFD] = (struct pollfd){ k->pidfd, POLLIN, 0 };
		fds[AT_CONTROL] = (struct pollfd){ k->control, POLLIN, 0 };
		if (poll(fds, (nfds_t)AT_RELAY + (nfds_t)count, -1) <= 0)
			continue; /* EINTR */
		if (fds[AT_CONTROL].revents)
			hear_child(k);
		relay_serve(&k->relay, fds + AT_RELAY);
		if (attached && !k->stays && k->relay.client_count == 0)
			(void)sys_pidfd_send_signal(k->pidfd, SIGKILL);
		if (fds[AT_PIDFD].revents)
			return;
	}
}

static _Noreturn void keeper_main(struct joining *j, int client_fd,
				  struct wire_attach streams, bool traced)
{
	static struct keeper keeper; /* 64 clients are much for a stack */
	int keep[4 + CGROUP_FDS] = { j->target, client_fd,
				     j->home ? j->home->fd : -1, j->noted };
	struct keeper *k = &keeper;

	k->joining = j;
	k->control = -1;
	k->pidfd = -1;
	relay_init(&k->relay);
	k->relay.tty = j->join->tty;
	k->relay.obey = obey;
	k->relay.arg = k;
	keeper_leave_starter("dsh-exec", keep,
			     cgroup_list_fds(&j->cgroup, keep, 4));
	trace_to_pipe(-1);
	trace_as(TRACE_MONITOR);
	relay_add_client(&k->relay, client_fd, streams, true);
	if (traced)
		(void)trace_add_sink(send_event, k);
	if (begin(k, j, traced, &k->failure) == 0) {
		watch(k, j->attached);
		reap(k);
	} else {
		relay_tell_all(&k->relay, WIRE_FAILED, &k->failure,
			       sizeof(k->failure));
		relay_flush(&k->relay);
		forget(j);
	}
	_exit(0);
}

/* ---- the caller ---- */

static int fork_keeper(struct joining *j, const struct wire_attach *streams,
		       int *out_fd, pid_t *out_pid, struct err *err)
{
	bool traced = trace_is_on();
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	(void)userns_kind(); /* found out here, known there */
	lang_prepare();
	trace_begin();
	pid = fork();
	if (pid != 0)
		call_forked(TRACE_ENTER_FORK, pid);
	if (pid == 0)
		keeper_main(j, pair[1], *streams, traced);
	close(pair[1]);
	if (pid < 0) {
		err_errno(err, "fork");
		close(pair[0]);
		return -err->code;
	}
	*out_fd = pair[0];
	*out_pid = pid;
	return 0;
}

/* The rights, and the keeper. */
static int begin_join(struct joining *j, const struct wire_attach *streams,
		      int *out_fd, pid_t *out_pid, struct err *err)
{
	int r;

	j->rights.caps = j->join->privileged ? caps_all() : j->spec->caps;
	j->rights.no_new_privs = j->spec->no_new_privs;
	r = rights_filter(j->spec, &j->rights.filter, err);
	if (r == 0)
		r = fork_keeper(j, streams, out_fd, out_pid, err);
	syscalls_done(&j->rights.filter);
	return r;
}

int join_begin(const struct join_place *place, const struct join *join,
	       int *out_fd, pid_t *out_keeper, struct err *err)
{
	const struct wire_attach streams = { .output = true, .error = true };
	struct joining j = {
		.join = join,
		.spec = &place->container->spec,
		.target = place->pidfd,
		.attached = true,
		.noted = -1,
	};
	int r;

	cgroup_open(&j.cgroup, place->folder_fd);
	r = begin_join(&j, &streams, out_fd, out_keeper, err);
	cgroup_done(&j.cgroup);
	return r;
}

int join_run(const struct home *home, const char *name,
	     const struct join *join, const struct attach *attach,
	     struct attach_end *out, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int target = -1;
	OWN_FD int fd = -1;
	OWN_FD int folder_fd = -1;
	struct wire_attach streams = { 0 };
	struct joining j = { .home = home,
			     .join = join,
			     .attached = attach,
			     .noted = -1 };
	pid_t keeper;
	int r;

	target = process_1_open(home, name, &c, err);
	if (target < 0)
		return target;
	r = names_random_id(j.exec_id, err);
	if (r == 0)
		r = folder_fd = state_open_folder(home, c.spec.id, err);
	if (r < 0)
		return r;
	cgroup_open(&j.cgroup, folder_fd);
	j.target = target;
	links_environment(home, &c.spec, &c.spec.link_env);
	j.spec = &c.spec;
	if (attach)
		streams = (struct wire_attach){ attach->out_fd >= 0,
						attach->err_fd >= 0,
						attach->in_fd >= 0 };
	if (attach && join->tty)
		j.size = attach_size(attach->out_fd);
	note(&j, "exec_create", NULL);
	note(&j, "exec_start", NULL);
	r = j.noted = exec_ids_note(home, c.spec.id, j.exec_id, err);
	if (r >= 0)
		r = begin_join(&j, &streams, &fd, &keeper, err);
	if (r < 0)
		forget(&j);
	if (j.noted >= 0)
		close(own_give_fd(&j.noted)); /* the keeper has it now */
	cgroup_done(&j.cgroup);
	if (r == 0)
		r = attach_talk(fd, attach, out, err);
	if (r == 0 && out->interrupted)
		return interrupt_err(err);
	if (r < 0)
		userns_explain_become(err);
	return r;
}
