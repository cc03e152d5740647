/* runtime/monitor_ports.c - the published ports of a container that runs.
 *
 *   open:   the monitor listens             (in the machine's network namespace)
 *   begin:  its forwarder carries           (where the container's address is known)
 *   end:    nobody listens any more, and the forwarder is gone
 *
 * Each start opens anew, so that a port that may be any is another one after a
 * restart. A plain user's monitor has left the machine's network namespace by then,
 * and nobody may go back there: it keeps the sockets that it has, at rest. */
#include <arpa/inet.h>

#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/container.h"
#include "runtime/monitor_parts.h"
#include "runtime/network.h"
#include "runtime/userns.h"

static bool keeps_sockets(void)
{
	return userns_kind() != USERNS_NONE;
}

int monitor_ports_open(struct monitor *m, struct err *err)
{
	const struct spec *spec = &m->container->spec;

	if (!publish_is_wanted(spec))
		return 0;
	if (m->publish.count)
		return publish_resume(&m->publish, err);
	return publish_open(m->home, spec, &m->publish, &m->published, err);
}

/* A network without a way out lets nobody in either. */
static bool leads_out(const struct monitor *m, const struct endpoint *endpoint)
{
	OWN_NETWORK struct network network = { 0 };
	struct err ignored = { 0 };

	return network_find_of(m->home, endpoint, &network, &ignored) == 0 &&
	       !network.internal;
}

/* The address at which it is reached: that of the first network with a way out. */
static bool find_address(const struct monitor *m, struct in_addr *out)
{
	const struct endpoints *networks = &m->container->spec.networks;

	for (size_t i = 0; i < networks->count; i++) {
		const struct endpoint *endpoint = &networks->items[i];

		if (endpoint->ip && leads_out(m, endpoint) &&
		    inet_pton(AF_INET, endpoint->ip, out) == 1)
			return true;
	}
	return false;
}

int monitor_ports_begin(struct monitor *m, struct err *err)
{
	struct container *c = m->container;
	struct in_addr to;

	if (m->publish.count == 0)
		return 0;
	strs_clear(&c->published);
	if (!find_address(m, &to)) {
		forward_end(&m->forward);
		publish_rest(&m->publish);
		return 0;
	}
	strs_copy(&c->published, &m->published);
	if (m->forward.pid && m->forward.container.s_addr == to.s_addr)
		return 0;
	forward_end(&m->forward);
	if (publish_resume(&m->publish, err) < 0)
		return -err->code;
	return forward_begin(&m->publish, to, &m->forward, err);
}

void monitor_ports_end(struct monitor *m)
{
	forward_end(&m->forward);
	if (keeps_sockets()) {
		publish_rest(&m->publish);
		return;
	}
	publish_close(&m->publish);
	strs_clear(&m->published);
}
