/* runtime/port_holder.h - who listens at a port of this machine already.
 *
 * The kernel says of each socket who opened it (a user) and its number; whose
 * descriptor leads to that number is found by looking through the processes, where
 * one may look: one's own, root at all. */
#ifndef RUNTIME_PORT_HOLDER_H
#define RUNTIME_PORT_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

struct sockaddr_storage;

/* uid   whose socket it is
 * pid   0: the process is hidden from us
 * name  of the process, as ps shows it */
struct port_holder {
	uid_t uid;
	pid_t pid;
	char name[32];
};

/* Who keeps a socket from being bound to `address`. false: nobody that is seen in
 * this network namespace.
 *
 * Source: proc(5), /proc/net/tcp; kernel proc_net_tcp.rst. */
bool port_holder_find(const struct sockaddr_storage *address, bool udp,
		      struct port_holder *out);

#endif
