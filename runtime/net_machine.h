/* runtime/net_machine.h - our bridges in the machine's network namespace.
 *
 * Other homes have theirs there too, and so has whoever else makes bridges. Each of ours
 * carries an alias, "dockershell FORWARD /path/of/home", by which whoever comes later
 * knows whose it is, and what /proc/sys/net/ipv4/ip_forward was before the first of us
 * came. */
#ifndef RUNTIME_NET_MACHINE_H
#define RUNTIME_NET_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct home;

#define NET_BRIDGE_PREFIX "dsh-"
enum { NET_ALIAS = 256, NET_NAME = 16 };

/* owner  the path of its home, as far as the alias holds it */
struct net_machine_bridge {
	int index;
	char name[NET_NAME];
	char owner[NET_ALIAS];
	bool forward_before;
};

struct net_machine {
	struct net_machine_bridge *items;
	size_t count;
};
void net_machine_done(struct net_machine *machine);
#define OWN_NET_MACHINE __attribute__((cleanup(net_machine_done)))

/* Only one at a time chooses ranges and takes down. A descriptor (given); -1: it was
 * not to be had in good time, and one goes on without. */
int net_machine_lock(void);

/* What there is now. */
int net_machine_look(int fd, struct net_machine *out, struct err *err);

bool net_machine_is_own(const struct net_machine_bridge *bridge,
			const struct home *home);

/* Of one whose home is not to be found: whether nobody can be using it. */
bool net_machine_is_orphan(const struct net_machine_bridge *bridge);

void net_machine_alias(const struct home *home, bool forward_before,
		       char out[NET_ALIAS]);

/* Removes those of a home, and of others that are gone or whose keeper was killed. With
 * their rules; and where nothing of ours remains, the machine passes packets on as it
 * did before. */
void net_machine_remove(int fd, const struct net_machine *machine,
			const struct home *home);

/* Whether the calling process's network namespace passes packets on. */
bool net_machine_forwards(void);
int net_machine_set_forward(bool on);

#endif
