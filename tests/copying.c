/* tests/copying.c - see copying.h */
#include "tests/copying.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive_entry.h>

#include "images/archive.h"
#include "images/context.h"
#include "images/dockerfile.h"
#include "images/stage.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

void answer_done(struct answer *answer)
{
	free(answer->sum);
	buf_done(&answer->listing);
}

static int letter(mode_t mode)
{
	return S_ISDIR(mode)  ? 'd' :
	       S_ISLNK(mode)  ? 'l' :
	       S_ISFIFO(mode) ? 'p' :
	       S_ISCHR(mode)  ? 'c' :
				'-';
}

static void list_entry(struct tar_in *in, struct archive_entry *entry,
		       struct buf *out)
{
	mode_t mode = archive_entry_mode(entry);
	const char *name = archive_entry_pathname(entry);
	const char *hardlink = archive_entry_hardlink(entry);
	const char *target = archive_entry_symlink(entry);
	const void *bytes;
	int64_t offset;
	size_t len;
	struct err err = { 0 };
	int type = hardlink ? 'h' : letter(mode);

	buf_fmt(out, "%c %o %d:%d %.*s", type, mode & 07777,
		(int)archive_entry_uid(entry), (int)archive_entry_gid(entry),
		(int)(strlen(name) - (type == 'd')), name);
	if (hardlink || target)
		buf_fmt(out, " > %s", hardlink ? hardlink : target);
	if (type == '-' && tar_in_block(in, &bytes, &len, &offset, &err) == 1 &&
	    len < 100)
		buf_fmt(out, " = %.*s", (int)len, (const char *)bytes);
	buf_char(out, '\n');
}

/* The one blob that is not yet a whole one. */
static int open_blob(struct shop *shop)
{
	struct err err = { 0 };
	int fd = fs_open_dir(shop->home.fd, "blobs/sha256", &err);
	OWN_DIR DIR *dir = fdopendir(fd);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "tmp-", 4) == 0)
			return openat(fd, entry->d_name, O_RDONLY | O_CLOEXEC);
	return -1;
}

static void list_layer(struct shop *shop, struct buf *out)
{
	OWN_FD int fd = open_blob(shop);
	struct archive_entry *entry;
	struct tar_in *in = NULL;
	struct err err = { 0 };

	assert_true(fd >= 0);
	assert_ok(tar_in_open(fd, TAR_NO_DIGESTS, &in, &err), &err);
	while (tar_in_next(in, &entry, &err) == 1)
		list_entry(in, entry, out);
	assert_ok(-err.code, &err);
	tar_in_close(in);
}

static int make_layer(struct shop *shop, struct copy_found *found,
		      const struct image *on, struct answer *answer)
{
	struct stage *stage = NULL;
	int place = -1;
	int r = stage_open(&shop->home, &stage, &answer->err);

	if (r == 0)
		r = copy_layer(shop->store, found, on, stage, &place,
			       &answer->err);
	answer->no_layer = r == 0 && place < 0;
	if (r == 0 && place >= 0) {
		list_layer(shop, &answer->listing);
		snprintf(answer->diff, sizeof(answer->diff), "%s",
			 stage_layer_at(stage, place)->diff);
	}
	stage_close(stage);
	return r;
}

static struct context *open_context(struct shop *shop, const char *folder)
{
	OWN_FREE char *path = scratch_path(shop->scratch, folder);
	const struct context_choice choice = { .path = path };
	struct context *context = NULL;
	struct err err = { 0 };

	assert_ok(context_open(&shop->home, &choice, &context, &err), &err);
	return context;
}

int ask(struct shop *shop, const struct ask *ask, struct answer *answer)
{
	OWN_STRS struct strs sources = { 0 };
	OWN_IMAGE struct image on = { 0 };
	OWN_IMAGE struct image from = { 0 };
	struct copy_found *found = NULL;
	struct copy_request request = {
		.add = ask->add,
		.late = ask->late,
		.sources = &sources,
		.dest = ask->dest,
		.chown = ask->chown,
		.chmod = ask->chmod,
		.cwd = ask->cwd,
		.heredocs = ask->heredoc,
		.heredoc_count = ask->heredoc != NULL,
		.from = ask->from ? &from : NULL,
		.context = ask->from ? NULL : open_context(shop, "ctx"),
	};
	int r = 0;

	*answer = (struct answer){ 0 };
	strs_split(&sources, ask->sources, '|');
	if (ask->on)
		r = image_find(shop->store, ask->on, &on, &answer->err);
	if (r == 0 && ask->from)
		r = image_find(shop->store, ask->from, &from, &answer->err);
	assert_ok(r, &answer->err);
	r = copy_find(shop->store, &request, &found, &answer->err);
	if (r == 0)
		r = make_layer(shop, found, ask->on ? &on : NULL, answer);
	if (r == 0)
		answer->sum = mem_str(copy_checksum(found));
	copy_free(found);
	context_close(request.context);
	return r;
}

void gives(struct shop *shop, const struct ask *what,
		  const char *listing)
{
	OWN_ANSWER struct answer answer;

	assert_ok(ask(shop, what, &answer), &answer.err);
	assert_string_equal(buf_text(&answer.listing), listing);
}

void fails(struct shop *shop, const struct ask *what,
		  const char *sentence)
{
	OWN_ANSWER struct answer answer;

	assert_true(ask(shop, what, &answer) < 0);
	assert_string_equal(answer.err.msg, sentence);
}

/* ---- what there is ---- */

static const struct tar_entry image[] = {
	{ .name = "app/",
	  .type = '5',
	  .mode = 0750,
	  .uid = 3,
	  .gid = 4,
	  .mtime = 100 },
	{ .name = "app/old", .type = '0', .content = "old", .mtime = 100 },
	{ .name = "link", .type = '2', .link = "app" },
	{ .name = "out", .type = '2', .link = "../../../../tmp/x" },
	{ .name = "file", .type = '0', .content = "x" },
	{ .name = "tmp/", .type = '5', .mode = 01777 },
	{ .name = "usr/", .type = '5' },
	{ .name = "usr/lib/", .type = '5' },
	{ .name = "usr/lib/f",
	  .type = '0',
	  .content = "lib",
	  .uid = 7,
	  .gid = 8,
	  .mode = 04755 },
	{ .name = "lib", .type = '2', .link = "usr/lib" },
	{ .name = "etc/", .type = '5' },
	{ .name = "etc/passwd",
	  .type = '0',
	  .content = "root:x:0:0::/:/bin/sh\nwww:x:33:99::/:/bin/sh\n" },
	{ .name = "etc/group",
	  .type = '0',
	  .content = "root:x:0:\nwww:x:34:\n" },
	{ 0 },
};

/* One home and one image for all tests; the context is each one's own. */
static struct scratch *common;
static struct shop common_shop;

void shop_make(struct scratch *scratch, struct shop *shop)
{
	struct err err = { 0 };
	void *made = NULL;

	need_overlay_in_userns();
	if (!common) {
		assert_int_equal(scratch_setup(&made), 0);
		common = made;
		shop_open(common, &common_shop);
		assert_ok(shop_import_entries(&common_shop, image, "t", &err),
			  &err);
	}
	*shop = common_shop;
	shop->scratch = scratch;
	scratch_write(scratch, "ctx/Dockerfile", "FROM t\n");
}

int close_common(void **state)
{
	void *made = common;
	struct err ignored = { 0 };

	(void)state;
	if (!common)
		return 0;
	/* Some of it belongs to ids of the image. */
	(void)userns_remove_tree(common_shop.home.fd, "layers", &ignored);
	shop_close(&common_shop);
	return scratch_teardown(&made);
}
