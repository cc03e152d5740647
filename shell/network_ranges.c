/* shell/network_ranges.c - see network_ranges.h */
#include "shell/network_ranges.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/network.h"

/* An address, and how many of its bits name the network. */
struct range {
	int family;
	int bits;
	uint8_t bytes[16];
};

/* One subnet and what was said of it; borrowed. */
struct subnet {
	const char *text;
	struct range range;
	const char *ip_range;
	const char *gateway;
};

enum { MOST_SUBNETS = 16 };

struct subnets {
	struct subnet items[MOST_SUBNETS];
	size_t count;
};

static int width(int family)
{
	return family == AF_INET ? 32 : 128;
}

static bool read_address(const char *text, struct range *out)
{
	*out = (struct range){ .family = strchr(text, ':') ? AF_INET6 :
							     AF_INET };
	out->bits = width(out->family);
	return inet_pton(out->family, text, out->bytes) == 1;
}

static bool read_range(const char *text, struct range *out)
{
	const char *slash = strchr(text, '/');
	OWN_FREE char *address = NULL;
	char *end;
	long bits;

	if (!slash || slash[1] < '0' || slash[1] > '9')
		return false;
	address = mem_strn(text, (size_t)(slash - text));
	bits = strtol(slash + 1, &end, 10);
	if (!read_address(address, out) || *end || bits > out->bits)
		return false;
	out->bits = (int)bits;
	return true;
}

/* Whether an address lies in a range: their first bits are the same. */
static bool holds(const struct range *range, const struct range *address)
{
	if (range->family != address->family)
		return false;
	for (int i = 0; i < range->bits; i++) {
		unsigned bit = 0x80u >> (i % 8);

		if ((range->bytes[i / 8] ^ address->bytes[i / 8]) & bit)
			return false;
	}
	return true;
}

static int no_range(const char *context, const char *text, struct err *err)
{
	return err_docker(err, ERR_BARE, EINVAL, "%sinvalid CIDR address: %s",
			  context, text);
}

static int add_subnet(struct subnets *subnets, const char *text,
		      struct err *err)
{
	struct range range;

	if (!read_range(text, &range)) {
		if (subnets->count)
			return no_range("invalid subnet: ", text, err);
		err_docker(err, ERR_DAEMON, EINVAL,
			   "Invalid subnet %s : invalid CIDR address: %s", text,
			   text);
		return -err->code;
	}
	for (size_t i = 0; i < subnets->count; i++)
		if (holds(&subnets->items[i].range, &range) ||
		    holds(&range, &subnets->items[i].range))
			return err_docker(
				err, ERR_BARE, EINVAL,
				"multiple overlapping subnet configuration is not supported");
	if (subnets->count == MOST_SUBNETS)
		return err_docker(
			err, ERR_DAEMON, EPERM,
			"bridge driver doesn't support multiple subnets");
	subnets->items[subnets->count++] =
		(struct subnet){ .text = text, .range = range };
	return 0;
}

/* The subnet that an address lies in, or NULL. */
static struct subnet *subnet_of(struct subnets *subnets,
				const struct range *address)
{
	for (size_t i = 0; i < subnets->count; i++)
		if (holds(&subnets->items[i].range, address))
			return &subnets->items[i];
	return NULL;
}

static int add_range(struct subnets *subnets, const char *text,
		     struct err *err)
{
	struct range range;
	struct subnet *subnet;

	if (!read_range(text, &range) && !read_address(text, &range))
		return no_range("", text, err);
	subnet = subnet_of(subnets, &range);
	if (!subnet)
		return err_docker(err, ERR_BARE, EINVAL,
				  "no matching subnet for range %s", text);
	if (subnet->ip_range)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"cannot configure multiple ranges (%s, %s) on the same subnet (%s)",
			text, subnet->ip_range, subnet->text);
	subnet->ip_range = text;
	return 0;
}

static int add_gateway(struct subnets *subnets, const char *text,
		       struct err *err)
{
	struct range address;
	struct subnet *subnet = NULL;

	if (read_address(text, &address))
		subnet = subnet_of(subnets, &address);
	if (!subnet)
		return err_docker(err, ERR_BARE, EINVAL,
				  "no matching subnet for gateway %s", text);
	if (subnet->gateway)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"cannot configure multiple gateways (%s, %s) for the same subnet (%s)",
			text, subnet->gateway, subnet->text);
	subnet->gateway = text;
	return 0;
}

static int check_aux(struct subnets *subnets, const char *item,
		     struct err *err)
{
	const char *text = strchr(item, '=');
	struct range address;

	text = text ? text + 1 : "";
	if (read_address(text, &address) && subnet_of(subnets, &address))
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "no matching subnet for aux-address %s", text);
}

static int put_subnet(const struct subnet *s, struct network *wish,
		      struct err *err)
{
	bool is_6 = s->range.family == AF_INET6;

	if (is_6 ? wish->subnet6 : wish->subnet)
		return err_docker(
			err, ERR_DAEMON, EPERM,
			"bridge driver doesn't support multiple subnets");
	*(is_6 ? &wish->subnet6 : &wish->subnet) = mem_str(s->text);
	*(is_6 ? &wish->gateway6 : &wish->gateway) = mem_str(s->gateway);
	*(is_6 ? &wish->ip_range6 : &wish->ip_range) = mem_str(s->ip_range);
	return 0;
}

static void split_all(struct strs *out, const struct strs *given)
{
	for (size_t i = 0; i < given->count; i++)
		strs_split(out, given->items[i], ',');
}

static int fill(struct subnets *subnets, const struct strs *aux,
		struct network *wish, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < aux->count && r == 0; i++)
		r = check_aux(subnets, aux->items[i], err);
	for (size_t i = 0; i < subnets->count && r == 0; i++)
		r = put_subnet(&subnets->items[i], wish, err);
	if (r == 0)
		strs_copy(&wish->aux, aux);
	return r;
}

int network_ranges_fill(const struct network_ranges *given,
			struct network *wish, struct err *err)
{
	struct subnets subnets = { .count = 0 };
	OWN_STRS struct strs texts = { 0 };
	OWN_STRS struct strs ranges = { 0 };
	OWN_STRS struct strs gateways = { 0 };
	int r = 0;

	split_all(&texts, given->subnets);
	split_all(&ranges, given->ranges);
	split_all(&gateways, given->gateways);
	if (texts.count < ranges.count || texts.count < gateways.count)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"every ip-range or gateway must have a corresponding subnet");
	for (size_t i = 0; i < texts.count && r == 0; i++)
		r = add_subnet(&subnets, texts.items[i], err);
	for (size_t i = 0; i < ranges.count && r == 0; i++)
		r = add_range(&subnets, ranges.items[i], err);
	for (size_t i = 0; i < gateways.count && r == 0; i++)
		r = add_gateway(&subnets, gateways.items[i], err);
	return r == 0 ? fill(&subnets, given->aux, wish, err) : r;
}
