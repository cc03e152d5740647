/* runtime/hops_judge.c - see hops.h: what follows from the facts.
 *
 * The hops of a way are added in their order. Once one has failed, those behind it
 * keep what is known of them, and are marked as not reached: the first is what is to be
 * mended first. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/hops_parts.h"
#include "runtime/namespaces.h"
#include "runtime/port_refusal.h"
#include "runtime/port_spec.h"
#include "runtime/userns.h"

/* ---- the hops ---- */

static void judge_runs(const struct hops_facts *facts, struct port_way *way)
{
	const char *name = hops_name(facts);

	if (facts->container->status == CONTAINER_RUNNING) {
		hops_add(way, HOP_RUNS, HOP_OK, name, _("it runs"));
		return;
	}
	if (facts->container->status == CONTAINER_PAUSED) {
		hops_add(
			way, HOP_RUNS, HOP_FAILS, name,
			_("it is paused: the kernel takes visitors in, and no program serves them"));
		hops_blame(way, HOP_PAUSED, mem_str(_("let it go on")),
			   mem_fmt("unpause %s", name));
		return;
	}
	hops_add(
		way, HOP_RUNS, HOP_FAILS, name,
		_("it does not run: its ports and its address exist only while it does"));
	hops_blame(way, HOP_NOT_RUNNING, mem_str(_("start it")),
		   mem_fmt("start %s", name));
}

/* The same port of the machine; a higher one where it is root's. */
static char *run_again(const struct hops_facts *facts,
		       const struct port_way *way)
{
	bool roots = !userns_is_root() &&
		     (int)way->port < port_refusal_lowest();

	return mem_fmt("run -d -p %u:%u%s %s", way->port + (roots ? 8000 : 0),
		       way->port, way->udp ? "/udp" : "",
		       facts->container->spec.image);
}

static void judge_network(const struct hops_facts *facts, struct port_way *way)
{
	const struct spec *spec = &facts->container->spec;
	const char *mode = spec->network_mode ? spec->network_mode : "bridge";

	if (spec_is_networked(spec) && spec->network_why) {
		hops_add(
			way, HOP_NETWORK, HOP_FAILS, mode,
			_("it should have one, and this machine gave it none: %s"),
			spec->network_why);
		hops_blame(way, HOP_NO_NETWORK,
			   mem_str(_("see what this machine lacks")),
			   mem_str("doctor"));
	} else if (spec_is_networked(spec)) {
		hops_add(way, HOP_NETWORK, HOP_OK, mode,
			 _("it has a network of its own, with a way to it"));
	} else if (namespaces_donor(mode)) {
		hops_add(
			way, HOP_NETWORK, HOP_FAILS, mode,
			_("it lives in another container's network: that one's ports lead here"));
		hops_blame(way, HOP_OTHERS_NETWORK,
			   mem_str(_("look at the ports of that container")),
			   mem_fmt("ports %.12s", namespaces_donor(mode)));
	} else {
		hops_add(way, HOP_NETWORK, HOP_FAILS, mode,
			 _("it has only lo: nobody outside reaches it"));
		hops_blame(way, HOP_NO_NETWORK,
			   mem_str(_("make it anew without --network none")),
			   run_again(facts, way));
	}
}

static void judge_published(const struct hops_facts *facts,
			    struct port_way *way)
{
	OWN_FREE char *inside = hops_proto_port(way);
	OWN_FREE char *outside = strs_join(&way->outside, ", ");

	if (way->published) {
		hops_add(way, HOP_PUBLISHED, HOP_OK, inside,
			 _("was published at %s"), outside);
		return;
	}
	hops_add(
		way, HOP_PUBLISHED, HOP_FAILS, inside,
		way->exposed
			? _("EXPOSE only notes it in the image; no port of the machine leads to it")
			: _("no port of the machine leads to it"));
	hops_blame(way, HOP_NOT_PUBLISHED,
		   mem_str(_("publish it when the container is made: -p")),
		   run_again(facts, way));
}

/* Those of the machine's places that belong to this way. */
static bool belongs(const struct port_way *way, const struct hops_outside *o)
{
	return o->inside == way->port && o->udp == way->udp;
}

static char *holder_text(const struct hops_outside *o)
{
	return o->pid ? mem_fmt(_("process %d (%s)"), o->pid, o->name)
		      : mem_str(_(
				"a process that is hidden from this account"));
}

static void judge_machine(const struct hops_facts *facts, struct port_way *way)
{
	OWN_FREE char *outside = strs_join(&way->outside, ", ");
	char *again = mem_fmt("restart %s", hops_name(facts));

	for (size_t i = 0; i < facts->outside_count; i++) {
		const struct hops_outside *o = &facts->outside[i];
		OWN_FREE char *holder = NULL;

		if (!belongs(way, o) || (o->listens && o->ours))
			continue;
		holder = holder_text(o);
		if (o->listens)
			hops_add(way, HOP_MACHINE, HOP_FAILS, outside,
				 _("%s has this port, not the container"),
				 holder);
		else
			hops_add(way, HOP_MACHINE, HOP_FAILS, outside,
				 _("nobody listens there"));
		hops_blame(way,
			   o->listens ? HOP_OTHER_AT_MACHINE
				      : HOP_NOBODY_AT_MACHINE,
			   mem_str(_("open the port anew")), again);
		return;
	}
	free(again);
	hops_add(way, HOP_MACHINE, HOP_OK, outside,
		 _("is open on this machine"));
}

static void judge_forwarder(const struct hops_facts *facts,
			    struct port_way *way)
{
	OWN_FREE char *pid = mem_fmt("%d", facts->forwarder);

	if (!facts->forwarder) {
		hops_add(
			way, HOP_FORWARDER, HOP_FAILS, "",
			_("the process that carries is gone: visitors wait for ever"));
		hops_blame(way, HOP_NO_FORWARDER, mem_str(_("start both anew")),
			   mem_fmt("restart %s", hops_name(facts)));
	} else if (facts->forwarder_stopped) {
		hops_add(way, HOP_FORWARDER, HOP_FAILS, pid,
			 _("the process that carries was stopped (SIGSTOP)"));
		hops_blame(
			way, HOP_STOPPED_FORWARDER,
			mem_fmt(_("let it go on (kill -CONT %d in another shell), or start both anew"),
				facts->forwarder),
			mem_fmt("restart %s", hops_name(facts)));
	} else {
		hops_add(
			way, HOP_FORWARDER, HOP_OK, pid,
			_("dsh-forward carries it: machine in front, container behind"));
	}
}

static void judge_address(const struct hops_facts *facts, struct port_way *way)
{
	const struct endpoint *endpoint = hops_endpoint(facts);
	const char *ip = endpoint ? endpoint->ip : "";
	const char *device =
		endpoint && endpoint->device ? endpoint->device : "eth0";

	if (endpoint && facts->device_up) {
		hops_add(way, HOP_ADDRESS, HOP_OK, ip,
			 _("is the container's, at its %s"), device);
		return;
	}
	hops_add(way, HOP_ADDRESS, HOP_FAILS, ip,
		 _("%s is down or has no address: nothing gets in"), device);
	hops_blame(way, HOP_NO_ADDRESS, mem_str(_("give it its network anew")),
		   mem_fmt("restart %s", hops_name(facts)));
}

/* ---- the connection ---- */

static enum hops_try tried_of(const struct hops_facts *facts,
			      const struct port_way *way)
{
	for (size_t i = 0; facts->tried && i < facts->outside_count; i++)
		if (belongs(way, &facts->outside[i]) &&
		    facts->tried[i] != HOPS_NOT_TRIED)
			return facts->tried[i];
	return HOPS_NOT_TRIED;
}

static void judge_try(const struct hops_facts *facts, struct port_way *way)
{
	static const struct {
		enum hop_state state;
		const char *found;
	} ends[] = {
		[HOPS_NOT_TRIED] = { HOP_UNKNOWN,
				     N_("no connection was tried") },
		[HOPS_REFUSED] = { HOP_FAILS,
				   N_("a connection was refused by the machine") },
		[HOPS_BROKEN] = { HOP_FAILS,
				  N_("a connection was taken at the machine and refused inside") },
		[HOPS_SILENT] = { HOP_FAILS,
				  N_("a connection was taken at the machine and did not get inside within 2 seconds") },
		[HOPS_ARRIVED] = { HOP_OK,
				   N_("a connection got inside; the program waits for its visitor to speak") },
		[HOPS_ANSWERED] = { HOP_OK,
				    N_("a connection got inside and was answered") },
	};
	enum hops_try tried = tried_of(facts, way);
	const char *first = way->outside.count ? way->outside.items[0] : "";

	if (way->udp) {
		hops_add(
			way, HOP_TRY, HOP_UNKNOWN, first,
			_("UDP has no connections: only the program's own answer would tell, and it was not asked"));
		return;
	}
	if (way->failed >= 0 && tried == HOPS_NOT_TRIED)
		return;
	hops_add(way, HOP_TRY, ends[tried].state, first, "%s",
		 _(ends[tried].found));
	if (ends[tried].state == HOP_FAILS)
		hops_blame(way,
			   tried == HOPS_SILENT ? HOP_CONNECTION_SILENT
						: HOP_CONNECTION_BROKEN,
			   mem_str(_("look at what the program says")),
			   mem_fmt("logs %s", hops_name(facts)));
}

/* ---- ways ---- */

static struct port_way *find_way(struct port_ways *out, uint16_t port, bool udp)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->items[i].port == port && out->items[i].udp == udp)
			return &out->items[i];
	return NULL;
}

static struct port_way *need_way(struct port_ways *out, uint16_t port, bool udp)
{
	struct port_way *way = find_way(out, port, udp);

	if (way)
		return way;
	out->items = mem_grow(out->items, out->count + 1, sizeof(*out->items));
	way = &out->items[out->count++];
	*way = (struct port_way){ .port = port, .udp = udp, .failed = -1 };
	return way;
}

static void find_published(const struct hops_facts *facts,
			   struct port_ways *out)
{
	for (size_t i = 0; i < facts->outside_count; i++) {
		const struct hops_outside *o = &facts->outside[i];
		struct port_way *way = need_way(out, o->inside, o->udp);
		const char *ip = o->ip[0] ? o->ip : "0.0.0.0";

		way->published = true;
		if (!o->port)
			strs_addf(&way->outside, "%s:*", ip);
		else
			strs_addf(&way->outside,
				  strchr(ip, ':') ? "[%s]:%u" : "%s:%u", ip,
				  o->port);
	}
}

static void find_ways(const struct hops_facts *facts, struct port_ways *out)
{
	const struct strs *exposed = &facts->container->spec.exposed;

	find_published(facts, out);
	for (size_t i = 0; i < exposed->count; i++) {
		char *rest = NULL;
		unsigned long port = strtoul(exposed->items[i], &rest, 10);

		if (port && port <= PORT_HIGHEST)
			need_way(out, (uint16_t)port, strcmp(rest, "/udp") == 0)
				->exposed = true;
	}
	for (size_t i = 0; i < facts->inside.count; i++)
		if (!hops_is_name_server(&facts->inside.items[i]))
			(void)need_way(out, facts->inside.items[i].port,
				       facts->inside.items[i].udp);
}

/* Nothing lies between: the container's sockets are the machine's. */
static void judge_host(const struct hops_facts *facts, struct port_way *way)
{
	judge_runs(facts, way);
	if (way->cause == HOP_NOT_RUNNING)
		return;
	hops_add(
		way, HOP_NETWORK, HOP_OK, "host",
		way->published
			? _("it lives in the machine's own network: -p is without effect, its sockets are the machine's")
			: _("it lives in the machine's own network: its sockets are the machine's"));
	hops_judge_socket(facts, way);
	if (!way->published || way->failed < 0)
		return;
	free(way->fix);
	free(way->command);
	way->cause = HOP_HOST_NETWORK;
	way->fix = mem_str(_(
		"visit the port that the program listens at itself, or leave --network host away"));
	way->command = run_again(facts, way);
}

static void judge_way(const struct hops_facts *facts, struct port_way *way)
{
	if (namespaces_is_host(facts->container->spec.network_mode)) {
		judge_host(facts, way);
		return;
	}
	judge_runs(facts, way);
	if (way->cause != HOP_NOT_RUNNING)
		judge_network(facts, way);
	/* Without a container or a network there is nothing to look at behind. */
	if (way->failed >= 0 && way->cause != HOP_PAUSED)
		return;
	judge_published(facts, way);
	if (way->published) {
		judge_machine(facts, way);
		judge_forwarder(facts, way);
	}
	judge_address(facts, way);
	hops_judge_socket(facts, way);
	if (way->published)
		judge_try(facts, way);
}

void hops_judge(const struct hops_facts *facts, struct port_ways *out)
{
	*out = (struct port_ways){ 0 };
	find_ways(facts, out);
	for (size_t i = 0; i < out->count; i++)
		judge_way(facts, &out->items[i]);
}
