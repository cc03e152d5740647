/* lessons/submission_make.c - see submission.h: a learner's work into one archive
 *
 * Everything in it is put in an order of its own, with no time but those of the
 * commands, so that the same work is the same archive. */
#include "lessons/submission.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/tar_out.h"
#include "lessons/commands.h"
#include "lessons/files.h"
#include "lessons/machine.h"
#include "lessons/progress.h"
#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

/* What is gathered before a byte is written.
 *
 * log       all that was noted; `used`: what of it counts
 * contents  digests of history/, each once */
struct making {
	const struct submission_from *from;
	struct submission_made *made;
	struct tar_out *tar;
	int progress_fd;
	int work_fd;
	uint64_t seed;
	char version[DIGEST_SIZE];
	char files[DIGEST_SIZE];
	char prev[DIGEST_SIZE];
	struct progress progress;
	json_t *log;
	json_t *used;
	struct strs contents;
	struct buf commands;
	struct buf evidence;
};

static void making_done(struct making *making)
{
	tar_out_close(making->tar);
	if (making->progress_fd >= 0)
		close(making->progress_fd);
	if (making->work_fd >= 0)
		close(making->work_fd);
	progress_done(&making->progress);
	json_decref(making->log);
	json_decref(making->used);
	strs_done(&making->contents);
	buf_done(&making->commands);
	buf_done(&making->evidence);
}

/* ---- what is there ---- */

static int open_work(struct making *making, struct err *err)
{
	OWN_FREE char *path = mem_fmt("lessons/worlds/%s/work",
				      making->from->id);
	int fd = openat(making->from->base->fd, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open %s/%s", making->from->base->path,
				 path);
	making->work_fd = fd;
	return 0;
}

static int open_all(struct making *making, struct err *err)
{
	const struct submission_from *from = making->from;
	struct progress_log log;
	int r;

	making->progress_fd = progress_folder(from->base, err);
	if (making->progress_fd < 0)
		return making->progress_fd;
	log = (struct progress_log){ making->progress_fd, from->id };
	r = progress_read(making->progress_fd, from->id, &making->progress,
			  err);
	if (r < 0)
		return r;
	if (!*making->progress.step) {
		err_set(err, ENOENT, _("nothing was done in lesson '%s' yet"),
			from->id);
		return err_hint(err, _("'learn %s' begins it"), from->id);
	}
	r = progress_seed(from->base, from->id, &making->seed, err);
	if (r == 0)
		r = progress_log_all(&log, &making->log, err);
	if (r == 0)
		r = submission_version(from->dir, making->version, err);
	return r < 0 ? r : open_work(making, err);
}

/* ---- commands ---- */

static const char *text_in(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static bool is_mark(const json_t *entry)
{
	return json_is_null(json_object_get(entry, "line"));
}

/* What stands before the last beginning of its step does not count. */
static void choose(struct making *making)
{
	making->used = json_array();
	for (size_t i = 0; i < json_array_size(making->log); i++) {
		json_t *entry = json_array_get(making->log, i);
		const char *step = text_in(entry, "step");

		if (!is_mark(entry)) {
			json_array_append(making->used, entry);
			continue;
		}
		for (size_t k = json_array_size(making->used); k-- > 0;) {
			if (strcmp(text_in(json_array_get(making->used, k),
					   "step"),
				   step) == 0)
				json_array_remove(making->used, k);
		}
	}
}

static void add_history(struct making *making, const json_t *entry)
{
	const char *content = text_in(entry, "content");
	OWN_FREE char *whole = mem_fmt("sha256:%s", content);

	if (digest_is_valid(whole) && !strs_has(&making->contents, content))
		strs_add(&making->contents, content);
}

/* Takes the JSON of the next link. */
static void add_link(struct making *making, json_t *link)
{
	OWN_FREE char *text = NULL;

	json_object_set_new(link, "prev",
			    json_string(digest_hex(making->prev)));
	text = json_dumps(link, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(link);
	if (!text) /* never: all of it came from JSON */
		return;
	digest_of(text, strlen(text), making->prev);
	buf_fmt(&making->evidence, "%s\n", text);
}

/* The last answer to a goal that is met was the right one. */
static bool was_right(const struct making *making, size_t at)
{
	const json_t *entry = json_array_get(making->used, at);
	OWN_FREE char *key = mem_fmt("%s/%s", text_in(entry, "step"),
				     text_in(entry, "goal"));

	for (size_t i = at + 1; i < json_array_size(making->used); i++) {
		const json_t *later = json_array_get(making->used, i);

		if (strcmp(text_in(later, "goal"), text_in(entry, "goal")) ==
			    0 &&
		    strcmp(text_in(later, "step"), text_in(entry, "step")) == 0)
			return false;
	}
	return strs_has(&making->progress.met, key);
}

static void add_entry(struct making *making, size_t at, const char *before)
{
	const json_t *entry = json_array_get(making->used, at);
	const json_t *line = json_object_get(entry, "line");
	const json_t *answer = json_object_get(entry, "answer");
	OWN_FREE char *text = NULL;
	OWN_FREE char *step = mem_str(text_in(entry, "step"));
	OWN_FREE char *content = mem_str(text_in(entry, "content"));
	struct command command = { .step = step, .content = content,
				   .status = -1, .ms = -1 };

	if (json_object_get(entry, "file")) {
		command.kind = COMMAND_FILE;
		command.program =
			json_is_true(json_object_get(entry, "program"));
		text = mem_str(text_in(entry, "file"));
		add_history(making, entry);
	} else if (json_object_get(entry, "gone")) {
		command.kind = COMMAND_GONE;
		text = mem_str(text_in(entry, "gone"));
	} else if (json_object_get(entry, "made")) {
		command.kind = COMMAND_MADE;
		text = mem_str(text_in(entry, "made"));
	} else if (answer) {
		text = mem_fmt("answer %s", json_string_value(answer));
		command.status = was_right(making, at) ? 0 : 1;
		making->made->commands++;
	} else if (line) {
		text = mem_str(json_string_value(line));
		while (*text && text[strlen(text) - 1] == '\n')
			text[strlen(text) - 1] = '\0';
		command.status = (int)json_integer_value(
			json_object_get(entry, "status"));
		command.ms = json_integer_value(json_object_get(entry, "ms"));
		making->made->commands++;
	} else {
		return;
	}
	command.time_s = json_integer_value(json_object_get(entry, "time"));
	command.text = text;
	commands_add(&making->commands, &command, before);
	if (command.kind == COMMAND_LINE)
		add_link(making,
			 json_pack("{s:I,s:s,s:I,s:i,s:s}", "at",
				   (json_int_t)command.time_s, "line", text,
				   "ms", (json_int_t)command.ms, "status",
				   command.status, "step", step));
}

/* A line of a comment is none of a script; what was typed in a step that a newer
 * edition no longer has stays as it is. */
static void write_commands(struct making *making)
{
	OWN_STRS struct strs can = { 0 };
	const char *before = NULL;

	/* Two forms of a step are two ways to be graded. */
	machine_remembered(&making->progress.vars, &can);
	commands_begin(&making->commands, making->from->id, making->seed, &can);
	submission_chain_begin(making->from->id, making->version, making->seed,
			       making->prev);
	choose(making);
	for (size_t i = 0; i < json_array_size(making->used); i++) {
		const json_t *entry = json_array_get(making->used, i);
		const char *line = text_in(entry, "line");

		if (*line == '#' || (*line && line[strspn(line, " \t\n")] == 0))
			continue;
		add_entry(making, i, before);
		before = text_in(entry, "step");
	}
	strs_sort(&making->contents);
}

/* ---- the archive ---- */

static int pack_bytes(struct making *making, int fd, const char *path,
		      long long left, struct err *err)
{
	char bytes[65536];

	while (left > 0) {
		ssize_t got = read(fd, bytes, sizeof(bytes));
		size_t len;
		int r;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read %s", path);
		if (got == 0)
			return err_set(err, EAGAIN,
				       _("'%s' has become shorter while it "
					 "was read"),
				       path);
		len = got > left ? (size_t)left : (size_t)got;
		r = tar_out_bytes(making->tar, bytes, len, err);
		if (r < 0)
			return r;
		left -= (long long)len;
	}
	return 0;
}

static int pack_file(void *ctx, int fd, const char *path, const struct stat *st,
		     struct err *err)
{
	struct making *making = ctx;
	OWN_FREE char *name = mem_fmt("files/%s", path);
	const struct tar_item item = { .name = name,
				       .mode = st->st_mode & 0100 ? 0755
								  : 0644,
				       .size = st->st_size };
	int r = tar_out_item(making->tar, &item, err);

	making->made->files++;
	making->made->bytes += st->st_size;
	return r < 0 ? r : pack_bytes(making, fd, path, st->st_size, err);
}

static int pack_folder(void *ctx, const char *path, struct err *err)
{
	struct making *making = ctx;
	OWN_FREE char *name = mem_fmt("files/%s/", path);
	const struct tar_item item = { .name = name };

	return tar_out_item(making->tar, &item, err);
}

static int leave_out(void *ctx, const char *path, const char *what,
		     struct err *err)
{
	struct making *making = ctx;

	(void)err;
	strs_addf(&making->made->left, _("'%s' is %s: only files are packed"),
		  path, what);
	return 0;
}

static int pack_history(struct making *making, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < making->contents.count && r == 0; i++) {
		const char *hex = making->contents.items[i];
		OWN_FREE char *name = mem_fmt("history/%s", hex);
		OWN_BUF struct buf text = { 0 };
		OWN_FD int fd = trail_open_content(making->progress_fd,
						   making->from->id, hex, err);

		if (fd < 0)
			return fd;
		r = fs_read_fd(fd, FILES_MOST_BYTES, &text, err);
		if (r == 0)
			r = tar_out_text(making->tar, name, buf_text(&text),
					 text.len, 0, err);
	}
	return r;
}

static int pack_about(struct making *making, struct err *err)
{
	const struct submission_from *from = making->from;
	OWN_FREE char *seed = mem_fmt("%" PRIx64, making->seed);
	json_t *json = json_pack(
		"{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "format", SUBMISSION_FORMAT,
		"lesson", from->id, "version", making->version, "seed", seed,
		"lang", from->lang, "student",
		from->student ? from->student : "", "head", making->prev);
	OWN_FREE char *text =
		json ? json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
	OWN_FREE char *whole = text ? mem_fmt("%s\n", text) : NULL;

	json_decref(json);
	if (!whole)
		return err_set(err, EILSEQ, _("the name is not UTF-8"));
	return tar_out_text(making->tar, "submission.json", whole,
			    strlen(whole), 0, err);
}

static int pack(struct making *making, struct err *err)
{
	const struct files_each each = { .ctx = making,
					 .file = pack_file,
					 .folder = pack_folder,
					 .other = leave_out };
	int r = pack_about(making, err);

	if (r == 0)
		r = tar_out_text(making->tar, "commands.dsh",
				 buf_text(&making->commands),
				 making->commands.len, 0, err);
	if (r == 0)
		r = tar_out_text(making->tar, "evidence.jsonl",
				 buf_text(&making->evidence),
				 making->evidence.len, 0, err);
	if (r == 0)
		r = tar_out_item(making->tar,
				 &(struct tar_item){ .name = "files/" }, err);
	if (r == 0)
		r = files_walk(making->work_fd, &each, err);
	if (r == 0)
		r = pack_history(making, err);
	return r < 0 ? r : tar_out_end(making->tar, err);
}

int submission_make(const struct submission_from *from, int fd,
		    struct submission_made *out, struct err *err)
{
	struct making making = { .from = from, .made = out, .progress_fd = -1,
				 .work_fd = -1 };
	int r = open_all(&making, err);

	if (r == 0) {
		write_commands(&making);
		r = files_digest(making.work_fd, FILES_PLAIN, making.files, err);
	}
	if (r == 0 && making.commands.len > COMMANDS_MOST_BYTES)
		r = err_set(err, EFBIG,
			    _("commands.dsh has more than %d KiB, the limit"),
			    COMMANDS_MOST_BYTES >> 10);
	if (r == 0) {
		add_link(&making,
			 json_pack("{s:s}", "files", making.files));
		memcpy(out->head, making.prev, DIGEST_SIZE);
		r = tar_out_open(fd, NULL, &making.tar, err);
	}
	if (r == 0)
		r = pack(&making, err);
	making_done(&making);
	return r;
}
