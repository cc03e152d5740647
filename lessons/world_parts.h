/* lessons/world_parts.h - the inside of a world, for world*.c only. */
#ifndef LESSONS_WORLD_PARTS_H
#define LESSONS_WORLD_PARTS_H

#include "lessons/world.h"

/* Folders of a world that are kept and brought back, beside store.db; NULL behind
 * the last. */
extern const char *const world_kept[];

/* Kills and removes all of them. */
int world_remove_containers(struct world *world, struct err *err);

/* Removes what is in a folder, not the folder: the learner may be in it. */
int world_empty_folder(int dir_fd, const char *path, struct err *err);

/* Networks that came since the start in start_fd go, those that went are there
 * again. */
int world_restore_networks(struct world *world, int start_fd, struct err *err);

#endif
