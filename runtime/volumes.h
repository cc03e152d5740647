/* runtime/volumes.h - folders that outlive containers.
 *
 * Owns volumes/<name>/_data below the home. A volume is made when a container
 * first asks for it; an empty one is filled with what the image has at its place.
 * Docker's `volume` commands stand on this. */
#ifndef RUNTIME_VOLUMES_H
#define RUNTIME_VOLUMES_H

struct err;
struct home;
struct spec;

/* Docker's rule. -EINVAL: 'create x: "x" includes invalid characters ...'. */
int volumes_check_name(const char *name, struct err *err);

/* Makes those that spec mounts, and fills the empty ones. The container's folder
 * is there, it has not run yet. */
int volumes_prepare(const struct home *home, const struct spec *spec,
		    struct err *err);

/* Removes those whose names were made up for this container (`rm -v`, --rm) and
 * that no other container mounts. Best effort: what cannot be removed stays. */
void volumes_remove_anonymous(const struct home *home, const struct spec *spec);

#endif
