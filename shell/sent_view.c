/* shell/sent_view.c - see sent_view.h
 *
 *   `build .` would be sent 3.07kB (files: 12; 8.7kB as a tar) ...
 *   The biggest:
 *     12.4MB  ██████████  node_modules/ (635 files)
 *   .dockerignore:
 *     line 1  *.log           hides 3 files, 12kB
 *     line 2  !keep.log       brings back 1, 12B
 *   The Dockerfile:
 *     line 3  COPY . .        takes 12 files, 3.07kB */
#include "shell/sent_view.h"

#include <stdlib.h>
#include <string.h>

#include "images/sent.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum { SIZE_COLUMNS = 10, BAR_COLUMNS = 10, MOST_TOPS = 8, MOST_LIST = 20 };

/* ---- what lies at the top ---- */

/* A file or a folder of the context itself, with all of it that is sent. */
struct top {
	const char *path; /* of one file in it */
	size_t len;	  /* how much of that is the name */
	bool folder;
	struct sent_count what;
};

struct tops {
	struct top *items;
	size_t count;
};

static int compare_tops(const void *a, const void *b)
{
	const struct top *x = a;
	const struct top *y = b;

	return (x->what.bytes < y->what.bytes) -
	       (x->what.bytes > y->what.bytes);
}

/* The files are in the order of their paths, so those of a folder come together; "a-b"
 * may stand between "a" and "a/c", never among "a/...". */
static void find_tops(const struct sent *sent, struct tops *tops)
{
	for (size_t i = 0; i < sent->file_count; i++) {
		const struct sent_file *file = &sent->files[i];
		size_t len = strcspn(file->path, "/");
		struct top *last = tops->count ? &tops->items[tops->count - 1] :
						 NULL;

		if (!file->sent)
			continue;
		if (!last || last->len != len || !last->folder ||
		    strncmp(last->path, file->path, len) != 0) {
			tops->items = mem_grow(tops->items, tops->count + 1,
					       sizeof(*last));
			last = &tops->items[tops->count++];
			*last = (struct top){ file->path,
					      len,
					      file->path[len] == '/',
					      { 0 } };
		}
		last->what.files++;
		last->what.bytes += file->size;
	}
	if (tops->count)
		qsort(tops->items, tops->count, sizeof(*tops->items),
		      compare_tops);
}

static char *name_of(const struct top *top)
{
	OWN_FREE char *name = mem_strn(top->path, top->len);
	OWN_FREE char *shown = stack_view_path(name);

	return top->folder ?
		       mem_fmt(_("%s/ (files: %lld)"), shown,
			       (long long)top->what.files) :
		       own_give_ptr(&shown);
}

static void put_top(struct view *view, const struct top *top, int64_t largest)
{
	OWN_FREE char *size = view_size(view, top->what.bytes);
	OWN_FREE char *name = name_of(top);
	OWN_FREE char *bar = NULL;
	size_t from;

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, _("sent: %s, %s"), name, size);
		return;
	}
	view_right(view, size, SIZE_COLUMNS);
	buf_str(&view->out, "  ");
	from = view->out.len;
	view_bar(view,
		 largest ? (double)top->what.bytes / (double)largest : 0,
		 BAR_COLUMNS);
	bar = mem_str(buf_text(&view->out) + from);
	view->out.len = from;
	view_pad(view, bar, BAR_COLUMNS + 2, false);
	buf_fmt(&view->out, "%s\n", name);
}

static void put_tops(struct view *view, const struct tops *tops)
{
	if (!tops->count)
		return;
	view_say(view, 2, _("What would be sent, the biggest first:"));
	for (size_t i = 0; i < tops->count; i++) {
		if (i == MOST_TOPS && view->form == VIEW_DRAWN) {
			view_say(view, 2,
				 _("... and %zu smaller; --plain and --json have all."),
				 tops->count - i);
			break;
		}
		put_top(view, &tops->items[i], tops->items[0].what.bytes);
	}
}

/* ---- lines of .dockerignore ---- */

static char *rule_name(const struct sent *sent, int rule)
{
	OWN_FREE char *text = NULL;

	if (rule < 0)
		return mem_str("");
	text = stack_view_path(sent->rules[rule].text);
	return mem_fmt(_("line %d (%s)"), sent->rules[rule].line, text);
}

static void put_rule(struct view *view, const struct sent_rule *rule)
{
	OWN_FREE char *size = view_size(view, rule->what.bytes);
	OWN_FREE char *text = stack_view_path(rule->text);
	long long files = rule->what.files;

	if (!rule->line)
		view_say(view, 4,
			 _("  %s is sent all the same: the builder needs it"),
			 text + 1);
	else if (rule->brings_back && files)
		view_say(view, 4,
			 _("  line %d: %s - brings back (files: %lld, %s)"),
			 rule->line, text, files, size);
	else if (files)
		view_say(view, 4, _("  line %d: %s - hides (files: %lld, %s)"),
			 rule->line, text, files, size);
	else
		view_say(view, 4, _("  line %d: %s - decides about nothing here"),
			 rule->line, text);
}

static void put_rules(struct view *view, const struct sent *sent)
{
	if (!sent->rule_count) {
		view_say(view, 2,
			 _("There is no .dockerignore, or nothing in it: everything is sent."));
		return;
	}
	view_say(view, 2,
		 _("What .dockerignore says; the last line that fits a path decides:"));
	for (size_t i = 0; i < sent->rule_count; i++)
		put_rule(view, &sent->rules[i]);
}

/* ---- the Dockerfile ---- */

static void put_copy(struct view *view, const struct sent *sent,
		     const struct sent_copy *copy)
{
	OWN_FREE char *size = view_size(view, copy->takes.bytes);
	OWN_FREE char *text = stack_view_path(copy->text);

	if (copy->unknown)
		view_say(view, 4,
			 _("  line %d: %s - unknown: a variable stands in it, the build tells"),
			 copy->line, text);
	else if (!copy->takes.files && copy->folder && copy->hidden.files)
		view_say(view, 4,
			 _("  line %d: %s - takes a folder, and none of the files in it: they are hidden (files: %lld)"),
			 copy->line, text, (long long)copy->hidden.files);
	else if (!copy->takes.files && copy->folder)
		view_say(view, 4,
			 _("  line %d: %s - takes a folder without files"),
			 copy->line, text);
	else if (!copy->takes.files && copy->example >= 0) {
		const struct sent_file *file = &sent->files[copy->example];
		OWN_FREE char *path = stack_view_path(file->path);
		OWN_FREE char *rule = rule_name(sent, file->rule);

		view_say(view, 4,
			 _("! line %d: %s - takes nothing and fails: %s is there, but %s of .dockerignore hides it"),
			 copy->line, text, path, rule);
	} else if (!copy->takes.files) {
		view_say(view, 4,
			 _("! line %d: %s - takes no file: none of that name is in the context"),
			 copy->line, text);
	} else if (copy->hidden.files) {
		view_say(view, 4,
			 _("  line %d: %s - takes (files: %lld, %s), without those that are hidden (files: %lld)"),
			 copy->line, text, (long long)copy->takes.files, size,
			 (long long)copy->hidden.files);
	} else {
		view_say(view, 4, _("  line %d: %s - takes (files: %lld, %s)"),
			 copy->line, text, (long long)copy->takes.files, size);
	}
}

static bool any_fails(const struct sent *sent)
{
	for (size_t i = 0; i < sent->copy_count; i++) {
		const struct sent_copy *copy = &sent->copies[i];

		if (!copy->unknown && !copy->takes.files && !copy->folder)
			return true;
	}
	return false;
}

static void put_copies(struct view *view, const struct sent *sent)
{
	OWN_FREE char *name = stack_view_path(sent->dockerfile);

	if (sent->copy_count)
		view_say(view, 2, _("What %s takes of it:"), name);
	else
		view_say(view, 2,
			 _("%s takes nothing of it: it has no COPY and no ADD of the context."),
			 name);
	for (size_t i = 0; i < sent->copy_count; i++)
		put_copy(view, sent, &sent->copies[i]);
	for (size_t i = 0; i < sent->wish_count && i < MOST_LIST; i++) {
		const struct sent_wish *wish = &sent->wishes[i];
		const struct sent_file *file = &sent->files[wish->file];
		OWN_FREE char *path = stack_view_path(file->path);
		OWN_FREE char *text = stack_view_path(wish->text);
		OWN_FREE char *rule = rule_name(sent, file->rule);

		view_say(view, 4,
			 _("~ line %d: %s - looks as if it needs %s, which %s of .dockerignore hides"),
			 wish->line, text, path, rule);
	}
}

/* ---- what hardly ever belongs into a build ---- */

static const char *const doubtful[] = { ".git",	     "node_modules", ".env",
					".ssh",	     "id_rsa",	     "id_ed25519",
					"__pycache__", ".venv",      NULL };

static const char *doubt_of(const struct tops *tops)
{
	for (const char *const *d = doubtful; *d; d++)
		for (size_t i = 0; i < tops->count; i++)
			if (tops->items[i].len == strlen(*d) &&
			    strncmp(tops->items[i].path, *d,
				    tops->items[i].len) == 0)
				return *d;
	return NULL;
}

static void put_doubt(struct view *view, const char *doubt)
{
	if (doubt)
		view_say(view, 2,
			 _("! %s is sent: such things hardly ever belong into an image. A line '%s' in .dockerignore keeps it back."),
			 doubt, doubt);
}

/* ---- the answer ---- */

static void put_answer(struct view *view, const struct sent *sent,
		       const char *path)
{
	OWN_FREE char *bytes = view_size(view, sent->sent.bytes);
	OWN_FREE char *tar = view_size(view, sent->tar_bytes);
	OWN_FREE char *hidden = view_size(view, sent->hidden.bytes);

	if (sent->hidden.files)
		view_answer(view,
			    _("`build %s` would be sent %s (files: %lld; %s as a tar); .dockerignore keeps %s back (files: %lld)."),
			    path, bytes, (long long)sent->sent.files, tar,
			    hidden, (long long)sent->hidden.files);
	else
		view_answer(view,
			    _("`build %s` would be sent %s (files: %lld; %s as a tar): all there is."),
			    path, bytes, (long long)sent->sent.files, tar);
	for (size_t i = 0; i < sent->warnings.count; i++)
		view_say(view, 2, "! %s", sent->warnings.items[i]);
}

/* ---- JSON ---- */

static json_t *count_json(const struct sent_count *what)
{
	return json_pack("{s:I,s:I}", "files", (json_int_t)what->files,
			 "bytes", (json_int_t)what->bytes);
}

static json_t *line_json(const struct sent *sent, int rule)
{
	return rule < 0 ? json_null() : json_integer(sent->rules[rule].line);
}

static json_t *files_json(const struct sent *sent)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sent->file_count; i++) {
		const struct sent_file *file = &sent->files[i];

		json_array_append_new(
			list, json_pack("{s:o,s:I,s:b,s:o}", "path",
					stack_view_text(file->path),
					"size_bytes",
					(json_int_t)file->size, "sent",
					file->sent, "ignore_line",
					line_json(sent, file->rule)));
	}
	return list;
}

static json_t *rules_json(const struct sent *sent)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sent->rule_count; i++) {
		const struct sent_rule *rule = &sent->rules[i];

		json_array_append_new(
			list, json_pack("{s:i,s:o,s:b,s:o}", "line",
					rule->line, "pattern",
					stack_view_text(rule->text),
					"brings_back", rule->brings_back,
					"decides", count_json(&rule->what)));
	}
	return list;
}

static json_t *copies_json(const struct sent *sent)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sent->copy_count; i++) {
		const struct sent_copy *copy = &sent->copies[i];

		json_array_append_new(
			list, json_pack("{s:i,s:o,s:o,s:o,s:b,s:b}", "line",
					copy->line, "instruction",
					stack_view_text(copy->text),
					"takes", count_json(&copy->takes),
					"hidden", count_json(&copy->hidden),
					"folder", copy->folder,
					"unknown", copy->unknown));
	}
	return list;
}

static json_t *wishes_json(const struct sent *sent)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sent->wish_count; i++) {
		const struct sent_wish *wish = &sent->wishes[i];
		const struct sent_file *file = &sent->files[wish->file];

		json_array_append_new(
			list, json_pack("{s:i,s:o,s:o,s:o}", "line",
					wish->line, "instruction",
					stack_view_text(wish->text), "path",
					stack_view_text(file->path),
					"ignore_line",
					line_json(sent, file->rule)));
	}
	return list;
}

static json_t *sent_json(const struct sent *sent)
{
	return json_pack("{s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "dockerfile",
			 stack_view_text(sent->dockerfile), "tar_bytes",
			 (json_int_t)sent->tar_bytes, "sent",
			 count_json(&sent->sent), "hidden",
			 count_json(&sent->hidden), "dockerignore",
			 rules_json(sent), "copies", copies_json(sent),
			 "looks_needed", wishes_json(sent), "files",
			 files_json(sent));
}

void sent_view(struct view *view, const struct sent *sent, const char *path,
	       const char *dockerfile)
{
	OWN_BUF struct buf word = { 0 };
	OWN_FREE char *next = NULL;
	struct tops tops = { 0 };

	if (dockerfile) {
		buf_str(&word, "-f ");
		stack_view_quote(&word, dockerfile);
		buf_char(&word, ' ');
	}
	stack_view_quote(&word, path);
	/* What will fail is no good try. */
	next = mem_fmt(any_fails(sent) ? "explain --dry-run build %s" :
					 "build -q %s",
		       buf_text(&word));
	if (view->form == VIEW_JSON) {
		view_json(view, sent_json(sent), next);
		return;
	}
	find_tops(sent, &tops);
	put_answer(view, sent, path);
	put_tops(view, &tops);
	put_rules(view, sent);
	put_copies(view, sent);
	put_doubt(view, doubt_of(&tops));
	view_next(view, "%s", next);
	view_end(view);
	free(tops.items);
}
