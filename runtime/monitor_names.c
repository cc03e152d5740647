/* runtime/monitor_names.c - how the monitor's container is found by name.
 *
 * The networks themselves are net.h's. Here is what stands around them: the process
 * in which the container's name server lives, those who link to it, its own lines in
 * /etc/hosts, and what events tell of it. */
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/container.h"
#include "runtime/container_files.h"
#include "runtime/endpoint.h"
#include "runtime/events.h"
#include "runtime/links.h"
#include "runtime/monitor_parts.h"

/* Before the monitor goes to where the bridges are: the name server asks others from
 * where the machine does. One serves all runs. */
int monitor_names_prepare(struct monitor *m, struct err *err)
{
	if (m->names.socket >= 0 || !dns_helper_is_wanted(&m->container->spec))
		return 0;
	return dns_helper_start(&m->names, m->home, m->container->spec.id, err);
}

/* Process 1 is there and waits for its networks: the name server is there first. */
int monitor_names_begin(struct monitor *m, struct err *err)
{
	return dns_helper_begin(&m->names, m->child.pid, err);
}

/* It has its addresses, and they are written down. */
void monitor_names_known(struct monitor *m)
{
	const struct spec *spec = &m->container->spec;

	if (spec->link_env.count)
		links_note(m->home, spec);
	links_follow(m->home, m->folder_fd, spec);
	monitor_network_events(m, "connect");
}

/* It came to a network, or left one, while it runs. The name server sees it by
 * itself. */
void monitor_names_changed(struct monitor *m)
{
	struct err ignored = { 0 }; /* a full disk: it is found all the same */

	(void)container_files_follow_networks(m->folder_fd, &m->container->spec,
					      &ignored);
}

void monitor_network_events(struct monitor *m, const char *action)
{
	const struct spec *spec = &m->container->spec;

	/* Of `host` and `none` nothing is noted: their ids would have to be looked up
	 * for that alone. */
	for (size_t i = 0; i < spec->networks.count; i++)
		if (spec->networks.items[i].network_id)
			events_add_network(&m->event_lines, spec,
					   &spec->networks.items[i], action);
}
