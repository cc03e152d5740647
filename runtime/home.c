/* runtime/home.c - see home.h */
#include "runtime/home.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* Made in this order: run/root is last, so that its being there says that the rest
 * is. It is an empty folder onto which every container, in a mount namespace of its
 * own, mounts its root. */
static const char *const own_folders[] = { "containers", "containers/by-name",
					   "volumes", "run/root", NULL };
static const char *const base_folders[] = { "blobs", "blobs/sha256", "layers",
					    "l", "lessons", NULL };
/* What a world shares with the home it was made from. */
static const char *const shared_folders[] = { "blobs", "layers", "l", NULL };

static char *default_path(struct err *err)
{
	const char *home;

	home = getenv("DOCKERSHELL_HOME");
	if (home && *home)
		return mem_str(home);
	if (geteuid() == 0)
		return mem_str("/var/lib/dockershell");
	home = getenv("XDG_DATA_HOME");
	if (home && home[0] == '/')
		return mem_fmt("%s/dockershell", home);
	home = getenv("HOME");
	if (home && home[0] == '/')
		return mem_fmt("%s/.local/share/dockershell", home);
	err_set(err, ENOENT, _("no folder for the state: HOME is not set"));
	err_hint(err, _("set HOME, or name a folder with --home DIR"));
	return NULL;
}

static char *absolute_path(const char *path)
{
	OWN_FREE char *here = NULL;
	OWN_FREE char *joined = NULL;

	if (path[0] == '/')
		return fs_clean_path(path);
	here = getcwd(NULL, 0);
	joined = mem_fmt("%s/%s", here ? here : "", path);
	return fs_clean_path(joined);
}

char *home_where(const char *path, struct err *err)
{
	OWN_FREE char *chosen = path ? mem_str(path) : default_path(err);

	return chosen ? absolute_path(chosen) : NULL;
}

static int make_folders(int fd, const char *const *folders, struct err *err)
{
	for (; *folders; folders++) {
		int r = fs_make_dirs(fd, *folders, 0755, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Neither the writable layers nor SQLite's log work on these: better said before
 * anything is made than by the first mount that fails. */
static int check_file_system(const char *path, struct err *err)
{
	struct statfs fs;
	const char *kind = NULL;

	if (statfs(path, &fs) < 0)
		return err_errno(err, "statfs %s", path);
	if ((unsigned)fs.f_type == OVERLAYFS_SUPER_MAGIC)
		kind = "overlay";
	else if ((unsigned)fs.f_type == NFS_SUPER_MAGIC)
		kind = "NFS";
	if (!kind)
		return 0;
	err_set(err, ENOTSUP, _("%s lies on %s, where containers cannot keep their files"),
		path, kind);
	return err_hint(err, _("name a folder on a local disk with --home DIR or $DOCKERSHELL_HOME, for example /var/tmp/dockershell-%u, or in memory: /dev/shm/dockershell-%u"),
			geteuid(), geteuid());
}

static int open_folder(const char *path, bool *out_made, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT) {
		err_errno(err, "open %s", path);
		return err_hint(err, _("name another folder with --home DIR or $DOCKERSHELL_HOME"));
	}
	if (fs_make_dirs(AT_FDCWD, path, 0700, err) < 0)
		return err_hint(err, _("name another folder with --home DIR or $DOCKERSHELL_HOME"));
	*out_made = true;
	if (check_file_system(path, err) < 0) {
		(void)rmdir(path); /* it was not there before */
		return -err->code;
	}
	/* mkdir(2) keeps to the umask; who may look in is not its to decide. */
	if (chmod(path, 0700) < 0)
		return err_errno(err, "chmod %s", path);
	return fs_open_dir(AT_FDCWD, path, err);
}

/* `base` NULL: a home of its own. */
static int open_any(const struct home *base, const char *path,
		    struct home *home, struct err *err)
{
	OWN_FREE char *full = absolute_path(path);
	OWN_FD int fd = -1;
	bool made = false;
	int r;

	fd = open_folder(full, &made, err);
	if (fd < 0)
		return fd;
	if (faccessat(fd, "run/root", F_OK, 0) < 0) {
		r = base ? 0 : make_folders(fd, base_folders, err);
		for (const char *const *s = shared_folders; base && *s; s++) {
			OWN_FREE char *target =
				mem_fmt("%s/%s", base->path, *s);

			if (symlinkat(target, fd, *s) < 0 && errno != EEXIST)
				return err_errno(err, "symlink %s/%s", full,
						 *s);
		}
		if (r == 0)
			r = make_folders(fd, own_folders, err);
		if (r < 0) {
			err_wrap(err, "%s", full);
			return err_hint(err, _("name another folder with --home DIR or $DOCKERSHELL_HOME"));
		}
	}
	home->path = own_give_ptr(&full);
	home->fd = own_give_fd(&fd);
	home->made = made;
	return 0;
}

int home_open(const char *path, struct home *home, struct err *err)
{
	OWN_FREE char *chosen = path ? mem_str(path) : default_path(err);

	if (!chosen)
		return -err->code;
	return open_any(NULL, chosen, home, err);
}

bool home_exists(const char *path)
{
	struct err ignored = { 0 };
	OWN_FREE char *chosen = path ? mem_str(path) : default_path(&ignored);
	OWN_FREE char *run = chosen ? mem_fmt("%s/run", chosen) : NULL;

	return run && access(run, F_OK) == 0;
}

int home_open_world(const struct home *base, const char *path,
		    struct home *home, struct err *err)
{
	return open_any(base, path, home, err);
}

void home_close(struct home *home)
{
	if (!home)
		return;
	if (home->path && home->fd >= 0)
		close(home->fd);
	free(home->path);
	*home = (struct home){ .fd = -1 };
}
