/* runtime/dns_inside.c - see dns_inside.h */
#include "runtime/dns_inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/dns.h"
#include "runtime/sys.h"

enum { PORT = 53 };

void dns_inside_close(struct dns_inside *inside)
{
	if (inside->user >= 0)
		close(inside->user);
	if (inside->net >= 0)
		close(inside->net);
	*inside = DNS_INSIDE_NONE;
}

static bool is_ours(int fd, const char *path)
{
	struct stat theirs;
	struct stat ours;

	return fstat(fd, &theirs) == 0 && stat(path, &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

int dns_inside_open(pid_t pid, struct dns_inside *out, struct err *err)
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

static int enter(const struct dns_inside *inside)
{
	if (inside->user >= 0 &&
	    call_setns(TRACE_NAMES, inside->user, CLONE_NEWUSER) < 0)
		return -errno;
	return call_setns(TRACE_NAMES, inside->net, CLONE_NEWNET) < 0 ? -errno :
									0;
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
	trace_note("%d: %s", fd, type == SOCK_STREAM ? "TCP" : "UDP");
	if (call_bind(TRACE_NAMES, fd, (const struct sockaddr *)&at,
		      sizeof(at)) < 0 ||
	    (type == SOCK_STREAM && call_listen(TRACE_NAMES, fd, 16) < 0)) {
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
	struct trace_kept steps;
};

static void open_wanted(const struct dns_inside *inside, struct wanted *wanted)
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

static _Noreturn void child_main(const struct dns_inside *inside,
				 struct wanted *wanted, int report)
{
	if (trace_is_on()) {
		trace_to_pipe(-1);
		(void)trace_add_sink(trace_keep, &wanted->steps);
	}
	open_wanted(inside, wanted);
	(void)!write(report, wanted, sizeof(*wanted));
	_exit(0); /* the table of descriptors lives on */
}

static int make_inside(const struct dns_inside *inside, struct wanted *wanted)
{
	int pair[2];
	pid_t pid;
	int r = -EIO;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	trace_begin();
	pid = sys_clone(CLONE_FILES, NULL);
	if (pid == 0)
		child_main(inside, wanted, pair[1]);
	call_cloned(TRACE_NAMES, CLONE_FILES, pid);
	/* It may die without a word; the pipe has its other end in our own table,
	 * so its end is waited for first. */
	if (pid > 0 && waitpid(pid, NULL, 0) == pid &&
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0 &&
	    read(pair[0], wanted, sizeof(*wanted)) ==
		    (ssize_t)sizeof(*wanted)) {
		r = wanted->fds[0] < 0 ? wanted->fds[0] : 0;
		trace_deliver_kept(&wanted->steps);
	}
	close(pair[0]);
	close(pair[1]);
	return r;
}

int dns_inside_listen(const struct dns_inside *inside, int out_fds[2])
{
	struct wanted wanted = { .listen = true };
	int r = make_inside(inside, &wanted);

	if (r < 0)
		return r;
	out_fds[0] = wanted.fds[0];
	out_fds[1] = wanted.fds[1];
	return 0;
}

int dns_inside_socket(const struct dns_inside *inside, int family, int type)
{
	struct wanted wanted = { .family = family, .type = type };
	int r = make_inside(inside, &wanted);

	return r < 0 ? r : wanted.fds[0];
}
