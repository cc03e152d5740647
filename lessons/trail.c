/* lessons/trail.c - see trail.h */
#include "lessons/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lessons/files.h"
#include "lessons/made.h"
#include "lessons/progress.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum {
	MOST_FILES = 300,
	MOST_BYTES = 256 << 10, /* of one */
	INDEX_MOST = 1 << 20,
};

/* before, now  {"path":{"content":HEX,"program":bool,"stamp":"size mtime inode"}} */
struct look {
	const struct trail *trail;
	const char *step;
	struct progress_log log;
	json_t *before;
	json_t *now;
	int files;
	bool changed;
};

static char *index_name(const char *id)
{
	return mem_fmt("%s.trail", id);
}

static char *content_name(const char *id, const char *hex)
{
	return mem_fmt("%s.history/%s", id, hex);
}

static json_t *read_index(const struct trail *trail)
{
	OWN_FREE char *name = index_name(trail->id);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 }; /* then all is new */
	json_t *json = NULL;

	if (fs_read(trail->folder_fd, name, INDEX_MOST, &text, &ignored) == 0)
		json = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		json = json_object();
	}
	return json;
}

static int write_index(const struct look *look, struct err *err)
{
	OWN_FREE char *name = index_name(look->trail->id);
	OWN_FREE char *text = json_dumps(look->now, JSON_COMPACT);

	return text ? fs_replace(look->trail->folder_fd, name, text,
				 strlen(text), 0600, false, err)
		    : 0;
}

static int keep_content(const struct look *look, const char *hex,
			const struct buf *content, struct err *err)
{
	const struct trail *trail = look->trail;
	OWN_FREE char *folder = mem_fmt("%s.history", trail->id);
	OWN_FREE char *name = content_name(trail->id, hex);
	int r = fs_make_dirs(trail->folder_fd, folder, 0700, err);

	if (r < 0 || fs_exists(trail->folder_fd, name))
		return r;
	return fs_replace(trail->folder_fd, name, buf_text(content),
			  content->len, 0600, false, err);
}

static int read_content(struct look *look, int fd, char hex[DIGEST_HEX + 1],
			struct err *err)
{
	OWN_BUF struct buf content = { 0 };
	char digest[DIGEST_SIZE];
	int r = fs_read_fd(fd, MOST_BYTES, &content, err);

	if (r < 0)
		return r;
	digest_of(buf_text(&content), content.len, digest);
	memcpy(hex, digest_hex(digest), DIGEST_HEX + 1);
	return keep_content(look, hex, &content, err);
}

static int see_file(void *ctx, int fd, const char *path, const struct stat *st,
		    struct err *err)
{
	struct look *look = ctx;
	const json_t *was = json_object_get(look->before, path);
	const char *old = json_string_value(json_object_get(was, "content"));
	OWN_FREE char *stamp = mem_fmt(
		"%lld %lld.%09ld %llu %o", (long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		(unsigned long long)st->st_ino, (unsigned)st->st_mode & 0777);
	bool program = st->st_mode & 0100;
	bool was_program = json_is_true(json_object_get(was, "program"));
	char hex[DIGEST_HEX + 1];
	int r;

	if (++look->files > MOST_FILES)
		return err_set(err, EFBIG, "too many files");
	if (st->st_size > MOST_BYTES || strchr(path, '\n'))
		return 0;
	if (old && strcmp(stamp, json_string_value(json_object_get(
					 was, "stamp"))) == 0) {
		json_object_set_new(look->now, path, json_deep_copy(was));
		return 0;
	}
	r = read_content(look, fd, hex, err);
	if (r < 0)
		return r;
	json_object_set_new(look->now, path,
			    json_pack("{s:s,s:s,s:b}", "content", hex, "stamp",
				      stamp, "program", program));
	look->changed = true;
	if (old && strcmp(old, hex) == 0 && program == was_program)
		return 0;
	return progress_log_note(&look->log, look->step,
				 json_pack("{s:s,s:s,s:b}", "file", path,
					   "content", hex, "program", program),
				 err);
}

static int note_gone(struct look *look, struct err *err)
{
	const char *path;
	json_t *value;
	int r = 0;

	json_object_foreach(look->before, path, value)
	{
		if (r < 0 || json_object_get(look->now, path))
			continue;
		look->changed = true;
		r = progress_log_note(&look->log, look->step,
				      json_pack("{s:s}", "gone", path), err);
	}
	return r;
}

void trail_look(const struct trail *trail, const char *step)
{
	struct look look = {
		.trail = trail,
		.step = step,
		.log = { trail->folder_fd, trail->id },
		.before = read_index(trail),
		.now = json_object(),
	};
	struct files_each each = { .ctx = &look, .file = see_file };
	struct err ignored = { 0 };

	if (files_walk(trail->work_fd, &each, &ignored) == 0 &&
	    note_gone(&look, &ignored) == 0 && look.changed)
		(void)write_index(&look, &ignored); /* noted twice, then */
	json_decref(look.before);
	json_decref(look.now);
}

/* What the step made before it was begun anew is told of once more: those lines of the
 * log do not count. */
static void forget_made(const char *step, struct strs *steps,
			struct strs *known)
{
	for (size_t k = steps->count; k-- > 0;) {
		if (strcmp(steps->items[k], step) == 0) {
			strs_remove(steps, k);
			strs_remove(known, k);
		}
	}
}

/* What the log tells of already. */
static int read_known(const struct progress_log *log, struct strs *out,
		      struct err *err)
{
	OWN_STRS struct strs steps = { 0 };
	json_t *all = NULL;
	int r = progress_log_all(log, &all, err);

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *entry = json_array_get(all, i);
		const char *step =
			json_string_value(json_object_get(entry, "step"));
		const char *made =
			json_string_value(json_object_get(entry, "made"));

		if (made && step) {
			strs_add(out, made);
			strs_add(&steps, step);
		} else if (step &&
			   json_is_null(json_object_get(entry, "line"))) {
			forget_made(step, &steps, out);
		}
	}
	json_decref(all);
	return r;
}

void trail_note_made(const struct trail *trail, const char *step,
		     const struct home *home, struct store *store)
{
	const struct progress_log log = { trail->folder_fd, trail->id };
	OWN_STRS struct strs known = { 0 };
	OWN_STRS struct strs made = { 0 };
	struct err ignored = { 0 };

	if (read_known(&log, &known, &ignored) < 0 ||
	    made_look(home, store, &known, &made, &ignored) < 0)
		return;
	for (size_t i = 0; i < made.count; i++)
		(void)progress_log_note(&log, step,
					json_pack("{s:s}", "made",
						  made.items[i]),
					&ignored);
}

void trail_begin_anew(int folder_fd, const char *id)
{
	OWN_FREE char *name = index_name(id);

	(void)unlinkat(folder_fd, name, 0); /* there need not be one */
}

int trail_forget(int folder_fd, const char *id, struct err *err)
{
	OWN_FREE char *folder = mem_fmt("%s.history", id);

	trail_begin_anew(folder_fd, id);
	return fs_remove_tree(folder_fd, folder, err);
}

int trail_open_content(int folder_fd, const char *id, const char *hex,
		       struct err *err)
{
	OWN_FREE char *name = content_name(id, hex);

	return fs_open(folder_fd, name, O_RDONLY | O_NOFOLLOW, 0, err);
}
