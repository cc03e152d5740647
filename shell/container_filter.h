/* shell/container_filter.h - which containers `ps --filter` shows.
 *
 *   id name label label! exited status health ancestor before since volume
 *   network publish expose is-task
 *
 * Source: Docker's daemon/list.go, as of 20.10. */
#ifndef SHELL_CONTAINER_FILTER_H
#define SHELL_CONTAINER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/filter.h"

struct container;
struct containers;
struct err;
struct shell;
struct strs;

/* What was typed, and what it means among the containers there are.
 *
 * all        a status was asked for: those that do not run count, too
 * ancestors  ids of the images that "ancestor" means, with all made from them
 * first, end the part of the list between "before" and "since" */
struct container_filter {
	struct filters filters;
	struct strs ancestors;
	bool all;
	size_t first;
	size_t end;
};

/* What the key may be. */
extern const char *const container_filter_keys[];

void container_filter_done(struct container_filter *filter);
#define OWN_CONTAINER_FILTER __attribute__((cleanup(container_filter_done)))

/* Reads --filter. `all`: the list, newest first. -EINVAL and -ENOENT with
 * Docker's words. */
int container_filter_read(struct container_filter *filter,
			  const struct strs *given, struct shell *shell,
			  const struct containers *all, struct err *err);

/* Whether all->items[index] is shown. */
bool container_filter_fits(const struct container_filter *filter,
			   const struct containers *all, size_t index);

#endif
