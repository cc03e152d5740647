/* runtime/notes.c - see notes.h */
#include "runtime/notes.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define NOTE_MAX_BYTES (1 << 20)

bool notes_wanted(const struct home *home)
{
	return fs_exists(home->fd, "notes");
}

void notes_write(const struct home *home, const char *name, json_t *note)
{
	OWN_FREE char *path = mem_fmt("notes/%s.json", name);
	OWN_FREE char *text = note ? json_dumps(note, JSON_INDENT(1)) : NULL;
	struct err ignored = { 0 };

	json_decref(note);
	if (text && notes_wanted(home))
		(void)fs_replace(home->fd, path, text, strlen(text), 0600,
				 false, &ignored);
}

json_t *notes_read(const struct home *home, const char *name)
{
	OWN_FREE char *path = mem_fmt("notes/%s.json", name);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	json_t *note;

	if (fs_read(home->fd, path, NOTE_MAX_BYTES, &text, &ignored) < 0)
		return NULL;
	note = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (json_is_object(note))
		return note;
	json_decref(note);
	return NULL;
}

void notes_measured(const struct home *home, const char *name,
		    const struct noted_times *times)
{
	json_t *all;

	if (!notes_wanted(home))
		return;
	all = notes_read(home, "measures");
	if (!all)
		all = json_object();
	json_object_set_new(
		all, name,
		json_pack("{s:I,s:I,s:I,s:I}", "count",
			  (json_int_t)times->count, "median",
			  (json_int_t)times->median_ns, "p10",
			  (json_int_t)times->p10_ns, "p90",
			  (json_int_t)times->p90_ns));
	notes_write(home, "measures", all);
}
