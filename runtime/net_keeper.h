/* runtime/net_keeper.h - the process that keeps a home's bridges, and takes them down.
 *
 * net_place.h's own, and of whoever brings a bridge up; nobody else includes this. */
#ifndef RUNTIME_NET_KEEPER_H
#define RUNTIME_NET_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

struct err;
struct home;

/* ---- the locks of run/net: net_place.c ---- */

enum net_lock { NET_USERS, NET_DOOR, NET_KEEPER };

/* type F_RDLCK, F_WRLCK, F_UNLCK. Returns 0, or -errno (-EAGAIN: somebody has it). */
int net_lock_set(int fd, enum net_lock byte, short type, bool wait);

/* The number of a process that has it, as seen from here; 0: nobody. */
pid_t net_lock_holder(int fd, enum net_lock byte);

int net_place_open(const struct home *home, bool make, struct err *err);

/* ---- net_keeper.c ---- */

/* Starts one, and waits until it is there; and, for a plain user, a way out. `inside` is
 * a descriptor of a process in the shared namespace, -1: there is none yet. DOOR is
 * locked by the caller, through lock_fd. *out_way_out: that program's number, or 0. */
int net_keeper_start(const struct home *home, int lock_fd, int inside,
		     pid_t *out_way_out, struct err *err);

#endif
