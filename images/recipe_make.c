/* images/recipe_make.c - the image that a recipe's files become; see recipe.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "images/layer.h"
#include "images/manifest.h"
#include "images/recipe.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "images/tar_out.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"
#include "runtime/home.h"

enum { BLOCK = 64 << 10 };

static const char usual_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* ---- the layer ---- */

static int write_content(struct tar_out *out, int fd, int64_t size,
			 struct err *err)
{
	OWN_FREE char *block = mem_alloc(BLOCK);

	while (size > 0) {
		ssize_t got = read(fd, block, BLOCK);
		int r;

		if (got < 0 && errno == EINTR && !interrupt_seen())
			continue;
		if (interrupt_seen())
			return interrupt_err(err);
		if (got < 0)
			return err_errno(err, "read");
		if (got == 0) { /* it has shrunk */
			memset(block, 0, BLOCK);
			got = BLOCK;
		}
		if (got > size)
			got = (ssize_t)size;
		r = tar_out_bytes(out, block, (size_t)got, err);
		if (r < 0)
			return r;
		size -= got;
	}
	return 0;
}

static int write_file(struct tar_out *out, const char *path, struct err *err)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					   O_NOCTTY | O_CLOEXEC);
	struct tar_item item = { .name = path + 1 };
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "open %s", path);
	/* A program may ask for a library by any path. */
	if (guard_fd(fd, false, err) < 0)
		return -err->code;
	item.mode = st.st_mode & 0777;
	item.size = st.st_size;
	item.mtime_s = st.st_mtime;
	r = tar_out_item(out, &item, err);
	if (r == 0)
		r = write_content(out, fd, st.st_size, err);
	return r < 0 && r != -EINTR ? err_wrap(err, "%s", path) : r;
}

static int write_path(struct tar_out *out, const char *path, struct err *err)
{
	OWN_FREE char *folder = mem_fmt("%s/", path + 1);
	struct tar_item item = { .name = path + 1 };
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (lstat(path, &st) < 0)
		return err_errno(err, "stat %s", path);
	item.mtime_s = st.st_mtime;
	if (S_ISDIR(st.st_mode)) {
		item.name = folder;
		item.mode = (st.st_mode & 0777) | 0555;
		return tar_out_item(out, &item, err);
	}
	if (!S_ISLNK(st.st_mode))
		return write_file(out, path, err);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return err_errno(err, "readlink %s", path);
	target[len] = '\0';
	item.link = target;
	return tar_out_item(out, &item, err);
}

static bool has_path(const struct recipe *recipe, const char *path)
{
	return strs_has(&recipe->paths, path);
}

/* What every program may expect beside its own files: a place for temporary ones,
 * and the names of the users that are always there. */
static int write_extras(struct tar_out *out, const struct recipe *recipe,
			struct err *err)
{
	static const char users[] =
		"root:x:0:0:root:/root:/bin/sh\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n";
	static const char groups[] = "root:x:0:\nnogroup:x:65534:\n";
	static const struct tar_item folders[] = {
		{ .name = "etc/" },
		{ .name = "root/", .mode = 0700 },
		{ .name = "tmp/", .mode = 01777 },
	};
	int r = 0;

	for (size_t i = 0; i < 3 && r == 0; i++) {
		OWN_FREE char *path =
			mem_fmt("/%.*s", (int)strlen(folders[i].name) - 1,
				folders[i].name);

		if (!has_path(recipe, path))
			r = tar_out_item(out, &folders[i], err);
	}
	if (r == 0)
		r = tar_out_text(out, "etc/passwd", users, strlen(users), 0,
				 err);
	if (r == 0)
		r = tar_out_text(out, "etc/group", groups, strlen(groups), 0,
				 err);
	return r;
}

static int write_tar(const struct recipe *recipe, int fd, struct err *err)
{
	struct tar_out *out = NULL;
	int r = tar_out_open(fd, NULL, &out, err);

	for (size_t i = 0; i < recipe->paths.count && r == 0; i++)
		r = write_path(out, recipe->paths.items[i], err);
	if (r == 0)
		r = write_extras(out, recipe, err);
	if (r == 0)
		r = tar_out_end(out, err);
	tar_out_close(out);
	return r;
}

/* A file without a name in the store: gone when it is closed, whatever happens. */
static int open_nameless(const struct home *home, struct err *err)
{
	int fd = openat(home->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd < 0 ? err_errno(err, "open a temporary file in %s",
				  home->path) :
			fd;
}

/* ---- the document ---- */

static char *folders_for(const struct recipe *recipe)
{
	OWN_STRS struct strs usual = { 0 };
	OWN_STRS struct strs more = { 0 };

	strs_split(&usual, usual_path, ':');
	for (size_t i = 0; i < recipe->program_count; i++) {
		const char *path = recipe->programs[i].path;
		const char *slash = strrchr(path, '/');
		OWN_FREE char *folder =
			mem_strn(path, (size_t)(slash - path));

		if (*folder && !strs_has(&usual, folder) &&
		    !strs_has(&more, folder))
			strs_add(&more, folder);
	}
	strs_copy(&more, &usual);
	return strs_join(&more, ":");
}

static void describe(const struct recipe *recipe, const char *name,
		     const struct layer *layer, struct buf *out)
{
	OWN_DOC struct image_doc doc = { 0 };
	OWN_FREE char *path = folders_for(recipe);
	struct image_step *step;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	image_doc_init(&doc);
	doc.created_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	strs_addf(&doc.config.env, "PATH=%s", path);
	strs_add(&doc.config.cmd, recipe->programs[0].name);
	doc.config.has_cmd = true;
	strs_add(&doc.diffs, layer->diff);
	step = image_doc_add_step(&doc);
	step->created_ns = doc.created_ns;
	step->created_by = mem_fmt("image recipe %s", name);
	image_doc_write(&doc, out);
}

/* ---- both ---- */

static int stage_image(struct stage *stage, const struct recipe *recipe,
		       const char *name, int fd, struct buf *out_config,
		       struct err *err)
{
	char digest[DIGEST_SIZE];
	int place = stage_layer(stage, fd, NULL, err);
	int r;

	if (place < 0)
		return place;
	describe(recipe, name, stage_layer_at(stage, place), out_config);
	r = stage_blob(stage, out_config->data, out_config->len, digest, err);
	return r < 0 ? r : stage_commit(stage, err);
}

static int enter(struct store *store, const struct buf *config,
		 const struct ref *ref, char out_id[DIGEST_SIZE],
		 struct err *err)
{
	int r = store_begin(store, err);

	if (r < 0)
		return r;
	r = store_add_image(store, config->data, config->len, NULL, out_id,
			    err);
	if (r == 0)
		r = store_set_tag(store, ref, out_id, err);
	r = store_end(store, r, err);
	if (r == 0) {
		OWN_FREE char *shown = ref_familiar(ref);

		store_note_event(store, "tag", out_id, shown);
		store_note_event(store, "import", out_id, out_id);
	}
	return r;
}

int recipe_make(struct store *store, const struct recipe *recipe,
		const char *name, char out_id[DIGEST_SIZE], struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_BUF struct buf config = { 0 };
	OWN_FD int fd = -1;
	struct stage *stage = NULL;
	struct err ignored = { 0 };
	int r = ref_parse(name, &ref, err);

	if (r == 0 && ref.digest)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "refusing to create a tag with a digest reference");
	if (r < 0)
		return r;
	ref_tag_latest(&ref);
	if (!store_db(store, err))
		return -err->code;
	fd = open_nameless(store_home(store), err);
	if (fd < 0)
		return fd;
	r = write_tar(recipe, fd, err);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_errno(err, "lseek");
	if (r == 0)
		r = stage_open(store_home(store), &stage, err);
	if (r == 0)
		r = stage_image(stage, recipe, name, fd, &config, err);
	if (r == 0)
		r = enter(store, &config, &ref, out_id, err);
	stage_close(stage);
	if (r == 0) /* what gave way to it */
		(void)store_clear_away(store, &ignored);
	return r;
}
