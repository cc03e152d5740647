/* lessons/path.c - see path.h */
#include "lessons/path.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/course.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define FILE_MAX_BYTES (256 << 10)

/* Without any file there is still all that there is. */
#define EVERYTHING "course"

static void path_done(struct path *path)
{
	free(path->id);
	free(path->title);
	free(path->about);
	strs_done(&path->lessons);
}

void paths_done(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		path_done(&paths->items[i]);
	free(paths->items);
	strs_done(&paths->faults);
	*paths = (struct paths){ 0 };
}

static const struct path *find(const struct paths *paths, const char *id)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (strcmp(paths->items[i].id, id) == 0)
			return &paths->items[i];
	}
	return NULL;
}

static struct path *add(struct paths *paths)
{
	paths->items = mem_grow(paths->items, paths->count + 1,
				sizeof(*paths->items));
	paths->items[paths->count] = (struct path){ 0 };
	return &paths->items[paths->count++];
}

/* ---- one file ---- */

/* {"en": "...", "ja": "..."} or one text for all. */
static const char *words(const json_t *json, const char *lang)
{
	const char *text = json_string_value(json_object_get(json, lang));

	if (!text)
		text = json_string_value(json_object_get(json, "en"));
	return text ? text : json_string_value(json);
}

/* Why this is no path; NULL where it is one. */
static const char *fault_of(const json_t *json)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *id = json_string_value(json_object_get(json, "id"));
	const json_t *lessons = json_object_get(json, "lessons");
	const char *all = json_string_value(lessons);

	if (!id || !*id || strspn(id, letters) != strlen(id) || *id == '-' ||
	    strlen(id) > 40)
		return _("\"id\" has to be a word of a-z, 0-9, - and _");
	if (!words(json_object_get(json, "title"), "en"))
		return _("\"title\" is missing");
	if (all && strcmp(all, "all") == 0)
		return NULL;
	if (json_array_size(lessons) == 0)
		return _("\"lessons\" has to be \"all\" or a list of lessons");
	for (size_t i = 0; i < json_array_size(lessons); i++) {
		if (!json_is_string(json_array_get(lessons, i)))
			return _("\"lessons\" has to be a list of names");
	}
	return NULL;
}

static void read_path(const json_t *json, const char *lang, struct paths *out)
{
	const char *about = words(json_object_get(json, "about"), lang);
	const json_t *lessons = json_object_get(json, "lessons");
	const char *id = json_string_value(json_object_get(json, "id"));
	struct path *path;

	if (find(out, id))
		return; /* an earlier folder's */
	path = add(out);
	path->id = mem_str(id);
	path->title = mem_str(words(json_object_get(json, "title"), lang));
	path->about = mem_str(about ? about : "");
	path->all = json_is_string(lessons);
	for (size_t i = 0; i < json_array_size(lessons); i++)
		strs_add(&path->lessons,
			 json_string_value(json_array_get(lessons, i)));
}

static void read_file(const char *file, const char *text, const char *lang,
		      struct paths *out)
{
	json_error_t wrong = { 0 };
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
	const json_t *list = json_object_get(json, "paths");

	if (!json)
		strs_addf(&out->faults, "%s:%d: %s", file, wrong.line,
			  wrong.text);
	else if (!json_is_array(list))
		strs_addf(&out->faults, _("%s: there is no list \"paths\""),
			  file);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *fault = fault_of(item);

		if (fault)
			strs_addf(&out->faults, _("%s: path %zu: %s"), file,
				  i + 1, fault);
		else
			read_path(item, lang, out);
	}
	json_decref(json);
}

/* ---- all of them ---- */

void paths_open(const char *dirs, const char *lang, struct paths *out)
{
	OWN_STRS struct strs folders = { 0 };
	struct paths paths = { 0 };

	course_folders(dirs, &folders);
	for (size_t i = 0; i < folders.count; i++) {
		OWN_FREE char *file = mem_fmt("%s/paths.json",
					      folders.items[i]);
		OWN_BUF struct buf text = { 0 };
		struct err err = { 0 };
		int r = fs_read(AT_FDCWD, file, FILE_MAX_BYTES, &text, &err);

		if (r == 0)
			read_file(file, buf_text(&text), lang, &paths);
		else if (r != -ENOENT && r != -ENOTDIR)
			strs_add(&paths.faults, err.msg);
	}
	if (!find(&paths, EVERYTHING)) {
		struct path *all = add(&paths);

		all->id = mem_str(EVERYTHING);
		all->title = mem_str(_("All lessons"));
		all->about = mem_str("");
		all->all = true;
	}
	*out = paths;
}

int paths_find(const struct paths *paths, const char *id,
	       const struct path **out, struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	OWN_FREE char *all = NULL;
	const struct path *found = find(paths, id);

	if (found) {
		*out = found;
		return 0;
	}
	for (size_t i = 0; i < paths->count; i++)
		strs_add(&ids, paths->items[i].id);
	all = strs_join(&ids, ", ");
	err_set(err, ENOENT, _("there is no path '%s'"), id);
	return err_hint(err, _("the paths there are: %s"), all);
}

const struct course_entry **path_entries(const struct path *path,
					 const struct course *course,
					 size_t *out_count)
{
	size_t wanted = path->all ? course->count : path->lessons.count;
	const struct course_entry **entries =
		mem_zero(wanted + 1, sizeof(const struct course_entry *));
	size_t count = 0;

	for (size_t i = 0; i < wanted; i++) {
		struct err missing = { 0 }; /* then it is skipped */
		const struct course_entry *entry = NULL;

		if (path->all)
			entry = &course->items[i];
		else
			(void)course_find(course, path->lessons.items[i],
					  &entry, &missing);
		if (entry && !entry->hidden)
			entries[count++] = entry;
	}
	*out_count = count;
	return entries;
}

/* ---- the learner's ---- */

char *path_chosen(const struct home *home)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 }; /* then it is the whole course */
	const char *id;

	(void)fs_read(home->fd, "lessons/path", 4096, &text, &ignored);
	id = buf_text(&text);
	return *id && *id != '\n' ? mem_strn(id, strcspn(id, "\n"))
				  : mem_str(EVERYTHING);
}

int path_choose(const struct home *home, const char *id, struct err *err)
{
	OWN_FREE char *line = mem_fmt("%s\n", id);
	int r = fs_make_dirs(home->fd, "lessons", 0700, err);

	return r < 0 ? r
		     : fs_replace(home->fd, "lessons/path", line, strlen(line),
				  0600, true, err);
}
