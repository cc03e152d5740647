/* runtime/hops_way.c - see hops.h: one way while it is put together. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/hops_parts.h"

const char *hop_kind_name(enum hop_kind kind)
{
	static const char *const names[HOP_KINDS] = {
		"container", "network", "published", "machine",
		"forwarder", "address", "socket",    "try",
	};

	return names[kind];
}

const char *hop_state_name(enum hop_state state)
{
	static const char *const names[] = { "ok", "fails", "unknown",
					     "not_reached" };

	return names[state];
}

const char *hop_cause_name(enum hop_cause cause)
{
	static const char *const names[HOP_CAUSES] = {
		"none",           "not_running",       "paused",
		"no_network",     "host_network",      "others_network",
		"not_published",  "nobody_at_machine", "other_at_machine",
		"no_forwarder",   "stopped_forwarder", "no_address",
		"loopback_only",  "other_port",        "other_protocol",
		"nobody_listens", "connection_broken", "connection_silent",
	};

	return names[cause];
}

void port_ways_done(struct port_ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		struct port_way *way = &ways->items[i];

		for (size_t k = 0; k < way->count; k++) {
			free(way->hops[k].where);
			free(way->hops[k].found);
		}
		strs_done(&way->outside);
		free(way->fix);
		free(way->command);
	}
	free(ways->items);
	*ways = (struct port_ways){ 0 };
}

/* ---- building a way ---- */

void hops_add(struct port_way *way, enum hop_kind kind, enum hop_state state,
	      const char *where, const char *format, ...)
{
	OWN_BUF struct buf found = { 0 };
	struct hop *hop = &way->hops[way->count];
	va_list args;

	va_start(args, format);
	buf_vfmt(&found, format, args);
	va_end(args);
	if (way->failed >= 0)
		state = HOP_NOT_REACHED;
	else if (state == HOP_FAILS)
		way->failed = (int)way->count;
	*hop = (struct hop){
		.kind = kind,
		.state = state,
		.where = mem_str(where),
		.found = buf_give(&found),
	};
	way->count++;
}

/* The first cause is the one; fix and command are taken. */
void hops_blame(struct port_way *way, enum hop_cause cause, char *fix,
		char *command)
{
	if (way->cause != HOP_CAUSE_NONE) {
		free(fix);
		free(command);
		return;
	}
	way->cause = cause;
	way->fix = fix;
	way->command = command;
}

const char *hops_name(const struct hops_facts *facts)
{
	return facts->container->spec.name;
}

char *hops_proto_port(const struct port_way *way)
{
	return mem_fmt("%u/%s", way->port, way->udp ? "udp" : "tcp");
}

const struct endpoint *hops_endpoint(const struct hops_facts *facts)
{
	const struct endpoints *networks = &facts->container->spec.networks;

	for (size_t i = 0; i < networks->count; i++)
		if (networks->items[i].ip)
			return &networks->items[i];
	return NULL;
}

/* What stands for itself in every container on a network of the user's own: the
 * name server. */
bool hops_is_name_server(const struct listener *l)
{
	return strcmp(l->ip, "127.0.0.11") == 0;
}
