/* runtime/net_range.h - which ranges of addresses are free.
 *
 * Owns the choice where none was asked for: the first of the pool (subnet.h) that
 * neither another network of the home has, nor the machine routes already. */
#ifndef RUNTIME_NET_RANGE_H
#define RUNTIME_NET_RANGE_H

struct err;
struct home;
struct network;

/* Whether the namespace of the netlink socket fd routes nothing into the ranges of a
 * network. Returns 1, 0 (*out_holder: number of a link that has it), or -errno. */
int net_range_is_free(int fd, const struct network *network, int *out_holder,
		      struct err *err);

/* Chooses one and sets subnet and gateway. fd: a netlink socket whose routes count, or
 * -1: none do. -ENOSPC: Docker's "could not find an available ... pool". */
int net_range_choose(const struct home *home, int fd, struct network *network,
		     struct err *err);

/* Whether a range overlaps with one of the home's other networks. */
struct networks;
struct subnet;
int net_range_is_other(const struct networks *all, const char *own_id,
		       const struct subnet *range);

#endif
