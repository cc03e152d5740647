/* images/stage.c - see stage.h */
#include "images/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/userns.h"

#define TMP "tmp-"
enum {
	TMP_SIZE = sizeof(TMP) + 16,
	LINK_DIGITS = 5,
};

/* One layer on its way. blob_tmp: its blob under its temporary name. */
struct draft {
	struct layer layer;
	char tmp[TMP_SIZE];
};

/* lock_fd  the folder layers/, locked
 * blobs    temporary name and digest in turn */
struct stage {
	const struct home *home;
	int lock_fd;
	int blobs_fd;
	struct draft *drafts;
	size_t count;
	struct strs blobs;
};

static void temporary_name(char out[TMP_SIZE])
{
	unsigned long long random = 0;

	(void)!getrandom(&random, sizeof(random), 0); /* O_EXCL finds clashes */
	snprintf(out, TMP_SIZE, TMP "%016llx", random);
}

/* ---- the lock ---- */

static int open_layers(const struct home *home, struct err *err)
{
	return fs_open_dir(home->fd, "layers", err);
}

int stage_lock_all(const struct home *home, struct err *err)
{
	OWN_FD int fd = open_layers(home, err);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ?
			       err_set(err, EAGAIN, _("the layers are in use")) :
			       err_errno(err, "lock the layers");
	return own_give_fd(&fd);
}

static void sweep_folder(const struct home *home, const char *path)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(home->fd, path, &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	/* What cannot be removed now is tried again next time. */
	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, TMP, strlen(TMP)) == 0)
			(void)userns_remove_tree(fd, entry->d_name, &ignored);
}

void stage_sweep(const struct home *home)
{
	sweep_folder(home, "layers");
	sweep_folder(home, "blobs/sha256");
}

int stage_open(const struct home *home, struct stage **out, struct err *err)
{
	OWN_FD int lock_fd = open_layers(home, err);
	OWN_FD int blobs_fd = -1;
	struct stage *stage;

	if (lock_fd < 0)
		return lock_fd;
	if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0)
		stage_sweep(home);
	if (flock(lock_fd, LOCK_SH) < 0)
		return err_errno(err, "lock the layers");
	blobs_fd = fs_open_dir(home->fd, "blobs/sha256", err);
	if (blobs_fd < 0)
		return blobs_fd;
	stage = mem_zero(1, sizeof(*stage));
	stage->home = home;
	stage->lock_fd = own_give_fd(&lock_fd);
	stage->blobs_fd = own_give_fd(&blobs_fd);
	*out = stage;
	return 0;
}

void stage_close(struct stage *stage)
{
	struct err ignored = { 0 };

	if (!stage)
		return;
	/* What could not be removed is swept next time. */
	for (size_t i = 0; i < stage->count; i++)
		if (stage->drafts[i].tmp[0])
			(void)userns_remove_tree(stage->lock_fd,
						 stage->drafts[i].tmp,
						 &ignored);
	for (size_t i = 0; i < stage->blobs.count; i += 2)
		(void)unlinkat(stage->blobs_fd, stage->blobs.items[i], 0);
	close(stage->blobs_fd);
	close(stage->lock_fd);
	strs_done(&stage->blobs);
	free(stage->drafts);
	free(stage);
}

/* ---- making ---- */

static int new_blob(struct stage *stage, char tmp[TMP_SIZE], struct err *err)
{
	temporary_name(tmp);
	return fs_open(stage->blobs_fd, tmp, O_RDWR | O_CREAT | O_EXCL, 0644,
		       err);
}

int stage_blob(struct stage *stage, const void *bytes, size_t len,
	       char out_digest[DIGEST_SIZE], struct err *err)
{
	char tmp[TMP_SIZE];
	OWN_FD int fd = new_blob(stage, tmp, err);

	if (fd < 0)
		return fd;
	digest_of(bytes, len, out_digest);
	strs_add(&stage->blobs, tmp);
	strs_add(&stage->blobs, out_digest);
	if (fs_write_all(fd, bytes, len) < 0)
		return err_errno(err, "write the blob %.19s", out_digest);
	return 0;
}

static int describe(struct layer *layer, int dir_fd, struct err *err)
{
	OWN_BUF struct buf json = { 0 };

	digest_chain(layer->parent[0] ? layer->parent : NULL, layer->diff,
		     layer->chain);
	layer_write(layer, &json);
	return fs_replace(dir_fd, "layer.json", json.data, json.len, 0644,
			  false, err);
}

static struct draft *new_draft(struct stage *stage)
{
	struct draft *draft;

	stage->drafts = mem_grow(stage->drafts, stage->count + 1,
				 sizeof(*stage->drafts));
	draft = &stage->drafts[stage->count++];
	*draft = (struct draft){ 0 };
	return draft;
}

/* Its folder under a temporary name. */
static int make_folder(struct stage *stage, struct draft *draft,
		       struct err *err)
{
	temporary_name(draft->tmp);
	if (mkdirat(stage->lock_fd, draft->tmp, 0755) < 0)
		return err_errno(err, "mkdir layers/%s", draft->tmp);
	return fs_open_dir(stage->lock_fd, draft->tmp, err);
}

static int unpack_draft(struct stage *stage, struct draft *draft, int fd,
			struct err *err)
{
	OWN_FD int dir_fd = make_folder(stage, draft, err);
	OWN_FD int blob_fd = -1;
	struct layer *layer = &draft->layer;
	char blob_tmp[TMP_SIZE];
	size_t blob;
	int r;

	if (dir_fd < 0)
		return dir_fd;
	blob_fd = new_blob(stage, blob_tmp, err);
	if (blob_fd < 0)
		return blob_fd;
	/* Listed before it is filled, so that a failure removes it. */
	strs_add(&stage->blobs, blob_tmp);
	blob = stage->blobs.count;
	strs_add(&stage->blobs, "");
	r = layer_unpack(fd, dir_fd, blob_fd, layer, err);
	if (r < 0)
		return r;
	free(stage->blobs.items[blob]);
	stage->blobs.items[blob] = mem_str(layer->blob);
	return describe(layer, dir_fd, err);
}

int stage_layer(struct stage *stage, int fd, const char *parent,
		struct err *err)
{
	struct draft *draft = new_draft(stage);
	int r;

	if (parent)
		snprintf(draft->layer.parent, DIGEST_SIZE, "%s", parent);
	r = unpack_draft(stage, draft, fd, err);
	return r < 0 ? r : (int)stage->count - 1;
}

int stage_take(struct stage *stage, const char *folder,
	       const struct layer *facts, struct err *err)
{
	struct draft *draft = new_draft(stage);
	OWN_FD int dir_fd = make_folder(stage, draft, err);
	int r;

	if (dir_fd < 0)
		return dir_fd;
	if (renameat(stage->home->fd, folder, dir_fd, "diff") < 0) {
		r = err_errno(err, "rename %s", folder);
		(void)unlinkat(stage->lock_fd, draft->tmp, AT_REMOVEDIR);
		stage->count--;
		return r;
	}
	draft->layer = *facts;
	r = describe(&draft->layer, dir_fd, err);
	return r < 0 ? r : (int)stage->count - 1;
}

const struct layer *stage_layer_at(const struct stage *stage, int place)
{
	return &stage->drafts[place].layer;
}

char *stage_layer_folder(const struct stage *stage, int place)
{
	return mem_fmt("layers/%s/diff", stage->drafts[place].tmp);
}

/* ---- making it real ---- */

/* The same layer is there already: what is there stays, and counts. One whose
 * description cannot be read gives way. */
static int use_old(struct stage *stage, struct draft *draft, struct err *err)
{
	const char *hex = digest_hex(draft->layer.chain);
	struct err ignored = { 0 };
	struct layer old;
	char away[TMP_SIZE];
	OWN_FD int fd = fs_open_dir(stage->lock_fd, hex, err);

	if (fd < 0)
		return fd;
	if (layer_read(fd, &old, &ignored) == 0 &&
	    strcmp(old.chain, draft->layer.chain) == 0) {
		draft->layer = old;
		(void)userns_remove_tree(stage->lock_fd, draft->tmp, &ignored);
		return 0;
	}
	temporary_name(away);
	if (renameat(stage->lock_fd, hex, stage->lock_fd, away) < 0 ||
	    renameat(stage->lock_fd, draft->tmp, stage->lock_fd, hex) < 0)
		return err_errno(err, "replace layers/%s", hex);
	(void)userns_remove_tree(stage->lock_fd, away, &ignored);
	return 0;
}

/* Five digits of the chain id, for 500 of them must fit into one mount(2);
 * further ones where another layer has those. */
int stage_link(const struct home *home, struct layer *layer, struct err *err)
{
	const char *hex = digest_hex(layer->chain);
	OWN_FREE char *target = mem_fmt("../layers/%s/diff", hex);
	char there[128];

	for (int i = 0; i + LINK_DIGITS <= DIGEST_HEX; i++) {
		ssize_t len;

		snprintf(layer->link, sizeof(layer->link), "l/%.*s",
			 LINK_DIGITS, hex + i);
		if (symlinkat(target, home->fd, layer->link) == 0)
			return 0;
		if (errno != EEXIST)
			return err_errno(err, "symlink %s", layer->link);
		len = readlinkat(home->fd, layer->link, there,
				 sizeof(there) - 1);
		if (len > 0 && (size_t)len == strlen(target) &&
		    memcmp(there, target, (size_t)len) == 0)
			return 0;
	}
	return err_set(err, EEXIST, _("no name is left for a link to layers/%s"),
		       hex);
}

static int settle_layer(struct stage *stage, struct draft *draft,
			struct err *err)
{
	const char *hex = digest_hex(draft->layer.chain);

	if (call_rename_at(TRACE_LAYER_COMMIT, stage->lock_fd, draft->tmp,
			   hex) < 0) {
		if (errno != EEXIST && errno != ENOTEMPTY)
			return err_errno(err, "rename layers/%s", draft->tmp);
		if (use_old(stage, draft, err) < 0)
			return -err->code;
	}
	draft->tmp[0] = '\0';
	return stage_link(stage->home, &draft->layer, err);
}

static int settle_blobs(struct stage *stage, struct err *err)
{
	while (stage->blobs.count) {
		const char *tmp = stage->blobs.items[0];
		const char *digest = stage->blobs.items[1];

		/* Over an equal one: both are whole. */
		if (call_rename_at(TRACE_IMAGE, stage->blobs_fd, tmp,
				   digest_hex(digest)) < 0)
			return err_errno(err, "rename blobs/sha256/%s", tmp);
		strs_remove(&stage->blobs, 1);
		strs_remove(&stage->blobs, 0);
	}
	return 0;
}

static int sync_folder(const struct home *home, const char *path,
		       struct err *err)
{
	OWN_FD int fd = fs_open_dir(home->fd, path, err);

	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? err_errno(err, "fsync %s", path) : 0;
}

static int settle(struct stage *stage, struct err *err)
{
	int r = settle_blobs(stage, err);

	for (size_t i = 0; i < stage->count && r == 0; i++)
		r = settle_layer(stage, &stage->drafts[i], err);
	for (size_t i = 0; i < stage->count && r == 0; i++)
		trace_step(TRACE_LAYER_COMMIT, "%s -> layers/%.12s",
			   stage->drafts[i].layer.link,
			   digest_hex(stage->drafts[i].layer.chain));
	return r;
}

int stage_commit(struct stage *stage, struct err *err)
{
	int r;

	/* Names that are digests must never stand for what is half on disk. */
	amount_begin(N_("Writing to the disk - "), 0);
	r = TRACED(TRACE_LAYER_COMMIT, syncfs(stage->lock_fd), "syncfs(%d)",
		   stage->lock_fd);
	amount_end();
	if (r < 0)
		return err_errno(err, "syncfs");
	r = settle(stage, err);
	if (r == 0)
		r = sync_folder(stage->home, "blobs/sha256", err);
	if (r == 0 && stage->count)
		r = sync_folder(stage->home, "layers", err);
	if (r == 0 && stage->count)
		r = sync_folder(stage->home, "l", err);
	return r;
}

int stage_commit_unsynced(struct stage *stage, struct err *err)
{
	return settle(stage, err);
}
