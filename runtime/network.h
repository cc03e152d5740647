/* runtime/network.h - the networks of a home, as records.
 *
 * Owns networks/ below the home: which networks there are, their address ranges,
 * how they are made and removed. `bridge`, `host` and `none` are always there.
 * Nothing here asks the kernel for more than which ranges it routes already: a
 * network takes form when the first container needs it (net.h).
 *
 *   networks/bridge.json  networks/host.json  networks/none.json
 *   networks/<id>.json        the user's own
 *   networks/<id>.addresses   who has which address: see address.h */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct endpoint;
struct err;
struct home;
struct spec;

/* Owned; texts are NULL where nothing was given.
 *
 * id           64 hex digits
 * driver       "bridge", "host" or "null"
 * subnet       "172.18.0.0/16"; gateway "172.18.0.1"; ip_range as given or NULL.
 *              `host` and `none` have none
 * subnet6 ...  the same for IPv6
 * chosen       the subnet was chosen here: --subnet was not given
 * asked_gateway, asked_gateway6   --gateway was given, not the first address taken
 * aux          --aux-address, "name=address": these are not given to containers
 * options      -o, labels: "name=value"
 * created_ns   since 1970 */
struct network {
	char *id;
	char *name;
	char *driver;
	char *subnet;
	char *gateway;
	char *ip_range;
	char *subnet6;
	char *gateway6;
	char *ip_range6;
	char *ipam_driver;
	struct strs aux;
	struct strs options;
	struct strs ipam_options;
	struct strs labels;
	int64_t created_ns;
	bool internal;
	bool ipv6;
	bool attachable;
	bool chosen;
	bool asked_gateway;
	bool asked_gateway6;
};

void network_done(struct network *network);
#define OWN_NETWORK __attribute__((cleanup(network_done)))

struct networks {
	struct network *items;
	size_t count;
};

void networks_done(struct networks *networks);
#define OWN_NETWORKS __attribute__((cleanup(networks_done)))

/* All of them, by name, the built-in ones among them. */
int network_list(const struct home *home, struct networks *out,
		 struct err *err);

/* The same, and nothing is made: the built-in ones that nobody asked for yet are left
 * out. For who holds the lock, and for who only looks. */
int network_list_made(const struct home *home, struct networks *out,
		      struct err *err);

/* By name, id or a prefix of the id that fits only one. -ENOENT is Docker's
 * "network x not found" (the daemon's voice; a command that says "No such
 * network: x" says it itself), -EEXIST a prefix that fits several. */
int network_find(const struct home *home, const char *name,
		 struct network *out, struct err *err);

/* The network that a container's endpoint is on, or is to be on. */
int network_find_of(const struct home *home, const struct endpoint *endpoint,
		    struct network *out, struct err *err);

/* Whether it is `bridge`, `host` or `none`. */
bool network_is_built_in(const struct network *network);

/* Makes one. `wish` holds what was asked for: name, driver, subnets, gateways, flags,
 * labels, options; id, created_ns and the ranges that were left open are filled in.
 * Docker's errors: -EEXIST (name), -EINVAL (not an address, gateway outside of
 * the subnet ...), -EADDRINUSE ("Pool overlaps with other one on this address
 * space"), -ENOSPC (no range is left). */
int network_create(const struct home *home, struct network *wish,
		   struct err *err);

/* Removes one. -EPERM: built in; -EBUSY: containers that run are on it
 * ("error while removing network: network x id y has active endpoints"). */
int network_remove(const struct home *home, const char *name, struct err *err);

/* Adds a container to a network, running or not; `wish` (network may be NULL, all is
 * copied) holds aliases, links, addresses. Takes it off again. Docker's errors. A
 * running one is joined or parted at once, by its monitor. */
int network_connect(const struct home *home, const char *network,
		    const char *container, const struct endpoint *wish,
		    struct err *err);
int network_disconnect(const struct home *home, const char *network,
		       const char *container, bool force, struct err *err);

/* Settings of the driver that have an effect here: -o NAME=yes or no, a number, and an
 * address. */
#define NETWORK_TALK "com.docker.network.bridge.enable_icc"
#define NETWORK_MASQUERADE "com.docker.network.bridge.enable_ip_masquerade"
#define NETWORK_MTU "com.docker.network.driver.mtu"
#define NETWORK_BINDING "com.docker.network.bridge.host_binding_ipv4"

/* What was set, or `usual`. An MTU of 0 is the kernel's own. */
bool network_setting(const struct network *network, const char *name,
		     bool usual);
int network_mtu(const struct network *network);

/* The address of the machine at which its containers' ports are published where -p names
 * none; "": at each one. Borrowed. */
const char *network_binding(const struct network *network);

/* Whether all settings can be read; Docker's words. */
int network_check_settings(const struct network *network, struct err *err);

/* The name of the network that a mode means: "bridge" for NULL and "default". For a
 * container of another's network NULL. Borrowed. */
const char *network_of_mode(const struct spec *spec);

/* Whether a container's endpoint is on this network: by its id where it was
 * looked up, else by what was given. */
bool network_has(const struct network *network, const struct endpoint *endpoint);

#endif
