/* shell/cidfile.c - see cidfile.h */
#include "shell/cidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"

int cidfile_open(const char *path, struct err *err)
{
	int fd;

	if (!path || !*path)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0)
		return fd;
	if (errno == EEXIST)
		err_docker(
			err, ERR_BARE, EEXIST,
			"container ID file found, make sure the other container isn't running or delete %s",
			path);
	else
		err_docker(
			err, ERR_BARE, errno,
			"failed to create the container ID file: open %s: %s",
			path,
			errno == ENOENT   ? "no such file or directory"
			: errno == EACCES ? "permission denied"
					  : strerror(errno));
	return err->code == EPERM ? -EACCES : -err->code; /* -1 is "none" */
}

int cidfile_close(int fd, const char *path, const char *id, struct err *err)
{
	int r = 0;

	if (fd < 0)
		return 0;
	if (!id) {
		(void)unlink(path);
	} else {
		r = fs_write_all(fd, id, strlen(id));
		errno = -r;
		if (r < 0)
			r = err_errno(err, "write the container ID file %s",
				      path);
	}
	close(fd);
	return r;
}
