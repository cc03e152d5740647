/* images/copy_find.c - what the sources of COPY and ADD mean; see copy_private.h
 *
 * Order of the file: one source, the list of all, the list as bytes: what lies in
 * an image is found by a child that sees the image, and comes back through its
 * pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/copy_private.h"
#include "images/go_match.h"
#include "images/ignore.h"
#include "images/in_root.h"
#include "images/tarsum.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

const char *copy_verb(const struct copy_request *request)
{
	return request->add ? "ADD" : "COPY";
}

/* ---- the lists ---- */

struct copy_item *copy_add_item(struct copy_found *found, const char *path,
				const struct stat *st)
{
	struct copy_item *item;

	if (found->item_count == found->item_room) {
		found->item_room = found->item_room ? found->item_room * 2 : 16;
		found->items = mem_grow(found->items, found->item_room,
					sizeof(*found->items));
	}
	item = &found->items[found->item_count++];
	*item = (struct copy_item){
		.path = mem_str(path),
		.mode = st->st_mode,
		.size = st->st_size,
		.mtime = st->st_mtime,
		.changed_ns =
			st->st_ctim.tv_sec * 1000000000LL + st->st_ctim.tv_nsec,
		.device = st->st_dev,
		.inode = st->st_ino,
	};
	return item;
}

struct copy_source *copy_add_source(struct copy_found *found,
				    enum copy_kind kind, const char *name)
{
	struct copy_source *source;

	found->sources = mem_grow(found->sources, found->source_count + 1,
				  sizeof(*found->sources));
	source = &found->sources[found->source_count++];
	*source = (struct copy_source){
		.kind = kind,
		.name = mem_str(name),
		.first = found->item_count,
		.fd = -1,
	};
	return source;
}

/* ---- one source ---- */

static int fail(const struct copy_found *found, int code, const char *sentence,
		struct err *err)
{
	return err_docker(err, ERR_BARE, code, "%s failed: %s",
			  copy_verb(&found->request), sentence);
}

/* hidden: it is there, and .dockerignore says no. */
static int not_found(const struct copy_found *found,
		     const struct copy_root *root, const char *path,
		     bool hidden, struct err *err)
{
	OWN_FREE char *sentence = mem_fmt(
		"%sstat %s: file does not exist",
		root->of_image
			? ""
			: "file not found in build context or excluded by .dockerignore: ",
		path);

	(void)fail(found, ENOENT, sentence, err);
	return hidden ? err_hint(
				err,
				_("the file is there, and a line of .dockerignore leaves it out; a later line '!%s' brings it back"),
				path)
		      : -ENOENT;
}

static int forbidden(const struct copy_found *found, const char *path,
		     bool outside, struct err *err)
{
	OWN_FREE char *sentence = mem_fmt(
		"forbidden path outside the build context: %s ()", path);

	(void)fail(found, EINVAL, sentence, err);
	return outside ? err_hint(
				 err,
				 _("a build sees nothing outside of its context: give a folder above both as the context, and its Dockerfile with -f"))
		       : err_hint(err, _("a part of this path is no folder"));
}

static bool hides(void *arg, const char *path)
{
	return ignore_leaves_out(arg, path);
}

static char *last_word(const char *path)
{
	OWN_FREE char *clean = fs_clean_path(path);
	const char *slash = strrchr(clean, '/');

	return mem_str(slash ? slash + 1 : clean);
}

/* path: where it leads, beneath the root. */
static int add_source(struct copy_found *found, const struct copy_root *root,
		      const char *asked, const char *path, bool folder,
		      struct err *err)
{
	OWN_FREE char *name = last_word(asked);
	struct copy_source *source =
		copy_add_source(found, folder ? COPY_FOLDER : COPY_FILE, name);
	int r;

	source->path = mem_str(path);
	r = folder ? copy_walk_folder(found, root, path, err)
		   : copy_walk_file(found, root, path, err);
	if (r < 0)
		return r;
	source->count = found->item_count - source->first;
	/* A folder of which nothing is left is not there. */
	if (*path && !source->count)
		return not_found(found, root, asked, true, err);
	return 0;
}

static int find_path(struct copy_found *found, const struct copy_root *root,
		     const char *asked, struct err *err)
{
	union {
		const void *in;
		void *out;
	} ignore = { .in = root->ignore };
	const struct in_root_rule rule = { hides, ignore.out };
	OWN_FREE char *clean = fs_clean_path(asked);
	OWN_FREE char *real = NULL;
	const char *path;
	OWN_FD int fd = -1;
	struct stat st;
	int r;

	if (strcmp(clean, "..") == 0 || strncmp(clean, "../", 3) == 0)
		return forbidden(found, asked, true, err);
	if (root->root_fd < 0)
		return strcmp(clean, ".") == 0 || strcmp(clean, "/") == 0
			       ? add_source(found, root, asked, "", true, err)
			       : not_found(found, root, asked, false, err);
	r = in_root_follow(root->root_fd, clean, &rule, &real, err);
	if (r < 0)
		return forbidden(found, asked, false, err);
	path = real + 1;
	fd = in_root_open(root->root_fd, *path ? path : ".");
	if (fd < 0 && errno == ENOTDIR)
		return forbidden(found, asked, false, err);
	if (fd < 0 && errno != ENOENT)
		return err_errno(err, "open %s", path);
	/* A socket is in no archive, so in no context. */
	if (fd < 0 || fstat(fd, &st) < 0 || S_ISSOCK(st.st_mode))
		return not_found(found, root, asked, false, err);
	if (*path && ignore_leaves_out(root->ignore, path) &&
	    !(S_ISDIR(st.st_mode) && ignore_looks_into(root->ignore, path)))
		return not_found(found, root, asked, true, err);
	return add_source(found, root, asked, path, S_ISDIR(st.st_mode), err);
}

int copy_find_source(struct copy_found *found, const struct copy_root *root,
		     const char *source, struct err *err)
{
	OWN_STRS struct strs paths = { 0 };
	int r;

	source += *source == '/';
	source += strncmp(source, "./", 2) == 0 ? 2 : 0;
	if (!go_match_is_pattern(source))
		return find_path(found, root, source, err);
	r = copy_walk_match(root, source, &paths, err);
	for (size_t i = 0; i < paths.count && r == 0; i++)
		r = find_path(found, root, paths.items[i], err);
	return r;
}

/* ---- sums ---- */

/* Of the items of a folder, in the order of their sums. */
static char *sum_of_folder(const struct copy_found *found,
			   const struct copy_source *source)
{
	OWN_STRS struct strs sums = { 0 };

	for (size_t i = 0; i < source->count; i++)
		strs_add(&sums, found->items[source->first + i].sum);
	strs_sort(&sums);
	return tarsum_join("dir", &sums);
}

void copy_sum_up(struct copy_found *found)
{
	OWN_STRS struct strs sums = { 0 };

	for (size_t i = 0; i < found->source_count; i++) {
		struct copy_source *source = &found->sources[i];

		if (!source->sum && source->kind == COPY_FOLDER)
			source->sum = sum_of_folder(found, source);
		else if (!source->sum)
			source->sum = mem_fmt("file:%s",
					      found->items[source->first].sum);
		strs_add(&sums, source->sum);
	}
	found->checksum = found->source_count == 1
				  ? mem_str(sums.items[0])
				  : tarsum_join("multi", &sums);
}

/* ---- as bytes ---- */

static void put_number(struct buf *out, int64_t number)
{
	buf_add(out, &number, sizeof(number));
}

static void put_text(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text) + 1);
}

void copy_found_write(const struct copy_found *found, struct buf *out)
{
	put_number(out, (int64_t)found->source_count);
	for (size_t i = 0; i < found->source_count; i++) {
		const struct copy_source *source = &found->sources[i];

		put_number(out, source->kind);
		put_number(out, (int64_t)source->count);
		put_text(out, source->name);
		put_text(out, source->path);
	}
	put_number(out, (int64_t)found->item_count);
	for (size_t i = 0; i < found->item_count; i++) {
		const struct copy_item *item = &found->items[i];

		put_number(out, item->mode);
		put_number(out, item->size);
		put_number(out, item->mtime);
		put_number(out, item->changed_ns);
		put_number(out, (int64_t)item->device);
		put_number(out, (int64_t)item->inode);
		put_text(out, item->path);
		put_text(out, item->sum ? item->sum : "");
	}
}

/* at: what is left of the bytes. A child that died half way sent less. */
struct reader {
	const char *at;
	size_t left;
	bool failed;
};

static int64_t get_number(struct reader *reader)
{
	int64_t number = 0;

	if (reader->left < sizeof(number)) {
		reader->failed = true;
		return 0;
	}
	memcpy(&number, reader->at, sizeof(number));
	reader->at += sizeof(number);
	reader->left -= sizeof(number);
	return number;
}

/* Borrowed. */
static const char *get_text(struct reader *reader)
{
	const char *text = reader->at;
	const char *end = memchr(text, '\0', reader->left);

	if (!end) {
		reader->failed = true;
		return "";
	}
	reader->left -= (size_t)(end - text) + 1;
	reader->at = end + 1;
	return text;
}

static void get_item(struct copy_found *found, struct reader *reader)
{
	struct stat st = { 0 };
	struct copy_item *item;
	const char *sum;

	st.st_mode = (mode_t)get_number(reader);
	st.st_size = get_number(reader);
	st.st_mtime = get_number(reader);
	item = copy_add_item(found, "", &st);
	item->changed_ns = get_number(reader);
	item->device = (dev_t)get_number(reader);
	item->inode = (ino_t)get_number(reader);
	free(item->path);
	item->path = mem_str(get_text(reader));
	sum = get_text(reader);
	item->sum = *sum ? mem_str(sum) : NULL;
}

int copy_found_read(struct copy_found *found, const struct buf *from,
		    struct err *err)
{
	struct reader reader = { buf_text(from), from->len, false };
	size_t first = found->item_count;
	int64_t count = get_number(&reader);

	for (int64_t i = 0; i < count && !reader.failed; i++) {
		enum copy_kind kind = (enum copy_kind)get_number(&reader);
		size_t items = (size_t)get_number(&reader);
		struct copy_source *source =
			copy_add_source(found, kind, get_text(&reader));

		source->path = mem_str(get_text(&reader));
		source->first = first;
		source->count = items;
		first += items;
	}
	count = get_number(&reader);
	for (int64_t i = 0; i < count && !reader.failed; i++)
		get_item(found, &reader);
	if (reader.failed || first != found->item_count)
		return err_set(err, EIO,
			       _("the helper process ended without an answer"));
	return 0;
}
