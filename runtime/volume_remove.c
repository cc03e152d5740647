/* runtime/volume_remove.c - who uses a volume, and its end.
 *
 * Whoever makes a container holds a shared lock on volumes/ while its volumes are
 * made or found there; whoever removes one takes the lock for itself, looks for
 * users and renames the volume away. A container whose volumes were found but whose
 * record is not there yet is waited for, without the lock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/container.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/names.h"
#include "runtime/state.h"
#include "runtime/userns.h"
#include "runtime/volume.h"

enum { WAIT_TRIES = 300 }; /* of 10 ms */

/* ---- what is left behind ---- */

/* A lock that is free: whoever made or removed it is dead. */
void volume_sweep(const struct home *home, int volumes_fd, const char *entry)
{
	OWN_FREE char *path = mem_fmt("volumes/%s", entry);
	OWN_FD int fd = -1;
	struct err ignored = { 0 };

	if (strncmp(entry, ".new-", 5) != 0 && strncmp(entry, ".old-", 5) != 0)
		return;
	fd = openat(volumes_fd, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)userns_remove_tree(home->fd, path, &ignored);
}

/* ---- users ---- */

static bool mounts_it(const struct spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    mount_spec_is(&mount, "volume") && mount.source &&
		    strcmp(mount.source, name) == 0)
			return true;
	}
	return false;
}

void volume_users(const struct containers *containers, const char *name,
		  struct strs *out_ids)
{
	for (size_t i = 0; i < containers->count; i++)
		if (mounts_it(&containers->items[i].spec, name))
			strs_add(out_ids, containers->items[i].spec.id);
}

/* What the records say, as they lie there: nobody who died is tidied away here,
 * for that may remove volumes itself and want the lock that we hold.
 *
 * leaving  id of the container that goes together with the volume, or NULL
 * being_made  a container whose folder is locked and has no record yet */
struct scan {
	const struct home *home;
	const char *name;
	const char *leaving;
	struct strs users;
	bool being_made;
};

static void scan_one(struct scan *scan, const char *id)
{
	struct container container = { 0 };
	struct err ignored = { 0 };
	OWN_FD int fd = state_open_folder(scan->home, id, &ignored);

	if (fd < 0)
		return;
	if (state_read(fd, &container, &ignored) < 0) {
		scan->being_made |= state_is_locked(fd);
		return;
	}
	if (mounts_it(&container.spec, scan->name))
		strs_add(&scan->users, id);
	container_done(&container);
}

static void scan_all(struct scan *scan)
{
	OWN_FREE char *path = mem_fmt("%s/containers", scan->home->path);
	OWN_DIR DIR *dir = opendir(path);
	struct dirent *entry;

	strs_clear(&scan->users);
	scan->being_made = false;
	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == ID_LEN &&
		    (!scan->leaving ||
		     strcmp(entry->d_name, scan->leaving) != 0))
			scan_one(scan, entry->d_name);
}

static int refuse_used(const char *name, const struct strs *ids,
		       struct err *err)
{
	OWN_FREE char *joined = strs_join(ids, ", ");

	if (ids->count == 0)
		return 0;
	return err_docker(err, ERR_DAEMON, EBUSY,
			  "remove %s: volume is in use - [%s]", name, joined);
}

/* Locks volumes/ at a moment when nobody uses the volume and no container is being
 * made that could. */
static int lock_unused(const struct scan *what, int volumes_fd,
		       struct err *err)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	struct scan scan = *what;
	int r = -EAGAIN;

	for (int i = 0; i < WAIT_TRIES && r == -EAGAIN; i++) {
		if (flock(volumes_fd, LOCK_EX) < 0)
			return err_errno(err, "lock volumes");
		scan_all(&scan);
		r = refuse_used(scan.name, &scan.users, err);
		if (r == 0 && scan.being_made) {
			(void)flock(volumes_fd, LOCK_UN);
			(void)nanosleep(&moment, NULL); /* cut short: fine */
			r = -EAGAIN;
		}
	}
	strs_done(&scan.users);
	return r == -EAGAIN ?
		       err_set(err, EBUSY, _("a container is being made, and whether it mounts the volume %s is not known yet"),
			       what->name) :
		       r;
}

/* ---- removing ---- */

static int rename_away(int volumes_fd, const char *name, char away[32],
		       struct err *err)
{
	char random[ID_LEN + 1];
	OWN_FD int fd = fs_open_dir(volumes_fd, name, err);
	int r = fd < 0 ? fd : names_random_id(random, err);

	if (r < 0)
		return r;
	snprintf(away, 32, ".old-%.16s", random);
	if (flock(fd, LOCK_EX) < 0 ||
	    call_rename_at(TRACE_VOLUME_GONE, volumes_fd, name, away) < 0)
		return err_errno(err, "rename volumes/%s", name);
	return own_give_fd(&fd);
}

static void note_destroy(const struct home *home, const char *name)
{
	OWN_STRS struct strs pairs = { 0 };

	strs_add(&pairs, "driver=local");
	events_note(home, "volume", "destroy", name, &pairs);
}

int volume_remove(const struct home *home, const char *name,
		  const char *leaving, struct err *err)
{
	const struct scan scan = { .home = home, .name = name,
				   .leaving = leaving };
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_VOLUME struct volume volume = { 0 };
	OWN_FD int volumes_fd = -1;
	OWN_FD int fd = -1;
	OWN_FREE char *path = NULL;
	char away[32];
	int r = volume_find(home, name, &volume, err);

	/* Those who died are no users, once it is known. */
	if (r == 0 && !leaving)
		r = container_list(home, &all, err);
	volumes_fd = r < 0 ? r : volume_open_folder(home, err);
	if (volumes_fd < 0)
		return volumes_fd;
	r = lock_unused(&scan, volumes_fd, err);
	if (r < 0)
		return r;
	fd = rename_away(volumes_fd, name, away, err);
	if (fd < 0)
		return fd;
	(void)flock(volumes_fd, LOCK_UN);
	note_destroy(home, name);
	path = mem_fmt("volumes/%s", away);
	trace_begin();
	r = userns_remove_tree(home->fd, path, err);
	if (r == 0)
		trace_step(TRACE_VOLUME_GONE, "unlinkat: all that was in %s",
			   path);
	return r < 0 ? err_wrap(err, "remove the volume %s", name) : 0;
}

/* ---- size ---- */

static int measure(void *arg, struct buf *reply, struct err *err)
{
	unsigned long long bytes = 0;
	int r = fs_tree_size(*(const int *)arg, "_data", &bytes, NULL, err);

	if (r == 0)
		buf_add(reply, &bytes, sizeof(bytes));
	return r;
}

int volume_size(const struct home *home, const char *name, int64_t *out_bytes,
		struct err *err)
{
	OWN_FREE char *path = mem_fmt("volumes/%s", name);
	OWN_FD int fd = fs_open_dir(home->fd, path, err);
	OWN_BUF struct buf reply = { 0 };
	struct err first = { 0 };
	unsigned long long bytes;
	int r;

	if (fd < 0)
		return fd;
	/* What a folder of another of the containers' ids holds is seen by their
	 * root alone. */
	r = measure(&fd, &reply, &first);
	if (r < 0) {
		buf_clear(&reply);
		r = userns_call(measure, &fd, false, &reply, err);
	}
	if (r < 0)
		return r;
	if (reply.len != sizeof(bytes))
		return err_set(err, EIO, _("measure the volume %s"), name);
	memcpy(&bytes, reply.data, sizeof(bytes));
	*out_bytes = (int64_t)bytes;
	return 0;
}
