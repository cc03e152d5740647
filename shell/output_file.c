/* shell/output_file.c - see output_file.h */
#include "shell/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"

int output_file_check(const char *path, const char *what, struct err *err)
{
	OWN_FREE char *cleaned = fs_clean_path(path);
	char *slash = strrchr(cleaned, '/');
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_docker(err, ERR_BARE, EINVAL,
				  "%s: invalid output path: \"%s\" must be a directory or a regular file%s",
				  what, path,
				  S_ISDIR(st.st_mode) ? ", and it is a directory" :
							": got a device");
	if (!slash)
		return 0;
	*(slash == cleaned ? slash + 1 : slash) = '\0';
	if (stat(cleaned, &st) < 0 && errno == ENOENT)
		return err_docker(err, ERR_BARE, ENOENT,
				  "%s: invalid output path: directory \"%s\" does not exist",
				  what, cleaned);
	return 0;
}

int output_file_fill(const char *path, output_file_write *write, void *arg,
		     struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
	OWN_FREE char *where = folder ? mem_strn(path, folder) : mem_str(".");
	OWN_FREE char *temporary = mem_fmt(".docker_temp_%d", getpid());
	OWN_FD int dir_fd = fs_open(AT_FDCWD, where, O_PATH | O_DIRECTORY, 0, err);
	OWN_FD int fd = -1;
	int r;

	if (dir_fd < 0 || guard_fd(dir_fd, false, err) < 0)
		return -err->code;
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return err_errno(err, "open %.*s%s", (int)folder, path,
				 temporary);
	r = write(arg, fd, err);
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, path + folder) < 0)
		r = err_errno(err, "rename %s to %s", temporary, path);
	if (r < 0)
		(void)unlinkat(dir_fd, temporary, 0);
	return r;
}
