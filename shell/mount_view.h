/* shell/mount_view.h - what is mounted into a container, for listings.
 *
 * The settings keep each mount as --mount takes it (runtime/mount_spec.h); here
 * that becomes what `inspect` and `ps` show. A mount that cannot be read is left
 * out. */
#ifndef SHELL_MOUNT_VIEW_H
#define SHELL_MOUNT_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/base/list.h"

struct home;
struct spec;

/* The array that `inspect` calls Mounts. Given. */
json_t *mount_view_json(const struct home *home, const struct spec *spec);

/* HostConfig's Binds (null where there are none) and Mounts (NULL): what was asked
 * for with -v and with --mount. Given. */
json_t *mount_view_binds(const struct spec *spec);
json_t *mount_view_mounts(const struct spec *spec);

/* Adds the places that were given alone (-v /data) to Config's Volumes. */
void mount_view_places(const struct spec *spec, struct strs *out);

/* The names that `ps` shows under MOUNTS, joined by commas, each cut to 15 columns
 * unless `in_full`. Given. */
char *mount_view_names(const struct spec *spec, bool in_full);

/* How many of them are volumes. */
int mount_view_volumes(const struct spec *spec);

/* Whether a volume of that name, or any mount at that place, is among them. */
bool mount_view_has(const struct spec *spec, const char *name_or_target);

#endif
