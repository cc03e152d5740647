/* lessons/notebook.c - see notebook.h */
#include "lessons/notebook.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/progress.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define PLACE "lessons/notebook"
#define FILE_MAX_BYTES (8 << 20)
/* The name of no lesson's entry: those have one dot. */
#define NOTES "own.notes.json"

int notebook_folder(const struct home *home, struct err *err)
{
	int r = fs_make_dirs(home->fd, PLACE, 0700, err);

	return r < 0 ? r : fs_open_dir(home->fd, PLACE, err);
}

/* ---- files ---- */

/* *out NULL where there is none. What is broken makes way, and stays. */
static int read_file(int folder_fd, const char *name, json_t **out,
		     struct err *err)
{
	OWN_FREE char *aside = mem_fmt("%s.broken", name);
	OWN_BUF struct buf text = { 0 };
	struct err failed = { 0 };
	int r = fs_read(folder_fd, name, FILE_MAX_BYTES, &text, &failed);

	*out = NULL;
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		*err = failed;
		return r;
	}
	*out = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	if (renameat(folder_fd, name, folder_fd, aside) < 0)
		return err_errno(err, "rename %s", name);
	return 0;
}

static int write_file(int folder_fd, const char *name, const json_t *json,
		      struct err *err)
{
	OWN_FREE char *text = json_dumps(json, JSON_INDENT(1));

	if (!text)
		return err_set(err, EILSEQ, _("a text that is not UTF-8"));
	return fs_replace(folder_fd, name, text, strlen(text), 0600, true, err);
}

static char *file_of(const char *id)
{
	return mem_fmt("%s.json", id);
}

/* ---- reading ---- */

int notebook_read(int folder_fd, const char *id, json_t **out, struct err *err)
{
	OWN_FREE char *name = file_of(id);
	json_t *entry = NULL;
	int r = strchr(id, '/') || strchr(id, '.')
			? 0
			: read_file(folder_fd, name, &entry, err);

	if (r < 0)
		return r;
	if (!entry)
		return err_set(err, ENOENT,
			       _("the notebook has nothing of a lesson '%s'"),
			       id);
	*out = entry;
	return 0;
}

struct dated {
	long long from;
	char *id;
};

static int by_date(const void *a, const void *b)
{
	const struct dated *x = a;
	const struct dated *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void add_dated(int folder_fd, const char *name, struct dated **list,
		      size_t *count)
{
	OWN_FREE char *id = mem_str(name);
	struct err ignored = { 0 }; /* then it is not listed */
	json_t *entry = NULL;
	char *dot = strstr(id, ".json");

	if (!dot || dot[strlen(".json")] || strchr(id, '.') != dot)
		return;
	*dot = 0;
	if (notebook_read(folder_fd, id, &entry, &ignored) < 0)
		return;
	*list = mem_grow(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = (struct dated){
		json_integer_value(json_object_get(entry, "first_ns")),
		mem_str(id)
	};
	json_decref(entry);
}

int notebook_ids(int folder_fd, struct strs *out, struct err *err)
{
	OWN_DIR DIR *list = NULL;
	struct dated *dated = NULL;
	size_t count = 0;
	int fd = fs_open_dir(folder_fd, ".", err);

	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list)
		return fd < 0 ? fd : err_errno(err, "opendir %s", PLACE);
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list))
		add_dated(folder_fd, entry->d_name, &dated, &count);
	if (count > 0)
		qsort(dated, count, sizeof(*dated), by_date);
	for (size_t i = 0; i < count; i++)
		strs_take(out, dated[i].id);
	free(dated);
	return 0;
}

const json_t *notebook_run(const json_t *entry)
{
	const json_t *best = json_object_get(entry, "best");

	return best ? best : json_object_get(entry, "latest");
}

long long notebook_commands(const json_t *run)
{
	const json_t *steps = json_object_get(run, "steps");
	long long count = 0;

	for (size_t i = 0; i < json_array_size(steps); i++)
		count += (long long)json_array_size(json_object_get(
			json_array_get(steps, i), "yours"));
	return count;
}

static long long ms_of_lines(const json_t *lines)
{
	long long ms = 0;

	for (size_t i = 0; i < json_array_size(lines); i++) {
		long long one = json_integer_value(
			json_object_get(json_array_get(lines, i), "ms"));

		ms += one > 0 ? one : 0;
	}
	return ms;
}

long long notebook_ms(const json_t *run)
{
	const json_t *steps = json_object_get(run, "steps");
	long long ms = 0;

	for (size_t i = 0; i < json_array_size(steps); i++)
		ms += ms_of_lines(json_object_get(json_array_get(steps, i),
						  "yours"));
	return ms;
}

/* ---- keeping ---- */

static long long number_in(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

/* More points; then less help; then fewer commands; then the newer one. */
static bool is_better(const json_t *run, const json_t *best)
{
	if (!best || number_in(run, "started_ns") ==
			     number_in(best, "started_ns"))
		return true;
	if (number_in(run, "points") != number_in(best, "points"))
		return number_in(run, "points") > number_in(best, "points");
	if (number_in(run, "hints") != number_in(best, "hints"))
		return number_in(run, "hints") < number_in(best, "hints");
	return notebook_commands(run) <= notebook_commands(best);
}

/* In place of an earlier one of the same step. */
static void put_step(json_t *steps, const json_t *step)
{
	const char *id = json_string_value(json_object_get(step, "id"));

	for (size_t i = 0; i < json_array_size(steps); i++) {
		const char *other = json_string_value(json_object_get(
			json_array_get(steps, i), "id"));

		if (id && other && strcmp(id, other) == 0) {
			json_array_set_new(steps, i, json_deep_copy(step));
			return;
		}
	}
	json_array_append_new(steps, json_deep_copy(step));
}

/* The latest run with the step in it; a new run begins with no steps. */
static json_t *next_run(const json_t *latest, const json_t *run,
			const json_t *step, bool *out_new)
{
	json_t *next = json_deep_copy(run);
	json_t *steps = NULL;

	*out_new = !latest || number_in(latest, "started_ns") !=
				      number_in(run, "started_ns");
	if (!*out_new)
		steps = json_deep_copy(json_object_get(latest, "steps"));
	if (!steps)
		steps = json_array();
	if (!*out_new && json_object_get(latest, "author"))
		json_object_set(next, "author",
				json_object_get(latest, "author"));
	put_step(steps, step);
	json_object_set_new(next, "steps", steps);
	return next;
}

static int change(int folder_fd, const char *id,
		  void (*how)(json_t *entry, void *arg), void *arg,
		  struct err *err)
{
	OWN_FREE char *name = file_of(id);
	OWN_FD int lock = progress_lock(folder_fd, id, err);
	json_t *entry = NULL;
	int r = lock < 0 ? lock : read_file(folder_fd, name, &entry, err);

	if (r < 0)
		return r;
	if (!entry)
		entry = json_pack("{s:i,s:s,s:i,s:I}", "format", 1, "id", id,
				  "runs", 0, "first_ns",
				  (json_int_t)clock_now_ns());
	how(entry, arg);
	r = write_file(folder_fd, name, entry, err);
	json_decref(entry);
	return r;
}

struct keep {
	const json_t *run;
	const json_t *step;
};

static void keep_step(json_t *entry, void *arg)
{
	const struct keep *keep = arg;
	bool is_new = false;
	json_t *run = next_run(json_object_get(entry, "latest"), keep->run,
			       keep->step, &is_new);

	if (is_new)
		json_object_set_new(
			entry, "runs",
			json_integer(number_in(entry, "runs") + 1));
	json_object_set(entry, "latest", run);
	if (json_is_true(json_object_get(run, "finished")) &&
	    is_better(run, json_object_get(entry, "best")))
		json_object_set(entry, "best", run);
	json_decref(run);
}

int notebook_keep(int folder_fd, const char *id, const json_t *run,
		  const json_t *step, struct err *err)
{
	struct keep keep = { run, step };

	return change(folder_fd, id, keep_step, &keep, err);
}

static void keep_author(json_t *entry, void *arg)
{
	const json_t *author = arg;
	json_t *latest = json_object_get(entry, "latest");
	json_t *best = json_object_get(entry, "best");

	if (latest)
		json_object_set_new(latest, "author", json_deep_copy(author));
	if (best && number_in(best, "started_ns") ==
			    number_in(latest, "started_ns"))
		json_object_set_new(best, "author", json_deep_copy(author));
}

int notebook_keep_author(int folder_fd, const char *id, const json_t *author,
			 struct err *err)
{
	json_t *copy = json_deep_copy(author);
	int r = change(folder_fd, id, keep_author, copy, err);

	json_decref(copy);
	return r;
}

/* ---- notes ---- */

int notebook_notes(int folder_fd, json_t **out, struct err *err)
{
	json_t *notes = NULL;
	int r = read_file(folder_fd, NOTES, &notes, err);

	if (r < 0)
		return r;
	if (!json_is_array(json_object_get(notes, "notes"))) {
		json_decref(notes);
		notes = json_pack("{s:i,s:[]}", "format", 1, "notes");
	}
	*out = notes;
	return 0;
}

static int write_notes(int folder_fd, json_t *notes, struct err *err)
{
	int r = write_file(folder_fd, NOTES, notes, err);

	json_decref(notes);
	return r;
}

int notebook_note(int folder_fd, const char *lesson, const char *text,
		  struct err *err)
{
	json_t *note = json_pack("{s:I,s:s*,s:s}", "time_ns",
				 (json_int_t)clock_now_ns(), "lesson", lesson,
				 "text", text);
	OWN_FD int lock = -1;
	json_t *notes = NULL;
	int r;

	if (!note)
		return err_set(err, EILSEQ, _("a note that is not UTF-8"));
	lock = progress_lock(folder_fd, "notes", err);
	r = lock < 0 ? lock : notebook_notes(folder_fd, &notes, err);
	if (r < 0) {
		json_decref(note);
		return r;
	}
	json_array_append_new(json_object_get(notes, "notes"), note);
	return write_notes(folder_fd, notes, err);
}

int notebook_remove_note(int folder_fd, long long number, struct err *err)
{
	OWN_FD int lock = progress_lock(folder_fd, "notes", err);
	json_t *notes = NULL;
	json_t *list;
	int r = lock < 0 ? lock : notebook_notes(folder_fd, &notes, err);

	if (r < 0)
		return r;
	list = json_object_get(notes, "notes");
	if (number < 1 || (size_t)number > json_array_size(list)) {
		json_decref(notes);
		return err_set(err, ENOENT, _("there is no note %lld"), number);
	}
	json_array_remove(list, (size_t)number - 1);
	return write_notes(folder_fd, notes, err);
}
