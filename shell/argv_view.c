/* shell/argv_view.c - see argv_view.h
 *
 *   run ten x y starts: cat x y
 *     ENTRYPOINT  ["cat"]    exec form
 *     CMD         ["hello"]  exec form; the words given take its place
 *   Process 1 is cat itself ...
 *
 *     ENTRYPOINT  CMD    no words        words: x y
 *   > exec        exec   cat hello       cat x y */
#include "shell/argv_view.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum { FORM_COLUMNS = 11, CMD_COLUMNS = 7, LEAST_COLUMN = 10 };

/* ---- words ---- */

/* A line that sh would read as these words. Given. */
static char *line_of(const struct strs *words)
{
	OWN_BUF struct buf line = { 0 };

	for (size_t i = 0; i < words->count; i++) {
		if (i)
			buf_char(&line, ' ');
		stack_view_quote(&line, words->items[i]);
	}
	return buf_give(&line);
}

/* ["a","b"], as a Dockerfile has it; given. */
static char *list_of(const struct strs *words)
{
	json_t *list = stack_view_strs(words);
	char *text = json_dumps(list, JSON_COMPACT);
	char *given = mem_str(text ? text : "[]");

	free(text);
	json_decref(list);
	return given;
}

static const char *form_word(enum argv_form form)
{
	switch (form) {
	case ARGV_NONE:
		return _("none");
	case ARGV_EXEC:
		return _("exec");
	case ARGV_SHELL:
		break;
	}
	return _("shell");
}

static const char *form_name(enum argv_form form)
{
	static const char *const names[] = { "none", "exec", "shell" };

	return names[form];
}

/* ---- the answer ---- */

static void put_answer(struct view *view, const struct argv_facts *facts)
{
	OWN_FREE char *line = line_of(&facts->final);
	OWN_FREE char *words = line_of(&facts->words);
	OWN_FREE char *option =
		!facts->entrypoint ? mem_str("") :
		*facts->entrypoint ?
				     mem_fmt("--entrypoint %s ",
					     facts->entrypoint) :
				     mem_str("--entrypoint '' ");

	if (facts->container)
		view_answer(view, _("Container %s starts: %s"),
			    facts->container, line);
	else if (facts->why_not)
		view_answer(view, _("`run %s%s%s%s` starts nothing: %s."),
			    option, facts->name, *words ? " " : "", words,
			    facts->why_not);
	else
		view_answer(view, _("`run %s%s%s%s` starts: %s"), option,
			    facts->name, *words ? " " : "", words, line);
}

static void put_part(struct view *view, const char *what,
		     const struct strs *words, const char *note)
{
	OWN_FREE char *list = list_of(words);
	const char *form = argv_form_of(words) == ARGV_SHELL ?
				   _("shell form") :
				   _("exec form");

	if (!words->count)
		view_say(view, 4, _("  %s: none"), what);
	else if (*note)
		view_say(view, 4, "  %s: %s (%s): %s", what, list, form, note);
	else
		view_say(view, 4, "  %s: %s (%s)", what, list, form);
}

static void put_parts(struct view *view, const struct argv_facts *facts)
{
	bool words = facts->words.count > 0;
	bool shell = argv_form_of(&facts->config.entrypoint) == ARGV_SHELL;

	if (facts->container)
		return;
	put_part(view, "ENTRYPOINT", &facts->config.entrypoint,
		 facts->entrypoint ? _("--entrypoint takes its place") : "");
	put_part(view, "CMD", &facts->config.cmd,
		 facts->entrypoint ? _("--entrypoint takes it away, too") :
		 words		   ? _("your words take its place") :
				     "");
	if (shell && !facts->entrypoint &&
	    (words || facts->config.cmd.count))
		view_say(view, 2,
			 _("! A shell-form ENTRYPOINT does not see what follows it: for /bin/sh -c these words are $0, $1 ..."));
}

/* ---- process 1 ---- */

static bool is_shell_line(const struct strs *words)
{
	const char *slash;

	if (words->count < 3 || strcmp(words->items[1], "-c") != 0)
		return false;
	slash = strrchr(words->items[0], '/');
	return strcmp(slash ? slash + 1 : words->items[0], "sh") == 0 ||
	       strcmp(slash ? slash + 1 : words->items[0], "bash") == 0 ||
	       strcmp(slash ? slash + 1 : words->items[0], "ash") == 0;
}

static void put_process_1(struct view *view, const struct argv_facts *facts)
{
	OWN_FREE char *now = line_of(&facts->process_1);
	OWN_FREE char *first =
		stack_view_path(facts->final.count ? facts->final.items[0] :
						     "");

	if (!facts->final.count)
		return;
	if (facts->init)
		view_say(view, 2,
			 _("Process 1 is a small init (--init); it starts %s and passes signals on."),
			 first);
	else if (is_shell_line(&facts->final))
		view_say(view, 2,
			 _("Process 1 is the shell %s. Some shells become the program of such a line, others wait for it as its parent and keep `stop`'s SIGTERM to themselves: `top` shows which."),
			 first);
	else
		view_say(view, 2,
			 _("Process 1 is %s itself: no shell is between: `stop`'s SIGTERM goes to it, and $VARIABLES in its words stay as they are."),
			 first);
	if (facts->process_1.count)
		view_say(view, 2, _("It runs: /proc/%d/cmdline says %s"),
			 facts->pid, now);
}

/* ---- the table ---- */

static void put_cell(struct view *view, const struct strs *words, int columns)
{
	OWN_FREE char *line = words->count ? line_of(words) :
					     mem_str(_("(an error)"));

	if (columns > 0)
		view_pad(view, line, columns, true);
	else
		buf_str(&view->out, line);
}

static void put_row(struct view *view, const struct argv_row *row, bool words,
		    int columns)
{
	buf_str(&view->out, row->is_this ? "> " : "  ");
	view_pad(view, form_word(row->entrypoint), FORM_COLUMNS, true);
	view_pad(view, form_word(row->cmd), CMD_COLUMNS, true);
	put_cell(view, &row->bare, columns);
	if (words) {
		buf_str(&view->out, "  ");
		put_cell(view, &row->given, columns);
	}
	while (view->out.len && view->out.data[view->out.len - 1] == ' ')
		view->out.data[--view->out.len] = '\0';
	buf_char(&view->out, '\n');
}

static void say_row(struct view *view, const struct argv_row *row, bool words)
{
	OWN_FREE char *bare = row->bare.count ? line_of(&row->bare) :
						mem_str(_("(an error)"));
	OWN_FREE char *given = line_of(&row->given);

	if (words)
		view_say(view, 0,
			 _("ENTRYPOINT %s, CMD %s: %s; with your words: %s"),
			 form_word(row->entrypoint), form_word(row->cmd), bare,
			 given);
	else
		view_say(view, 0, _("ENTRYPOINT %s, CMD %s: %s"),
			 form_word(row->entrypoint), form_word(row->cmd),
			 bare);
}

static void put_table(struct view *view, const struct argv_facts *facts)
{
	bool words = facts->words.count > 0;
	int columns = view->columns - 2 - FORM_COLUMNS - CMD_COLUMNS;
	OWN_FREE char *given = line_of(&facts->words);
	OWN_FREE char *title = mem_fmt(_("with: %s"), given);

	if (facts->container)
		return;
	view_say(view, 2,
		 _("All combinations, with this image's words (> is how it is written):"));
	if (words)
		columns = (columns - 2) / 2;
	if (columns < LEAST_COLUMN)
		columns = LEAST_COLUMN;
	if (view->form == VIEW_DRAWN) {
		buf_str(&view->out, "  ");
		view_pad(view, "ENTRYPOINT", FORM_COLUMNS, false);
		view_pad(view, "CMD", CMD_COLUMNS, false);
		view_pad(view, _("no words"), words ? columns + 2 : 0, false);
		if (words) {
			OWN_FREE char *cut =
				view_cut(view, title, columns);

			buf_str(&view->out, cut);
		}
		buf_char(&view->out, '\n');
	}
	for (int i = 0; i < ARGV_FORMS * ARGV_FORMS; i++)
		if (view->form == VIEW_DRAWN)
			put_row(view, &facts->rows[i], words, columns);
		else
			say_row(view, &facts->rows[i], words);
}

/* ---- JSON ---- */

static json_t *table_json(const struct argv_facts *facts)
{
	json_t *rows = json_array();

	for (int i = 0; i < ARGV_FORMS * ARGV_FORMS && !facts->container;
	     i++) {
		const struct argv_row *row = &facts->rows[i];

		json_array_append_new(
			rows,
			json_pack("{s:s,s:s,s:o,s:o,s:b}", "entrypoint",
				  form_name(row->entrypoint), "cmd",
				  form_name(row->cmd), "argv",
				  stack_view_strs(&row->bare),
				  "argv_with_words",
				  stack_view_strs(&row->given), "this_image",
				  row->is_this));
	}
	return rows;
}

static json_t *argv_json(const struct argv_facts *facts)
{
	return json_pack(
		"{s:s,s:s?,s:o,s:i,s:s?,s:o,s:o,s:s,s:s,s:o,s:s?,s:b,s:i,s:o,s:o}",
		"name", facts->name, "container", facts->container, "argv",
		stack_view_strs(&facts->final), "from_entrypoint",
		facts->from_entrypoint, "error", facts->why_not, "entrypoint",
		stack_view_strs(&facts->config.entrypoint), "cmd",
		stack_view_strs(&facts->config.cmd), "entrypoint_form",
		form_name(argv_form_of(&facts->config.entrypoint)), "cmd_form",
		form_name(argv_form_of(&facts->config.cmd)), "words",
		stack_view_strs(&facts->words), "entrypoint_option",
		facts->entrypoint, "init", facts->init, "pid", facts->pid,
		"process_1", stack_view_strs(&facts->process_1), "table",
		table_json(facts));
}

static char *next_of(const struct argv_facts *facts)
{
	if (facts->container)
		return facts->pid ? mem_fmt("top %s", facts->container) :
				    mem_fmt("start -a %s", facts->container);
	if (facts->entrypoint || !facts->words.count)
		return mem_fmt("argv %s ls -l", facts->name);
	return mem_fmt("argv --entrypoint env %s", facts->name);
}

void argv_view(struct view *view, const struct argv_facts *facts)
{
	OWN_FREE char *next = next_of(facts);

	if (view->form == VIEW_JSON) {
		view_json(view, argv_json(facts), next);
		return;
	}
	put_answer(view, facts);
	put_parts(view, facts);
	put_process_1(view, facts);
	put_table(view, facts);
	view_next(view, "%s", next);
	view_end(view);
}
