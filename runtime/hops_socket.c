/* runtime/hops_socket.c - see hops.h: the last hop, what listens inside.
 *
 * Of all that listens, what comes nearest to what is wanted is told: right port and
 * localhost only, right port and the other protocol, another port. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/hops_parts.h"

static char *who_listens(const struct hops_facts *facts, size_t index)
{
	const struct sides *holder = &facts->holders[index];

	if (!holder->pid)
		return mem_str(_("a program"));
	return holder->inside
		       ? mem_fmt(_("%s (process %d inside, %d outside)"),
				 holder->name, holder->inside, holder->pid)
		       : mem_fmt(_("%s (process %d)"), holder->name,
				 holder->pid);
}

static char *listener_text(const struct listener *l)
{
	return mem_fmt(l->six ? "[%s]:%u" : "%s:%u", l->ip, l->port);
}

enum fit { FIT_NOT, FIT_PORT, FIT_PROTOCOL, FIT_LOOPBACK, FIT_WHOLE };

static enum fit fits(const struct listener *l, const struct port_way *way,
		     const char *ip)
{
	if (hops_is_name_server(l))
		return FIT_NOT;
	if (l->port != way->port)
		return l->udp == way->udp && !listener_is_loopback(l) ? FIT_PORT
								      : FIT_NOT;
	if (l->udp != way->udp)
		return FIT_PROTOCOL;
	return listener_is_reached(l, ip) ? FIT_WHOLE : FIT_LOOPBACK;
}

/* What listens inside that comes nearest to what is wanted; *out_fit FIT_NOT: none. */
static size_t nearest(const struct hops_facts *facts,
		      const struct port_way *way, enum fit *out_fit)
{
	const struct endpoint *endpoint = hops_endpoint(facts);
	size_t best = 0;

	*out_fit = FIT_NOT;
	for (size_t i = 0; i < facts->inside.count; i++) {
		enum fit fit = fits(&facts->inside.items[i], way,
				    endpoint ? endpoint->ip : NULL);

		if (fit > *out_fit) {
			*out_fit = fit;
			best = i;
		}
	}
	return best;
}

static void blame_loopback(const struct hops_facts *facts, struct port_way *way,
			   const char *who, const char *where)
{
	hops_add(
		way, HOP_SOCKET, HOP_FAILS, where,
		_("%s listens at the container's own localhost only: what comes from outside comes to another address"),
		who);
	hops_blame(
		way, HOP_LOOPBACK_ONLY,
		mem_str(_(
			"tell the program to listen at 0.0.0.0 (every address)")),
		mem_fmt("inspect --format '{{json .Args}}' %s",
			hops_name(facts)));
}

static void blame_other(const struct hops_facts *facts, struct port_way *way,
			const struct listener *l, const char *who)
{
	OWN_FREE char *wanted = hops_proto_port(way);
	OWN_FREE char *where = listener_text(l);
	OWN_FREE char *option = NULL;
	bool same_port = l->port == way->port;
	unsigned outside = way->port;

	for (size_t i = 0; i < facts->outside_count; i++)
		if (facts->outside[i].inside == way->port &&
		    facts->outside[i].port)
			outside = facts->outside[i].port;
	option = mem_fmt("-p %u:%u%s", outside, l->port, l->udp ? "/udp" : "");

	hops_add(way, HOP_SOCKET, HOP_FAILS, wanted,
		 _("nobody listens at %s; %s listens at %s (%s)"), wanted, who,
		 where, l->udp ? "udp" : "tcp");
	hops_blame(
		way, same_port ? HOP_OTHER_PROTOCOL : HOP_OTHER_PORT,
		mem_fmt(_("publish the port where the program is: %s"), option),
		mem_fmt("run -d %s %s", option, facts->container->spec.image));
}

void hops_judge_socket(const struct hops_facts *facts, struct port_way *way)
{
	OWN_FREE char *wanted = hops_proto_port(way);
	OWN_FREE char *who = NULL;
	OWN_FREE char *where = NULL;
	enum fit fit;
	size_t index = nearest(facts, way, &fit);

	if (fit == FIT_NOT) {
		hops_add(way, HOP_SOCKET, HOP_FAILS, wanted,
			 _("no program in the container listens there"));
		hops_blame(
			way, HOP_NOBODY_LISTENS,
			mem_str(_(
				"start the server inside; its log may say why it does not listen")),
			mem_fmt("logs %s", hops_name(facts)));
		return;
	}
	who = who_listens(facts, index);
	where = listener_text(&facts->inside.items[index]);
	if (fit == FIT_WHOLE)
		hops_add(way, HOP_SOCKET, HOP_OK, where,
			 _("%s waits for visitors there"), who);
	else if (fit == FIT_LOOPBACK)
		blame_loopback(facts, way, who, where);
	else
		blame_other(facts, way, &facts->inside.items[index], who);
}
