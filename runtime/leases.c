/* runtime/leases.c - see leases.h */
#include "runtime/leases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/network.h"
#include "runtime/network_parts.h"
#include "runtime/subnet.h"

/* IPv6 is counted behind all of IPv4. */
static const off_t WIDE = (off_t)1 << 62;

static off_t place_of(int family, uint64_t number)
{
	return (off_t)number + (family == AF_INET6 ? WIDE : 0);
}

static struct flock range(short type, off_t start, off_t len)
{
	return (struct flock){
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = start,
		.l_len = len,
	};
}

int leases_open(const struct home *home, const struct network *network,
		struct err *err)
{
	OWN_FREE char *path = network_path(network, ".addresses");

	return fs_open(home->fd, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600,
		       err);
}

/* Whether it was free and is now this process's. A process never meets its own
 * locks, so it remembers by itself what it has. */
static bool try_number(int fd, int family, uint64_t number)
{
	struct flock lock = range(F_WRLCK, place_of(family, number), 1);

	return fcntl(fd, F_SETLK, &lock) == 0;
}

/* ---- which addresses there are ---- */

/* first..last may be given, except `gateway` and what --aux-address keeps back. */
struct choice {
	struct subnet subnet;
	uint64_t first;
	uint64_t last;
	uint64_t gateway;
};

static int read_choice(const struct network *network, int family,
		       struct choice *out)
{
	bool wide = family == AF_INET6;
	const char *text = wide ? network->subnet6 : network->subnet;
	const char *gateway = wide ? network->gateway6 : network->gateway;
	const char *range_text = wide ? network->ip_range6 : network->ip_range;
	struct subnet part;
	struct address address;

	if (!text || !subnet_parse(text, &out->subnet))
		return -EINVAL;
	subnet_mask(&out->subnet);
	out->first = 1;
	out->last = subnet_last(&out->subnet) - (wide ? 0 : 1);
	if (range_text && subnet_parse(range_text, &part)) {
		uint64_t from;

		subnet_mask(&part);
		from = subnet_number(&out->subnet, &part.base);
		if (from + subnet_last(&part) < out->last)
			out->last = from + subnet_last(&part);
		if (from > out->first)
			out->first = from;
	}
	out->gateway = 0;
	if (gateway && address_parse(gateway, &address))
		out->gateway = subnet_number(&out->subnet, &address);
	return 0;
}

static bool is_kept_back(const struct network *network,
			 const struct choice *choice, uint64_t number)
{
	for (size_t i = 0; i < network->aux.count; i++) {
		const char *value = strchr(network->aux.items[i], '=');
		struct address address;

		if (value && address_parse(value + 1, &address) &&
		    subnet_contains(&choice->subnet, &address) &&
		    subnet_number(&choice->subnet, &address) == number)
			return true;
	}
	return number == choice->gateway;
}

static int in_use(struct err *err)
{
	return err_docker(err, ERR_DAEMON, EADDRINUSE,
			  "Address already in use");
}

static int take_wish(int fd, const struct choice *choice, const char *wish,
		     struct address *out, struct err *err)
{
	struct address address;
	uint64_t number;

	if (!address_parse(wish, &address) ||
	    !subnet_contains(&choice->subnet, &address))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"Invalid address %s: It does not belong to any of this network's subnets",
			wish);
	number = subnet_number(&choice->subnet, &address);
	/* The network, its broadcast address and its gateway are given away. */
	if (number == 0 || number == choice->gateway ||
	    (address.family == AF_INET &&
	     number == subnet_last(&choice->subnet)) ||
	    !try_number(fd, address.family, number))
		return in_use(err);
	*out = address;
	return 0;
}

int leases_take(int fd, const struct network *network, int family,
		const char *wish, struct address *out, struct err *err)
{
	struct choice choice;

	if (read_choice(network, family, &choice) < 0)
		return err_set(err, EINVAL, _("network %s has no addresses of its own"),
			       network->name);
	if (wish)
		return take_wish(fd, &choice, wish, out, err);
	for (uint64_t n = choice.first; n <= choice.last; n++) {
		if (is_kept_back(network, &choice, n) ||
		    !try_number(fd, family, n))
			continue;
		subnet_address(&choice.subnet, n, out);
		return 0;
	}
	return err_docker(
		err, ERR_DAEMON, ENOSPC,
		"no available IPv%d addresses on this network's address pools: %s (%s)",
		family == AF_INET6 ? 6 : 4, network->name, network->id);
}

bool leases_any(int fd)
{
	struct flock lock = range(F_WRLCK, 0, 0);

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
