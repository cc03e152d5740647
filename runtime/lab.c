/* runtime/lab.c - see lab.h */
#include "runtime/lab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

#define PREFIX "lab."

/* Those whose program is gone. A number that was given anew keeps one a little
 * longer. */
static void sweep(const struct home *home)
{
	int fd = openat(home->fd, "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		OWN_FREE char *path = mem_fmt("run/%s", entry->d_name);
		struct err ignored = { 0 };
		long pid;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		pid = strtol(entry->d_name + strlen(PREFIX), NULL, 10);
		if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			(void)userns_remove_tree(home->fd, path, &ignored);
	}
}

int lab_begin(const struct home *home, struct lab *out, struct err *err)
{
	struct lab lab = { .home = home };
	struct err ignored = { 0 };

	sweep(home);
	snprintf(lab.name, sizeof(lab.name), "run/" PREFIX "%d", getpid());
	(void)userns_remove_tree(home->fd, lab.name, &ignored);
	if (mkdirat(home->fd, lab.name, 0700) < 0)
		return err_errno(err, "mkdir %s/%s", home->path, lab.name);
	lab.path = mem_fmt("%s/%s", home->path, lab.name);
	*out = lab;
	return 0;
}

void lab_end(struct lab *lab)
{
	struct err ignored = { 0 };

	if (lab->path)
		(void)userns_remove_tree(lab->home->fd, lab->name, &ignored);
	free(lab->path);
	*lab = LAB_NONE;
}

int64_t lab_free_bytes(const struct lab *lab)
{
	struct statvfs fs;

	return statvfs(lab->path, &fs) < 0
		       ? -1
		       : (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
}

bool lab_shares_blocks(const struct lab *lab)
{
	static const char page[4096] = "x";
	OWN_FREE char *one = mem_fmt("%s/one", lab->path);
	OWN_FREE char *two = mem_fmt("%s/two", lab->path);
	OWN_FD int from = open(one, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	OWN_FD int to = open(two, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool shares = from >= 0 && to >= 0 &&
		      fs_write_all(from, page, sizeof(page)) == 0 &&
		      ioctl(to, FICLONE, from) == 0;

	(void)unlink(one);
	(void)unlink(two);
	return shares;
}

int lab_enter(const struct lab *lab, struct err *err)
{
	/* The caller is told of Ctrl-C, and takes everything back. */
	(void)signal(SIGINT, SIG_IGN);
	return chdir(lab->path) < 0 ? err_errno(err, "chdir %s", lab->path) : 0;
}

int lab_mount(const struct lab_overlay *overlay, struct buf *options,
	      struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	size_t common;
	int r;

	buf_fmt(&text, "lowerdir=%s", overlay->lower);
	if (overlay->upper)
		buf_fmt(&text, ",upperdir=%s,workdir=%s", overlay->upper,
			overlay->work);
	if (overlay->upper)
		buf_str(&text, rootfs_flavour());
	else if (userns_kind() != USERNS_NONE)
		buf_str(&text, ",userxattr");
	common = text.len;
	/* As containers have it; before Linux 5.10 there was no such word. */
	if (overlay->upper)
		buf_str(&text, ",volatile");
	r = mount("overlay", overlay->where, "overlay",
		  MS_NODEV | (overlay->upper ? 0ul : MS_RDONLY), text.data);
	if (r < 0 && errno == EINVAL && overlay->upper) {
		text.data[text.len = common] = '\0';
		r = mount("overlay", overlay->where, "overlay", MS_NODEV,
			  text.data);
	}
	if (r < 0)
		return err_errno(err, "mount overlay (%.300s)", text.data);
	if (options)
		buf_str(options, text.data);
	return 0;
}

void lab_unmount(const char *where)
{
	(void)umount2(where, MNT_DETACH);
}

int lab_fresh_upper(const char *upper, const char *work, struct err *err)
{
	int r = fs_remove_tree(AT_FDCWD, upper, err);

	if (r == 0)
		r = fs_remove_tree(AT_FDCWD, work, err);
	if (r < 0)
		return r;
	if (mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0)
		return err_errno(err, "mkdir %s", upper);
	return 0;
}
