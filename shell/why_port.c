/* shell/why_port.c - see why.h: ports.
 *
 *   a client -> port of the machine -> the container's address -> its server
 *
 * Each hop has its own evidence: the record says what is published, /proc/net of the
 * machine who listens there, /proc/PID/net of process 1 what listens inside. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/hops.h"
#include "runtime/port_holder.h"
#include "runtime/port_refusal.h"
#include "runtime/port_spec.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/why.h"

static bool entry_fits(const char *entry, int port, struct port_spec *out)
{
	return port_spec_read(entry, out) && port >= out->first &&
	       port <= out->last && port;
}

static bool publishes(const struct container *c, int port, bool runs,
		      struct port_spec *out)
{
	const struct strs *list = runs ? &c->published : &c->spec.ports;

	for (size_t i = 0; i < list->count; i++)
		if (entry_fits(list->items[i], port, out))
			return true;
	return false;
}

static bool find_way(const struct why *why, bool runs, struct containers *all,
		     const struct container **to, struct port_spec *port)
{
	struct err ignored = { 0 };

	if (container_list(why->shell->home, all, &ignored) < 0)
		return false;
	for (size_t i = 0; i < all->count; i++) {
		const struct container *c = &all->items[i];

		if (container_has_monitor(c) == runs &&
		    publishes(c, why->port, runs, port)) {
			*to = c;
			return true;
		}
	}
	return false;
}

/* ---- the way ---- */

static void fact_hops(struct why_finding *f, const struct port_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct hop *hop = &way->hops[i];

		if (hop->state == HOP_OK || hop->state == HOP_FAILS)
			why_fact(f, WHY_FROM_NETWORK, "%s%s%s", hop->where,
				 *hop->where ? ": " : "", hop->found);
	}
}

static enum why_answer say_way(struct why_finding *f,
			       const struct container *c,
			       const struct port_way *way)
{
	const char *outside = way->outside.items[0];

	fact_hops(f, way);
	why_next(f, "ports %s", c->spec.name);
	if (way->failed < 0)
		return why_say(f, _("%s is taken by the container %s: it leads to its port %d, and a program listens there"),
			       outside, c->spec.name, way->port);
	f->id = hop_cause_name(way->cause);
	if (way->command)
		why_fix(f, _("%s: %s"), way->fix, way->command);
	else if (way->fix)
		why_fix(f, "%s", way->fix);
	return why_say(f, _("%s leads to port %d of %s and ends there: %s"),
		       outside, way->port, c->spec.name,
		       way->hops[way->failed].found);
}

/* Whether a way begins at that port of the machine; 0: at any. */
static bool begins_at(const struct port_way *way, int port)
{
	OWN_FREE char *end = mem_fmt(":%d", port);

	for (size_t i = 0; i < way->outside.count; i++) {
		const char *at = strrchr(way->outside.items[i], ':');

		if (!port || (at && strcmp(at, end) == 0))
			return true;
	}
	return false;
}

static enum why_answer port_of(struct why *why, struct why_finding *f,
			       const struct container *c, bool broken_only)
{
	OWN_HOPS_FACTS struct hops_facts facts = { 0 };
	OWN_PORT_WAYS struct port_ways ways = { 0 };
	struct err why_not = { 0 };

	if (hops_gather(why->shell->home, c, false, &facts, &why_not) < 0) {
		if (broken_only)
			return WHY_NOT;
		why_tell(f, _("what listens inside: exec %s netstat -ltn"),
			 c->spec.name);
		return why_say_unknown(f, _("port %d leads to %s; what listens in there is unknown: %s"),
				       why->port, c->spec.name, why_not.msg);
	}
	hops_judge(&facts, &ways);
	for (size_t i = 0; i < ways.count; i++)
		if (ways.items[i].published &&
		    begins_at(&ways.items[i], why->port) &&
		    (!broken_only || ways.items[i].failed >= 0))
			return say_way(f, c, &ways.items[i]);
	return WHY_NOT;
}

static enum why_answer port_published(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container *to = NULL;
	struct port_spec port;

	if (!find_way(why, true, &all, &to, &port))
		return WHY_NOT;
	if (!(why->about & WHY_LINE))
		return port_of(why, f, to, false);
	/* The line wanted it for itself. */
	f->id = "port_taken";
	why_fact(f, WHY_FROM_RECORD, _("%s publishes %s:%d to its own port %d/%s"),
		 to->spec.name, *port.ip ? port.ip : "0.0.0.0", why->port,
		 port.port, port.proto);
	why_fact(f, WHY_FROM_MESSAGE, "%.300s",
		 strstr(why->line.message, "): ") ?
			 strstr(why->line.message, "): ") + 3 :
			 why->line.message);
	why_fix(f, _("stop that container, or choose another port of the machine"));
	why_next(f, "ports %s", to->spec.name);
	return why_say(f, _("port %d of this machine is taken: the container %s has it"),
		       why->port, to->spec.name);
}

/* A running container of whose ports one leads nowhere. */
static enum why_answer port_leads_nowhere(struct why *why,
					  struct why_finding *f)
{
	const struct container *c = why->container;

	return c && c->status == CONTAINER_RUNNING && c->published.count ?
		       port_of(why, f, c, true) :
		       WHY_NOT;
}

/* ---- the machine's side ---- */

static void address_of(int port, int family, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){ 0 };
	if (family == AF_INET6) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6,
					    .sin6_port = htons((uint16_t)port) };

		memcpy(out, &six, sizeof(six));
	} else {
		struct sockaddr_in four = { .sin_family = AF_INET,
					    .sin_port = htons((uint16_t)port) };

		memcpy(out, &four, sizeof(four));
	}
}

static bool find_holder(int port, struct port_holder *out)
{
	struct sockaddr_storage address;

	address_of(port, AF_INET, &address);
	return port_holder_find(&address, false, out) ||
	       port_holder_find(&address, true, out);
}

static enum why_answer port_busy(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container *to = NULL;
	struct port_spec port;
	struct port_holder holder;

	if (find_way(why, true, &all, &to, &port) ||
	    !find_holder(why->port, &holder))
		return WHY_NOT;
	why_next(f, "run -d -p %d:80 busybox httpd -f",
		 why->port < 55000 ? why->port + 1 : why->port - 1);
	if (holder.pid) {
		why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp: a socket listens at %d, and process %d (%s) has it open"),
			 why->port, holder.pid, holder.name);
		why_fix(f, _("end that program, or choose another port of the machine"));
		return why_say(f, _("port %d is taken by the program '%s' (process %d) of this machine"),
			       why->port, holder.name, holder.pid);
	}
	why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp: a socket of the user %u listens at %d"),
		 holder.uid, why->port);
	why_fix(f, _("choose another port of the machine"));
	return why_say(f, _("port %d is taken by a program of the user %u; which one is hidden from this account"),
		       why->port, holder.uid);
}

static enum why_answer port_stopped(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container *to = NULL;
	struct port_spec port;

	if (why->about & WHY_LINE || find_way(why, true, &all, &to, &port))
		return WHY_NOT;
	containers_done(&all);
	if (!find_way(why, false, &all, &to, &port))
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("%s (%s) is to publish %d to its port %d"),
		 to->spec.name, container_status_name(to->status), why->port,
		 port.port);
	why_fix(f, _("a port is open while its container runs: start %s"),
		to->spec.name);
	why_next(f, "start %s", to->spec.name);
	return why_say(f, _("nobody answers at port %d: the container that publishes it, %s, does not run"),
		       why->port, to->spec.name);
}

static const struct container *exposing(const struct containers *all, int port)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct spec *spec = &all->items[i].spec;

		for (size_t n = 0; n < spec->exposed.count; n++)
			if (strtol(spec->exposed.items[n], NULL, 10) == port &&
			    container_has_monitor(&all->items[i]))
				return &all->items[i];
	}
	return NULL;
}

static enum why_answer port_exposed(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container *c;
	struct err ignored = { 0 };
	struct port_holder holder;

	if (container_list(why->shell->home, &all, &ignored) < 0 ||
	    find_holder(why->port, &holder))
		return WHY_NOT;
	c = exposing(&all, why->port);
	if (!c)
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("%s exposes %d; ports it publishes: %zu"),
		 c->spec.name, why->port, c->published.count);
	why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp: nothing of this machine listens at %d"),
		 why->port);
	why_fix(f, _("make it anew with -p %d:%d"), why->port, why->port);
	why_next(f, "inspect -f '{{json .Config.ExposedPorts}}' %s",
		 c->spec.name);
	return why_say(f, _("port %d is only exposed by %s: EXPOSE is a note, it opens nothing; -p publishes"),
		       why->port, c->spec.name);
}

static enum why_answer port_roots(struct why *why, struct why_finding *f)
{
	int lowest = port_refusal_lowest();

	if (userns_is_root() || why->port >= lowest)
		return WHY_NOT;
	why_fact(f, WHY_FROM_PROC, "net.ipv4.ip_unprivileged_port_start = %d",
		 lowest);
	why_fact(f, WHY_FROM_PROC, _("this account has the number %u, it is not root"),
		 (unsigned)getuid());
	why_fix(f, _("take a higher one, as in -p %d:%d"), why->port + 8000,
		why->port);
	why_next(f, "run -d -p %d:%d busybox httpd -f", why->port + 8000,
		 why->port);
	return why_say(f, _("port %d cannot be had: ports below %d are root's on this machine"),
		       why->port, lowest);
}

/* It was refused, and whoever had it has let it go since. */
static enum why_answer port_was_taken(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container *to = NULL;
	struct port_spec port;
	struct port_holder holder;

	if (!(why->about & WHY_LINE) || !why->line.message ||
	    find_way(why, true, &all, &to, &port) ||
	    find_holder(why->port, &holder) ||
	    (!strstr(why->line.message, "already allocated") &&
	     !strstr(why->line.message, "already in use")))
		return WHY_NOT;
	why_fact(f, WHY_FROM_MESSAGE, "%.300s", why->line.message);
	why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp, udp: nothing listens at %d"),
		 why->port);
	why_fix(f, _("type it again: nothing is in the way now"));
	why_next(f, "ps");
	if (!why->line.hint) {
		why_tell(f, _("'events' of the time, and whoever started programs on this machine then"));
		return why_say_unknown(f, _("port %d was taken then, and is free now; by whom it was taken is unknown"),
				       why->port);
	}
	why_fact(f, WHY_FROM_MESSAGE, _("then: %.300s"), why->line.hint);
	return why_say(f, _("port %d was taken then, and is free now"),
		       why->port);
}

static enum why_answer port_free(struct why *why, struct why_finding *f)
{
	struct port_holder holder;

	if (find_holder(why->port, &holder))
		return WHY_NOT;
	why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp, udp: nothing listens at %d"),
		 why->port);
	why_fact(f, WHY_FROM_RECORD, _("no container that runs publishes it"));
	why_fix(f, _("publish a container's port there: -p %d:PORT"),
		why->port);
	why_next(f, "run -d -p %d:80 busybox httpd -f", why->port);
	return why_say(f, _("port %d is free: nobody listens, so a client is refused"),
		       why->port);
}

const struct why_cause why_port_causes[] = {
	{ "port_published", WHY_PORT, false, port_published },
	{ "port_leads_nowhere", WHY_STATE, false, port_leads_nowhere },
	{ "port_busy", WHY_PORT, false, port_busy },
	{ "port_stopped", WHY_PORT, false, port_stopped },
	{ "port_only_exposed", WHY_PORT, false, port_exposed },
	{ "port_for_root", WHY_PORT, false, port_roots },
	{ "port_was_taken", WHY_PORT, false, port_was_taken },
	{ "port_free", WHY_PORT, true, port_free },
	{ 0 },
};
