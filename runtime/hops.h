/* runtime/hops.h - the way to a published port, hop by hop, and where it ends.
 *
 *   client -> port of the machine -> forwarder -> container's address -> socket
 *
 * Two halves, as in probe.h. hops_gather looks at all of it: the record, the sockets
 * of the machine and of the container, the processes that hold them; and, where that
 * is wished, opens one connection. hops_judge reads those facts, and nothing else,
 * and says of each hop whether it is passed; the first that is not is the answer to
 * "why does nothing answer?". Nothing is printed here. */
#ifndef RUNTIME_HOPS_H
#define RUNTIME_HOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/list.h"
#include "runtime/sides.h"
#include "runtime/sockets.h"

struct container;
struct err;
struct home;

/* ---- facts ---- */

/* One place of the machine where a port is published.
 *
 * listens  a socket is there now; pid, name: who holds it (0, "": hidden from us)
 * ours     it is the forwarder's */
struct hops_outside {
	char ip[SOCKETS_IP_SIZE];
	uint16_t port;
	uint16_t inside;
	bool udp;
	bool listens;
	bool ours;
	pid_t pid;
	char name[32];
};

/* What one connection from this machine met with. */
enum hops_try {
	HOPS_NOT_TRIED,
	HOPS_REFUSED,  /* nobody took it at the machine's port */
	HOPS_BROKEN,   /* taken, and then broken: nobody took it inside */
	HOPS_SILENT,   /* taken, and within the bound it did not get inside */
	HOPS_ARRIVED,  /* it is established inside */
	HOPS_ANSWERED, /* and somebody said something, or ended it */
};

/* container  borrowed
 * forwarder  0: there is none; forwarder_stopped: it does not go on (SIGSTOP)
 * device_up  the container's first device has its address and is up
 * inside     sockets that wait inside; names[i]: of the program that holds
 *            inside.items[i], "" where it is hidden; pids[i]: its number inside
 * tried      one for each of outside */
struct hops_facts {
	const struct container *container;
	struct hops_outside *outside;
	size_t outside_count;
	enum hops_try *tried;
	pid_t forwarder;
	bool forwarder_stopped;
	bool device_up;
	struct listeners inside;
	struct sides *holders;
};
void hops_facts_done(struct hops_facts *facts);
#define OWN_HOPS_FACTS __attribute__((cleanup(hops_facts_done)))

/* try  one connection is opened to each published TCP port, and closed without a word.
 *      The program inside sees a visitor who leaves: one that takes a single visitor
 *      ends by it. Bounded: two seconds each. Where the record or the sockets already
 *      say that nobody is there, nobody is disturbed.
 *
 * A container that does not run is no failure. */
int hops_gather(const struct home *home, const struct container *container,
		bool try, struct hops_facts *out, struct err *err);

/* ---- judgement ---- */

/* In the order of the way. */
enum hop_kind {
	HOP_RUNS,      /* the container runs */
	HOP_NETWORK,   /* it has a network that a way can lead over */
	HOP_PUBLISHED, /* a port of the machine was given to it */
	HOP_MACHINE,   /* somebody listens at that port */
	HOP_FORWARDER, /* the process that carries */
	HOP_ADDRESS,   /* the container's own address */
	HOP_SOCKET,    /* a program inside listens there */
	HOP_TRY,       /* a connection that was made for it */
	HOP_KINDS,
};

enum hop_state { HOP_OK, HOP_FAILS, HOP_UNKNOWN, HOP_NOT_REACHED };

/* Why the way ends. The names (hop_cause_name) are in no language. */
enum hop_cause {
	HOP_CAUSE_NONE,
	HOP_NOT_RUNNING,
	HOP_PAUSED,
	HOP_NO_NETWORK,
	HOP_HOST_NETWORK, /* -p is without effect; what listens is the machine's */
	HOP_OTHERS_NETWORK, /* --network container:x: that one's ports lead there */
	HOP_NOT_PUBLISHED,
	HOP_NOBODY_AT_MACHINE,
	HOP_OTHER_AT_MACHINE,
	HOP_NO_FORWARDER,
	HOP_STOPPED_FORWARDER,
	HOP_NO_ADDRESS,
	HOP_LOOPBACK_ONLY,
	HOP_OTHER_PORT,
	HOP_OTHER_PROTOCOL,
	HOP_NOBODY_LISTENS,
	HOP_CONNECTION_BROKEN,
	HOP_CONNECTION_SILENT,
	HOP_CAUSES,
};

/* where  what stands there: "127.0.0.1:8080", "172.17.0.2" or ""
 * found  a sentence, in the language chosen. Both owned. */
struct hop {
	enum hop_kind kind;
	enum hop_state state;
	char *where;
	char *found;
};

/* The way of one port.
 *
 * published, exposed  -p or -P; EXPOSE. Neither: it only listens inside
 * outside    "0.0.0.0:8080", "[::]:8080"; empty where it is not published
 * failed     index of the first hop that fails, -1: none does
 * fix        what mends it, a sentence; NULL where nothing fails
 * command    one to type, as it stands; NULL: none helps. Both owned */
struct port_way {
	uint16_t port;
	bool udp;
	bool published;
	bool exposed;
	struct strs outside;
	struct hop hops[HOP_KINDS];
	size_t count;
	int failed;
	enum hop_cause cause;
	char *fix;
	char *command;
};

struct port_ways {
	struct port_way *items;
	size_t count;
};
void port_ways_done(struct port_ways *ways);
#define OWN_PORT_WAYS __attribute__((cleanup(port_ways_done)))

/* First those that are published, then those only exposed, then what listens inside
 * and is neither. */
void hops_judge(const struct hops_facts *facts, struct port_ways *out);

/* "container", "network", "published" ...; "not_running", "loopback_only" ...; "ok",
 * "fails", "unknown", "not_reached": for JSON. */
const char *hop_kind_name(enum hop_kind kind);
const char *hop_cause_name(enum hop_cause cause);
const char *hop_state_name(enum hop_state state);

#endif
