/* runtime/container_layer.c - a folder made in a container that never runs.
 *
 * What WORKDIR is to the builder: the container's writable layer gets a folder, and
 * its parents, where the image has none. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

struct folder {
	const struct home *home;
	const struct spec *spec;
	const char *path;
};

static int make_folder(void *arg, struct buf *reply, struct err *err)
{
	const struct folder *folder = arg;
	OWN_FD int root_fd = rootfs_mount(folder->home, folder->spec, false, err);
	OWN_FD int fd = -1;

	(void)reply;
	if (root_fd < 0)
		return root_fd;
	(void)umask(0);
	fd = rootfs_target(root_fd, folder->path + 1, true, false, err);
	if (fd == -ENOTDIR || fd == -EEXIST)
		return err_docker(err, ERR_BARE, ENOTDIR,
				  "Cannot mkdir: %s is not a directory",
				  folder->path);
	return fd < 0 ? fd : 0;
}

int container_add_folder(const struct home *home, const struct spec *spec,
			 const char *path, struct err *err)
{
	struct folder folder = { home, spec, path };

	if (strcmp(path, "/") == 0)
		return 0;
	return userns_call(make_folder, &folder, true, NULL, err);
}
