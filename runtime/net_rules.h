/* runtime/net_rules.h - what may pass a bridge, and under which address.
 *
 * Owns one nftables table for each network, named as its bridge, in the network
 * namespace that the caller is in. Nothing that others have there is touched; removing
 * the table removes all. */
#ifndef RUNTIME_NET_RULES_H
#define RUNTIME_NET_RULES_H

#include <stdbool.h>

struct err;
struct network;

/* From outside and from other networks only answers come in; what goes out has the
 * machine's own address, as nobody outside knows the network's. An internal network's
 * containers reach each other only. A kernel without nftables is fine: the network
 * has no way out then. */
int net_rules_add(const char *bridge, const struct network *network,
		  struct err *err);

/* The same rules, in the network namespace of a process that is there to try it and
 * ends. -errno: this kernel, or this account, has no such tables. */
int net_rules_try(void);

void net_rules_remove(const char *bridge);

/* Whether there is a chain of IPv4 in a table that is somebody else's. */
bool net_rules_has_chain(const char *table, const char *chain);

#endif
