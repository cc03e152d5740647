/* shell/run_net.h - on which networks a new container is, and how it is found there.
 *
 * Source: docker/cli opts/network.go, opts/parse.go (ParseLink) and
 * command/container/opts.go (parseNetworkOpts); moby runconfig/hostconfig.go. */
#ifndef SHELL_RUN_NET_H
#define SHELL_RUN_NET_H

#include <stdbool.h>

struct err;
struct run_opts;
struct shell;
struct spec;
struct strs;

/* Adds a link as "NAME:ALIAS"; what was given passed run_check_link. */
void run_add_link(const char *given, struct strs *out);

/* The network that the container is to have first, or "": given, to be freed. */
char *run_first_network(const struct run_opts *o);

/* Fills the mode, the networks and the links. */
int run_fill_network(struct shell *shell, const struct run_opts *o,
		     struct spec *spec, struct err *err);

#endif
