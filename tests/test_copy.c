/* tests/test_copy.c - COPY and ADD: which files, what sum, what layer. A layer is
 * shown as its tar says it, an entry a line: type, mode, owner, name, content. */
#include "images/build_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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
#include "tests/tarball.h"

/* ---- what is asked ---- */

/* A request with its words. `sources`: "a|b". */
struct ask {
	const char *sources;
	const char *dest;
	const char *on;   /* "t", NULL: nothing below */
	const char *from; /* --from */
	const char *chown;
	const char *chmod;
	const char *cwd;
	bool add;
	bool late;
	struct heredoc *heredoc;
};

/* What came of it. */
struct answer {
	char *sum;
	struct buf listing;
	char diff[DIGEST_SIZE];
	struct err err;
	bool no_layer;
};

static void answer_done(struct answer *answer)
{
	free(answer->sum);
	buf_done(&answer->listing);
}
#define OWN_ANSWER __attribute__((cleanup(answer_done)))

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

static int ask(struct shop *shop, const struct ask *ask, struct answer *answer)
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

static void gives(struct shop *shop, const struct ask *what,
		  const char *listing)
{
	OWN_ANSWER struct answer answer;

	assert_ok(ask(shop, what, &answer), &answer.err);
	assert_string_equal(buf_text(&answer.listing), listing);
}

static void fails(struct shop *shop, const struct ask *what,
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

static void shop_make(struct scratch *scratch, struct shop *shop)
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

static int close_common(void **state)
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

/* ---- where things go ---- */

static void a_file_becomes_its_destination(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a", "A");
	scratch_write(*state, "ctx/d/b", "B");
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/new", .on = "t" },
	      "- 644 0:0 new = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n/m/", .on = "t" },
	      "d 755 0:0 n\nd 755 0:0 n/m\n- 644 0:0 n/m/a = A\n");
	/* A folder of the image stays as it is. */
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/link/", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "x/y", .cwd = "/tmp", .on = "t" },
	      "d 1777 0:0 tmp\nd 755 0:0 tmp/x\n- 644 0:0 tmp/x/y = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = ".", .cwd = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	/* A link out of the image ends in it. */
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/out", .on = "t" },
	      "d 1777 0:0 tmp\n- 644 0:0 tmp/x = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/../../e", .on = "t" },
	      "- 644 0:0 e = A\n");
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/x" },
	      "- 644 0:0 x = A\n");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/file/", .on = "t" },
	      "failed to copy files: failed to create new directory: mkdir /file: not a directory");
}

static void a_folder_gives_its_contents(void **state)
{
	struct shop shop;
	OWN_ANSWER struct answer none;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/d/b", "B");
	scratch_write(*state, "ctx/d/sub/c", "C");
	scratch_mkdir(*state, "ctx/empty");
	gives(&shop,
	      &(struct ask){ .sources = "d", .dest = "/new/x", .on = "t" },
	      "d 755 0:0 new\nd 755 0:0 new/x\n- 644 0:0 new/x/b = B\n"
	      "d 755 0:0 new/x/sub\n- 644 0:0 new/x/sub/c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "d/", .dest = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/b = B\nd 755 0:0 app/sub\n"
	      "- 644 0:0 app/sub/c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "d/sub", .dest = "/", .on = "t" },
	      "- 644 0:0 c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "empty", .dest = "/e", .on = "t" },
	      "d 755 0:0 e\n");
	assert_ok(ask(&shop,
		      &(struct ask){
			      .sources = "empty", .dest = "/app", .on = "t" },
		      &none),
		  &none.err);
	assert_true(none.no_layer);
	fails(&shop,
	      &(struct ask){ .sources = "d", .dest = "/file", .on = "t" },
	      "failed to copy files: failed to copy directory: mkdir /file: not a directory");
}

static void several_sources_need_a_folder(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a1", "1");
	scratch_write(*state, "ctx/a2", "2");
	scratch_write(*state, "ctx/[b]", "b");
	scratch_write(*state, "ctx/d1/x", "x");
	gives(&shop, &(struct ask){ .sources = "a?", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/a1 = 1\n- 644 0:0 n/a2 = 2\n");
	gives(&shop, &(struct ask){ .sources = "/[[]b]", .dest = "/n" },
	      "- 644 0:0 n = b\n");
	gives(&shop, &(struct ask){ .sources = "d*|./a1", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/x = x\n- 644 0:0 n/a1 = 1\n");
	gives(&shop, &(struct ask){ .sources = "d1/*", .dest = "/n" },
	      "- 644 0:0 n = x\n");
	fails(&shop, &(struct ask){ .sources = "a?", .dest = "/n" },
	      "When using COPY with more than one source file, the destination must be a directory and end with a /");
	fails(&shop,
	      &(struct ask){ .sources = "z*", .dest = "/n/", .add = true },
	      "ADD failed: no source files were specified");
}

/* ---- what is not found ---- */

static void nothing_outside_of_the_context_is_found(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	scratch_write(scratch, "secret", "s");
	scratch_write(scratch, "ctx/a", "A");
	scratch_write(scratch, "ctx/.dockerignore", "ignored\n");
	scratch_write(scratch, "ctx/ignored", "i");
	assert_int_equal(symlinkat("../secret", scratch->fd, "ctx/l"), 0);
	assert_int_equal(symlinkat("..", scratch->fd, "ctx/up"), 0);
	assert_int_equal(symlinkat("ignored", scratch->fd, "ctx/i"), 0);
	assert_int_equal(symlinkat("loop", scratch->fd, "ctx/loop"), 0);
	fails(&shop, &(struct ask){ .sources = "nosuch", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat nosuch: file does not exist");
	fails(&shop, &(struct ask){ .sources = "/ignored", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat ignored: file does not exist");
	fails(&shop, &(struct ask){ .sources = "i", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat i: file does not exist");
	fails(&shop, &(struct ask){ .sources = "l", .dest = "/", .add = true },
	      "ADD failed: file not found in build context or excluded by .dockerignore: stat l: file does not exist");
	fails(&shop, &(struct ask){ .sources = "up/secret", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat up/secret: file does not exist");
	fails(&shop, &(struct ask){ .sources = "../secret", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: ../secret ()");
	fails(&shop, &(struct ask){ .sources = "a/b", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: a/b ()");
	fails(&shop, &(struct ask){ .sources = "loop", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: loop ()");
	/* Links in a tree go along as they are; one that is named is followed. */
	gives(&shop, &(struct ask){ .sources = "up/a", .dest = "/b" },
	      "- 644 0:0 b = A\n");
	fails(&shop, &(struct ask){ .sources = "http://x/y", .dest = "/" },
	      "COPY failed: source can't be a URL for COPY");
}

static void what_is_ignored_stays_out(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/.dockerignore",
		      "*\n!docs/keep\n!src\n**/*.o\nDockerfile\n");
	scratch_write(*state, "ctx/docs/keep", "k");
	scratch_write(*state, "ctx/docs/other", "o");
	scratch_write(*state, "ctx/src/m.c", "c");
	scratch_write(*state, "ctx/src/m.o", "o");
	gives(&shop, &(struct ask){ .sources = ".", .dest = "/" },
	      "d 755 0:0 docs\n- 644 0:0 docs/keep = k\n"
	      "d 755 0:0 src\n- 644 0:0 src/m.c = c\n");
	gives(&shop, &(struct ask){ .sources = "*/*", .dest = "/x/" },
	      "d 755 0:0 x\n- 644 0:0 x/keep = k\n- 644 0:0 x/m.c = c\n");
}

/* ---- owners and modes ---- */

static void owners_are_looked_up_in_the_image(void **state)
{
	struct shop shop;
	OWN_FREE char *file = NULL;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a", "A");
	file = scratch_path(*state, "ctx/a");
	assert_int_equal(chmod(file, 06755), 0);
	gives(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n/",
			     .on = "t",
			     .chown = "www" },
	      "d 755 33:34 n\n- 755 33:34 n/a = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "/n", .on = "t", .chown = "5" },
	      "- 755 5:5 n = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n",
			     .on = "t",
			     .chown = "5:www",
			     .chmod = "4640" },
	      "- 640 5:34 n = A\n");
	fails(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n",
			     .on = "t",
			     .chown = "nosuch" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user nosuch: no such user: nosuch");
	fails(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "/n", .on = "t", .chown = ":33" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user : no such user: ");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n", .chown = "x" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user x: open /etc/passwd: no such file or directory");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n", .chmod = "64a" },
	      "invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777");
}

static void files_of_an_image_keep_their_owners(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	gives(&shop,
	      &(struct ask){ .sources = "/lib/f|/app/old",
			     .dest = "/n/",
			     .on = "t",
			     .from = "t" },
	      "d 755 0:0 n\n- 4755 7:8 n/f = lib\n- 644 0:0 n/old = old\n");
	gives(&shop,
	      &(struct ask){ .sources = "usr",
			     .dest = "/n",
			     .from = "t",
			     .chown = "1:2" },
	      "d 755 1:2 n\nd 755 1:2 n/lib\n- 755 1:2 n/lib/f = lib\n");
	fails(&shop,
	      &(struct ask){ .sources = "/nosuch", .dest = "/n", .from = "t" },
	      "COPY failed: stat nosuch: file does not exist");
}

static void a_tree_keeps_links_hard_links_and_fifos(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;
	OWN_FREE char *fifo = scratch_path(scratch, "ctx/d/p");

	shop_make(scratch, &shop);
	scratch_write(scratch, "ctx/d/a", "A");
	assert_int_equal(
		linkat(scratch->fd, "ctx/d/a", scratch->fd, "ctx/d/b", 0), 0);
	assert_int_equal(symlinkat("/etc/shadow", scratch->fd, "ctx/d/l"), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(chmod(fifo, 0600), 0);
	gives(&shop, &(struct ask){ .sources = "d", .dest = "/n" },
	      "d 755 0:0 n\n- 644 0:0 n/a = A\nh 644 0:0 n/b > n/a\n"
	      "l 777 0:0 n/l > /etc/shadow\np 600 0:0 n/p\n");
	gives(&shop, &(struct ask){ .sources = "d/a|d/b", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/a = A\n- 644 0:0 n/b = A\n");
}

static void a_later_source_replaces_an_earlier_one(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	assert_int_equal(mkdirat(scratch->fd, "ctx/1", 0755), 0);
	assert_int_equal(symlinkat("/etc", scratch->fd, "ctx/1/app"), 0);
	scratch_write(scratch, "ctx/2/app/f", "F");
	/* The link is gone when the folder comes, and nothing goes through it;
	 * the image's folder of the name, hidden by it, stays hidden. */
	gives(&shop, &(struct ask){ .sources = "1|2", .dest = "/", .on = "t" },
	      "l 777 0:0 app > /etc\nd 755 0:0 app\n"
	      "- 600 0:0 app/.wh..wh..opq\n- 644 0:0 app/f = F\n");
}

/* ---- heredocs ---- */

static void a_heredoc_is_a_file(void **state)
{
	struct shop shop;
	char name[] = "conf";
	char body[] = "a=1\n";
	struct heredoc heredoc = { .name = name, .body = body };

	shop_make(*state, &shop);
	gives(&shop,
	      &(struct ask){ .sources = "",
			     .dest = "/n/",
			     .heredoc = &heredoc,
			     .chown = "1" },
	      "d 755 1:1 n\n- 644 1:1 n/conf = a=1\n\n");
}

/* ---- checksums ---- */

/* Docker's own, recorded. */
static void sums_are_docker_s(void **state)
{
	struct shop shop;
	OWN_ANSWER struct answer file;
	OWN_ANSWER struct answer dir;
	OWN_ANSWER struct answer multi;
	static const struct tar_entry base[] = {
		{ .name = "a", .type = '0', .content = "" }, { 0 }
	};
	OWN_ANSWER struct answer of_image;
	struct err err = { 0 };

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/hello.txt", "hello\n");
	scratch_write(*state, "ctx/subdir/file2", "");
	scratch_write(*state, "ctx/dir2/file.b", "file.b");
	scratch_write(*state, "ctx/dir2/file2.b", "file2.b");
	scratch_write(*state, "ctx/dir2/file.c", "file.c");
	assert_ok(shop_import_entries(&shop, base, "a", &err), &err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "hello.txt", .dest = "." },
		      &file),
		  &file.err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "subdir/", .dest = "test/" },
		      &dir),
		  &dir.err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "dir2/*.b|dir2/*.c",
				     .dest = "/x/" },
		      &multi),
		  &multi.err);
	assert_ok(
		ask(&shop,
		    &(struct ask){ .sources = "/a", .dest = "/", .from = "a" },
		    &of_image),
		&of_image.err);
	assert_string_equal(
		file.sum,
		"file:7d1b8e6c9123955c22ae5efea6309bc3436ed116b03932f650caae30c06ab651");
	assert_string_equal(
		dir.sum,
		"dir:55149725020738295fd56684b99d5959d3e27498a500ea42d3ceac33ed295279");
	assert_string_equal(
		multi.sum,
		"multi:9566f2d00526c04fe17c5c2769055b1880d925053293bacfb24a96be68206a72");
	assert_string_equal(
		of_image.sum,
		"file:8ed9149243db0a696d4c0d681fdccc409cc244ce5456c9fb83549e5f3efd149a");
}

static void times_do_not_count_and_modes_do(void **state)
{
	struct shop shop;
	const struct ask what = { .sources = "d", .dest = "/d/" };
	OWN_FREE char *path = scratch_path(*state, "ctx/d/a");
	const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
	struct answer answers[3];

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/d/a", "A");
	assert_ok(ask(&shop, &what, &answers[0]), &answers[0].err);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_ok(ask(&shop, &what, &answers[1]), &answers[1].err);
	assert_int_equal(chmod(path, 0600), 0);
	assert_ok(ask(&shop, &what, &answers[2]), &answers[2].err);
	assert_string_equal(answers[0].sum, answers[1].sum);
	assert_string_not_equal(answers[1].sum, answers[2].sum);
	/* The same files with the same times are the same layer. */
	answer_done(&answers[0]);
	assert_ok(ask(&shop, &what, &answers[0]), &answers[0].err);
	assert_string_equal(answers[0].diff, answers[2].diff);
	for (size_t i = 0; i < 3; i++)
		answer_done(&answers[i]);
}

/* One pass gives what two passes give. */
static void sums_that_are_made_late_are_the_same(void **state)
{
	static const char *const sources[] = { ".", "d", "d/a",
					       "d/*|Dockerfile" };
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	scratch_write(scratch, "ctx/d/a", "A");
	scratch_write(scratch, "ctx/d/sub/c", "C");
	assert_int_equal(
		linkat(scratch->fd, "ctx/d/a", scratch->fd, "ctx/d/b", 0), 0);
	assert_int_equal(symlinkat("a", scratch->fd, "ctx/d/l"), 0);
	for (size_t i = 0; i < 4; i++) {
		struct ask what = { .sources = sources[i],
				    .dest = "/n/",
				    .on = "t" };
		OWN_ANSWER struct answer early;
		OWN_ANSWER struct answer late;

		assert_ok(ask(&shop, &what, &early), &early.err);
		what.late = true;
		assert_ok(ask(&shop, &what, &late), &late.err);
		assert_string_equal(early.sum, late.sum);
		assert_string_equal(early.diff, late.diff);
	}
}

/* ---- archives ---- */

static void write_tar(struct scratch *scratch, const char *path,
		      const struct tar_entry *entries)
{
	OWN_BUF struct buf tar = { 0 };
	OWN_FD int fd =
		openat(scratch->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	tarball_make(&tar, entries);
	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, tar.data, tar.len), 0);
}

static void add_unpacks_archives_as_they_are(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "./", .type = '5', .mode = 0700 },
		{ .name = "./lib/", .type = '2', .link = "elsewhere" },
		{ .name = "s/t",
		  .type = '0',
		  .content = "t",
		  .uid = 5,
		  .gid = 6,
		  .mode = 04755 },
		{ .name = "s/h", .type = '1', .link = "s/t" },
		{ .name = "s/old", .type = '1', .link = "app/old" },
		{ .name = "app/", .type = '5', .mode = 0711, .uid = 9 },
		{ .name = "link/in", .type = '0', .content = "in" },
		{ 0 },
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/any.name", entries);
	gives(&shop,
	      &(struct ask){ .sources = "any.name",
			     .dest = "/",
			     .on = "t",
			     .add = true,
			     .chown = "1" },
	      "l 644 0:0 lib > elsewhere\n"
	      "d 755 0:0 s\n- 4755 5:6 s/t = t\nh 644 0:0 s/h > s/t\n"
	      "d 750 3:4 app\n- 644 0:0 app/old = old\nh 644 0:0 s/old > app/old\n"
	      "d 711 9:0 app\n- 644 0:0 app/in = in\n");
	/* COPY copies. */
	gives(&shop,
	      &(struct ask){
		      .sources = "Dockerfile", .dest = "/D", .add = true },
	      "- 644 0:0 D = FROM t\n\n");
}

static void links_of_the_image_are_followed_and_kept(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "lib/new", .type = '0', .content = "n" },
		{ .name = "/abs", .type = '0', .content = "a" },
		{ 0 },
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/a.tar", entries);
	/* lib is a link to usr/lib in the image. */
	gives(&shop,
	      &(struct ask){
		      .sources = "a.tar", .dest = "/", .on = "t", .add = true },
	      "d 755 0:0 usr\nd 755 0:0 usr/lib\n- 644 0:0 usr/lib/new = n\n"
	      "- 644 0:0 abs = a\n");
	gives(&shop,
	      &(struct ask){ .sources = "a.tar",
			     .dest = "/new/d",
			     .on = "t",
			     .add = true },
	      "d 755 0:0 new\nd 755 0:0 new/d\nd 755 0:0 new/d/lib\n"
	      "- 644 0:0 new/d/lib/new = n\n- 644 0:0 new/d/abs = a\n");
}

static void hostile_archives_stay_where_they_are_put(void **state)
{
	static const struct tar_entry up[] = {
		{ .name = "../evil", .type = '0', .content = "e" }, { 0 }
	};
	static const struct tar_entry through[] = {
		{ .name = "l", .type = '2', .link = "../../../../etc" },
		{ .name = "l/evil", .type = '0', .content = "e" },
		{ 0 },
	};
	static const struct tar_entry nowhere[] = {
		{ .name = "h", .type = '1', .link = "../../etc/shadow" }, { 0 }
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/up.tar", up);
	write_tar(*state, "ctx/through.tar", through);
	write_tar(*state, "ctx/nowhere.tar", nowhere);
	fails(&shop,
	      &(struct ask){ .sources = "up.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "failed to copy files: Error processing tar file(exit status 1): \"../evil\" is outside of \"/\"");
	gives(&shop,
	      &(struct ask){ .sources = "through.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "d 755 0:0 x\nl 644 0:0 x/l > ../../../../etc\n"
	      "d 755 0:0 x/etc\n- 644 0:0 x/etc/evil = e\n");
	fails(&shop,
	      &(struct ask){ .sources = "nowhere.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "failed to copy files: Error processing tar file(exit status 1): \"../../etc/shadow\" is outside of \"/\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_file_becomes_its_destination),
		TEST_IN_SCRATCH(a_folder_gives_its_contents),
		TEST_IN_SCRATCH(several_sources_need_a_folder),
		TEST_IN_SCRATCH(nothing_outside_of_the_context_is_found),
		TEST_IN_SCRATCH(what_is_ignored_stays_out),
		TEST_IN_SCRATCH(owners_are_looked_up_in_the_image),
		TEST_IN_SCRATCH(files_of_an_image_keep_their_owners),
		TEST_IN_SCRATCH(a_tree_keeps_links_hard_links_and_fifos),
		TEST_IN_SCRATCH(a_later_source_replaces_an_earlier_one),
		TEST_IN_SCRATCH(a_heredoc_is_a_file),
		TEST_IN_SCRATCH(sums_are_docker_s),
		TEST_IN_SCRATCH(times_do_not_count_and_modes_do),
		TEST_IN_SCRATCH(sums_that_are_made_late_are_the_same),
		TEST_IN_SCRATCH(add_unpacks_archives_as_they_are),
		TEST_IN_SCRATCH(links_of_the_image_are_followed_and_kept),
		TEST_IN_SCRATCH(hostile_archives_stay_where_they_are_put),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, close_common);
}
