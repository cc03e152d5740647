/* lessons/grade_base.c - see grade_base.h */
#include "lessons/grade_base.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/grade_folder.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define SYSTEM "busybox"

/* Its layers' folder; the store has its home's links to them. */
static int find_system(const struct home *home, struct store *store,
		       struct grade_base *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(store, SYSTEM, &image, err);

	if (r < 0)
		return r;
	out->root_fd = fs_open_dir(home->fd, image.links.items[0], err);
	return out->root_fd < 0 ? out->root_fd : 0;
}

static int fill(struct grade_base *out, struct err *err)
{
	struct home home = { 0 };
	struct store *store = NULL;
	int r = home_open(out->path, &home, err);

	if (r < 0)
		return r;
	r = store_open(&home, &store, err);
	if (r == 0)
		r = find_system(&home, store, out, err);
	/* Closed, all of it lies in one file. */
	if (store)
		store_close(store);
	if (r == 0)
		out->home_fd = fcntl(home.fd, F_DUPFD_CLOEXEC, 3);
	home_close(&home);
	return r < 0 ? r : out->home_fd < 0 ? err_errno(err, "dup") : 0;
}

int grade_base_open(struct grade_base *out, struct err *err)
{
	OWN_FD int fd = -1;
	int r;

	*out = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
	grade_folder_sweep();
	fd = grade_folder_make("base", &out->path, err);
	r = fd < 0 ? fd : fill(out, err);
	if (r < 0)
		grade_base_close(out);
	return r;
}

void grade_base_close(struct grade_base *base)
{
	if (base->home_fd >= 0)
		close(base->home_fd);
	if (base->root_fd >= 0)
		close(base->root_fd);
	if (base->path)
		grade_folder_remove(base->path);
	free(base->path);
	*base = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
}
