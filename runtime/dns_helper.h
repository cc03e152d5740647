/* runtime/dns_helper.h - the process in which a container's name server lives.
 *
 * Owns that process: it is in the machine's own namespaces, where the machine's
 * servers can be reached, holds sockets that listen in the container's, and is no
 * part of the monitor: what programs in the container send it can hurt nothing but
 * it.
 *
 *    machine                         container
 *    +---------------------+         +-------------------------+
 *    | dsh-names           |         |   127.0.0.11:53 udp tcp |
 *    |   listens in there -------------->  resolv.conf         |
 *    |   asks out here     |         |                         |
 *    +---------|-----------+         +-------------------------+
 *          name servers of the machine
 */
#ifndef RUNTIME_DNS_HELPER_H
#define RUNTIME_DNS_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

struct container;
struct err;
struct home;
struct spec;

/* socket  the talk with it, -1: none. It ends when that is closed. */
struct dns_helper {
	int socket;
};
#define DNS_HELPER_NONE ((struct dns_helper){ -1 })

/* Whether a container is to have one: it is on a network of the user's own. */
bool dns_helper_is_wanted(const struct spec *spec);

/* Starts it, for all runs of the container `id`. Called in the machine's own
 * namespaces. `home` must live on in a fork. */
int dns_helper_start(struct dns_helper *helper, const struct home *home,
		     const char *id, struct err *err);

/* A run of the container begins: `pid` is its process 1. Returns once the sockets
 * are there, so that the first question is heard, or -errno. */
int dns_helper_begin(struct dns_helper *helper, pid_t pid, struct err *err);

/* For a container that came to its first such network while it runs: a helper for
 * this run alone, which nobody has to end. One that has one already keeps it. */
int dns_helper_attach(const struct home *home, const char *id, pid_t pid,
		      struct err *err);

#endif
