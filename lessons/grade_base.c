/* lessons/grade_base.c - see grade_base.h */
#include "lessons/grade_base.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

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
	const char *tmp = getenv("TMPDIR");
	int r;

	*out = (struct grade_base){
		.path = mem_fmt("%s/dockershell-base.XXXXXX",
				tmp && *tmp ? tmp : "/tmp"),
		.home_fd = -1,
		.root_fd = -1,
	};
	if (!mkdtemp(out->path)) {
		r = err_errno(err, "mkdtemp %s", out->path);
		free(out->path);
		*out = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
		return r;
	}
	r = fill(out, err);
	if (r < 0)
		grade_base_close(out);
	return r;
}

void grade_base_close(struct grade_base *base)
{
	struct err ignored = { 0 }; /* it lies in a folder of its own */

	if (base->home_fd >= 0)
		close(base->home_fd);
	if (base->root_fd >= 0)
		close(base->root_fd);
	if (base->path)
		(void)userns_remove_tree(AT_FDCWD, base->path, &ignored);
	free(base->path);
	*base = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
}
