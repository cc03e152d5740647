/* runtime/network_connect.c - a container comes to a network, and leaves it.
 *
 * The record says on which networks a container is; its monitor, if it has one, is told
 * to look. See network.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_control.h"
#include "runtime/home.h"
#include "runtime/namespaces.h"
#include "runtime/network.h"
#include "runtime/state.h"
#include "runtime/subnet.h"

/* What is to be done to a record, and what came of it. */
struct coming {
	const struct network *network;
	const struct endpoint *wish;
	bool found;
};

static struct endpoint *find(struct spec *spec, const struct network *network)
{
	for (size_t i = 0; i < spec->networks.count; i++)
		if (network_has(network, &spec->networks.items[i]))
			return &spec->networks.items[i];
	return NULL;
}

/* The network that nobody named is one all the same. */
static void name_default(struct spec *spec)
{
	if (!spec->networks.count && !spec->parted && spec_is_networked(spec))
		endpoints_add(&spec->networks, network_of_mode(spec));
}

static int change_record(const struct home *home, const char *id,
			 state_changer *changer, struct coming *change,
			 struct err *err)
{
	OWN_FD int folder_fd = state_open_folder(home, id, err);

	return folder_fd < 0 ? folder_fd :
			       state_change(folder_fd, changer, change, err);
}

/* ---- connect ---- */

static bool add(struct container *c, void *arg)
{
	struct coming *change = arg;
	struct endpoint *e;

	name_default(&c->spec);
	e = find(&c->spec, change->network);
	change->found = e && container_has_monitor(c);
	if (change->found)
		return false;
	if (!e)
		e = endpoints_add(&c->spec.networks, NULL);
	endpoint_done(e);
	if (change->wish)
		endpoint_copy(e, change->wish);
	endpoint_clear(e);
	free(e->network);
	free(e->network_id);
	e->network = mem_str(change->network->name);
	e->network_id = mem_str(change->network->id);
	c->spec.parted = false;
	return true;
}

static bool take_off(struct container *c, void *arg)
{
	struct coming *change = arg;
	struct endpoint *e;

	name_default(&c->spec);
	e = find(&c->spec, change->network);
	change->found = e;
	if (!e)
		return false;
	endpoints_remove(&c->spec.networks,
			 (size_t)(e - c->spec.networks.items));
	c->spec.parted = c->spec.networks.count == 0;
	return true;
}

static int check_connect(const struct network *network,
			 const struct container *c,
			 const struct endpoint *wish, struct err *err)
{
	bool none = c->spec.network_mode &&
		    strcmp(c->spec.network_mode, "none") == 0;

	if (namespaces_is_host(c->spec.network_mode) ||
	    namespaces_donor(c->spec.network_mode))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"container sharing network namespace with another container or host cannot be connected to any other network");
	if (strcmp(network->driver, "host") == 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"container cannot be disconnected from host network or connected to host network");
	if (none || strcmp(network->driver, "null") == 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"container cannot be connected to multiple networks with one of the networks in private (none) mode");
	if (!wish || !network_is_built_in(network))
		return 0;
	if (wish->want_ip || wish->want_ip6)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"user specified IP address is supported on user defined networks only");
	if (wish->aliases.count)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"network-scoped alias is supported only for containers in user defined networks");
	return 0;
}

/* Docker's words, with a bracket too many. */
static int check_address(const char *text, int family, struct err *err)
{
	struct address address;

	if (!text || (address_parse(text, &address) && address.family == family))
		return 0;
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "Invalid IPv%d address: %s)",
			  family == AF_INET ? 4 : 6, text);
}

int network_connect(const struct home *home, const char *network,
		    const char *container, const struct endpoint *wish,
		    struct err *err)
{
	OWN_NETWORK struct network n = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct coming change = { &n, wish, false };
	struct err ignored = { 0 };
	int r = network_find(home, network, &n, err);

	if (r == 0)
		r = container_find(home, container, &c, err);
	if (r == 0)
		r = check_connect(&n, &c, wish, err);
	if (r == 0 && wish)
		r = check_address(wish->want_ip, AF_INET, err);
	if (r == 0 && wish)
		r = check_address(wish->want_ip6, AF_INET6, err);
	if (r == 0)
		r = change_record(home, c.spec.id, add, &change, err);
	if (r < 0)
		return r;
	if (change.found)
		return err_docker(
			err, ERR_DAEMON, EEXIST,
			"endpoint with name %s already exists in network %s",
			c.spec.name, n.name);
	if (!container_has_monitor(&c))
		return 0;
	r = container_networks_changed(home, c.spec.id, err);
	if (r < 0)
		(void)change_record(home, c.spec.id, take_off, &change,
				    &ignored);
	return r;
}

/* ---- disconnect ---- */

static int not_connected(const struct container *c, const char *network,
			 struct err *err)
{
	return err_docker(err, ERR_DAEMON, ENOENT,
			  "container %s is not connected to %snetwork %s",
			  c->spec.id, container_has_monitor(c) ? "" : "the ",
			  network);
}

/* A network that is gone is forgotten by name: only with --force. */
static void stand_in(struct network *n, const char *name)
{
	n->name = mem_str(name);
	n->id = mem_str(name);
	n->driver = mem_str("bridge");
}

int network_disconnect(const struct home *home, const char *network,
		       const char *container, bool force, struct err *err)
{
	OWN_NETWORK struct network n = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct coming change = { &n, NULL, false };
	struct err missing = { 0 };
	int r = network_find(home, network, &n, &missing);

	if (r < 0 && !force) {
		*err = missing;
		return r;
	}
	if (r < 0)
		stand_in(&n, network);
	r = container_find(home, container, &c, err);
	if (r == -ENOENT && missing.code)
		*err = missing;
	if (r == -ENOENT && force && !missing.code)
		return err_docker(err, ERR_DAEMON, ENOENT,
				  "endpoint %s not found", container);
	if (r < 0)
		return r;
	if (strcmp(n.driver, "host") == 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"container cannot be disconnected from host network or connected to host network");
	r = change_record(home, c.spec.id, take_off, &change, err);
	if (r < 0)
		return r;
	if (!change.found)
		return not_connected(&c, n.name, err);
	return container_has_monitor(&c) ?
		       container_networks_changed(home, c.spec.id, err) :
		       0;
}
