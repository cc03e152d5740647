/* runtime/network_make.c - networks come and go; see network.h */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/leases.h"
#include "runtime/names.h"
#include "runtime/net.h"
#include "runtime/net_range.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/network_parts.h"
#include "runtime/subnet.h"
#include "runtime/userns.h"

int network_lock(const struct home *home, struct err *err)
{
	OWN_FD int fd = -1;

	if (mkdirat(home->fd, "networks", 0700) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir %s/networks", home->path);
	fd = fs_open(home->fd, "networks/lock", O_RDWR | O_CREAT | O_NOFOLLOW,
		     0600, err);
	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(err, "lock networks");
	return own_give_fd(&fd);
}

/* ---- addresses ---- */

static void set_gateway(char **gateway, const char *subnet, const char *range)
{
	struct subnet whole;
	struct subnet part;
	struct address first;
	char text[SUBNET_TEXT];
	uint64_t number = 1;

	if (*gateway || !subnet || !subnet_parse(subnet, &whole))
		return;
	subnet_mask(&whole);
	if (range && subnet_parse(range, &part)) {
		subnet_mask(&part);
		number = subnet_number(&whole, &part.base);
		number = number ? number : 1;
	}
	subnet_address(&whole, number, &first);
	address_text(&first, text);
	*gateway = mem_str(text);
}

void network_set_range(struct network *network, const char *subnet)
{
	free(network->subnet);
	free(network->gateway);
	network->subnet = mem_str(subnet);
	network->gateway = NULL;
	set_gateway(&network->gateway, subnet, NULL);
}

static int bad(struct err *err, const char *text, const char *subnet)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "Invalid address %s: It does not belong to %s", text,
			  subnet);
}

/* One family's texts: each is what it should be, and lies where it should. */
static int check(const char *subnet, const char *gateway, const char *range,
		 int family, struct err *err)
{
	struct subnet whole;
	struct subnet part;
	struct address address;

	if (!subnet)
		return 0;
	if (!subnet_parse(subnet, &whole) || whole.base.family != family)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid CIDR address: %s", subnet);
	if (gateway && (!address_parse(gateway, &address) ||
			!subnet_contains(&whole, &address)))
		return bad(err, gateway, subnet);
	if (range && (!subnet_parse(range, &part) ||
		      part.prefix < whole.prefix ||
		      !subnet_contains(&whole, &part.base)))
		return bad(err, range, subnet);
	return 0;
}

static int overlaps(struct err *err)
{
	return err_docker(err, ERR_DAEMON, EADDRINUSE,
			  "Pool overlaps with other one on this address space");
}

/* The ranges that were asked for are nobody else's. */
static int check_ranges(const struct networks *all, const struct network *wish,
			int fd, struct err *err)
{
	const char *const texts[] = { wish->subnet, wish->subnet6 };
	struct subnet range;
	int holder = 0;
	int r;

	for (int i = 0; i < 2; i++)
		if (texts[i] && subnet_parse(texts[i], &range) &&
		    net_range_is_other(all, NULL, &range))
			return overlaps(err);
	if (fd < 0 || !wish->subnet)
		return 0;
	r = net_range_is_free(fd, wish, &holder, err);
	return r == 0 ? overlaps(err) : r < 0 ? r : 0;
}

/* ---- addresses that are given away from the start ---- */

static int refused(struct err *err, int number, const char *what,
		   const char *address, const char *why)
{
	return err_docker(err, ERR_DAEMON, number,
			  "failed to allocate %s (%s): %s", what, address, why);
}

/* The network's own and, in IPv4, the one to all: nobody has these. */
static bool is_an_end(const struct subnet *whole, uint64_t number)
{
	return number == 0 || (whole->base.family == AF_INET &&
			       number == subnet_last(whole));
}

/* A gateway must fit beside both ends, whether it was asked for or not. */
static int check_gateway(const char *text, const char *asked, struct err *err)
{
	struct subnet whole;
	struct address address;
	int room;

	if (!text || !subnet_parse(text, &whole))
		return 0;
	room = address_bits(&whole.base) - whole.prefix;
	if (room < (whole.base.family == AF_INET ? 2 : 1))
		return refused(err, ENOSPC, "gateway", asked ? asked : "",
			       "No available addresses on this pool");
	if (asked && address_parse(asked, &address) &&
	    is_an_end(&whole, subnet_number(&whole, &address)))
		return refused(err, EADDRINUSE, "gateway", asked,
			       "Address already in use");
	return 0;
}

/* The address of a "name=address". */
static const char *address_in(const char *pair)
{
	const char *equals = strchr(pair, '=');

	return equals ? equals + 1 : "";
}

/* Those put aside are neither an end, nor the gateway, nor put aside twice. */
static int check_aux(const struct network *wish, struct err *err)
{
	for (size_t i = 0; i < wish->aux.count; i++) {
		const char *pair = wish->aux.items[i];
		const char *text = address_in(pair);
		bool wide = strchr(text, ':');
		const char *range = wide ? wish->subnet6 : wish->subnet;
		const char *gateway = wide ? wish->gateway6 : wish->gateway;
		OWN_FREE char *named = mem_fmt(
			"%.*s:%s", (int)strcspn(pair, "="), pair, text);
		struct subnet whole;
		struct address address;
		bool taken = gateway && strcmp(text, gateway) == 0;

		for (size_t j = 0; j < i && !taken; j++)
			taken = strcmp(text, address_in(wish->aux.items[j])) ==
				0;
		if (!taken && range && subnet_parse(range, &whole) &&
		    address_parse(text, &address))
			taken = is_an_end(&whole,
					  subnet_number(&whole, &address));
		if (taken)
			return refused(err, EADDRINUSE, "secondary ip address",
				       named, "Address already in use");
	}
	return 0;
}

static int give_addresses(const struct home *home, struct network *wish,
			  struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	/* A plain user's networks lie in a namespace that routes only them. */
	OWN_FD int fd = userns_kind() == USERNS_NONE ? netlink_open(err) : -1;
	int r = check(wish->subnet, wish->gateway, wish->ip_range, AF_INET,
		      err);

	if (r == 0)
		r = check(wish->subnet6, wish->gateway6, wish->ip_range6,
			  AF_INET6, err);
	if (r == 0 && wish->ipv6 && !wish->subnet6)
		r = err_docker(
			err, ERR_DAEMON, ENOSPC,
			"could not find an available, non-overlapping IPv6 address pool among the defaults to assign to the network");
	if (r == 0)
		r = network_list_made(home, &all, err);
	if (r == 0)
		r = check_ranges(&all, wish, fd, err);
	if (r == 0 && !wish->subnet) {
		wish->chosen = true;
		r = net_range_choose(home, fd, wish, err);
	}
	if (r == 0)
		r = check_gateway(wish->subnet, wish->gateway, err);
	if (r == 0)
		r = check_gateway(wish->subnet6, wish->gateway6, err);
	if (r < 0)
		return r;
	wish->asked_gateway = !wish->chosen && wish->gateway;
	wish->asked_gateway6 = wish->gateway6;
	set_gateway(&wish->gateway, wish->subnet, wish->ip_range);
	set_gateway(&wish->gateway6, wish->subnet6, wish->ip_range6);
	return check_aux(wish, err);
}

/* ---- create ---- */

static int check_driver(const struct network *wish, struct err *err)
{
	const char *driver = wish->driver;

	if (strcmp(driver, "bridge") == 0)
		return 0;
	if (strcmp(driver, "host") == 0 || strcmp(driver, "null") == 0)
		return err_docker(err, ERR_DAEMON, EPERM,
				  "only one instance of \"%s\" network is allowed",
				  driver);
	return err_docker(err, ERR_DAEMON, ENOENT, "plugin \"%s\" not found",
			  driver);
}

static int check_name(const struct home *home, const struct network *wish,
		      struct err *err)
{
	static const char *const built_in[] = { "bridge", "host", "none",
						"default" };
	OWN_NETWORKS struct networks all = { 0 };
	int r;

	if (*wish->name && !wish->name[strspn(wish->name, " \t")])
		return err_docker(err, ERR_DAEMON, EINVAL, "invalid name: %s",
				  wish->name);
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(wish->name, built_in[i]) == 0)
			return err_docker(
				err, ERR_DAEMON, EPERM,
				"operation is not permitted on predefined %s network ",
				wish->name);
	r = network_list_made(home, &all, err);
	/* Docker's way to say that a network has to have a name. */
	for (size_t i = 0; i < all.count && r == 0; i++)
		if (!*wish->name || strcmp(all.items[i].name, wish->name) == 0)
			r = err_docker(err, ERR_DAEMON, EEXIST,
				       "network with name %s already exists",
				       wish->name);
	return r;
}

int network_create(const struct home *home, struct network *wish,
		   struct err *err)
{
	OWN_NETWORK struct network bridge = { 0 };
	OWN_FD int lock = -1;
	char id[ID_LEN + 1];
	int r;

	if (!wish->driver)
		wish->driver = mem_str("bridge");
	/* Its range is not to be given away. */
	r = network_find(home, "bridge", &bridge, err);
	if (r < 0)
		return r;
	lock = network_lock(home, err);
	if (lock < 0)
		return lock;
	r = check_name(home, wish, err);
	if (r == 0)
		r = check_driver(wish, err);
	if (r == 0)
		r = network_check_settings(wish, err);
	if (r == 0)
		r = give_addresses(home, wish, err);
	if (r == 0)
		r = names_random_id(id, err);
	if (r < 0)
		return r;
	free(wish->id);
	wish->id = mem_str(id);
	wish->created_ns = clock_now_ns();
	return network_write(home, wish, err);
}

/* ---- remove ---- */

static int check_unused(const struct home *home, const struct network *network,
			struct err *err)
{
	OWN_FD int fd = leases_open(home, network, err);

	if (fd < 0)
		return fd;
	if (!leases_any(fd))
		return 0;
	return err_docker(
		err, ERR_DAEMON, EBUSY,
		"error while removing network: network %s id %s has active endpoints",
		network->name, network->id);
}

int network_remove(const struct home *home, const char *name, struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	OWN_FREE char *record = NULL;
	OWN_FREE char *addresses = NULL;
	OWN_FD int lock = -1;
	int r = network_find(home, name, &network, err);

	if (r < 0)
		return r;
	if (network_is_built_in(&network))
		return err_docker(
			err, ERR_DAEMON, EPERM,
			"%s is a pre-defined network and cannot be removed",
			network.name);
	lock = network_lock(home, err);
	if (lock < 0)
		return lock;
	r = check_unused(home, &network, err);
	if (r < 0)
		return r;
	net_forget(home, &network);
	record = network_path(&network, ".json");
	addresses = network_path(&network, ".addresses");
	if (call_unlink_at(TRACE_FORGET_NETWORK, home->fd, record, 0) < 0 &&
	    errno != ENOENT)
		return err_errno(err, "unlink %s/%s", home->path, record);
	(void)call_unlink_at(TRACE_FORGET_NETWORK, home->fd, addresses, 0);
	return 0;
}
