/* runtime/net_machine.c - see net_machine.h */
#include "runtime/net_machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/net_place.h"
#include "runtime/net_rules.h"
#include "runtime/netlink.h"

static const char mark[] = "dockershell ";
static const char forward_file[] = "/proc/sys/net/ipv4/ip_forward";

enum { TRIES = 5000, PAUSE_US = 2000, OWNER_MAX = 200 };

void net_machine_done(struct net_machine *machine)
{
	free(machine->items);
	*machine = (struct net_machine){ 0 };
}

/* An abstract socket's name is there once in a network namespace, and goes with its
 * owner. Anybody may have it: who keeps it for that long is none of us. unix(7). */
int net_machine_lock(void)
{
	static const char name[] = "\0dockershell-networks";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1;
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, sizeof(name) - 1);
	for (int i = 0; fd >= 0 && i < TRIES; i++) {
		if (bind(fd, (struct sockaddr *)&address, len) == 0)
			return own_give_fd(&fd);
		if (errno != EADDRINUSE)
			break;
		usleep(PAUSE_US);
	}
	return -1;
}

/* ---- looking ---- */

static void see(void *arg, int index, const char *name, const char *alias)
{
	struct net_machine *machine = arg;
	struct net_machine_bridge *one;
	const char *rest = alias + strlen(mark);

	if (strncmp(name, NET_BRIDGE_PREFIX, strlen(NET_BRIDGE_PREFIX)) != 0 ||
	    strncmp(alias, mark, strlen(mark)) != 0 || !rest[0] ||
	    rest[1] != ' ')
		return;
	machine->items = mem_grow(machine->items, machine->count + 1,
				  sizeof(*machine->items));
	one = &machine->items[machine->count++];
	one->index = index;
	one->forward_before = rest[0] == '1';
	snprintf(one->name, sizeof(one->name), "%s", name);
	snprintf(one->owner, sizeof(one->owner), "%s", rest + 2);
}

int net_machine_look(int fd, struct net_machine *out, struct err *err)
{
	*out = (struct net_machine){ 0 };
	return netlink_bridges(fd, see, out, err);
}

void net_machine_alias(const struct home *home, bool forward_before,
		       char out[NET_ALIAS])
{
	snprintf(out, NET_ALIAS, "%s%c %.*s", mark, forward_before ? '1' : '0',
		 OWNER_MAX, home->path);
}

bool net_machine_is_own(const struct net_machine_bridge *bridge,
			const struct home *home)
{
	char alias[NET_ALIAS];

	net_machine_alias(home, false, alias);
	return strcmp(alias + strlen(mark) + 2, bridge->owner) == 0;
}

/* ---- passing packets on ---- */

bool net_machine_forwards(void)
{
	OWN_FD int fd = open(forward_file, O_RDONLY | O_CLOEXEC);
	char text = '0';

	return fd >= 0 && read(fd, &text, 1) == 1 && text != '0';
}

int net_machine_set_forward(bool on)
{
	OWN_FD int fd = open(forward_file, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, on ? "1" : "0", 1) == 1 ? 0 : -errno;
}

/* ---- taking down ---- */

/* What remains when those that `gone` says are removed. Where nothing of ours does,
 * the machine is to be as it was. */
static void remove_some(int fd, const struct net_machine *machine,
			const bool *gone)
{
	OWN_NETLINK struct netlink talk = { 0 };
	bool any = false;
	bool left = false;
	bool forward_before = true;

	for (size_t i = 0; i < machine->count; i++) {
		const struct net_machine_bridge *one = &machine->items[i];

		left |= !gone[i];
		if (!gone[i])
			continue;
		any = true;
		forward_before &= one->forward_before;
		net_rules_remove(one->name);
		netlink_delete(&talk, one->index);
	}
	(void)netlink_send(fd, &talk);
	if (any && !left && !forward_before)
		(void)net_machine_set_forward(false);
}

/* Containers on it; also where that cannot be seen from here. */
static bool has_ports(const char *bridge)
{
	OWN_FREE char *path = mem_fmt("/sys/class/net/%s/brif", bridge);
	OWN_DIR DIR *dir = opendir(path);
	struct dirent *entry = NULL;

	while (dir && (entry = readdir(dir)) && entry->d_name[0] == '.')
		;
	return !dir || entry;
}

bool net_machine_is_orphan(const struct net_machine_bridge *bridge)
{
	/* A path that was cut short leads nowhere, and so does one that is seen by other
	 * processes only. */
	return strlen(bridge->owner) < OWNER_MAX && !has_ports(bridge->name);
}

/* *out_held: keeps those out who would come to use it. */
static bool is_left(const struct net_machine_bridge *bridge, int *out_held)
{
	bool missing = false;

	return net_place_hold_left(bridge->owner, out_held, &missing) ||
	       (missing && net_machine_is_orphan(bridge));
}

/* Of its own home the caller knows; and it must not open run/net a second time, for with
 * the closing its own locks would go. */
void net_machine_remove(int fd, const struct net_machine *machine,
			const struct home *home)
{
	OWN_FREE bool *gone = mem_zero(machine->count + 1, sizeof(*gone));
	OWN_FREE int *held = mem_zero(machine->count + 1, sizeof(*held));

	for (size_t i = 0; i < machine->count; i++) {
		held[i] = -1;
		gone[i] = net_machine_is_own(&machine->items[i], home) ||
			  is_left(&machine->items[i], &held[i]);
	}
	remove_some(fd, machine, gone);
	for (size_t i = 0; i < machine->count; i++)
		if (held[i] >= 0)
			close(held[i]);
}
