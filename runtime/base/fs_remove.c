/* runtime/base/fs_remove.c - a tree goes; see fs.h
 *
 * A tree may be deeper than there are descriptors, and than the stack: PATH_MAX does not
 * bound what was made with openat(2). So what is too deep is moved up to the top of it,
 * where its turn comes again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* top_fd  the folder that goes; borrowed once it is open
 * depth   of the folder at hand, 1 is the top */
struct removal {
	int top_fd;
	dev_t device;
	int depth;
	unsigned moved;
};

enum { DEEPEST = 64, MOST_NAMES = 1000 };

/* A folder that forbids its owner to read is opened up, once. */
static int open_for_removal(int dir_fd, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags);

	if (fd < 0 && errno == EACCES &&
	    fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(dir_fd, name, flags);
	return fd;
}

/* Its new name may be taken by what nobody has come to yet; an empty folder is replaced. */
static int rename_up(struct removal *removal, int dir_fd, const char *name)
{
	int r;

	for (int i = 0; i < MOST_NAMES; i++) {
		OWN_FREE char *up = mem_fmt("too-deep-%u", ++removal->moved);

		r = renameat(dir_fd, name, removal->top_fd, up);
		if (r == 0 || (errno != ENOTEMPTY && errno != EEXIST &&
			       errno != ENOTDIR))
			break;
	}
	return r;
}

static int move_up(struct removal *removal, int dir_fd, const char *name,
		   struct err *err)
{
	int r = rename_up(removal, dir_fd, name);

	/* A folder that forbids writing keeps its "..". */
	if (r < 0 && errno == EACCES &&
	    fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		r = rename_up(removal, dir_fd, name);
	return r < 0 ? err_errno(err, "move %s up to be removed", name) : 0;
}

static int remove_entries(struct removal *removal, int dir_fd,
			  struct err *err);

/* At the top there may be more by the end than there was. */
static int empty_folder(struct removal *removal, int dir_fd, struct err *err)
{
	unsigned before;
	int r;

	removal->depth++;
	if (removal->depth == 1)
		removal->top_fd = dir_fd;
	do {
		before = removal->moved;
		r = remove_entries(removal, dir_fd, err);
	} while (r == 0 && removal->depth == 1 && removal->moved != before);
	removal->depth--;
	return r;
}

static int remove_folder(struct removal *removal, int dir_fd, const char *name,
			 struct err *err)
{
	OWN_FD int fd = open_for_removal(dir_fd, name);
	struct stat st;
	int r;

	if (fd < 0)
		return err_errno(err, "open %s", name);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", name);
	if (removal->device && st.st_dev != removal->device)
		return err_set(err, EXDEV, "%s is on another file system",
			       name);
	if (removal->depth == DEEPEST)
		return move_up(removal, dir_fd, name, err);
	removal->device = st.st_dev;
	r = empty_folder(removal, fd, err);
	if (r < 0)
		return r;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_errno(err, "rmdir %s", name);
	return 0;
}

static int remove_one(struct removal *removal, int dir_fd, const char *name,
		      struct err *err)
{
	int refusal;

	amount_add_thing();
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	refusal = errno;
	if (refusal != EISDIR && refusal != EPERM)
		return err_errno(err, "unlink %s", name);
	/* An empty folder goes at once, whatever its mode says. */
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST) {
		if (errno == ENOTDIR) /* unlink's own answer was the true one */
			errno = refusal;
		return err_errno(err, "remove %s", name);
	}
	return remove_folder(removal, dir_fd, name, err);
}

static int remove_entries(struct removal *removal, int dir_fd,
			  struct err *err)
{
	OWN_DIR DIR *dir = NULL;
	OWN_FD int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY |
						      O_CLOEXEC);
	struct dirent *entry;

	if (copy < 0 && errno == EACCES && fchmod(dir_fd, 0700) == 0)
		copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return err_errno(err, "open a folder to empty it");
	dir = fdopendir(copy);
	if (!dir)
		return err_errno(err, "fdopendir");
	(void)own_give_fd(&copy); /* the DIR has it now */
	for (;;) {
		struct stat st;
		int r;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		r = remove_one(removal, dir_fd, entry->d_name, err);
		/* A folder without write permission refuses to lose entries;
		 * it is ours to change if it is ours to remove. */
		if (r == -EACCES && fstat(dir_fd, &st) == 0 &&
		    (st.st_mode & 0700) != 0700 && fchmod(dir_fd, 0700) == 0)
			r = remove_one(removal, dir_fd, entry->d_name, err);
		if (r < 0)
			return r;
	}
	if (errno)
		return err_errno(err, "readdir");
	return 0;
}

int fs_remove_tree(int dir_fd, const char *path, struct err *err)
{
	struct removal removal = { .top_fd = -1 };
	int r;

	amount_begin_things(N_("Removing - "), 0);
	r = remove_one(&removal, dir_fd, path, err);
	amount_end();
	return r;
}
