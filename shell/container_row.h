/* shell/container_row.h - a container as a row of `ps` and of `system df -v`. */
#ifndef SHELL_CONTAINER_ROW_H
#define SHELL_CONTAINER_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "shell/format.h"

struct container;
struct containers;
struct shell;

/* The fields and columns of `ps`; container_kind_sized has SIZE as the last. */
extern const struct format_kind container_kind;
extern const struct format_kind container_kind_sized;

/* How the rows are to look.
 *
 * in_full  ids, commands and images uncut
 * size     what was written is measured; else Size is "0B"
 * virtual  with the image's size behind it
 * linking  borrowed: the names that these have for it by links are names, too; NULL:
 *          its own name alone */
struct container_look {
	const struct containers *linking;
	bool in_full;
	bool size;
	bool with_image;
	int64_t now_ns;
};

/* The row; given. A size that cannot be measured is left out. */
json_t *container_row(struct shell *shell, const struct container *container,
		      const struct container_look *look);

/* "Up 3 seconds (healthy)", "Exited (0) 5 minutes ago": STATUS. Given. */
char *container_status_shown(const struct container *container, int64_t now_ns);

/* "none", "starting", "healthy", "unhealthy". */
const char *container_health_name(const struct container *container);

/* Whether it has processes: running, paused, or about to be started again. */
bool container_is_up(const struct container *container);

/* Now, in nanoseconds since 1970. */
int64_t container_now(void);

#endif
