/* runtime/cgroup_remove.c - see cgroup.h: the end of a container's cgroup.
 *
 * A folder of a cgroup can be removed when nobody is in it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_file.h"
#include "runtime/cgroup_freezer.h"
#include "runtime/cgroup_note.h"
#include "runtime/names.h"
#include "runtime/processes.h"

enum { REMOVE_MS = 2000, MAX_DEPTH = 32, BEING_MADE_S = 10 };

/* Whoever is left is killed: in version 2 by one write, else one by one. Frozen
 * processes of version 1 die only when they are thawed. */
static void kill_all(const struct cgroup *cgroup)
{
	OWN_PIDS struct pids left = { 0 };
	struct err ignored = { 0 };

	if (cgroup->v2 >= 0 &&
	    cgroup_file_write(cgroup->v2, "cgroup.kill", "1", &ignored) < 0)
		processes_of_cgroup(cgroup->v2, &left);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] >= 0)
			processes_of_cgroup(cgroup->v1[i], &left);
	for (size_t i = 0; i < left.count; i++)
		(void)kill(left.items[i], SIGKILL);
	(void)cgroup_freezer_thaw(cgroup, &ignored);
}

/* A container that may write to its cgroup (--privileged) can have made further
 * ones in it: the lowest go first. */
static void remove_below(int folder_fd, int depth)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(folder_fd, ".", &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && depth < MAX_DEPTH && (entry = readdir(dir))) {
		OWN_FD int below = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = fs_open_dir(folder_fd, entry->d_name, &ignored);
		if (below >= 0)
			remove_below(below, depth + 1);
		(void)unlinkat(folder_fd, entry->d_name, AT_REMOVEDIR);
	}
}

static bool remove_folder(const char *line, const char *id)
{
	const char *path = cgroup_note_path(line);
	OWN_FD int fd = cgroup_note_folder(path, id);

	if (fd < 0 || rmdir(path) == 0 || errno == ENOENT)
		return true;
	remove_below(fd, 0);
	return rmdir(path) == 0 || errno == ENOENT;
}

static bool remove_folders(const struct strs *record, const char *id)
{
	bool gone = true;

	for (size_t i = 0; i < record->count; i++)
		gone &= remove_folder(record->items[i], id);
	return gone;
}

void cgroup_remove(int folder_fd, const char *id)
{
	OWN_CGROUP struct cgroup cgroup;
	int64_t end = clock_ms() + REMOVE_MS;
	bool gone;

	cgroup_init(&cgroup);
	if (!cgroup_note_read(folder_fd, id, &cgroup.record))
		return;
	gone = remove_folders(&cgroup.record, id);
	if (!gone) {
		cgroup_done(&cgroup);
		cgroup_open(&cgroup, folder_fd);
		kill_all(&cgroup);
	}
	/* EBUSY until the last process is wholly gone. */
	while (!gone && clock_ms() < end) {
		(void)poll(NULL, 0, 5);
		gone = remove_folders(&cgroup.record, id);
	}
	if (gone)
		(void)unlinkat(folder_fd, CGROUP_NOTE, 0);
}

void cgroup_end(struct cgroup *cgroup, int folder_fd, const char *id)
{
	bool implied = cgroup->implied;
	bool gone = true;

	for (size_t i = 0; i < cgroup->record.count; i++)
		gone &= rmdir(cgroup_note_path(cgroup->record.items[i])) == 0;
	cgroup_done(cgroup);
	if (gone && !implied)
		(void)unlinkat(folder_fd, CGROUP_NOTE, 0);
	if (!gone)
		cgroup_remove(folder_fd, id);
}

/* A home that was removed while its containers ran has nobody to sweep for it: an
 * empty cgroup of ours that is not being made right now is rubbish. One that
 * somebody lives in cannot be removed. */
static void sweep_place(const char *path)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(AT_FDCWD, path, &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, CGROUP_PREFIX, strlen(CGROUP_PREFIX)) == 0 &&
		    strlen(entry->d_name) == strlen(CGROUP_PREFIX) + ID_LEN &&
		    fstatat(dirfd(dir), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_ctime + BEING_MADE_S < time(NULL))
			(void)unlinkat(dirfd(dir), entry->d_name,
				       AT_REMOVEDIR);
}

void cgroup_sweep(const struct cgroup_places *places, unsigned wanted)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (places->v1[i] && (wanted & CGROUP_BIT(i)))
			sweep_place(places->v1[i]);
	if (places->v2 && (!places->v2_only || (wanted & CGROUP_LATE)))
		sweep_place(places->v2);
}
