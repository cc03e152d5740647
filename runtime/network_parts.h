/* runtime/network_parts.h - what the files of network.h share.
 *
 *   network.c          records: reading, writing, finding
 *   network_make.c     create and remove
 *   network_connect.c  a container comes to a network and leaves it
 *
 * net.h's files use it too; nobody else includes this. */
#ifndef RUNTIME_NETWORK_PARTS_H
#define RUNTIME_NETWORK_PARTS_H

struct err;
struct home;
struct network;
struct networks;

/* Whoever makes, changes or removes records of networks holds this meanwhile. A
 * descriptor (given); closing it lets go. Makes networks/ where it is missing. */
int network_lock(const struct home *home, struct err *err);

/* The path of its record below the home, with another ending: ".json",
 * ".addresses". Given. */
char *network_path(const struct network *network, const char *ending);

/* The lock is held. */
int network_write(const struct home *home, const struct network *network,
		  struct err *err);

/* Sets subnet and, as its first address, the gateway. */
void network_set_range(struct network *network, const char *subnet);

#endif
