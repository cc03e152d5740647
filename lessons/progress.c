/* lessons/progress.c - see progress.h */
#include "lessons/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define RECORD_MAX_BYTES (1 << 20)
#define LOG_MAX_BYTES (16 << 20)

void progress_init(struct progress *progress)
{
	*progress = (struct progress){
		.step = mem_str(""),
		.answers = json_object(),
		.hints = json_object(),
	};
}

void progress_done(struct progress *progress)
{
	free(progress->step);
	strs_done(&progress->met);
	strs_done(&progress->vars);
	strs_done(&progress->seen);
	json_decref(progress->answers);
	json_decref(progress->hints);
	*progress = (struct progress){ 0 };
}

/* ---- a record ---- */

static json_t *list_of(const struct strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strs->count; i++)
		json_array_append_new(list, json_string(strs->items[i]));
	return list;
}

static void read_list(const json_t *list, struct strs *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text)
			strs_add(out, text);
	}
}

static void read_object(const json_t *json, const char *key, json_t **out)
{
	json_t *found = json_object_get(json, key);

	if (!json_is_object(found))
		return;
	json_decref(*out);
	*out = json_incref(found);
}

static void read_record(const json_t *json, struct progress *out)
{
	const char *step = json_string_value(json_object_get(json, "step"));

	free(out->step);
	out->step = mem_str(step ? step : "");
	out->phase = (enum progress_phase)json_integer_value(
		json_object_get(json, "phase"));
	out->asked = (int)json_integer_value(json_object_get(json, "asked"));
	out->seen_start =
		(size_t)json_integer_value(json_object_get(json, "seen_start"));
	out->log_from = json_integer_value(json_object_get(json, "log_from"));
	out->builds_before =
		json_integer_value(json_object_get(json, "builds_before"));
	out->started_ns =
		json_integer_value(json_object_get(json, "started_ns"));
	out->finished_ns =
		json_integer_value(json_object_get(json, "finished_ns"));
	out->best = (int)json_integer_value(json_object_get(json, "best"));
	out->done_ns = json_integer_value(json_object_get(json, "done_ns"));
	read_list(json_object_get(json, "met"), &out->met);
	read_list(json_object_get(json, "vars"), &out->vars);
	read_list(json_object_get(json, "seen"), &out->seen);
	read_object(json, "answers", &out->answers);
	read_object(json, "hints", &out->hints);
}

int progress_read(int folder_fd, const char *id, struct progress *out,
		  struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.json", id);
	OWN_FREE char *aside = mem_fmt("%s.json.broken", id);
	OWN_BUF struct buf text = { 0 };
	struct progress progress;
	struct err failed = { 0 };
	json_t *json;
	int r = fs_read(folder_fd, name, RECORD_MAX_BYTES, &text, &failed);

	if (r < 0 && r != -ENOENT) {
		*err = failed;
		return r;
	}
	progress_init(&progress);
	json = r < 0 ? NULL : json_loadb(buf_text(&text), text.len, 0, NULL);
	if (json_is_object(json))
		read_record(json, &progress);
	else if (r == 0)
		(void)renameat(folder_fd, name, folder_fd, aside);
	json_decref(json);
	*out = progress;
	return 0;
}

int progress_write(int folder_fd, const char *id,
		   const struct progress *progress, bool durable,
		   struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.json", id);
	json_t *json = json_pack(
		"{s:i,s:s,s:i,s:i,s:I,s:I,s:I,s:I,s:I,s:i,s:I,s:o,s:o,s:o,s:O,s:O}",
		"format", 1, "step", progress->step, "phase",
		(int)progress->phase, "asked", progress->asked, "seen_start",
		(json_int_t)progress->seen_start, "log_from",
		(json_int_t)progress->log_from, "builds_before",
		(json_int_t)progress->builds_before, "started_ns",
		(json_int_t)progress->started_ns, "finished_ns",
		(json_int_t)progress->finished_ns, "best", progress->best,
		"done_ns", (json_int_t)progress->done_ns, "met",
		list_of(&progress->met), "vars", list_of(&progress->vars),
		"seen", list_of(&progress->seen), "answers", progress->answers,
		"hints", progress->hints);
	OWN_FREE char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;

	json_decref(json);
	if (!text)
		return err_set(err, EILSEQ, _("progress that is not UTF-8"));
	return fs_replace(folder_fd, name, text, strlen(text), 0600, durable,
			  err);
}

static int unlink_one(int folder_fd, const char *id, const char *kind,
		      struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.%s", id, kind);

	if (unlinkat(folder_fd, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "unlink %s", name);
	return 0;
}

int progress_begin_again(int folder_fd, const char *id,
			 struct progress *progress, struct err *err)
{
	struct progress fresh;
	int r;

	progress_init(&fresh);
	fresh.best = progress->best;
	fresh.done_ns = progress->done_ns ? progress->done_ns
					  : progress->finished_ns;
	r = progress_write(folder_fd, id, &fresh, true, err);
	if (r < 0) {
		progress_done(&fresh);
		return r;
	}
	progress_done(progress);
	*progress = fresh;
	r = unlink_one(folder_fd, id, "log", err);
	return r < 0 ? r : trail_forget(folder_fd, id, err);
}

int progress_forget(int folder_fd, const char *id, struct err *err)
{
	int r = unlink_one(folder_fd, id, "json", err);

	if (r == 0)
		r = unlink_one(folder_fd, id, "log", err);
	return r < 0 ? r : trail_forget(folder_fd, id, err);
}

int progress_lock(int folder_fd, const char *id, struct err *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	OWN_FREE char *name = mem_fmt("%s.lock", id);
	OWN_FD int fd = fs_open(folder_fd, name, O_RDWR | O_CREAT, 0600, err);

	if (fd < 0)
		return fd;
	/* This process' own: what it starts meanwhile, and lives on, has it not. */
	while (fcntl(fd, F_SETLKW, &whole) < 0) {
		if (errno != EINTR)
			return err_errno(err, "lock %s", name);
	}
	return own_give_fd(&fd);
}

/* ---- the lines typed ---- */

/* Takes the object. */
static int log_write(const struct progress_log *log, json_t *json,
		     struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.log", log->id);
	OWN_FREE char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	OWN_FREE char *whole = text ? mem_fmt("%s\n", text) : NULL;
	OWN_FD int fd = -1;

	json_decref(json);
	if (!whole)
		return 0; /* a line that is not UTF-8 was no command */
	fd = fs_open(log->folder_fd, name, O_WRONLY | O_APPEND | O_CREAT, 0600,
		     err);
	if (fd < 0)
		return fd;
	if (fs_write_all(fd, whole, strlen(whole)) < 0)
		return err_errno(err, "write %s", name);
	return 0;
}

static json_int_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int progress_log_add(const struct progress_log *log,
		     const struct progress_line *line, struct err *err)
{
	return log_write(log,
			 json_pack("{s:I,s:s,s:i,s:I,s:s?}", "time", now_s(),
				   "step", line->step, "status", line->status,
				   "ms", (json_int_t)line->ms, "line",
				   line->line),
			 err);
}

int progress_log_note(const struct progress_log *log, const char *step,
		      json_t *json, struct err *err)
{
	json_object_set_new(json, "time", json_integer(now_s()));
	json_object_set_new(json, "step", json_string(step));
	return log_write(log, json, err);
}

long long progress_log_size(const struct progress_log *log)
{
	OWN_FREE char *name = mem_fmt("%s.log", log->id);
	struct stat st;

	return fstatat(log->folder_fd, name, &st, 0) < 0 ? 0 : st.st_size;
}

/* Takes one line of the log. */
static void take_line(const char *text, const char *step, json_t *out)
{
	json_t *json = json_loads(text, 0, NULL);
	const char *of = json_string_value(json_object_get(json, "step"));

	if (of && strcmp(of, step) == 0) {
		const json_t *line = json_object_get(json, "line");

		if (json_is_string(line))
			json_array_append(out, json);
		else if (line)
			json_array_clear(out);
	}
	json_decref(json);
}

static int log_read(const struct progress_log *log, long long from,
		    struct strs *out, struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.log", log->id);
	OWN_BUF struct buf text = { 0 };
	OWN_FD int fd = openat(log->folder_fd, name, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0 && errno != ENOENT)
		return err_errno(err, "open %s", name);
	if (fd >= 0) {
		if (lseek(fd, from, SEEK_SET) < 0)
			return err_errno(err, "lseek %s", name);
		r = fs_read_fd(fd, LOG_MAX_BYTES, &text, err);
		if (r < 0)
			return r;
	}
	strs_split(out, buf_text(&text), '\n');
	return 0;
}

int progress_log_lines(const struct progress_log *log, long long from,
		       const char *step, json_t **out, struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	int r = log_read(log, from, &lines, err);

	if (r < 0)
		return r;
	*out = json_array();
	for (size_t i = 0; i < lines.count; i++)
		take_line(lines.items[i], step, *out);
	return 0;
}

int progress_log_all(const struct progress_log *log, json_t **out,
		     struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	int r = log_read(log, 0, &lines, err);

	if (r < 0)
		return r;
	*out = json_array();
	for (size_t i = 0; i < lines.count; i++) {
		json_t *one = json_loads(lines.items[i], 0, NULL);

		if (one) /* else it was cut short by a kill */
			json_array_append_new(*out, one);
	}
	return 0;
}

int progress_log_read(const struct progress_log *log, long long from,
		      const char *step, struct strs *out, struct err *err)
{
	json_t *lines = NULL;
	int r = progress_log_lines(log, from, step, &lines, err);

	for (size_t i = 0; i < json_array_size(lines); i++)
		strs_add(out, json_string_value(json_object_get(
				      json_array_get(lines, i), "line")));
	json_decref(lines);
	return r;
}

/* ---- the learner ---- */

int progress_folder(const struct home *home, struct err *err)
{
	int r = fs_make_dirs(home->fd, "lessons/progress", 0700, err);

	return r < 0 ? r : fs_open_dir(home->fd, "lessons/progress", err);
}

static int make_learner(const struct home *home, char out[17], struct err *err)
{
	uint64_t seed = 0;
	int r = fs_make_dirs(home->fd, "lessons", 0700, err);

	if (r < 0)
		return r;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return err_errno(err, "getrandom");
	snprintf(out, 17, "%016llx", (unsigned long long)seed);
	return fs_replace(home->fd, "lessons/learner", out, 16, 0600, true,
			  err);
}

/* FNV-1a, 64 bits: draft-eastlake-fnv. */
static uint64_t mix(uint64_t seed, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL ^ seed;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

int progress_seed(const struct home *home, const char *id, uint64_t *out,
		  struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	char learner[17] = "";
	struct err missing = { 0 };
	int r = fs_read(home->fd, "lessons/learner", 4096, &text, &missing);

	if (r == 0 && text.len >= 16)
		snprintf(learner, sizeof(learner), "%.16s", buf_text(&text));
	else
		r = make_learner(home, learner, err);
	if (r < 0)
		return r;
	*out = mix(strtoull(learner, NULL, 16), id);
	return 0;
}

static int read_id(const struct home *home, const char *name, char **out,
		   struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err failed = { 0 };
	int r = fs_read(home->fd, name, 4096, &text, &failed);
	const char *id = buf_text(&text);

	if (r < 0 && r != -ENOENT) {
		*err = failed;
		return r;
	}
	*out = *id ? mem_strn(id, strcspn(id, "\n")) : NULL;
	return 0;
}

int progress_current(const struct home *home, char **out, struct err *err)
{
	return read_id(home, "lessons/current", out, err);
}

int progress_left(const struct home *home, char **out, struct err *err)
{
	return read_id(home, "lessons/left", out, err);
}

int progress_set_current(const struct home *home, const char *id,
			 struct err *err)
{
	OWN_FREE char *line = id ? mem_fmt("%s\n", id) : NULL;
	int r = fs_make_dirs(home->fd, "lessons", 0700, err);

	if (r < 0)
		return r;
	if (line)
		return fs_replace(home->fd, "lessons/current", line,
				  strlen(line), 0600, true, err);
	if (renameat(home->fd, "lessons/current", home->fd, "lessons/left") < 0 &&
	    errno != ENOENT)
		return err_errno(err, "rename lessons/current");
	return 0;
}
