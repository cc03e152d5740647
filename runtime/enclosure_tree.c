/* runtime/enclosure_tree.c - what an enclosure sees: a small system, and what was copied.
 *
 *   /             tmpfs; read-only in the end
 *   |- bin ...       copied from root_fd
 *   |- usr/lib/dockershell, libraries, what is shown: mounted, read-only, file by file
 *   |- work, tmp, root, run, var/lib/dockershell
 *   |                folders of one more tmpfs, whose size is the limit of disk
 *   `- dev, proc, sys   empty: process 1 mounts them (mounts.h)
 *
 * Everything is copied before anything that is in there runs, by who may read it. Where
 * root does that, the copies are given to the enclosure's ids at once. */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <link.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/share.h"
#include "runtime/copy.h"
#include "runtime/enclosure_parts.h"
#include "runtime/sys.h"

#define DISK "disk"

enum { MAX_SHOWN = 256, MAX_DEPTH = 256 };

/* One thing to be shown; opened before ENCLOSURE_PLACE is covered. */
struct shown {
	int fd;
	char *as;
};
/* spare_fd: of the disk's folder, opened early as well; -1: it is in memory */
struct shown_list {
	struct shown items[MAX_SHOWN];
	size_t count;
	int spare_fd;
};

/* ---- what is shown ---- */

static int add_shown(struct shown_list *list, const char *path, const char *as,
		     struct err *err)
{
	int fd;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].as, as) == 0)
			return 0;
	if (list->count == MAX_SHOWN)
		return err_set(err, E2BIG, _("more than %d files and folders are to be shown inside"),
			       MAX_SHOWN);
	fd = fs_open(AT_FDCWD, path, O_PATH, 0, err);
	if (fd < 0)
		return fd;
	list->items[list->count++] = (struct shown){ fd, mem_str(as) };
	return 0;
}

/* What the loader found for this program, under the names by which it will look for it
 * again. The program itself has no name there, the kernel's page no file. */
static int add_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct err ignored = { 0 };

	(void)size;
	if (info->dlpi_name && info->dlpi_name[0] == '/')
		(void)add_shown(arg, info->dlpi_name, info->dlpi_name, &ignored);
	return 0;
}

/* An image that was removed can be had again, and Japanese be spoken, as outside. */
static void add_share(struct shown_list *out)
{
	static const char *const names[] = { "base", "locale" };
	struct err ignored = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		OWN_FREE char *path = share_file(names[i]);
		OWN_FREE char *as = mem_fmt(ENCLOSURE_SHARE "/%s", names[i]);

		(void)add_shown(out, path, as, &ignored); /* or it is not there */
	}
}

static int gather(const struct enclosure_spec *spec, struct shown_list *out,
		  struct err *err)
{
	char program[PATH_MAX];
	/* By its name: the link itself leads into the caller's mounts, not into ours. */
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int r;

	if (len < 0)
		return err_errno(err, "readlink /proc/self/exe");
	program[len] = '\0';
	r = add_shown(out, program, ENCLOSURE_PROGRAM, err);
	(void)dl_iterate_phdr(add_library, out);
	add_share(out);
	for (size_t i = 0; i < spec->show_count && r == 0; i++)
		r = add_shown(out, spec->show[i].path, spec->show[i].as, err);
	return r;
}

static int make_target(int root_fd, const char *path, mode_t mode,
		       struct err *err)
{
	OWN_FREE char *folder = mem_str(path);
	char *slash = strrchr(folder, '/');
	OWN_FD int fd = -1;

	if (S_ISDIR(mode))
		return fs_make_dirs(root_fd, path, 0755, err);
	if (slash) {
		*slash = '\0';
		if (fs_make_dirs(root_fd, folder, 0755, err) < 0)
			return -err->code;
	}
	fd = fs_open(root_fd, path, O_RDONLY | O_CREAT, 0755, err);
	return fd < 0 ? fd : 0;
}

static int show(int root_fd, const struct shown *shown, struct err *err)
{
	const unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV |
				    MS_NOSUID;
	const char *as = shown->as + strspn(shown->as, "/");
	char source[40];
	struct stat st;
	int r;

	if (fstat(shown->fd, &st) < 0)
		return err_errno(err, "stat");
	r = make_target(root_fd, as, st.st_mode, err);
	if (r < 0)
		return r;
	snprintf(source, sizeof(source), "/proc/self/fd/%d", shown->fd);
	if (mount(source, as, NULL, MS_BIND, NULL) < 0)
		return err_errno(err, "bind /%s", as);
	/* Flags that the machine's mount has and we did not name are locked. */
	if (mount(NULL, as, NULL, flags, NULL) < 0 &&
	    mount(NULL, as, NULL, flags | MS_NOEXEC, NULL) < 0 &&
	    mount(NULL, as, NULL, flags | MS_RELATIME, NULL) < 0)
		return err_errno(err, "make /%s read-only", as);
	return 0;
}

/* ---- other owners ---- */

static int give_away(int dir_fd, const char *name, unsigned long first,
		     int depth, struct err *err);

static int give_contents(int dir_fd, const char *name, unsigned long first,
			 int depth, struct err *err)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return err_errno(err, "open %s", name);
	/* A folder that hides what lies below is marked so for root outside of any
	 * user namespace by one name, in one by another. */
	if (fgetxattr(fd, "trusted.overlay.opaque", NULL, 0) > 0)
		(void)fsetxattr(fd, "user.overlay.opaque", "y", 1, 0);
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = give_away(fd, entry->d_name, first, depth + 1, err);
	return r;
}

/* chown(2) clears set-user-id, so the mode goes after it. */
static int give_away(int dir_fd, const char *name, unsigned long first,
		     int depth, struct err *err)
{
	struct stat st;
	uid_t uid;
	gid_t gid;

	if (depth > MAX_DEPTH)
		return err_set(err, ELOOP, _("folders lie deeper than %d"),
			       MAX_DEPTH);
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "stat %s", name);
	/* Another name of a file that was given already. */
	if (st.st_uid >= first && st.st_uid < first + ENCLOSURE_IDS)
		return 0;
	uid = (uid_t)(first + (st.st_uid < ENCLOSURE_IDS ? st.st_uid : 0));
	gid = (gid_t)(first + (st.st_gid < ENCLOSURE_IDS ? st.st_gid : 0));
	if (fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "chown %s", name);
	if ((st.st_mode & (S_ISUID | S_ISGID)) && !S_ISLNK(st.st_mode) &&
	    fchmodat(dir_fd, name, st.st_mode & 07777, 0) < 0)
		return err_errno(err, "chmod %s", name);
	return S_ISDIR(st.st_mode) ?
		       give_contents(dir_fd, name, first, depth, err) :
		       0;
}

/* ---- the folders that may be written to ---- */

static const struct {
	const char *name; /* on the disk */
	const char *as;
	mode_t mode;
} places[] = {
	{ "home", "var/lib/dockershell", 0700 },
	{ "work", "work", 0755 },
	{ "tmp", "tmp", 01777 },
	{ "root", "root", 0700 },
	{ "run", "run", 0755 },
};

/* A folder of a disk's in its place. */
static int bind_spare(int spare_fd, struct err *err)
{
	char source[40];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", spare_fd);
	if (mkdir(DISK, 0755) < 0 ||
	    mount(source, DISK, NULL, MS_BIND, NULL) < 0)
		return err_errno(err, "bind the folder of the disk");
	if (mount(NULL, DISK, NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL) < 0 &&
	    mount(NULL, DISK, NULL,
		  MS_REMOUNT | MS_BIND | MS_NODEV | MS_NOSUID, NULL) < 0)
		return err_errno(err, "make the disk open no devices");
	return chmod(DISK, 0755) < 0 ? err_errno(err, "chmod") : 0;
}

static int mount_disk(const struct enclosure_limits *limits, struct err *err)
{
	char options[96];

	snprintf(options, sizeof(options), "mode=755,size=%lld,nr_inodes=%lld",
		 (long long)limits->disk_bytes, (long long)limits->files);
	if (mkdir(DISK, 0755) < 0 ||
	    mount("disk", DISK, "tmpfs", MS_NODEV, options) < 0)
		return err_errno(err, "mount tmpfs of %lld bytes",
				 (long long)limits->disk_bytes);
	/* Containers keep in such attributes what they removed. */
	if (setxattr(DISK, "user.dockershell", "y", 1, 0) < 0) {
		err_errno(err, "setxattr on tmpfs");
		err->code = EOPNOTSUPP; /* the caller knows another place */
		return -EOPNOTSUPP;
	}
	(void)removexattr(DISK, "user.dockershell");
	return 0;
}

/* The home as it is; of the submission, which somebody gave away, whoever made them the
 * files belong to its new user. */
static int fill_places(const struct enclosure_spec *spec, int disk_fd,
		       struct err *err)
{
	int r = 0;

	if (spec->home_fd >= 0)
		r = copy_inside(spec->home_fd, ".", disk_fd, "home", err);
	if (r == 0 && spec->work_fd >= 0) {
		(void)unlinkat(disk_fd, "work", AT_REMOVEDIR);
		r = copy_for_us(spec->work_fd, ".", disk_fd, "work", err);
	}
	if (r == -ENOSPC || r == -EDQUOT)
		return err_hint(err, _("what is to be copied there is larger than the limit of disk"));
	return r;
}

static int make_places(const struct enclosure_making *making, int disk_fd,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (mkdirat(disk_fd, places[i].name, places[i].mode) < 0 ||
		    fchmodat(disk_fd, places[i].name, places[i].mode, 0) < 0)
			return err_errno(err, "mkdir %s", places[i].name);
	}
	r = fill_places(making->spec, disk_fd, err);
	if (r == 0 && making->first)
		r = give_away(disk_fd, ".", making->first, 0, err);
	return r;
}

static int mount_places(int root_fd, struct err *err)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		OWN_FREE char *from = mem_fmt(DISK "/%s", places[i].name);

		if (fs_make_dirs(root_fd, places[i].as, 0755, err) < 0)
			return -err->code;
		if (mount(from, places[i].as, NULL, MS_BIND, NULL) < 0)
			return err_errno(err, "bind /%s", places[i].as);
	}
	return 0;
}

/* ---- the root ---- */

static int write_small(int root_fd, const char *path, const char *text,
		       struct err *err)
{
	if (fs_exists(root_fd, path))
		return 0;
	return fs_replace(root_fd, path, text, strlen(text), 0644, false, err);
}

static int make_root(const struct enclosure_making *making, int root_fd,
		     struct err *err)
{
	static const char *const folders[] = { "dev", "proc", "sys", "etc",
					       "usr/bin", "home", NULL };
	int r = 0;

	if (making->spec->root_fd >= 0)
		r = copy_inside(making->spec->root_fd, ".", root_fd, ".", err);
	for (const char *const *f = folders; *f && r == 0; f++)
		r = fs_make_dirs(root_fd, *f, 0755, err);
	if (r == 0)
		r = write_small(root_fd, "etc/hosts",
				"127.0.0.1\tlocalhost\n", err);
	if (r == 0)
		r = write_small(root_fd, "etc/hostname", "dockershell\n", err);
	if (r == 0)
		r = write_small(root_fd, "etc/resolv.conf", "", err);
	if (r == 0)
		r = write_small(root_fd, "etc/passwd",
				"root:x:0:0:root:/root:/bin/sh\n", err);
	if (r == 0 && symlinkat(ENCLOSURE_PROGRAM, root_fd,
				&ENCLOSURE_DOCKER[1]) < 0)
		r = err_errno(err, "make " ENCLOSURE_DOCKER);
	if (r == 0 && making->first)
		r = give_away(root_fd, ".", making->first, 0, err);
	return r;
}

static int fill(const struct enclosure_making *making, int root_fd,
		const struct shown_list *list, int *out_disk, struct err *err)
{
	OWN_FD int disk_fd = -1;
	int r = make_root(making, root_fd, err);

	if (r == 0)
		r = list->spare_fd >= 0 ? bind_spare(list->spare_fd, err) :
					  mount_disk(&making->limits, err);
	if (r < 0)
		return r;
	disk_fd = fs_open_dir(root_fd, DISK, err);
	r = disk_fd < 0 ? disk_fd : make_places(making, disk_fd, err);
	if (r == 0)
		r = mount_places(root_fd, err);
	for (size_t i = 0; i < list->count && r == 0; i++)
		r = show(root_fd, &list->items[i], err);
	if (r < 0)
		return r;
	/* Its folders are mounted by themselves; the whole has no name any more. */
	if (umount2(DISK, MNT_DETACH) < 0 || rmdir(DISK) < 0)
		return err_errno(err, "unmount " DISK);
	*out_disk = own_give_fd(&disk_fd);
	return 0;
}

int enclosure_tree(const struct enclosure_making *making, int *out_disk,
		   struct err *err)
{
	struct shown_list list = { .spare_fd = -1 };
	OWN_FD int root_fd = -1;
	int r = gather(making->spec, &list, err);

	if (r == 0 && making->spare)
		r = list.spare_fd =
			fs_open(AT_FDCWD, making->spare, O_PATH, 0, err);
	if (r < 0)
		return r;
	umask(0);
	if (mount("enclosure", ENCLOSURE_PLACE, "tmpfs", MS_NODEV,
		  "mode=755,size=64m") < 0 ||
	    chdir(ENCLOSURE_PLACE) < 0)
		return err_errno(err, "mount tmpfs on " ENCLOSURE_PLACE);
	root_fd = fs_open_dir(AT_FDCWD, ".", err);
	r = root_fd < 0 ? root_fd : fill(making, root_fd, &list, out_disk, err);
	if (list.spare_fd >= 0)
		close(list.spare_fd);
	for (size_t i = 0; i < list.count; i++) {
		close(list.items[i].fd);
		free(list.items[i].as);
	}
	return r;
}
