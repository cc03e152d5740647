/* shell/network_row.h - networks as rows of a list, and which of them are shown.
 *
 * Source: docker/cli command/network/formatter.go; moby daemon/network/filter.go. */
#ifndef SHELL_NETWORK_ROW_H
#define SHELL_NETWORK_ROW_H

#include <jansson.h>
#include <stdbool.h>

#include "shell/filter.h"
#include "shell/format.h"

struct containers;
struct err;
struct network;

extern const struct format_kind network_kind;

/* One row; given. in_full: ids in full length. */
json_t *network_row(const struct network *network, bool in_full);

/* What `network ls` takes with --filter. */
extern const char *const network_keys[];

/* Refuses values that a key cannot have, in Docker's words. */
int network_filters_check(const struct filters *filters, struct err *err);

/* `all`: the containers there are, for "dangling". */
bool network_fits(const struct filters *filters, const struct network *network,
		  const struct containers *all);

#endif
