/* images/store_sync.c - images that a power cut might still take.
 *
 * A build makes an image with each step, and waits for the disk once, at its end.
 * Until then its images stand in the table `unsynced`. A kill harms none of them:
 * what was written is in the kernel's memory, and whole. After a power cut the names
 * of layers and blobs may stand for what never reached the disk; so whoever opens
 * the database in another boot than the one that is noted in `meta` takes these
 * images out first, and whatever in layers/ and blobs/ no image speaks of.
 *
 *   meta: unsynced_boot = this boot    fsync, once a boot
 *   step: layer, blob, image           nothing is waited for
 *   step: ...
 *   end:  syncfs                       all of it is on the disk
 *         unsynced is emptied, names   fsync: now it is said to be done
 *
 * Source: syncfs(2); SQLite, "Write-Ahead Logging": what survives of a log is its
 * beginning, so an image is never there without its mark. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "images/store.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

static int read_boot(struct buf *out, struct err *err)
{
	int r = fs_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 256, out,
			err);

	while (r == 0 && out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return r;
}

static int noted_boot(struct store *store, struct strs *out, struct err *err)
{
	return store_column(store->db,
			    "SELECT value FROM meta WHERE key = 'unsynced_boot'",
			    NULL, out, err);
}

int store_begin_unsynced(struct store *store, struct err *err)
{
	OWN_STRS struct strs noted = { 0 };
	OWN_BUF struct buf boot = { 0 };
	int r = store_db(store, err) ? read_boot(&boot, err) : -err->code;

	if (r == 0)
		r = noted_boot(store, &noted, err);
	if (r == 0 &&
	    !(noted.count && strcmp(noted.items[0], buf_text(&boot)) == 0)) {
		r = store_begin(store, err);
		if (r == 0)
			r = store_end(store,
				      db_run(store->db, err,
					     "INSERT OR REPLACE INTO meta(key, value)"
					     " VALUES('unsynced_boot', ?)",
					     "s", buf_text(&boot)),
				      err);
	}
	return r < 0 ? r : db_set_lazy(store->db, true, err);
}

int store_note_unsynced(struct store *store, const char *id, struct err *err)
{
	int r = db_run(store->db, err,
		       "INSERT OR IGNORE INTO unsynced(image) VALUES(?)", "s",
		       id);

	return r < 0 ? r : 0;
}

static int sync_home(const struct home *home, struct err *err)
{
	/* A world's layers may lie elsewhere. */
	OWN_FD int layers_fd = fs_open_dir(home->fd, "layers", err);

	if (layers_fd < 0)
		return layers_fd;
	if (syncfs(layers_fd) < 0 || syncfs(home->fd) < 0)
		return err_errno(err, "syncfs");
	return 0;
}

/* They are on the disk: what is theirs was written before syncfs(2) was called. */
static int forget(struct store *store, const struct strs *ids, struct err *err)
{
	for (size_t i = 0; i < ids->count; i++)
		if (db_run(store->db, err,
			   "DELETE FROM unsynced WHERE image = ?", "s",
			   ids->items[i]) < 0)
			return -err->code;
	return 0;
}

int store_end_unsynced(struct store *store, store_within *within, void *arg,
		       struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	int r = store_column(store->db, "SELECT image FROM unsynced", NULL,
			     &ids, err);

	if (r == 0 && ids.count)
		r = sync_home(store->home, err);
	if (r == 0)
		r = db_set_lazy(store->db, false, err);
	if (r < 0 || (!ids.count && !within))
		return r;
	r = store_begin(store, err);
	if (r < 0)
		return r;
	r = forget(store, &ids, err);
	if (r == 0 && within)
		r = within(arg, err);
	return store_end(store, r, err);
}

int store_sync_image(struct store *store, const char *id, struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	int r = store_column(store->db,
			     "SELECT image FROM unsynced WHERE image = ?", id,
			     &ids, err);

	if (r == 0 && ids.count)
		r = sync_home(store->home, err);
	return r < 0 ? r : forget(store, &ids, err);
}

/* ---- after a power cut ---- */

static int drop_all(struct store *store, const struct strs *ids,
		    struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < ids->count && r == 0; i++)
		r = store_drop_image(store, ids->items[i], err);
	return r < 0 ? r : forget(store, ids, err);
}

/* In one transaction each: while somebody is at work, what lies around stays, and
 * with it the note that there is something to be looked through. */
static int recover(struct store *store, struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	int r = store_column(store->db, "SELECT image FROM unsynced", NULL,
			     &ids, err);

	if (r == 0)
		r = store_begin(store, err);
	if (r == 0)
		r = store_end(store, drop_all(store, &ids, err), err);
	if (r == 0)
		r = store_clear_unsynced(store, err);
	if (r == -EAGAIN)
		return 0;
	if (r == 0)
		r = store_begin(store, err);
	if (r == 0)
		r = store_end(store,
			      db_run(store->db, err,
				     "DELETE FROM meta WHERE key = 'unsynced_boot'",
				     ""),
			      err);
	return r < 0 ? r : 0;
}

int store_recover(struct store *store, struct err *err)
{
	OWN_STRS struct strs noted = { 0 };
	OWN_BUF struct buf boot = { 0 };
	struct err ignored = { 0 };
	int r = noted_boot(store, &noted, err);

	/* Where no boot can be told from another, none is feared. */
	if (r < 0 || !noted.count || read_boot(&boot, &ignored) < 0 ||
	    strcmp(noted.items[0], buf_text(&boot)) == 0)
		return r;
	return recover(store, err);
}
