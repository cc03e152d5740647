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
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/copy.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/names.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/userns.h"

int volumes_check_name(const char *name, struct err *err)
{
	if (strlen(name) == 1)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"create %s: volume name is too short, names should be at least two alphanumeric characters",
			name);
	if (!names_is_valid(name))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"create %s: \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
			name, name);
	return 0;
}

static char *folder_of(const char *name)
{
	return mem_fmt("volumes/%s", name);
}

/* volumes/<name>, with its _data. Returns its descriptor. */
static int make(const struct home *home, const char *name, struct err *err)
{
	OWN_FREE char *folder = folder_of(name);
	OWN_FD int fd = -1;

	if (fs_make_dirs(home->fd, folder, 0700, err) < 0)
		return -err->code;
	fd = fs_open_dir(home->fd, folder, err);
	if (fd < 0)
		return fd;
	if (mkdirat(fd, "_data", 0755) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir %s/_data", folder);
	return own_give_fd(&fd);
}

/* One that we may not look into holds something of somebody's. */
static bool is_empty(int folder_fd)
{
	int fd = openat(folder_fd, "_data",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
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
	if (!is_empty(volume))
		return 0; /* somebody was quicker */
	data = fs_open_dir(volume, "_data", err);
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
	OWN_FD int root_fd = rootfs_mount_to_read(f->home, f->spec, false, err);
	int r = root_fd < 0 ? root_fd : 0;

	(void)reply;
	for (size_t i = 0; i < f->names->count && r == 0; i++)
		r = fill_one(f, root_fd, i, err);
	return r;
}

/* ---- the way in ---- */

int volumes_prepare(const struct home *home, const struct spec *spec,
		    struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_STRS struct strs targets = { 0 };
	struct filling filling = { home, spec, &names, &targets };
	int r = 0;

	for (size_t i = 0; i < spec->mounts.count && r == 0; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		OWN_FD int fd = -1;

		r = mount_spec_read(spec->mounts.items[i], &mount, err);
		if (r < 0 || !mount_spec_is(&mount, "volume"))
			continue;
		fd = make(home, mount.source, err);
		if (fd < 0)
			return fd;
		if (mount.no_copy || !is_empty(fd))
			continue;
		strs_add(&names, mount.source);
		strs_add(&targets, mount.target);
	}
	if (r == 0 && names.count)
		r = userns_call(fill_all, &filling, true, NULL, err);
	return r;
}

/* Whether another container mounts it. */
static bool is_used(const struct containers *all, const char *id,
		    const char *name)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct spec *spec = &all->items[i].spec;

		for (size_t k = 0; k < spec->mounts.count; k++) {
			OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
			struct err ignored = { 0 };

			if (strcmp(spec->id, id) != 0 &&
			    mount_spec_read(spec->mounts.items[k], &mount,
					    &ignored) == 0 &&
			    mount_spec_is(&mount, "volume") && mount.source &&
			    strcmp(mount.source, name) == 0)
				return true;
		}
	}
	return false;
}

void volumes_remove_anonymous(const struct home *home, const struct spec *spec)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	bool listed = false;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		OWN_FREE char *folder = NULL;

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) <
			    0 ||
		    !mount.anonymous || !mount.source)
			continue;
		if (!listed && container_list(home, &all, &ignored) < 0)
			return;
		listed = true;
		folder = folder_of(mount.source);
		if (!is_used(&all, spec->id, mount.source))
			(void)userns_remove_tree(home->fd, folder, &ignored);
	}
}
