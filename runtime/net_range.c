/* runtime/net_range.c - see net_range.h */
#include "runtime/net_range.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/network_parts.h"
#include "runtime/subnet.h"

/* What the machine routes: all of it, so that it is asked for once. */
struct route {
	struct subnet to;
	int index;
};

struct routes {
	struct route *items;
	size_t count;
};

static void routes_done(struct routes *routes)
{
	free(routes->items);
}

#define OWN_ROUTES __attribute__((cleanup(routes_done)))

static void see(void *arg, const struct subnet *to, int index)
{
	struct routes *routes = arg;

	routes->items = mem_grow(routes->items, routes->count + 1,
				 sizeof(*routes->items));
	routes->items[routes->count++] = (struct route){ *to, index };
}

static const struct route *find_route(const struct routes *routes,
				      const struct subnet *range)
{
	for (size_t i = 0; i < routes->count; i++)
		if (routes->items[i].to.prefix && /* not the way to all others */
		    subnet_overlaps(&routes->items[i].to, range))
			return &routes->items[i];
	return NULL;
}

int net_range_is_free(int fd, const struct network *network, int *out_holder,
		      struct err *err)
{
	const char *const texts[] = { network->subnet, network->subnet6 };
	OWN_ROUTES struct routes routes = { 0 };
	int r = netlink_routes(fd, see, &routes, err);

	if (r < 0)
		return r;
	for (int i = 0; i < 2; i++) {
		const struct route *route;
		struct subnet range;

		if (!texts[i] || !subnet_parse(texts[i], &range))
			continue;
		route = find_route(&routes, &range);
		if (!route)
			continue;
		*out_holder = route->index;
		return 0;
	}
	return 1;
}

int net_range_is_other(const struct networks *all, const char *own_id,
		       const struct subnet *range)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct network *other = &all->items[i];
		const char *const texts[] = { other->subnet, other->subnet6 };
		struct subnet theirs;

		for (int t = 0; t < 2; t++)
			if ((!own_id || strcmp(other->id, own_id) != 0) &&
			    texts[t] && subnet_parse(texts[t], &theirs) &&
			    subnet_overlaps(&theirs, range))
				return 1;
	}
	return 0;
}

int net_range_choose(const struct home *home, int fd, struct network *network,
		     struct err *err)
{
	OWN_ROUTES struct routes routes = { 0 };
	OWN_NETWORKS struct networks all = { 0 };
	char text[SUBNET_TEXT];
	struct subnet range;
	int r = network_list_made(home, &all, err);

	if (r == 0 && fd >= 0)
		r = netlink_routes(fd, see, &routes, err);
	if (r < 0)
		return r;
	for (int i = 0; subnet_pool(i, &range); i++) {
		if (net_range_is_other(&all, network->id, &range) ||
		    find_route(&routes, &range))
			continue;
		subnet_text(&range, text);
		network_set_range(network, text);
		return 0;
	}
	return err_docker(
		err, ERR_DAEMON, ENOSPC,
		"could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network");
}
