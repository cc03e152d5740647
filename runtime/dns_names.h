/* runtime/dns_names.h - who is called what on the networks that a container is on.
 *
 * Owns the answers to one container's questions, made from the records of all: on a
 * network of the user's own a container is found by its name, its short id, its host
 * name and its aliases there, each also with the network's name behind a dot; and by
 * the links of the one who asks. Whoever does not run is not found. Records that did
 * not change are not read again.
 *
 * Source: docker/libnetwork, sandbox.go (ResolveName), network.go (addSvcRecords). */
#ifndef RUNTIME_DNS_NAMES_H
#define RUNTIME_DNS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/container.h"
#include "runtime/dns.h"
#include "runtime/names.h"

struct home;

/* One container's record as it was read last; changed_ns and file say whether it
 * is another one by now. seen: in the present walk. */
struct dns_record {
	char id[ID_LEN + 1];
	ino_t file;
	int64_t changed_ns;
	bool seen;
	struct container container;
};

/* home     borrowed
 * self     id of the one who asks; changed(arg) is called when its record is another
 *          one than before, at the next question (NULL: nothing is) */
struct dns_names {
	const struct home *home;
	char self[ID_LEN + 1];
	void (*changed)(void *arg, const struct spec *self);
	void *arg;
	struct dns_record *records;
	size_t count;
};

void dns_names_init(struct dns_names *names, const struct home *home,
		    const char *self);
void dns_names_done(struct dns_names *names);

/* The source for dns_init; `names` is its arg. */
struct dns_source dns_names_source(struct dns_names *names);

#endif
