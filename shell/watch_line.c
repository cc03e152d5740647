/* shell/watch_line.c - see watch_line.h */
#include "shell/watch_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/clock.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "runtime/sides.h"
#include "runtime/upper_watch.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum { TIME_SIZE = 16, KIND_COLUMNS = 10, INDENT = 21 };

/* ---- forms ---- */

/* Takes the object. */
static void put_json(struct view *view, json_t *object)
{
	OWN_FREE char *text = NULL;

	json_object_set_new(object, "time_ns", json_integer(clock_now_ns()));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	buf_fmt(&view->out, "%s\n", text ? text : "{}");
}

/* "12:03:04.2": tenths, for two things in one second. */
static void put_time(struct view *view)
{
	int64_t now = clock_now_ns();
	time_t seconds = now / 1000000000;
	char text[TIME_SIZE];
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    strftime(text, sizeof(text), "%H:%M:%S", &tm) == 0)
		return;
	buf_fmt(&view->out, "%s.%d ", text, (int)(now / 100000000 % 10));
}

static void put(struct view *view, const char *kind, enum style style,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void put(struct view *view, const char *kind, enum style style,
		const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	put_time(view);
	if (view->form == VIEW_PLAIN) {
		buf_fmt(&view->out, "%s: %s\n", kind, buf_text(&text));
		return;
	}
	if (style != STYLE_BOLD)
		buf_str(&view->out, style_on(view->shell, style));
	view_pad(view, kind, KIND_COLUMNS, true);
	if (style != STYLE_BOLD)
		buf_str(&view->out, style_off(view->shell));
	style_wrap(&view->out, buf_text(&text), INDENT, INDENT, view->columns);
}

/* ---- lines ---- */

void watch_line_begin(struct view *view, const struct container *container,
		      size_t processes, const struct upper_watch *upper,
		      uint64_t memory)
{
	char used[HUMAN_SIZE];
	OWN_FREE char *size = NULL;

	if (view->form == VIEW_JSON) {
		put_json(view, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}",
					 "what", "begin", "container",
					 container->spec.name, "id",
					 container->spec.id, "processes",
					 (json_int_t)processes, "files",
					 (json_int_t)upper->count, "bytes",
					 (json_int_t)upper->bytes, "memory",
					 (json_int_t)memory));
		return;
	}
	size = view_size(view, (int64_t)upper->bytes);
	view_answer(
		view,
		_("%s now: processes: %zu; things in its writable layer: %llu (%s); memory: %s. Ctrl-C ends this."),
		container->spec.name, processes,
		(unsigned long long)upper->count, size,
		human_bytes(used, (double)memory));
	if (container->status == CONTAINER_PAUSED)
		view_say(view, 0, "%s",
			 _("It is paused: no process of it goes on before 'unpause'."));
	if (upper->more)
		view_say(
			view, 0,
			_("Only the first %d things of its writable layer are followed."),
			UPPER_WATCH_MOST);
}

static const char *change_name(enum upper_change change)
{
	switch (change) {
	case UPPER_ADDED:
		return "added";
	case UPPER_COPIED:
		return "copied_up";
	case UPPER_WRITTEN:
		return "written";
	case UPPER_HIDDEN:
		return "whiteout";
	case UPPER_GONE:
		break;
	}
	return "gone";
}

static void file_json(struct view *view, const struct upper_event *event)
{
	put_json(view, json_pack("{s:s, s:s, s:o, s:b, s:I, s:I}", "what",
				 "file", "change", change_name(event->change),
				 "path", stack_view_text(event->path), "folder", event->folder,
				 "bytes", (json_int_t)event->bytes, "before",
				 (json_int_t)event->before));
}

void watch_line_file(struct view *view, const struct upper_event *event)
{
	const char *kind = event->folder ? _("folder") : _("file");
	OWN_FREE char *size = view_size(view, event->bytes);
	OWN_FREE char *before = view_size(view, event->before);

	if (view->form == VIEW_JSON) {
		file_json(view, event);
		return;
	}
	switch (event->change) {
	case UPPER_ADDED:
		if (event->folder)
			put(view, kind, STYLE_GOOD, _("+ %s (new)"),
			    event->path);
		else
			put(view, kind, STYLE_GOOD, _("+ %s, %s (new)"),
			    event->path, size);
		break;
	case UPPER_COPIED:
		put(view, kind, STYLE_NOTE,
		    event->folder
			    ? _("+ %s (also in the image: the layer has its own from now on)")
			    : _("+ %s, %s (copied up from the image)"),
		    event->path, size);
		break;
	case UPPER_WRITTEN:
		put(view, kind, STYLE_NOTE, _("~ %s, %s -> %s"), event->path,
		    before, size);
		break;
	case UPPER_HIDDEN:
		put(view, kind, STYLE_BAD,
		    _("- %s (whiteout: the image still has it, hidden)"),
		    event->path);
		break;
	case UPPER_GONE:
		put(view, kind, STYLE_BAD, _("- %s (gone)"), event->path);
		break;
	}
}

void watch_line_process(struct view *view, enum watch_process what,
			const struct sides *process)
{
	static const char *const names[] = { "started", "became", "ended" };
	static const enum style styles[] = { STYLE_GOOD, STYLE_NOTE,
					     STYLE_BAD };
	int inside = process->inside ? process->inside : process->pid;
	OWN_FREE char *command =
		view->form == VIEW_DRAWN
			? style_cut(view->shell, process->command,
				    view->columns)
			: mem_str(process->command);

	if (view->form == VIEW_JSON) {
		put_json(view, json_pack("{s:s, s:s, s:i, s:i, s:o}", "what",
					 "process", "change", names[what],
					 "pid", (int)process->pid, "inside_pid",
					 inside, "command",
					 stack_view_text(process->command)));
		return;
	}
	put(view, _("process"), styles[what],
	    what == WATCH_STARTED  ? _("+ %d outside, %d inside: %s")
	    : what == WATCH_BECAME ? _("~ %d outside, %d inside, is now: %s")
				   : _("- %d outside, %d inside, ended: %s"),
	    process->pid, inside, command);
}

void watch_line_memory(struct view *view, uint64_t before,
		       const struct usage *now)
{
	char a[HUMAN_SIZE];
	char b[HUMAN_SIZE];

	if (view->form == VIEW_JSON) {
		put_json(view,
			 json_pack("{s:s, s:I, s:I, s:I}", "what", "memory",
				   "bytes", (json_int_t)now->memory, "before",
				   (json_int_t)before, "limit",
				   (json_int_t)now->memory_limit));
		return;
	}
	put(view, _("memory"), STYLE_NOTE, "%s -> %s",
	    human_bytes(a, (double)before),
	    human_bytes(b, (double)now->memory));
}

void watch_line_cpu(struct view *view, double before, double now)
{
	if (view->form == VIEW_JSON)
		put_json(view, json_pack("{s:s, s:f, s:f}", "what", "cpu",
					 "percent", now, "before", before));
	else
		put(view, _("cpu"), STYLE_NOTE,
		    _("%.0f%% -> %.0f%% of one processor"), before, now);
}

void watch_line_left_out(struct view *view, uint64_t count)
{
	if (view->form == VIEW_JSON)
		put_json(view, json_pack("{s:s, s:I}", "what", "left_out",
					 "count", (json_int_t)count));
	else
		put(view, "...", STYLE_BOLD, _("and more, not shown: %llu"),
		    (unsigned long long)count);
}

static void end_json(struct view *view, const struct container *container,
		     bool ended, uint64_t left_out)
{
	json_t *object = json_pack(
		"{s:s, s:b, s:s?, s:I}", "what", "end", "container_ended",
		ended, "status",
		container ? container_status_name(container->status) : NULL,
		"left_out", (json_int_t)left_out);

	if (container && ended)
		json_object_set_new(object, "exit_code",
				    json_integer(container->exit_code));
	put_json(view, object);
}

void watch_line_end(struct view *view, const struct container *container,
		    bool ended, uint64_t left_out)
{
	if (view->form == VIEW_JSON) {
		end_json(view, container, ended, left_out);
		return;
	}
	if (!ended)
		view_say(view, 0,
			 _("No longer watched; the container goes on."));
	else if (!container)
		put(view, _("end"), STYLE_BOLD,
		    _("it has ended and is removed, its writable layer with it"));
	else
		put(view, _("end"), STYLE_BOLD,
		    _("it has ended (%s), exit code %d"),
		    container_status_name(container->status),
		    container->exit_code);
	if (left_out)
		view_say(
			view, 0,
			_("Not shown, for there was too much at a time: %llu."),
			(unsigned long long)left_out);
	view_say(
		view, 0,
		_("What lives for less than a quarter of a second may be missed."));
}
