/* shell/mount_sources.c - see mount_sources.h */
#include "shell/mount_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"

/* Go's text for why a folder cannot be made. */
static const char *why_not(int code)
{
	switch (code) {
	case EACCES:
		return "permission denied";
	case EROFS:
		return "read-only file system";
	case ENOTDIR:
		return "not a directory";
	case EEXIST:
		return "file exists";
	default:
		return strerror(code);
	}
}

/* One more name of a path, made where it is not there. 0, the errno, or -EPERM where a
 * submission has no business: links on the way may lead there, or be swapped. */
static int make_name(int *fd, const char *name, struct err *err)
{
	int next = openat(*fd, name, O_PATH | O_CLOEXEC);

	if (next < 0 && errno == ENOENT) {
		if (guard_fd(*fd, false, err) < 0)
			return -err->code;
		if (mkdirat(*fd, name, 0755) < 0 && errno != EEXIST)
			return errno;
		next = openat(*fd, name, O_PATH | O_CLOEXEC);
		/* A link that leads nowhere is there, and nothing is behind it. */
		if (next < 0 && errno == ENOENT)
			return EEXIST;
	}
	if (next < 0)
		return errno;
	close(*fd);
	*fd = next;
	return 0;
}

static int make_folder(const char *path, struct err *err)
{
	OWN_FD int fd = -1;
	int r = 0;

	if (access(path, F_OK) == 0)
		return 0;
	fd = open("/", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno;
	while (r == 0 && *(path += strspn(path, "/"))) {
		size_t len = strcspn(path, "/");
		OWN_FREE char *name = mem_strn(path, len);

		r = make_name(&fd, name, err);
		path += len;
	}
	return r;
}

int mount_sources_make(const struct strs *paths, struct err *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		const char *path = paths->items[i];
		int code = make_folder(path, err);

		if (code < 0)
			return code;
		if (code)
			return err_docker(
				err, ERR_DAEMON, code,
				"error while creating mount source path '%s': mkdir %s: %s",
				path, path, why_not(code));
	}
	return 0;
}
