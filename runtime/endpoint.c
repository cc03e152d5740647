/* runtime/endpoint.c - see endpoint.h */
#include "runtime/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"

static void forget(char **text)
{
	free(*text);
	*text = NULL;
}

void endpoint_clear(struct endpoint *e)
{
	forget(&e->id);
	forget(&e->device);
	forget(&e->ip);
	forget(&e->gateway);
	forget(&e->ip6);
	forget(&e->gateway6);
	forget(&e->mac);
	e->prefix = 0;
	e->prefix6 = 0;
}

void endpoint_done(struct endpoint *e)
{
	endpoint_clear(e);
	forget(&e->network);
	forget(&e->network_id);
	strs_done(&e->aliases);
	strs_done(&e->links);
	forget(&e->want_ip);
	forget(&e->want_ip6);
	forget(&e->want_mac);
}

static char *copy(const char *text)
{
	return text ? mem_str(text) : NULL;
}

void endpoint_copy(struct endpoint *to, const struct endpoint *from)
{
	*to = (struct endpoint){
		.network = copy(from->network),
		.network_id = copy(from->network_id),
		.want_ip = copy(from->want_ip),
		.want_ip6 = copy(from->want_ip6),
		.want_mac = copy(from->want_mac),
		.id = copy(from->id),
		.device = copy(from->device),
		.ip = copy(from->ip),
		.gateway = copy(from->gateway),
		.ip6 = copy(from->ip6),
		.gateway6 = copy(from->gateway6),
		.mac = copy(from->mac),
		.prefix = from->prefix,
		.prefix6 = from->prefix6,
	};
	strs_copy(&to->aliases, &from->aliases);
	strs_copy(&to->links, &from->links);
}

void endpoint_take_given(struct endpoint *to, const struct endpoint *from)
{
	endpoint_clear(to);
	to->id = copy(from->id);
	to->device = copy(from->device);
	to->ip = copy(from->ip);
	to->gateway = copy(from->gateway);
	to->ip6 = copy(from->ip6);
	to->gateway6 = copy(from->gateway6);
	to->mac = copy(from->mac);
	to->prefix = from->prefix;
	to->prefix6 = from->prefix6;
	if (from->network_id && !to->network_id)
		to->network_id = copy(from->network_id);
}

bool endpoint_is_up(const struct endpoint *e)
{
	return e->device;
}

void endpoints_done(struct endpoints *endpoints)
{
	for (size_t i = 0; i < endpoints->count; i++)
		endpoint_done(&endpoints->items[i]);
	free(endpoints->items);
	*endpoints = (struct endpoints){ 0 };
}

struct endpoint *endpoints_add(struct endpoints *endpoints, const char *network)
{
	struct endpoint *added;

	endpoints->items = mem_grow(endpoints->items, endpoints->count + 1,
				    sizeof(*endpoints->items));
	added = &endpoints->items[endpoints->count++];
	*added = (struct endpoint){ .network = copy(network) };
	return added;
}

struct endpoint *endpoints_find(const struct endpoints *endpoints,
				const char *network)
{
	for (size_t i = 0; i < endpoints->count; i++) {
		struct endpoint *e = &endpoints->items[i];

		if ((e->network_id && strcmp(e->network_id, network) == 0) ||
		    (e->network && strcmp(e->network, network) == 0))
			return e;
	}
	return NULL;
}

void endpoints_remove(struct endpoints *endpoints, size_t index)
{
	endpoint_done(&endpoints->items[index]);
	memmove(&endpoints->items[index], &endpoints->items[index + 1],
		(endpoints->count - index - 1) * sizeof(*endpoints->items));
	endpoints->count--;
}
