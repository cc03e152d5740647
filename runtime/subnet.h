/* runtime/subnet.h - ranges of addresses: text to numbers and back.
 *
 * Owns the arithmetic of "172.18.0.0/16" and "fd00::/64". It asks nobody. */
#ifndef RUNTIME_SUBNET_H
#define RUNTIME_SUBNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUBNET_TEXT = 64 }; /* room for any of the texts */

/* An address. family AF_INET (four bytes) or AF_INET6 (sixteen); 0: none. Bytes in
 * network order, unused ones zero. */
struct address {
	int family;
	unsigned char bytes[16];
};

/* An address and how many of its first bits name the network. */
struct subnet {
	struct address base;
	int prefix;
};

/* 32 or 128. */
int address_bits(const struct address *address);

/* "172.18.0.1" or "fd00::1". false: it is none. */
bool address_parse(const char *text, struct address *out);
void address_text(const struct address *address, char out[SUBNET_TEXT]);

/* "172.18.5.0/16": bits behind the prefix stay as they are. false: it is none. */
bool subnet_parse(const char *text, struct subnet *out);
void subnet_text(const struct subnet *subnet, char out[SUBNET_TEXT]);

/* Sets the bits behind the prefix to zero. */
void subnet_mask(struct subnet *subnet);
bool subnet_contains(const struct subnet *subnet, const struct address *address);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);

/* The address with this number in the subnet, and back: 0 is the network itself. Of
 * IPv6 only the last 62 bits count. */
void subnet_address(const struct subnet *subnet, uint64_t number,
		    struct address *out);
uint64_t subnet_number(const struct subnet *subnet,
		       const struct address *address);

/* The number of the last address (IPv4: the broadcast address). */
uint64_t subnet_last(const struct subnet *subnet);

/* The ranges that are tried in turn where none was asked for, as in Docker:
 * 172.17.0.0/16 ... 172.31.0.0/16, then 192.168.0.0/20 ... 192.168.240.0/20. false:
 * there are no more. Source: libnetwork ipamutils, "predefined local scope". */
bool subnet_pool(int index, struct subnet *out);

#endif
