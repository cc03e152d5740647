/* shell/ns_peers.h - which containers that run have a namespace in common with one.
 *
 * `--pid container:x` and its like: what is none of the machine's is not its own
 * either. The kernel's numbers in /proc/PID/ns tell, not the records. */
#ifndef SHELL_NS_PEERS_H
#define SHELL_NS_PEERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/sides.h"

struct container;
struct home;

/* name  owned; shares[i]: of namespaces[i], and it is not the machine's */
struct ns_peer {
	char *name;
	bool shares[SIDES_NAMESPACES];
};

struct ns_peers {
	struct ns_peer *items;
	size_t count;
};
void ns_peers_done(struct ns_peers *peers);
#define OWN_NS_PEERS __attribute__((cleanup(ns_peers_done)))

/* namespaces  of `container`, as sides_namespaces has them. Peers that share nothing
 * are left out. What cannot be read shares nothing. */
void ns_peers_find(const struct home *home, const struct container *container,
		   const struct side_namespace namespaces[SIDES_NAMESPACES],
		   struct ns_peers *out);

/* Whether any of them has namespace number `index`. */
bool ns_peers_share(const struct ns_peers *peers, size_t index);

/* "pid, net". Given. */
char *ns_peer_list(const struct ns_peer *peer,
		   const struct side_namespace namespaces[SIDES_NAMESPACES]);

/* The names of those that have namespace number `index`. Given. */
json_t *ns_peers_json(const struct ns_peers *peers, size_t index);

#endif
