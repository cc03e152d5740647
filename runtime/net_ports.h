/* runtime/net_ports.h - veth pairs and what lies at their ends.
 *
 * net.h's own; nobody else includes this. */
#ifndef RUNTIME_NET_PORTS_H
#define RUNTIME_NET_PORTS_H

#include <sys/types.h>

struct err;
struct net;
struct net_port;

/* As net_settle, from outside: by a process that goes into the namespace of pid. */
int net_ports_settle_there(const struct net *net, pid_t pid, struct err *err);

/* Removes one pair of a container that runs. */
int net_ports_detach(const struct net *net, const struct net_port *port,
		     struct err *err);

#endif
