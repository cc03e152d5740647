/* runtime/subnet.c - see subnet.h */
#include "runtime/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { WIDE_BITS = 62 }; /* so many of an IPv6 address are counted */

int address_bits(const struct address *address)
{
	return address->family == AF_INET6 ? 128 : 32;
}

bool address_parse(const char *text, struct address *out)
{
	struct address parsed = { .family = strchr(text, ':') ? AF_INET6 :
								 AF_INET };

	if (inet_pton(parsed.family, text, parsed.bytes) != 1)
		return false;
	*out = parsed;
	return true;
}

void address_text(const struct address *address, char out[SUBNET_TEXT])
{
	out[0] = '\0';
	if (address->family)
		(void)inet_ntop(address->family, address->bytes, out,
				SUBNET_TEXT);
}

bool subnet_parse(const char *text, struct subnet *out)
{
	const char *slash = strchr(text, '/');
	struct subnet parsed = { 0 };
	char address[SUBNET_TEXT];
	unsigned long prefix;
	char *end;

	if (!slash || slash - text >= SUBNET_TEXT || !slash[1])
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (!address_parse(address, &parsed.base))
		return false;
	if (strspn(slash + 1, "0123456789") != strlen(slash + 1))
		return false;
	errno = 0;
	prefix = strtoul(slash + 1, &end, 10);
	if (errno || prefix > (unsigned long)address_bits(&parsed.base))
		return false;
	parsed.prefix = (int)prefix;
	*out = parsed;
	return true;
}

void subnet_text(const struct subnet *subnet, char out[SUBNET_TEXT])
{
	char address[SUBNET_TEXT];

	address_text(&subnet->base, address);
	snprintf(out, SUBNET_TEXT, "%.*s/%d", SUBNET_TEXT - 8, address,
		 subnet->prefix);
}

/* Bit `at` of an address, counted from its front. */
static unsigned char mask_of(int at)
{
	return (unsigned char)(0x80 >> (at % CHAR_BIT));
}

void subnet_mask(struct subnet *subnet)
{
	for (int at = subnet->prefix; at < address_bits(&subnet->base); at++)
		subnet->base.bytes[at / CHAR_BIT] &=
			(unsigned char)~mask_of(at);
}

static bool agree(const struct address *a, const struct address *b, int prefix)
{
	if (a->family != b->family)
		return false;
	for (int at = 0; at < prefix; at++)
		if ((a->bytes[at / CHAR_BIT] ^ b->bytes[at / CHAR_BIT]) &
		    mask_of(at))
			return false;
	return true;
}

bool subnet_contains(const struct subnet *subnet, const struct address *address)
{
	return agree(&subnet->base, address, subnet->prefix);
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return agree(&a->base, &b->base,
		     a->prefix < b->prefix ? a->prefix : b->prefix);
}

/* How many bits of the address's end are counted. */
static int counted(const struct subnet *subnet)
{
	int bits = address_bits(&subnet->base) - subnet->prefix;

	return bits > WIDE_BITS ? WIDE_BITS : bits;
}

void subnet_address(const struct subnet *subnet, uint64_t number,
		    struct address *out)
{
	struct subnet masked = *subnet;
	int last = address_bits(&subnet->base) - 1;

	subnet_mask(&masked);
	for (int bit = 0; bit < counted(subnet); bit++)
		if (number >> bit & 1)
			masked.base.bytes[(last - bit) / CHAR_BIT] |=
				mask_of(last - bit);
	*out = masked.base;
}

uint64_t subnet_number(const struct subnet *subnet,
		       const struct address *address)
{
	int last = address_bits(&subnet->base) - 1;
	uint64_t number = 0;

	for (int bit = 0; bit < counted(subnet); bit++)
		if (address->bytes[(last - bit) / CHAR_BIT] &
		    mask_of(last - bit))
			number |= (uint64_t)1 << bit;
	return number;
}

uint64_t subnet_last(const struct subnet *subnet)
{
	return ((uint64_t)1 << counted(subnet)) - 1;
}

bool subnet_pool(int index, struct subnet *out)
{
	enum { SIXTEENS = 31 - 17 + 1, TWENTIES = 16 };
	char text[SUBNET_TEXT];

	if (index < SIXTEENS)
		snprintf(text, sizeof(text), "172.%d.0.0/16", 17 + index);
	else if (index < SIXTEENS + TWENTIES)
		snprintf(text, sizeof(text), "192.168.%d.0/20",
			 (index - SIXTEENS) * 16);
	else
		return false;
	return subnet_parse(text, out);
}
