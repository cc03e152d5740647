/* runtime/volume.h - one folder that outlives containers, and its record.
 *
 * Owns volumes/<name> below the home:
 *
 *   _data         what containers see of it
 *   volume.json   when it was made, labels, options, whether a name was given
 *
 * Both appear at once, by a rename of a folder that is complete, and go at once:
 * what stands in volumes/ is whole. Which volumes a container mounts and what is
 * copied into them is volumes.h's. */
#ifndef RUNTIME_VOLUME_H
#define RUNTIME_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct containers;
struct err;
struct home;

/* Owned.
 *
 * labels     "name=value"
 * options    "name=value": type, device and o of mount(8), as Docker's local
 *            driver takes them; none: a plain folder
 * anonymous  its name was made up
 * implied    made by a container that asked for it, not by `volume create`:
 *            `inspect` shows null where there are no labels and options */
struct volume {
	char *name;
	struct strs labels;
	struct strs options;
	int64_t created_ns;
	bool anonymous;
	bool implied;
};

void volume_done(struct volume *volume);
#define OWN_VOLUME __attribute__((cleanup(volume_done)))

struct volumes {
	struct volume *items;
	size_t count;
};

void volumes_done(struct volumes *volumes);
#define OWN_VOLUMES __attribute__((cleanup(volumes_done)))

/* Docker's rules for names and options. -EINVAL: 'create x: "x" includes invalid
 * characters ...', 'create x: invalid option: "foo"'. */
int volume_check_name(const char *name, struct err *err);
int volume_check_options(const char *name, const struct strs *options,
			 struct err *err);

/* There is one driver, "local"; NULL and "" mean it. -ENOENT: 'create x: error
 * looking up volume plugin y: plugin "y" not found'. */
int volume_check_driver(const char *name, const char *driver, struct err *err);

/* How its options want it mounted. A bind is another folder of the machine ("device",
 * borrowed) in place of _data; the rest is a file system of its own. */
enum volume_kind { VOLUME_FOLDER, VOLUME_BIND, VOLUME_FILE_SYSTEM };
enum volume_kind volume_kind(const struct volume *volume);

/* Where its files lie: given, to be freed. NULL for a file system of its own. */
char *volume_path(const struct home *home, const struct volume *volume);

/* Makes it as `wish` says, durably where it has a name that somebody gave it; one
 * that is there stays as it is, as in Docker. A wish without a name gets one. Tells
 * of it as an event. */
int volume_make(const struct home *home, struct volume *wish, struct err *err);

/* -ENOENT: "No such volume: x". */
int volume_find(const struct home *home, const char *name, struct volume *out,
		struct err *err);

/* All, by name: numbers in names are compared as numbers. What a killed program
 * left half made or half removed is swept. */
int volume_list(const struct home *home, struct volumes *out, struct err *err);

/* The ids of the containers that mount it. */
void volume_users(const struct containers *containers, const char *name,
		  struct strs *out_ids);

/* Removes it. -EBUSY: "remove x: volume is in use - [ID, ID]"; a container that is
 * being made at this moment counts.
 *
 * leaving  id of a container that is being removed and does not count, or NULL */
int volume_remove(const struct home *home, const char *name,
		  const char *leaving, struct err *err);

/* Bytes in it, as their files' lengths. */
int volume_size(const struct home *home, const char *name, int64_t *out_bytes,
		struct err *err);

/* Takes the lock that keeps volumes from being removed while a container that
 * mounts them is made. Returns a descriptor (given); closing it lets go. */
int volume_hold_all(const struct home *home, struct err *err);

/* Shared by the two files of this module: volumes/ itself, and the beginning of
 * the names that are none. */
int volume_open_folder(const struct home *home, struct err *err);
void volume_sweep(const struct home *home, int volumes_fd, const char *entry);

#endif
