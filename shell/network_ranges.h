/* shell/network_ranges.h - which gateway, range and address belong to which subnet:
 * what the options of `network create` say together.
 *
 * Source: docker/cli command/network/create.go, consolidateIpam. */
#ifndef SHELL_NETWORK_RANGES_H
#define SHELL_NETWORK_RANGES_H

struct err;
struct network;
struct strs;

/* The values of --subnet, --ip-range and --gateway (each may hold several, with
 * commas between), and of --aux-address ("name=address"). */
struct network_ranges {
	const struct strs *subnets;
	const struct strs *ranges;
	const struct strs *gateways;
	const struct strs *aux;
};

/* Puts them into the wish for a network. -EINVAL in the words of Docker's client;
 * -EPERM for a second subnet of one family, which a bridge cannot have. */
int network_ranges_fill(const struct network_ranges *given,
			struct network *wish, struct err *err);

#endif
