/* runtime/monitor_start.c - how the monitor starts its container.
 *
 * The order is the one in which things must be there: what is of the machine's own
 * network first, then the child, its networks while it makes its root, and at last the
 * record. See stages.h for what parent and child say to each other meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container_files.h"
#include "runtime/monitor.h"
#include "runtime/monitor_parts.h"
#include "runtime/namespaces.h"
#include "runtime/news.h"
#include "runtime/oci_spec.h"
#include "runtime/rights.h"
#include "runtime/volumes.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- what the child says ---- */

static void tell_started(struct monitor *m)
{
	int32_t pid = m->child.pid;

	m->started = true;
	volumes_add_events(&m->event_lines, &m->container->spec, "mount");
	monitor_event(m, "start", NULL, NULL);
	if (m->how == WIRE_TO_RESTART && m->restarting)
		monitor_event(m, "restart", NULL, NULL);
	monitor_events_write(m, false);
	m->restarting = false;
	health_begin(&m->health, m->home, m->container, m->folder_fd,
		     m->child.pidfd);
	/* Whoever sees the program's output needs no word that it runs. */
	for (int i = m->relay.client_count - 1; i >= 0; i--)
		if (!m->relay.clients[i].streams.output)
			relay_tell(&m->relay, i, WIRE_STARTED, &pid, sizeof(pid));
}

void monitor_hear_child(struct monitor *m)
{
	struct trace_event event;
	int fd = -1;

	switch (news_receive(m->child.control, &fd, &event, &m->failure)) {
	case NEWS_EXEC:
		close_fd(&m->child.control);
		if (!m->failed)
			tell_started(m);
		break;
	case NEWS_FAILED:
		m->failed = true;
		break;
	case NEWS_TTY:
		relay_take_terminal(&m->relay, fd);
		break;
	case NEWS_EVENT:
		event.pid = m->child.pid; /* it calls itself 1 */
		trace_deliver(&event);
		break;
	case NEWS_NOTHING:
		break;
	}
}

/* ---- what it finds there ---- */

static int listen_for_clients(struct monitor *m, struct err *err)
{
	struct sockaddr_un address;

	monitor_address(m->home, m->container->spec.id, &address);
	m->relay.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     0);
	if (m->relay.listener < 0)
		return err_errno(err, "socket");
	if (bind(m->relay.listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(m->relay.listener, 16) < 0)
		return err_errno(err, "listen on %s", address.sun_path);
	return 0;
}

/* Taking a mount namespace down takes the kernel about a millisecond, which the
 * last process in it has to stay for. One that is not needed again, and shows no
 * folder of the machine's, is held here and ends with the monitor: by then its
 * client knows the exit code. */
static void keep_views(struct monitor *m)
{
	const struct spec *spec = &m->container->spec;
	char path[40];

	/* While it is held nobody else gets its number, by which those are found that
	 * process 1 leaves behind. */
	if (!m->mount_namespace && (!spec->auto_remove || spec->mounts.count))
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", m->child.pid);
	m->views_fd = open(path, O_RDONLY | O_CLOEXEC);
	/* It has ended already: nobody holds its number, which may be another's soon. */
	if (m->views_fd < 0 && errno == ENOENT && m->mount_namespace)
		*m->mount_namespace = 0;
}

/* What is of the machine's own network is opened first: the monitor may have left it
 * after that. */
static int go_to_networks(struct monitor *m, struct err *err)
{
	struct spec *spec = &m->container->spec;
	int r = monitor_ports_open(m, err);

	if (r == 0)
		r = monitor_names_prepare(m, err);
	if (r == 0)
		r = net_begin(&m->net, m->home, spec, err);
	return r < 0 ? r : container_files_write_etc(m->home, m->folder_fd,
						     spec, err);
}

/* The child is on its way: meanwhile it is given its networks. */
static int give_networks(struct monitor *m, struct err *err)
{
	struct spec *spec = &m->container->spec;
	int r;

	if (!m->net.count)
		return monitor_ports_begin(m, err);
	r = net_attach(&m->net, m->child.pid, err);
	if (r < 0)
		r = net_refused(&m->net, spec, err);
	m->networked = r == 0 && m->net.count > 0;
	if (m->networked)
		r = monitor_names_begin(m, err);
	return r < 0 ? r : monitor_ports_begin(m, err);
}

/* What could not be had is said to whoever started it, and noted for who asks later. */
static void say_why(struct monitor *m)
{
	struct spec *spec = &m->container->spec;

	free(spec->network_why);
	spec->network_why = m->net.why[0] ? mem_str(m->net.why) : NULL;
	for (int i = m->relay.client_count - 1; i >= 0 && m->net.why[0]; i--)
		if (m->relay.clients[i].starter)
			relay_tell(&m->relay, i, WIRE_WORD, m->net.why,
				   strlen(m->net.why) + 1);
}

int monitor_start_child(struct monitor *m, const struct monitor_start *start,
			bool again, struct err *err)
{
	struct container *c = m->container;
	struct namespaces joined = NAMESPACES_NONE;
	struct stages stages = {
		.home = start->home,
		.spec = &c->spec,
		.stdio = { -1, -1, -1 },
		.again = again,
		.size = start->size,
		.namespaces = &joined,
		.net = &m->net,
		.mount_namespace = m->mount_namespace,
		.cgroup = &m->controls.cgroup,
	};
	struct err ignored = { 0 };
	bool waits = false;
	int r = c->spec.tty ? 0 :
			      relay_make_pipes(&m->relay,
					       c->spec.open_stdin,
					       stages.stdio, err);

	if (r == 0 && m->relay.listener < 0)
		r = listen_for_clients(m, err);
	if (r == 0)
		r = rights_filter(&c->spec, &stages.filter, err);
	if (r == 0)
		r = go_to_networks(m, err);
	if (r == 0)
		r = namespaces_open(start->home, &c->spec, &joined, err);
	if (r == 0)
		r = controls_begin(&m->controls, &c->spec, err);
	close_fd(&m->views_fd);
	if (r == 0)
		r = stages_begin(&stages, &m->child, err);
	waits = r == 0 && m->net.count;
	if (r == 0)
		r = give_networks(m, err);
	if (r == 0)
		keep_views(m);
	say_why(m);
	namespaces_close(&joined);
	syscalls_done(&stages.filter);
	for (int i = 0; i < 3; i++)
		close_fd(&stages.stdio[i]);
	if (r == 0)
		r = monitor_record_start(m, again, err);
	else
		controls_end(&m->controls, c, false);
	/* Written down first: its own name server reads there what its program may
	 * ask for at once. */
	if (r == 0 && waits)
		r = stages_say_networks(&m->child, m->net.count > 0, err);
	if (r == 0 && m->networked)
		monitor_names_known(m);
	/* For whoever wants to look; the container does not depend on it. */
	if (r == 0)
		(void)oci_spec_write(m->folder_fd, start->home, &c->spec,
				     &ignored);
	return r;
}
