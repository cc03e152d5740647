/* runtime/endpoint.h - a container's place on one network, as plain data.
 *
 * Owns what was wished for and what it was given. Networks themselves are
 * network.h's; who reaches whom in the kernel is net.h's. */
#ifndef RUNTIME_ENDPOINT_H
#define RUNTIME_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

/* Owned; texts are NULL where nothing was given.
 *
 * Wished for, before the start and by `network connect`:
 *
 * network      a name, an id or the beginning of one, as it was given
 * network_id   64 hex digits, once it was looked up; before: NULL
 * aliases      --network-alias; the container's short id is not among them
 * links        "<id of the other container>:alias", --link on this network
 * want_ip, want_ip6, want_mac   --ip, --ip6, --mac-address
 *
 * Given while the container runs, else NULL and 0:
 *
 * id           64 hex digits
 * device       "eth0": its name inside
 * ip, prefix, gateway      "172.17.0.2", 16, "172.17.0.1"
 * ip6, prefix6, gateway6   where the network has IPv6
 * mac          "02:42:ac:11:00:02" */
struct endpoint {
	char *network;
	char *network_id;
	struct strs aliases;
	struct strs links;
	char *want_ip;
	char *want_ip6;
	char *want_mac;
	char *id;
	char *device;
	char *ip;
	char *gateway;
	char *ip6;
	char *gateway6;
	char *mac;
	int prefix;
	int prefix6;
};

struct endpoints {
	struct endpoint *items;
	size_t count;
};

void endpoint_done(struct endpoint *endpoint);
void endpoint_copy(struct endpoint *to, const struct endpoint *from);

/* Forgets what was given, keeps what was wished for. */
void endpoint_clear(struct endpoint *endpoint);

/* Takes over what another was given, and nothing of what was wished for it. */
void endpoint_take_given(struct endpoint *to, const struct endpoint *from);

/* Whether it was given an address (or, on a network without, a device). */
bool endpoint_is_up(const struct endpoint *endpoint);

void endpoints_done(struct endpoints *endpoints);

/* Adds an empty one for a network, and returns it (borrowed, until the next is
 * added). */
struct endpoint *endpoints_add(struct endpoints *endpoints,
			       const char *network);

/* The one of this network (its full id, or the text it was given by), or NULL. */
struct endpoint *endpoints_find(const struct endpoints *endpoints,
				const char *network);
void endpoints_remove(struct endpoints *endpoints, size_t index);

#endif
