/* images/store_world.c - a lesson's own store, made from the user's.
 *
 * A world is a home whose layers and blobs are links to those of the home it was
 * made from, so its store needs rows and no files. */
#include "images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/base.h"
#include "images/stage.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

/* The ids wanted, each once. */
static int choose(struct store *base, const struct strs *names,
		  struct strs *out_ids, struct err *err)
{
	struct db *db = store_db(base, err);
	int r = db ? 0 : -err->code;

	if (r == 0 && !names)
		return store_column(db,
				    "SELECT DISTINCT image FROM tags WHERE bundled > 0",
				    NULL, out_ids, err);
	for (size_t i = 0; r == 0 && i < names->count; i++) {
		OWN_IMAGE struct image image = { 0 };

		r = image_find(base, names->items[i], &image, err);
		if (r == 0 && !strs_has(out_ids, image.id))
			strs_add(out_ids, image.id);
	}
	return r;
}

/* In a world nothing was given by anybody yet. An alias stays one. */
static int copy_tags(struct db *from, struct db *to, const char *id,
		     struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = db_query(
		from, err,
		"SELECT name, max(bundled, 1), note FROM tags WHERE image = ?",
		"s", id);
	int r;

	if (!stmt)
		return -err->code;
	while ((r = db_next(from, stmt, err)) == 1) {
		r = db_run(to, err,
			   "INSERT OR IGNORE INTO tags(name, image, bundled, note)"
			   " VALUES(?, ?, ?, ?)",
			   "ssis", db_text(stmt, 0), id, db_int(stmt, 1),
			   db_text(stmt, 2));
		if (r < 0)
			break;
	}
	return r;
}

static int copy_image(struct store *base, struct store *world, const char *id,
		      struct err *err)
{
	OWN_BUF struct buf config = { 0 };
	char same[DIGEST_SIZE];
	int r = store_config(base, id, &config, err);

	if (r == 0)
		r = store_add_image(world, config.data, config.len, NULL, same,
				    err);
	if (r == 0)
		r = db_run(world->db, err,
			   "UPDATE images SET bundled = 1 WHERE id = ?", "s",
			   id);
	return r < 0 ? r : copy_tags(base->db, world->db, id, err);
}

static int copy_all(struct store *base, struct store *world,
		    const struct strs *ids, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < ids->count && r == 0; i++)
		r = copy_image(base, world, ids->items[i], err);
	return r;
}

bool store_is_world(const struct home *home)
{
	struct stat st;

	return fstatat(home->fd, "layers", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

int store_open_base(const struct home *home, struct home *out, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(home->fd, "layers", target,
				 sizeof(target) - 1);
	char *slash;

	if (len < 0)
		return home_open(home->path, out, err);
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (target[0] != '/' || !slash)
		return err_set(err, EINVAL, _("%s/layers links to %s"), home->path,
			       target);
	*slash = '\0';
	return home_open(target, out, err);
}

int store_fill_world(struct store *world, struct stage **out_stage,
		     struct err *err)
{
	struct home home = { .fd = -1 };
	struct store *base = NULL;
	OWN_STRS struct strs ids = { 0 };
	int r = store_open_base(world->home, &home, err);

	/* The stage's lock: nothing may clear these layers away between the
	 * look at them and the rows that speak of them. */
	if (r == 0)
		r = stage_open(world->home, out_stage, err);
	if (r == 0)
		r = store_open(&home, &base, err);
	if (r == 0)
		r = choose(base, NULL, &ids, err);
	if (r == 0)
		r = copy_all(base, world, &ids, err);
	if (r == 0 && ids.count) /* else it is tried again (base_find_again) */
		r = db_run(world->db, err,
			   "INSERT OR REPLACE INTO meta VALUES('base', '1')",
			   "");
	store_close(base);
	home_close(&home);
	return r < 0 ? r : 0;
}

int store_add_to_world(struct store *base, struct store *world,
		       const struct strs *names, struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	struct stage *stage = NULL;
	int r = choose(base, names, &ids, err);

	if (r == 0)
		r = stage_open(world->home, &stage, err);
	if (r == 0)
		r = store_begin(world, err);
	if (r == 0)
		r = store_end(world, copy_all(base, world, &ids, err), err);
	stage_close(stage);
	return r;
}
