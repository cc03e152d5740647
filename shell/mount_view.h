/* shell/mount_view.h - what is mounted into a container, for listings.
 *
 * The settings keep each mount as --mount takes it ("type=bind,source=/x,target=
 * /y,readonly"); here that becomes what `inspect` and `ps` show. */
#ifndef SHELL_MOUNT_VIEW_H
#define SHELL_MOUNT_VIEW_H

#include <jansson.h>
#include <stdbool.h>

struct home;
struct spec;

/* type    "bind", "volume", "tmpfs"
 * source  a path; of a volume its name
 * Owned. */
struct mount_view {
	char *type;
	char *source;
	char *target;
	char *propagation;
	bool read_only;
};

void mount_view_done(struct mount_view *view);
#define OWN_MOUNT_VIEW __attribute__((cleanup(mount_view_done)))

/* Takes one value of --mount apart; what it does not know it leaves out. */
void mount_view_read(const char *text, struct mount_view *out);

/* The array that `inspect` calls Mounts. Given. */
json_t *mount_view_json(const struct home *home, const struct spec *spec);

/* The names that `ps` shows under MOUNTS, joined by commas, each cut to 15 columns
 * unless `in_full`. Given. */
char *mount_view_names(const struct spec *spec, bool in_full);

/* How many of them are volumes. */
int mount_view_volumes(const struct spec *spec);

/* Whether a volume of that name, or any mount at that place, is among them. */
bool mount_view_has(const struct spec *spec, const char *name_or_target);

#endif
