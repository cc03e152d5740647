/* runtime/dns_helper.c - see dns_helper.h
 *
 * The sockets are made by a child that shares the table of descriptors with its
 * parent (clone3 with CLONE_FILES), enters the container's namespaces and ends: what
 * it opened stays open in the parent. Nobody else has to enter anything, and who
 * enters a user namespace cannot come back. */
#include "runtime/dns_helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
#include "runtime/dns_names.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/keeper.h"
#include "runtime/network.h"
#include "runtime/resolv.h"
#include "runtime/sys.h"

enum { PORT = 53, PATIENCE_MS = 5000 };

/* The namespaces of a container's process 1; user is -1 where it is ours. */
struct inside {
	int user;
	int net;
};

struct helper {
	const struct home *home;
	struct dns_names names;
	struct dns dns;
	struct inside inside;
	int pidfd;
};

/* ---- sockets in the container ---- */

static void close_inside(struct inside *inside)
{
	if (inside->user >= 0)
		close(inside->user);
	if (inside->net >= 0)
		close(inside->net);
	*inside = (struct inside){ -1, -1 };
}

static bool is_ours(int fd, const char *path)
{
	struct stat theirs;
	struct stat ours;

	return fstat(fd, &theirs) == 0 && stat(path, &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

static int open_inside(pid_t pid, struct inside *out, struct err *err)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	out->net = open(path, O_RDONLY | O_CLOEXEC);
	if (out->net < 0)
		return err_errno(err, "open %s", path);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	out->user = open(path, O_RDONLY | O_CLOEXEC);
	if (out->user >= 0 && is_ours(out->user, "/proc/self/ns/user")) {
		close(out->user);
		out->user = -1;
	}
	return 0;
}

static int enter(const struct inside *inside)
{
	if (inside->user >= 0 && setns(inside->user, CLONE_NEWUSER) < 0)
		return -errno;
	return setns(inside->net, CLONE_NEWNET) < 0 ? -errno : 0;
}

/* A socket that is bound while lo is down would answer as 127.0.0.1, whom nobody
 * asked. Process 1 raises lo, too, a moment later. */
static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	OWN_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

/* So that a name server of the container's own may have the port at its other
 * addresses. */
static int bound(int type)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr = { inet_addr(DNS_ADDRESS) },
	};
	int on = 1;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0)) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

/* What a child is to open in there, and did: numbers of descriptors, or -errno. */
struct wanted {
	bool listen;
	int family;
	int type;
	int fds[2];
};

static void open_wanted(const struct inside *inside, struct wanted *wanted)
{
	int r = enter(inside);

	if (r == 0 && wanted->listen)
		r = raise_loopback();
	wanted->fds[0] = wanted->fds[1] = r;
	if (r < 0)
		return;
	if (wanted->listen) {
		wanted->fds[0] = bound(SOCK_DGRAM);
		wanted->fds[1] = bound(SOCK_STREAM);
	} else {
		wanted->fds[0] = socket(wanted->family, wanted->type, 0);
	}
}

static int make_inside(const struct inside *inside, struct wanted *wanted)
{
	int pair[2];
	pid_t pid;
	int r = -EIO;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	pid = sys_clone(CLONE_FILES, NULL);
	if (pid == 0) {
		open_wanted(inside, wanted);
		(void)!write(pair[1], wanted, sizeof(*wanted));
		_exit(0); /* the table of descriptors lives on */
	}
	/* It may die without a word; the pipe has its other end in our own table,
	 * so its end is waited for first. */
	if (pid > 0 && waitpid(pid, NULL, 0) == pid &&
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0 &&
	    read(pair[0], wanted, sizeof(*wanted)) == (ssize_t)sizeof(*wanted))
		r = wanted->fds[0] < 0 ? wanted->fds[0] : 0;
	close(pair[0]);
	close(pair[1]);
	return r;
}

static int open_for_question(void *arg, int family, int type)
{
	struct helper *h = arg;
	struct wanted wanted = { .family = family, .type = type };

	return make_inside(&h->inside, &wanted) < 0 ? -1 : wanted.fds[0];
}

/* ---- whom it asks ---- */

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
	struct wanted wanted = { .listen = true };
	int r = open_inside(pid, &h->inside, err);

	if (r < 0)
		return r;
	h->pidfd = sys_pidfd_open(pid);
	if (h->pidfd < 0)
		return err_errno(err, "pidfd_open");
	r = make_inside(&h->inside, &wanted);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "listen at " DNS_ADDRESS ":53 in the container");
	}
	/* Over TCP comes only what is too long for UDP: it can do without. */
	dns_init(&h->dns, wanted.fds[0],
		 wanted.fds[1] < 0 ? -1 : wanted.fds[1], &source);
	return 0;
}

/* The sockets hold the network namespace: they go with process 1. */
static void end_run(struct helper *h)
{
	close_inside(&h->inside);
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

static _Noreturn void helper_main(const struct home *home, const char *id,
				  int control)
{
	static struct helper helper;
	struct helper *h = &helper;
	const int keep[] = { home->fd, control };
	int32_t pid;

	keeper_leave_starter("dsh-names", keep, 2);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	*h = (struct helper){ .home = home,
			      .inside = { -1, -1 },
			      .pidfd = -1 };
	dns_names_init(&h->names, home, id);
	h->names.changed = choose_servers;
	h->names.arg = h;
	while (recv(control, &pid, sizeof(pid), 0) ==
	       (ssize_t)sizeof(pid)) {
		struct err err = { 0 };
		bool ok = begin_run(h, pid, &err) == 0;

		(void)send(control, &err, sizeof(err), MSG_NOSIGNAL);
		if (ok) {
			serve(h, control);
			dns_done(&h->dns);
		}
		end_run(h);
	}
	_exit(0);
}

/* For one run, and nobody who waits for it. */
static _Noreturn void attached_main(const struct home *home, const char *id,
				    pid_t pid, int report)
{
	static struct helper helper;
	struct helper *h = &helper;
	const int keep[] = { home->fd, report };
	struct err err = { 0 };
	bool ok;

	keeper_leave_starter("dsh-names", keep, 2);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	*h = (struct helper){ .home = home,
			      .inside = { -1, -1 },
			      .pidfd = -1 };
	dns_names_init(&h->names, home, id);
	h->names.changed = choose_servers;
	h->names.arg = h;
	ok = begin_run(h, pid, &err) == 0;
	(void)send(report, &err, sizeof(err), MSG_NOSIGNAL);
	close(report);
	if (ok)
		serve(h, -1);
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
	struct err said = { 0 };
	int n = poll(&news, 1, PATIENCE_MS);

	if (n <= 0 || recv(socket, &said, sizeof(said), 0) !=
			      (ssize_t)sizeof(said))
		return err_set(err, n == 0 ? ETIMEDOUT : EIO,
			       _("the container's name server did not start"));
	if (said.code == 0)
		return 0;
	*err = said;
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
		trace_to_pipe(-1);
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
	int32_t number = pid;

	if (helper->socket < 0)
		return 0;
	if (send(helper->socket, &number, sizeof(number), MSG_NOSIGNAL) < 0)
		return err_errno(err, "talk to the container's name server");
	return hear(helper->socket, err);
}

void dns_helper_end(struct dns_helper *helper)
{
	if (helper->socket >= 0)
		close(helper->socket);
	helper->socket = -1;
}

int dns_helper_attach(const struct home *home, const char *id, pid_t pid,
		      struct err *err)
{
	int pair[2];
	int r = make_pair(pair, err);
	pid_t child;

	if (r < 0)
		return r;
	/* Twice, so that it is nobody's child here. */
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			close(pair[0]);
			attached_main(home, id, pid, pair[1]);
		}
		_exit(0);
	}
	close(pair[1]);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	r = child < 0 ? err_errno(err, "fork the container's name server") :
			hear(pair[0], err);
	close(pair[0]);
	/* There is one already. */
	return r == -EADDRINUSE ? 0 : r;
}
