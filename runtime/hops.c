/* runtime/hops.c - see hops.h: the facts.
 *
 * The sockets of both sides are read from /proc/PID/net: nobody has to go into the
 * container for it. */
#include "runtime/hops.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "runtime/namespaces.h"
#include "runtime/port_holder.h"
#include "runtime/port_spec.h"
#include "runtime/processes.h"

enum {
	TRY_MS = 2000, /* as long as a visitor would hardly wait */
	LOOK_MS = 64,  /* the longest between two looks */
	MAX_PROC = 4 << 20,
};

void hops_facts_done(struct hops_facts *facts)
{
	for (size_t i = 0; facts->holders && i < facts->inside.count; i++)
		sides_done(&facts->holders[i]);
	free(facts->holders);
	free(facts->outside);
	free(facts->tried);
	listeners_done(&facts->inside);
	*facts = (struct hops_facts){ 0 };
}

/* ---- the machine's side ---- */

static void find_forwarder(struct hops_facts *facts, struct pids *ours)
{
	OWN_PIDS struct pids children = { 0 };
	pid_t monitor = facts->container->monitor_pid;

	if (monitor <= 0)
		return;
	pids_add(ours, monitor);
	sides_children(monitor, &children);
	for (size_t i = 0; i < children.count; i++) {
		struct process p;

		/* One that was killed stays as a zombie until it is asked for. */
		if (process_read(children.items[i], &p) < 0 ||
		    strcmp(p.name, "dsh-forward") != 0 || p.state == 'Z')
			continue;
		facts->forwarder = p.pid;
		facts->forwarder_stopped = p.state == 'T';
		pids_add(ours, p.pid);
	}
}

static const struct listener *socket_at(const struct listeners *machine,
					const struct hops_outside *outside)
{
	for (size_t i = 0; i < machine->count; i++)
		if (machine->items[i].port == outside->port &&
		    machine->items[i].udp == outside->udp &&
		    strcmp(machine->items[i].ip, outside->ip) == 0)
			return &machine->items[i];
	return NULL;
}

static bool make_address(const char *ip, uint16_t port,
			 struct sockaddr_storage *out)
{
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, ip, &four.sin_addr) == 1)
		memcpy(out, &four, sizeof(four));
	else if (inet_pton(AF_INET6, ip, &six.sin6_addr) == 1)
		memcpy(out, &six, sizeof(six));
	else
		return false;
	return true;
}

/* Another's socket: whose is found by a walk through all processes. */
static void find_other(struct hops_outside *outside)
{
	struct sockaddr_storage address;
	struct port_holder holder;

	if (!make_address(outside->ip, outside->port, &address) ||
	    !port_holder_find(&address, outside->udp, &holder))
		return;
	outside->pid = holder.pid;
	snprintf(outside->name, sizeof(outside->name), "%s", holder.name);
}

static void look_at_machine(struct hops_facts *facts)
{
	OWN_LISTENERS struct listeners machine = { 0 };
	OWN_PIDS struct pids ours = { 0 };

	find_forwarder(facts, &ours);
	(void)listeners_read(0, &machine);
	listeners_find_holders(&machine, &ours);
	for (size_t i = 0; i < facts->outside_count; i++) {
		struct hops_outside *outside = &facts->outside[i];
		const struct listener *l = socket_at(&machine, outside);

		outside->listens = l != NULL;
		if (!l)
			continue;
		/* A forwarder that went into another user namespace hides its
		 * descriptors even from its own account: then it is the user
		 * of the socket that tells. */
		outside->ours = l->pid || (facts->forwarder &&
					   l->uid == geteuid() && geteuid());
		if (!outside->ours)
			find_other(outside);
	}
}

static void add_outside(struct hops_facts *facts, const char *entry)
{
	struct port_spec spec;
	struct hops_outside *outside;

	if (!port_spec_read(entry, &spec))
		return;
	facts->outside = mem_grow(facts->outside, facts->outside_count + 1,
				  sizeof(*facts->outside));
	outside = &facts->outside[facts->outside_count++];
	*outside = (struct hops_outside){
		.port = spec.first,
		.inside = spec.port,
		.udp = strcmp(spec.proto, "udp") == 0,
	};
	snprintf(outside->ip, sizeof(outside->ip), "%s", spec.ip);
}

/* ---- the container's side ---- */

/* A device that is up and has an address has a route to its own network. */
static bool has_route(pid_t pid, const char *device)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/net/route", pid);
	OWN_FREE char *wanted = mem_fmt("\n%s\t", device);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	return fs_read(AT_FDCWD, path, MAX_PROC, &text, &ignored) == 0 &&
	       strstr(buf_text(&text), wanted) != NULL;
}

/* In a network that is shared, only what the container's own programs hold is its. */
static void keep_own(struct listeners *listeners)
{
	size_t kept = 0;

	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->items[i].pid)
			listeners->items[kept++] = listeners->items[i];
	listeners->count = kept;
}

static void look_inside(const struct home *home, struct hops_facts *facts)
{
	const struct container *c = facts->container;
	const struct endpoints *networks = &c->spec.networks;
	OWN_PIDS struct pids pids = { 0 };
	struct err ignored = { 0 };

	for (size_t i = 0; i < networks->count; i++)
		if (networks->items[i].device &&
		    has_route(c->pid, networks->items[i].device))
			facts->device_up = true;
	(void)listeners_read(c->pid, &facts->inside);
	(void)container_processes(home, c->spec.id, &pids, &ignored);
	listeners_find_holders(&facts->inside, &pids);
	if (namespaces_is_host(c->spec.network_mode) ||
	    namespaces_donor(c->spec.network_mode))
		keep_own(&facts->inside);
	facts->holders =
		mem_zero(facts->inside.count + 1, sizeof(*facts->holders));
	for (size_t i = 0; i < facts->inside.count; i++)
		if (facts->inside.items[i].pid)
			(void)sides_read(facts->inside.items[i].pid,
					 &facts->holders[i]);
}

/* ---- one connection ---- */

/* Everybody's address is reached at the machine's own. */
static const char *reachable(const char *ip)
{
	if (strcmp(ip, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(ip, "::") == 0 ? "::1" : ip;
}

/* A connected socket, or -errno. */
static int dial(const struct hops_outside *outside)
{
	struct sockaddr_storage address;
	struct pollfd wait = { .events = POLLOUT };
	int failed = ETIMEDOUT;
	socklen_t size = sizeof(failed);
	OWN_FD int fd = -1;

	if (!make_address(reachable(outside->ip), outside->port, &address))
		return -EINVAL;
	fd = socket(address.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address,
		    address.ss_family == AF_INET
			    ? sizeof(struct sockaddr_in)
			    : sizeof(struct sockaddr_in6)) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	wait.fd = fd;
	if (poll(&wait, 1, TRY_MS) == 1)
		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	return failed ? -failed : own_give_fd(&fd);
}

/* What was heard. An end without a word is the forwarder's, unless the program inside was
 * who ended it: that is remembered there. */
static enum hops_try hear(pid_t pid, const struct hops_outside *outside, int fd,
			  int ended_before)
{
	char byte;
	ssize_t len = recv(fd, &byte, 1, MSG_DONTWAIT);

	if (len > 0)
		return HOPS_ANSWERED;
	return len == 0 && listeners_ended(pid, outside->inside) > ended_before
		       ? HOPS_ANSWERED
		       : HOPS_BROKEN;
}

/* The machine's port takes a connection before the forwarder has one to the
 * container. So it is looked for inside, too. */
static enum hops_try try_one(pid_t pid, const struct hops_outside *outside)
{
	int before = listeners_connections(pid, outside->inside);
	int ended_before = listeners_ended(pid, outside->inside);
	OWN_FD int fd = dial(outside);
	struct pollfd wait = { .fd = fd, .events = POLLIN | POLLRDHUP };
	int64_t until = clock_ms() + TRY_MS;

	/* Inside it may have been refused before we looked. */
	if (fd < 0)
		return fd == -ECONNRESET ? HOPS_BROKEN : HOPS_REFUSED;
	for (int ms = 1; clock_ms() < until; ms = ms < LOOK_MS ? ms * 2 : ms) {
		if (poll(&wait, 1, ms) > 0)
			return hear(pid, outside, fd, ended_before);
		if (listeners_connections(pid, outside->inside) > before)
			return HOPS_ARRIVED;
	}
	return HOPS_SILENT;
}

/* One port at several addresses is one way from the forwarder on. */
static bool was_tried(const struct hops_facts *facts, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (facts->tried[i] != HOPS_NOT_TRIED &&
		    facts->outside[i].inside == facts->outside[index].inside)
			return true;
	return false;
}

static void try_all(struct hops_facts *facts)
{
	for (size_t i = 0; i < facts->outside_count; i++) {
		const struct hops_outside *outside = &facts->outside[i];

		if (!outside->udp && outside->ours && !was_tried(facts, i))
			facts->tried[i] =
				try_one(facts->container->pid, outside);
	}
}

int hops_gather(const struct home *home, const struct container *container,
		bool try, struct hops_facts *out, struct err *err)
{
	bool runs = container->status == CONTAINER_RUNNING ||
		    container->status == CONTAINER_PAUSED;
	const struct strs *entries = runs && container->published.count
					     ? &container->published
					     : &container->spec.ports;

	(void)err; /* what cannot be seen is a fact, not a failure */
	*out = (struct hops_facts){ .container = container };
	for (size_t i = 0; i < entries->count; i++)
		add_outside(out, entries->items[i]);
	out->tried = mem_zero(out->outside_count + 1, sizeof(*out->tried));
	if (!runs)
		return 0;
	look_at_machine(out);
	look_inside(home, out);
	if (try && container->status == CONTAINER_RUNNING && out->device_up &&
	    out->forwarder && !out->forwarder_stopped)
		try_all(out);
	return 0;
}
