/* runtime/volumes.h - the volumes of one container.
 *
 * A volume (volume.h) is made when a container first asks for it; an empty one is
 * filled with what the image has at its place. */
#ifndef RUNTIME_VOLUMES_H
#define RUNTIME_VOLUMES_H

struct buf;
struct err;
struct home;
struct spec;

/* Makes those that spec mounts, and fills the empty ones. The container's folder
 * is there, it has not run yet. */
int volumes_prepare(const struct home *home, const struct spec *spec,
		    struct err *err);

/* Before a start: a volume that is a file system in memory is mounted by each
 * container by itself, so there is nothing to share it by. -EBUSY where another
 * container runs with one of spec's. */
int volumes_check_start(const struct home *home, const struct spec *spec,
			struct err *err);

/* Adds an event for each volume: "mount" when the container starts, "unmount" when
 * it has ended. */
void volumes_add_events(struct buf *lines, const struct spec *spec,
			const char *action);

/* Removes those whose names were made up for this container (`rm -v`, --rm) and
 * that no other container mounts. Best effort: what cannot be removed stays. */
void volumes_remove_anonymous(const struct home *home, const struct spec *spec);

#endif
