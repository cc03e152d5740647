/* runtime/cgroup.h - the cgroup of one container.
 *
 * Owns its folders: making, joining, finding again and removing them. Where they
 * may lie is cgroup_find.h's; what is written into their files cgroup_memory.h's,
 * cgroup_cpu.h's, cgroup_pids.h's, cgroup_io.h's and cgroup_freezer.h's.
 *
 * On a machine of version 2 each container is born in a cgroup, which costs next
 * to nothing. Joining one of version 1 makes the kernel wait (6 to 20 ms), so
 * there only a container that needs one gets one: at its start where it has a
 * limit, later when `pause` or `update` asks.
 *
 * Which folders there are is noted in containers/<id>/cgroup before they are
 * made, so that whoever comes after a kill -9 finds them. Root's only folder on a
 * machine of version 2 needs no note: it lies at the top, by the container's id. */
#ifndef RUNTIME_CGROUP_H
#define RUNTIME_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/list.h"
#include "runtime/cgroup_find.h"

struct err;

/* v1       folder in the tree of that controller, or -1
 * v2       folder in the tree of version 2, or -1
 * v2_has   controllers that v2 has (CGROUP_BIT)
 * late     controllers whose folder came after the container's start: they know
 *          nothing of what was before
 * record   the lines of the note: "memory /sys/fs/cgroup/memory/..."
 * implied  the one folder is where everyone looks without a note */
struct cgroup {
	int v1[CGROUP_CONTROLLERS];
	int v2;
	unsigned v2_has;
	unsigned late;
	struct strs record;
	bool implied;
};

void cgroup_init(struct cgroup *cgroup);
void cgroup_done(struct cgroup *cgroup); /* closes; the folders stay */
#define OWN_CGROUP __attribute__((cleanup(cgroup_done)))

/* Whether it has any folder. */
bool cgroup_is_there(const struct cgroup *cgroup);

/* The folder that has the controller (borrowed), or -1; *out_v2: of version 2. */
int cgroup_folder(const struct cgroup *cgroup,
		  enum cgroup_controller controller, bool *out_v2);

/* Adds its descriptors to fds (at most CGROUP_FDS more); returns the new count. */
enum { CGROUP_FDS = CGROUP_CONTROLLERS + 1 };
int cgroup_list_fds(const struct cgroup *cgroup, int *fds, int count);

/* Makes folders for the controllers wanted (CGROUP_BIT), as far as this machine
 * and account have them; what is there already stays. With CGROUP_LATE the
 * container runs already. folder_fd is containers/<id>. -errno only where a
 * folder that should work does not. */
#define CGROUP_LATE (1u << 31)
int cgroup_make(struct cgroup *cgroup, int folder_fd, const char *id,
		unsigned wanted, struct err *err);

/* Opens the folders of a container's note. None is fine. */
void cgroup_open(struct cgroup *cgroup, int folder_fd);

/* The calling process joins what it was not born in (`born`: clone3 has put it into
 * the folder of version 2). With `own_view` it sees the cgroup as the root of a
 * cgroup namespace of its own from then on. */
int cgroup_enter(const struct cgroup *cgroup, bool born, bool own_view,
		 struct err *err);

/* Takes all processes of a running container in, those too that are born
 * meanwhile. pid: process 1. -EAGAIN: they fork faster than one can look. */
int cgroup_take_in(const struct cgroup *cgroup, pid_t pid, struct err *err);

/* Whether a container has a note, or a folder without one: one that does not run
 * should not. */
bool cgroup_is_noted(int folder_fd, const char *id);

/* Kills what is left in it (frozen or not), removes the folders and the note.
 * Nothing to remove is fine; what does not go within two seconds stays noted. */
void cgroup_remove(int folder_fd, const char *id);

/* The same for the one that made it, and closes it: mostly nobody is left. */
void cgroup_end(struct cgroup *cgroup, int folder_fd, const char *id);

#endif
