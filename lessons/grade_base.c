/* lessons/grade_base.c - see grade_base.h */
#include "lessons/grade_base.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/load.h"
#include "images/save.h"
#include "images/store.h"
#include "lessons/grade_folder.h"
#include "lessons/machine.h"
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

/* ---- images of the teacher's ---- */

static int choose(struct store *teachers, const struct strs *words,
		  struct store *store, struct strs *out, struct err *err)
{
	OWN_STRS struct strs names = { 0 };

	for (size_t i = 0; teachers && i < words->count; i++) {
		int r = machine_images(teachers, words->items[i], &names, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < names.count; i++) {
		OWN_IMAGE struct image there = { 0 };
		struct err missing = { 0 };

		if (image_find(store, names.items[i], &there, &missing) < 0)
			strs_add(out, names.items[i]);
	}
	return 0;
}

static int measure_tree(void *path, struct buf *reply, struct err *err)
{
	unsigned long long sums[2] = { 0 };
	int r = fs_tree_size(AT_FDCWD, path, &sums[0], &sums[1], err);

	buf_add(reply, sums, sizeof(sums));
	return r;
}

/* Among the ids that own what is in it. */
static int measure(char *path, unsigned long long sums[2], struct err *err)
{
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(measure_tree, path, false, &reply, err);

	if (r == 0 && reply.len == 2 * sizeof(sums[0]))
		memcpy(sums, reply.data, reply.len);
	return r;
}

/* As `save` here and `load` there would: nothing is shared with the teacher's home. */
static int carry(struct store *teachers, const struct strs *names,
		 struct store *store, struct grade_base *out, struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_FD int fd = fs_open(AT_FDCWD, out->path, O_TMPFILE | O_RDWR, 0600,
				err);
	unsigned long long before[2] = { 0 };
	unsigned long long after[2] = { 0 };
	int r = fd < 0 ? fd : measure(out->path, before, err);

	if (r == 0)
		r = save_images(teachers, names, fd, NULL, err);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_errno(err, "seek");
	if (r == 0)
		r = load_images(store, fd, NULL, &lines, err);
	if (r == 0)
		r = measure(out->path, after, err);
	out->extra_bytes = after[0] > before[0] ? after[0] - before[0] : 0;
	out->extra_files = after[1] > before[1] ? after[1] - before[1] : 0;
	return r;
}

static int add_teachers(struct store *teachers, const struct strs *words,
			struct store *store, struct grade_base *out,
			struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = choose(teachers, words, store, &names, err);

	if (r == 0 && names.count > 0)
		r = carry(teachers, &names, store, out, err);
	return r;
}

/* ---- all of it ---- */

static int fill(struct store *teachers, const struct strs *words,
		struct grade_base *out, struct err *err)
{
	struct home home = { 0 };
	struct store *store = NULL;
	int r = home_open(out->path, &home, err);

	if (r < 0)
		return r;
	r = store_open(&home, &store, err);
	if (r == 0)
		r = find_system(&home, store, out, err);
	if (r == 0)
		r = add_teachers(teachers, words, store, out, err);
	/* Closed, all of it lies in one file. */
	if (store)
		store_close(store);
	if (r == 0)
		out->home_fd = fcntl(home.fd, F_DUPFD_CLOEXEC, 3);
	home_close(&home);
	return r < 0 ? r : out->home_fd < 0 ? err_errno(err, "dup") : 0;
}

int grade_base_open(struct store *teachers, const struct strs *words,
		    struct grade_base *out, struct err *err)
{
	OWN_FD int fd = -1;
	int r;

	*out = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
	grade_folder_sweep();
	fd = grade_folder_make("base", &out->path, err);
	r = fd < 0 ? fd : fill(teachers, words, out, err);
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
