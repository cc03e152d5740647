/* shell/volume_row.h - a volume as `volume ls` and `system df` show it.
 *
 * Source: Docker's cli/command/formatter/volume.go. */
#ifndef SHELL_VOLUME_ROW_H
#define SHELL_VOLUME_ROW_H

#include <jansson.h>
#include <stdint.h>

#include "shell/format.h"

struct containers;
struct err;
struct home;
struct shell;
struct volume;

/* Rows of `volume ls`. */
extern const struct format_kind volume_kind_of_ls;

/* The fields that there are, for other tables. */
extern const struct format_field volume_fields[];

/* How many containers mount it, and bytes; negative: not asked for ("N/A"). */
struct volume_use {
	int links;
	int64_t bytes;
};

json_t *volume_row(const struct home *home, const struct volume *volume,
		   const struct volume_use *use);

/* The object that `inspect` shows. Given. */
json_t *volume_json(const struct home *home, const struct volume *volume);

/* "No such volume: x" is -ENOENT; for inspect_run. */
int volume_inspect(struct shell *shell, const char *name, void *arg,
		   json_t **out, struct err *err);

/* "name=value" each, or "name" alone: as "name=". */
struct strs;
void volume_pairs(const struct strs *given, struct strs *out);

#endif
