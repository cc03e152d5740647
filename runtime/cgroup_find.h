/* runtime/cgroup_find.h - where this machine's cgroups are, and which are ours.
 *
 * There are two versions. In version 2 one tree of folders serves all
 * controllers; in version 1 each controller (or a few together) has a tree of its
 * own. A machine may have both at once. Where they are mounted, only
 * /proc/self/mountinfo can tell, and where in them we are, only
 * /proc/self/cgroup: no path is fixed.
 *
 * Per controller: version 2 where its tree lists the controller, else version 1,
 * else nothing. A place counts only where this account may make folders.
 *
 * Source: cgroups(7); kernel admin-guide/cgroup-v2.rst, "Delegation" and "No
 * Internal Process Constraint". */
#ifndef RUNTIME_CGROUP_FIND_H
#define RUNTIME_CGROUP_FIND_H

#include <stdbool.h>

enum cgroup_controller {
	CGROUP_MEMORY,
	CGROUP_CPU,
	CGROUP_CPUACCT, /* of version 1; version 2 always counts */
	CGROUP_CPUSET,
	CGROUP_PIDS,
	CGROUP_IO,      /* "blkio" in version 1 */
	CGROUP_FREEZER, /* of version 1; version 2 always can */
	CGROUP_CONTROLLERS,
};

#define CGROUP_BIT(controller) (1u << (controller))
#define CGROUP_ALL (CGROUP_BIT(CGROUP_CONTROLLERS) - 1)

/* "memory", "cpu" ...: version 1's names. */
const char *cgroup_controller_name(enum cgroup_controller controller);

/* Where the trees are. Owned; NULL: not there.
 *
 * v1       our own folder in each tree of version 1
 * v2       our own folder in the tree of version 2
 * v2_top   the highest folder of that tree that can be seen */
struct cgroup_map {
	char *v1[CGROUP_CONTROLLERS];
	char *v2;
	char *v2_top;
};
void cgroup_map_done(struct cgroup_map *map);
#define OWN_CGROUP_MAP __attribute__((cleanup(cgroup_map_done)))

/* Reads the texts of the two files of /proc. */
void cgroup_map_read(struct cgroup_map *map, const char *mountinfo,
		     const char *own);

/* Where containers get their folders here: version 1's places that are ours, and
 * a base in version 2.
 *
 * v1        as in the map, but only what is writable
 * v2        the folder beneath which containers get theirs, or NULL
 * v2_has    bits of the controllers that children of it have (CGROUP_BIT)
 * v2_only   the machine has no tree of version 1 */
struct cgroup_places {
	char *v1[CGROUP_CONTROLLERS];
	char *v2;
	unsigned v2_has;
	bool v2_only;
};
void cgroup_places_done(struct cgroup_places *places);
#define OWN_CGROUP_PLACES __attribute__((cleanup(cgroup_places_done)))

/* Finds them. With `on`, version 2's controllers are switched on for the
 * children of the base; where processes live in it, which the kernel allows only
 * without controllers, they are moved to a leaf of their own first. */
void cgroup_find(struct cgroup_places *out, bool on);

/* Bits of the controllers that a container can have here at all. */
unsigned cgroup_places_have(const struct cgroup_places *places);

/* Bits of the controllers named in a file ("cgroup.controllers") of a folder of
 * version 2. */
unsigned cgroup_v2_listed(int folder_fd, const char *file);

/* Whether version 2 is all that this machine has: one cheap look. */
bool cgroup_is_unified(void);

#endif
