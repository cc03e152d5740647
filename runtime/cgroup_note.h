/* runtime/cgroup_note.h - which cgroup folders a container has, written down.
 *
 * containers/<id>/cgroup, one line a folder; "late" where the processes joined it
 * after their start:
 *
 *   memory /sys/fs/cgroup/memory/user/dockershell-<id>
 *   late v2 /sys/fs/cgroup/unified/dockershell-<id>
 *
 * It is written before the folders are made, so that whoever comes after a kill -9
 * finds them. Without a note there may be the one folder that is implied.
 * cgroup.h's own; nobody else includes this. */
#ifndef RUNTIME_CGROUP_NOTE_H
#define RUNTIME_CGROUP_NOTE_H

#include <stdbool.h>

struct cgroup_places;
struct err;
struct strs;

#define CGROUP_NOTE "cgroup"
#define CGROUP_PREFIX "dockershell-" /* and the container's id */

/* The line of root's folder on a machine of version 2; given. NULL: this is none,
 * or we are not root. */
char *cgroup_note_implied(const char *id);

/* The lines; false: there is no note, and no folder that is implied. */
bool cgroup_note_read(int folder_fd, const char *id, struct strs *out);
int cgroup_note_write(int folder_fd, const struct strs *record,
		      struct err *err);

/* The path in a line, or "". Borrowed. */
const char *cgroup_note_path(const char *line);

/* Opens one: only a folder of a cgroup file system with the container's id in its
 * name is ever touched, whatever the note says. -1: it is none, or gone. */
int cgroup_note_folder(const char *path, const char *id);

/* Removes what containers of homes that are gone have left in those places. Where
 * something is made anyway; a plain start on version 2 is spared. */
void cgroup_sweep(const struct cgroup_places *places, unsigned wanted);

#endif
