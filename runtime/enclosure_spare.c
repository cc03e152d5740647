/* runtime/enclosure_spare.c - the folder of an enclosure whose disk is not in memory.
 *
 * Its lock is its caller's: a folder that nobody has locked belongs to one that was
 * killed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/userns.h"

#define PREFIX "dockershell-enclosure."

enum { BEING_MADE_S = 10 };

static bool is_left(int dir_fd, const char *name)
{
	OWN_FD int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY |
						     O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 &&
	       st.st_ctime + BEING_MADE_S < time(NULL) &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void sweep(const char *where)
{
	OWN_DIR DIR *dir = opendir(where);
	struct dirent *entry;
	struct err ignored = { 0 }; /* somebody else's, mostly */

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		    is_left(dirfd(dir), entry->d_name))
			(void)userns_remove_tree(dirfd(dir), entry->d_name,
						 &ignored);
}

int enclosure_spare_make(const char *where, char **out_path, int *out_fd,
			 struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/" PREFIX "XXXXXX", where);
	OWN_FD int fd = -1;

	sweep(where);
	if (!mkdtemp(path))
		return err_errno(err, "make a folder in %s", where);
	fd = fs_open_dir(AT_FDCWD, path, err);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX) < 0)
		return err_errno(err, "lock %s", path);
	*out_path = own_give_ptr(&path);
	*out_fd = own_give_fd(&fd);
	return 0;
}

void enclosure_spare_remove(char *path, int fd)
{
	struct err ignored = { 0 }; /* the next one sweeps */

	if (path)
		(void)userns_remove_tree(AT_FDCWD, path, &ignored);
	if (fd >= 0)
		close(fd);
	free(path);
}
