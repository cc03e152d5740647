/* runtime/sockets.h - which sockets wait for visitors in a network namespace.
 *
 * The kernel shows each namespace's sockets in /proc/PID/net/tcp and its three
 * siblings, of any process that lives in there. Whose a socket is, is found by its
 * number among the descriptors of the processes one asks about. */
#ifndef RUNTIME_SOCKETS_H
#define RUNTIME_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pids;

enum { SOCKETS_IP_SIZE = 46 };

/* One that listens (TCP), or is bound and not connected (UDP).
 *
 * ip     "0.0.0.0", "127.0.0.1", "::" ...
 * inode  the socket's number
 * pid    one of the processes that hold it, as this machine numbers it; 0: unknown */
struct listener {
	bool udp;
	bool six;
	char ip[SOCKETS_IP_SIZE];
	uint16_t port;
	unsigned long inode;
	uid_t uid;
	pid_t pid;
};

struct listeners {
	struct listener *items;
	size_t count;
};
void listeners_done(struct listeners *listeners);
#define OWN_LISTENERS __attribute__((cleanup(listeners_done)))

/* Reads the text of one of the four files; what is no socket that waits is left out. */
void listeners_parse(const char *text, bool udp, bool six,
		     struct listeners *out);

/* Those of the namespace that process `pid` is in (0: our own). False where it is
 * gone, or hidden. */
bool listeners_read(pid_t pid, struct listeners *out);

/* Fills in `pid` of each that one of these processes holds. */
void listeners_find_holders(struct listeners *listeners,
			    const struct pids *among);

/* Whether visitors who come to `ip` over IPv4 reach it. "::" takes IPv4 along, as a
 * rule. */
bool listener_is_reached(const struct listener *listener, const char *ip);

/* 127.0.0.0/8 or ::1. */
bool listener_is_loopback(const struct listener *listener);

/* How many connections to local port `port` are established in the namespace of
 * `pid`; -1: cannot be read. */
int listeners_connections(pid_t pid, uint16_t port);

/* And how many were ended there, which the kernel remembers for a while. */
int listeners_ended(pid_t pid, uint16_t port);

#endif
