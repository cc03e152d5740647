/* shell/network_view.h - networks, as the commands look at them.
 *
 * Owns who is on which network, and the ways in which that is asked for. What a
 * network is, is runtime/network.h's. */
#ifndef SHELL_NETWORK_VIEW_H
#define SHELL_NETWORK_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/cmd.h"

struct container;
struct containers;
struct endpoint;
struct err;
struct filters;
struct network;
struct strs;

/* An opt_check: "name=value"; anything else is "'x' should be of the form
 * key=value", as in Docker. */
opt_check network_check_pair;

/* -ENOENT is the client's "Error: No such network: x". */
int network_view_find(struct shell *shell, const char *name,
		      struct network *out, struct err *err);

/* The place of a container that runs on this network, or NULL; borrowed. Of
 * `host` and `none` nobody has one that the record tells of: see
 * network_view_uses. */
const struct endpoint *network_view_place(const struct network *network,
					  const struct container *container);

/* Whether a container that runs is on it. */
bool network_view_uses(const struct network *network,
		       const struct container *container);
bool network_view_in_use(const struct network *network,
			 const struct containers *all);

/* The names of the networks that a container is on, or will be. */
void network_view_names(const struct container *container, struct strs *out);

/* Whether it is on a network that --filter network= names, by name or id. */
bool network_view_fits(const struct container *container,
		       const struct filters *filters);

/* Notes an event of a network: "create", "destroy"; "connect" and "disconnect" of a
 * container (its id; else NULL). */
void network_view_note(struct shell *shell, const struct network *network,
		       const char *action, const char *container);

#endif
