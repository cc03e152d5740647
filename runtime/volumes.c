/* runtime/volumes.c - see volumes.h
 *
 * What the image has at a volume's place is seen by mounting the image once more,
 * in a helper process that is root among the container's ids: owners come along.
 * A lock on the volume's folder keeps two containers from filling it at once. */
#include "runtime/volumes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/copy.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "runtime/volume.h"

static char *folder_of(const char *name)
{
	return mem_fmt("volumes/%s", name);
}

/* The volume, made where it is missing. *out_path: where its files lie (given), NULL
 * for a file system of its own, which is not filled. */
static int make(const struct home *home, const struct mount_spec *mount,
		char **out_path, struct err *err)
{
	OWN_VOLUME struct volume wish = {
		.name = mem_str(mount->source),
		.anonymous = mount->anonymous,
		.implied = true,
	};
	OWN_VOLUME struct volume made = { 0 };
	int r;

	strs_copy(&wish.labels, &mount->labels);
	strs_copy(&wish.options, &mount->driver_options);
	r = volume_make(home, &wish, err);
	if (r == 0)
		r = volume_find(home, mount->source, &made, err);
	if (r == 0)
		*out_path = volume_path(home, &made);
	return r;
}

/* One that we may not look into holds something of somebody's. */
static bool is_empty(const char *path)
{
	OWN_DIR DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

/* ---- filling ---- */

struct filling {
	const struct home *home;
	const struct spec *spec;
	const struct strs *names;   /* the volumes, */
	const struct strs *paths;   /* where their files lie, */
	const struct strs *targets; /* and where in the image they belong */
};

static int over_a_file(int root_fd, const char *target, struct err *err)
{
	struct err ignored = { 0 };
	OWN_FD int fd = fs_open_beneath(root_fd, target, O_PATH, 0, &ignored);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || S_ISDIR(st.st_mode))
		return 0;
	return err_docker(
		err, ERR_DAEMON, EEXIST,
		"cannot mount volume over existing file, file exists %s",
		target);
}

static int fill_one(const struct filling *f, int root_fd, size_t i,
		    struct err *err)
{
	OWN_FREE char *folder = folder_of(f->names->items[i]);
	const char *target = f->targets->items[i];
	struct err none = { 0 };
	OWN_FD int from = fs_open_beneath(root_fd, target,
					  O_RDONLY | O_DIRECTORY, 0, &none);
	OWN_FD int volume = -1;
	OWN_FD int data = -1;
	struct stat st;
	int r;

	if (from < 0)
		return over_a_file(root_fd, target, err);
	volume = fs_open_dir(f->home->fd, folder, err);
	if (volume < 0)
		return volume;
	if (flock(volume, LOCK_EX) < 0)
		return err_errno(err, "lock %s", folder);
	if (!is_empty(f->paths->items[i]))
		return 0; /* somebody was quicker */
	data = fs_open_dir(AT_FDCWD, f->paths->items[i], err);
	if (data < 0)
		return data;
	r = copy_inside(from, ".", data, ".", err);
	if (r < 0)
		return err_wrap(err, "fill the volume %s", f->names->items[i]);
	if (fstat(from, &st) < 0 || fchown(data, st.st_uid, st.st_gid) < 0 ||
	    fchmod(data, st.st_mode & 07777) < 0)
		return err_errno(err, "set the owner of the volume %s",
				 f->names->items[i]);
	return 0;
}

static int fill_all(void *arg, struct buf *reply, struct err *err)
{
	const struct filling *f = arg;
	OWN_FD int root_fd = rootfs_mount_to_read(f->home, f->spec, true, err);
	int r = root_fd < 0 ? root_fd : 0;

	(void)reply;
	for (size_t i = 0; i < f->names->count && r == 0; i++)
		r = fill_one(f, root_fd, i, err);
	return r;
}

/* ---- the way in ---- */

/* Makes one volume, and notes it where it is to be filled. */
static int prepare_one(const struct home *home, const char *text,
		       struct strs out[3], struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	OWN_FREE char *path = NULL;
	int r = mount_spec_read(text, &mount, err);

	if (r < 0 || !mount_spec_is(&mount, "volume"))
		return r;
	r = make(home, &mount, &path, err);
	if (r < 0 || !path || mount.no_copy || !is_empty(path))
		return r;
	strs_add(&out[0], mount.source);
	strs_add(&out[1], path);
	strs_add(&out[2], mount.target);
	return 0;
}

int volumes_prepare(const struct home *home, const struct spec *spec,
		    struct err *err)
{
	struct strs found[3] = { 0 };
	struct filling filling = { home, spec, &found[0], &found[1],
				   &found[2] };
	OWN_FD int held = -1;
	int r = 0;

	if (spec->mounts.count == 0)
		return 0;
	held = volume_hold_all(home, err);
	if (held < 0)
		return held;
	for (size_t i = 0; i < spec->mounts.count && r == 0; i++)
		r = prepare_one(home, spec->mounts.items[i], found, err);
	if (r == 0 && found[0].count)
		r = userns_call(fill_all, &filling, true, NULL, err);
	for (int i = 0; i < 3; i++)
		strs_done(&found[i]);
	return r;
}

static bool is_in_memory(const struct home *home, const char *name)
{
	OWN_VOLUME struct volume volume = { 0 };
	struct err not_made_yet = { 0 };
	const char *type;

	if (volume_find(home, name, &volume, &not_made_yet) < 0)
		return false;
	type = strs_get_env(&volume.options, "type");
	return volume_kind(&volume) == VOLUME_FILE_SYSTEM &&
	       (strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0);
}

static int refuse_shared(const struct home *home, const struct spec *spec,
			 const char *volume, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_STRS struct strs ids = { 0 };
	int r = container_list(home, &all, err);

	volume_users(&all, volume, &ids);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct container *c = &all.items[i];

		if (!container_has_monitor(c) || !strs_has(&ids, c->spec.id) ||
		    (spec->id && strcmp(c->spec.id, spec->id) == 0))
			continue;
		err_set(err, EBUSY,
			_("the volume %s is a file system in memory, and %s runs with it"),
			volume, c->spec.name);
		return err_hint(err, _("such a volume is mounted by each container for itself, here; a plain one (without --opt) is shared"));
	}
	return r;
}

int volumes_check_start(const struct home *home, const struct spec *spec,
			struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < spec->mounts.count && r == 0; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };

		r = mount_spec_read(spec->mounts.items[i], &mount, err);
		if (r == 0 && mount_spec_is(&mount, "volume") &&
		    mount.source && is_in_memory(home, mount.source))
			r = refuse_shared(home, spec, mount.source, err);
	}
	return r;
}

static void add_event(struct buf *lines, const struct spec *spec,
		      const struct mount_spec *mount, const char *action)
{
	OWN_STRS struct strs pairs = { 0 };

	strs_addf(&pairs, "container=%s", spec->id);
	strs_add(&pairs, "driver=local");
	if (strcmp(action, "mount") == 0) {
		strs_addf(&pairs, "destination=%s", mount->target);
		strs_add(&pairs, "propagation=");
		strs_addf(&pairs, "read/write=%s",
			  mount->readonly ? "false" : "true");
	}
	events_add(lines, "volume", action, mount->source, &pairs);
}

void volumes_add_events(struct buf *lines, const struct spec *spec,
			const char *action)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    mount_spec_is(&mount, "volume") && mount.source)
			add_event(lines, spec, &mount, action);
	}
}

void volumes_remove_anonymous(const struct home *home, const struct spec *spec)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    mount.anonymous && mount.source)
			(void)volume_remove(home, mount.source, spec->id,
					    &ignored);
	}
}
