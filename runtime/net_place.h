/* runtime/net_place.h - where a home's bridges are, and how long.
 *
 * Owns the way into the network namespace of the bridges: for root the machine's; for
 * anybody else one that all containers of the home share, in a user namespace with the
 * account's ids, in which the account is root. And its end: a small process, the
 * keeper, waits until nobody has been there for a while, and takes all down.
 *
 * Who is there is told by locks in run/net, which go with the processes that have
 * them, by whatever end:
 *
 *   byte 0  USERS   shared: each monitor that is in there
 *   byte 1  DOOR    whoever goes in, and the keeper while it takes down
 *   byte 2  KEEPER  the keeper; it is in there too, so that its number, which the
 *                   kernel tells (F_GETLK), is the way to the namespace */
#ifndef RUNTIME_NET_PLACE_H
#define RUNTIME_NET_PLACE_H

#include <stdbool.h>

struct err;
struct home;

/* The calling process goes there for good and is counted as a user until it ends.
 * Returns a descriptor (given) that must stay open meanwhile: whoever closes any of
 * that file has left. -EPERM, -ENOSPC ...: the kernel does not let this account. */
int net_place_enter(const struct home *home, struct err *err);

/* For a short visit, in a process of its own that does some work and ends: goes there
 * if there is such a place now. Returns 1, 0 (nobody is there), or -errno. */
int net_place_visit(const struct home *home, struct err *err);

/* Whether somebody keeps it now. */
bool net_place_is_kept(const struct home *home);

/* Takes down what a killed keeper has left, if nobody is there. For commands that
 * look at everything. */
void net_place_sweep(const struct home *home);

/* Of another home, at `path`: whether what it has was left by a kill -9. Then nobody comes
 * to use it as long as *out_fd is open. *out_missing: there is no such home, as far as
 * can be seen from here. */
bool net_place_hold_left(const char *path, int *out_fd, bool *out_missing);

/* The same of one whose keeper is there, and nobody else. */
bool net_place_hold_idle(const char *path, int *out_fd, bool *out_missing);

#endif
