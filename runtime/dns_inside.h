/* runtime/dns_inside.h - sockets in a container's network, held by who stays outside.
 *
 * The sockets are made by a child that shares the table of descriptors with its
 * parent (clone3 with CLONE_FILES), enters the container's namespaces and ends: what
 * it opened stays open in the parent. Nobody else has to enter anything, and who
 * enters a user namespace cannot come back.
 *
 *   name server           child
 *     |--- clone3(FILES) --> setns(user), setns(net)
 *     |                      bind(127.0.0.11:53)
 *     |<-- numbers, steps --- ends
 */
#ifndef RUNTIME_DNS_INSIDE_H
#define RUNTIME_DNS_INSIDE_H

#include <sys/types.h>

struct err;

/* The namespaces of a container's process 1; user is -1 where it is ours. */
struct dns_inside {
	int user;
	int net;
};
#define DNS_INSIDE_NONE ((struct dns_inside){ -1, -1 })

int dns_inside_open(pid_t pid, struct dns_inside *out, struct err *err);
void dns_inside_close(struct dns_inside *inside);

/* Listens at DNS_ADDRESS:53 in there, UDP in out_fds[0] and TCP in out_fds[1] (given).
 * Over TCP comes only what is too long for UDP: its descriptor may be negative. Returns
 * -errno, -EADDRINUSE where a name server is there already. */
int dns_inside_listen(const struct dns_inside *inside, int out_fds[2]);

/* A socket in there, for a question. Returns it (given) or -errno. */
int dns_inside_socket(const struct dns_inside *inside, int family, int type);

#endif
