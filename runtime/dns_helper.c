/* runtime/dns_helper.c - see dns_helper.h */
#include "runtime/dns_helper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/container.h"
#include "runtime/dns.h"
#include "runtime/dns_inside.h"
#include "runtime/dns_names.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/keeper.h"
#include "runtime/network.h"
#include "runtime/resolv.h"
#include "runtime/sys.h"

enum { PATIENCE_MS = 5000 };

struct helper {
	const struct home *home;
	struct dns_names names;
	struct dns dns;
	struct dns_inside inside;
	int pidfd;
};

/* ---- whom it asks ---- */

static int open_for_question(void *arg, int family, int type)
{
	struct helper *h = arg;
	int fd = dns_inside_socket(&h->inside, family, type);

	return fd < 0 ? -1 : fd;
}

/* Whether any of its networks leads out. */
static bool leads_out(struct helper *h, const struct spec *spec)
{
	for (size_t i = 0; i < spec->networks.count; i++) {
		OWN_NETWORK struct network network = { 0 };
		struct err ignored = { 0 };

		if (network_find(h->home, spec->networks.items[i].network,
				 &network, &ignored) == 0 &&
		    !network.internal)
			return true;
	}
	return false;
}

/* Called whenever the container's record is another one than before. */
static void choose_servers(void *arg, const struct spec *spec)
{
	struct helper *h = arg;
	OWN_STRS struct strs servers = { 0 };

	h->dns.forward.server_count = 0;
	h->dns.hold_back = resolv_has_ndots(&spec->dns_options);
	/* A server that the user named may be another container. */
	h->dns.forward.open_socket = spec->dns.count ? open_for_question : NULL;
	h->dns.forward.open_arg = h;
	if (!spec->dns.count && !leads_out(h, spec))
		return;
	if (spec->dns.count)
		strs_copy(&servers, &spec->dns);
	else
		resolv_servers(&servers);
	for (size_t i = 0; i < servers.count; i++)
		dns_forward_add_server(&h->dns.forward, servers.items[i]);
}

/* ---- one run of the container ---- */

static int begin_run(struct helper *h, pid_t pid, struct err *err)
{
	const struct dns_source source = dns_names_source(&h->names);
	int fds[2];
	int r = dns_inside_open(pid, &h->inside, err);

	if (r < 0)
		return r;
	h->pidfd = sys_pidfd_open(pid);
	if (h->pidfd < 0)
		return err_errno(err, "pidfd_open");
	r = dns_inside_listen(&h->inside, fds);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "listen at " DNS_ADDRESS ":53 in the container");
	}
	dns_init(&h->dns, fds[0], fds[1] < 0 ? -1 : fds[1], &source);
	return 0;
}

/* The sockets hold the network namespace: they go with process 1. */
static void end_run(struct helper *h)
{
	dns_inside_close(&h->inside);
	if (h->pidfd >= 0)
		close(h->pidfd);
	h->pidfd = -1;
}

/* Until process 1 ends, or the monitor has something to say. */
static void serve(struct helper *h, int control)
{
	OWN_FD int stop = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };

	if (stop < 0 || epoll_ctl(stop, EPOLL_CTL_ADD, h->pidfd, &event) < 0 ||
	    (control >= 0 &&
	     epoll_ctl(stop, EPOLL_CTL_ADD, control, &event) < 0))
		return;
	while (dns_serve(&h->dns, stop, -1))
		;
}

/* ---- the process ---- */

/* What the monitor asks: to serve a run of its container. */
struct question {
	pid_t pid; /* process 1 */
	bool traced;
};

/* The answer, as soon as the sockets are there or could not be had. */
struct answer {
	struct err err;
	struct trace_kept steps;
};

static void become_helper(struct helper *h, const struct home *home,
			  const char *id, int control)
{
	const int keep[] = { home->fd, control };

	keeper_leave_starter("dsh-names", keep, 2);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	trace_to_pipe(-1);
	trace_as(TRACE_HELPER);
	*h = (struct helper){ .home = home,
			      .inside = DNS_INSIDE_NONE,
			      .pidfd = -1 };
	dns_names_init(&h->names, home, id);
	h->names.changed = choose_servers;
	h->names.arg = h;
}

static bool begin_and_answer(struct helper *h, const struct question *question,
			     int control)
{
	struct answer answer = { 0 };
	bool ok;

	if (question->traced)
		(void)trace_add_sink(trace_keep, &answer.steps);
	ok = begin_run(h, question->pid, &answer.err) == 0;
	trace_remove_sink(trace_keep, &answer.steps);
	(void)send(control, &answer, sizeof(answer), MSG_NOSIGNAL);
	return ok;
}

static _Noreturn void helper_main(const struct home *home, const char *id,
				  int control)
{
	static struct helper helper;
	struct question question;

	become_helper(&helper, home, id, control);
	while (recv(control, &question, sizeof(question), 0) ==
	       (ssize_t)sizeof(question)) {
		if (begin_and_answer(&helper, &question, control)) {
			serve(&helper, control);
			dns_done(&helper.dns);
		}
		end_run(&helper);
	}
	_exit(0);
}

/* For one run, and nobody who waits for it. */
static _Noreturn void attached_main(const struct home *home, const char *id,
				    const struct question *question, int report)
{
	static struct helper helper;
	bool ok;

	become_helper(&helper, home, id, report);
	ok = begin_and_answer(&helper, question, report);
	close(report);
	if (ok)
		serve(&helper, -1);
	_exit(0);
}

/* ---- the monitor's side ---- */

bool dns_helper_is_wanted(const struct spec *spec)
{
	if (!spec_is_networked(spec))
		return false;
	for (size_t i = 0; i < spec->networks.count; i++)
		if (spec->networks.items[i].network &&
		    strcmp(spec->networks.items[i].network, "bridge") != 0)
			return true;
	return false;
}

static int make_pair(int pair[2], struct err *err)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ?
		       err_errno(err, "socketpair") :
		       0;
}

/* What it says of its sockets: nothing went wrong, or what did. */
static int hear(int socket, struct err *err)
{
	struct pollfd news = { socket, POLLIN, 0 };
	struct answer said = { 0 };
	int n = poll(&news, 1, PATIENCE_MS);

	if (n <= 0 || recv(socket, &said, sizeof(said), 0) !=
			      (ssize_t)sizeof(said))
		return err_set(err, n == 0 ? ETIMEDOUT : EIO,
			       _("the container's name server did not start"));
	trace_deliver_kept(&said.steps);
	if (said.err.code == 0)
		return 0;
	*err = said.err;
	return -err->code;
}

int dns_helper_start(struct dns_helper *helper, const struct home *home,
		     const char *id, struct err *err)
{
	int pair[2];
	int r = make_pair(pair, err);
	pid_t pid;

	if (r < 0)
		return r;
	trace_begin();
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		helper_main(home, id, pair[1]);
	}
	call_forked(TRACE_NAMES, pid);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_errno(err, "fork the container's name server");
	}
	helper->socket = pair[0];
	return 0;
}

int dns_helper_begin(struct dns_helper *helper, pid_t pid, struct err *err)
{
	const struct question question = { pid, trace_is_on() };

	if (helper->socket < 0)
		return 0;
	if (send(helper->socket, &question, sizeof(question), MSG_NOSIGNAL) < 0)
		return err_errno(err, "talk to the container's name server");
	return hear(helper->socket, err);
}

int dns_helper_attach(const struct home *home, const char *id, pid_t pid,
		      struct err *err)
{
	const struct question question = { pid, trace_is_on() };
	int pair[2];
	int r = make_pair(pair, err);
	pid_t child;

	if (r < 0)
		return r;
	/* Twice, so that it is nobody's child here. */
	trace_begin();
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			close(pair[0]);
			attached_main(home, id, &question, pair[1]);
		}
		_exit(0);
	}
	call_forked(TRACE_NAMES, child);
	close(pair[1]);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	r = child < 0 ? err_errno(err, "fork the container's name server") :
			hear(pair[0], err);
	close(pair[0]);
	/* There is one already. */
	return r == -EADDRINUSE ? 0 : r;
}
