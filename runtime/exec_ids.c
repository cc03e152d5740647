/* runtime/exec_ids.c - see exec_ids.h */
#include "runtime/exec_ids.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/state.h"

int exec_ids_note(const struct home *home, const char *container,
		  const char *exec, struct err *err)
{
	OWN_FREE char *folder = mem_fmt("containers/%s/exec", container);
	OWN_FREE char *path = mem_fmt("%s/%s", folder, exec);
	OWN_FD int fd = -1;

	if (mkdirat(home->fd, folder, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir %s/%s", home->path, folder);
	fd = openat(home->fd, path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return err_errno(err, "create %s/%s", home->path, path);
	/* Whoever lists them may hold it for an instant. */
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(err, "lock %s/%s", home->path, path);
	return own_give_fd(&fd);
}

void exec_ids_forget(const struct home *home, const char *container,
		     const char *exec)
{
	OWN_FREE char *path = mem_fmt("containers/%s/exec/%s", container, exec);

	/* With the container gone the file is gone too. */
	(void)unlinkat(home->fd, path, 0);
}

void exec_ids_list(const struct home *home, const char *container,
		   struct strs *out)
{
	OWN_FREE char *folder = mem_fmt("containers/%s/exec", container);
	struct err ignored = { 0 }; /* nothing was ever run in it */
	OWN_FD int fd = fs_open_dir(home->fd, folder, &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(own_give_fd(&fd));
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		OWN_FD int file = -1;

		if (strlen(entry->d_name) != ID_LEN)
			continue;
		file = openat(dirfd(dir), entry->d_name,
			      O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (file < 0)
			continue; /* it has just ended */
		if (state_is_locked(file))
			strs_add(out, entry->d_name);
	}
	strs_sort(out);
}
