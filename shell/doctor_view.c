/* shell/doctor_view.c - see doctor_view.h
 *
 *   less  limits       this machine has cgroups of version 1, but ...
 *                      touches: --memory, --cpus ...
 *         sudo update-grub
 *
 * A command stands on lines of its own. It may be copied as it is: where it has to be
 * broken, the break is one that sh joins again. */
#include "shell/doctor_view.h"

#include <jansson.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/probe.h"
#include "shell/cmd.h"
#include "shell/style.h"

enum { STATE_WIDTH = 6, TITLE_WIDTH = 12, TEXT_AT = 19, COMMAND_AT = 6 };

/* For programs, in no language. */
static const char *const states[] = { [PROBE_OK] = "ok",
				      [PROBE_NOTE] = "note",
				      [PROBE_LESS] = "less",
				      [PROBE_NO] = "no" };

static const char *word_of(enum probe_state state)
{
	switch (state) {
	case PROBE_OK:
		return _("ok");
	case PROBE_NOTE:
		return _("note");
	case PROBE_LESS:
		return _("less");
	case PROBE_NO:
		break;
	}
	return _("NO");
}

static enum style style_of(enum probe_state state)
{
	return state == PROBE_OK     ? STYLE_GOOD
	       : state == PROBE_NO   ? STYLE_BAD
	       : state == PROBE_LESS ? STYLE_NOTE
				     : STYLE_DIM;
}

/* ---- the first line and the last ---- */

/* The titles of all that are as bad as that. */
static char *titles_of(const struct probe_report *report,
		       enum probe_state state, size_t *out_count)
{
	OWN_STRS struct strs titles = { 0 };

	for (size_t i = 0; i < report->count; i++)
		if (report->items[i].state == state)
			strs_add(&titles, report->items[i].title);
	*out_count = titles.count;
	return strs_join(&titles, ", ");
}

static char *answer_of(const struct probe_report *report)
{
	enum probe_state state = probe_report_state(report);
	size_t count = 0;
	OWN_FREE char *titles = titles_of(report, state, &count);

	if (state == PROBE_OK)
		return mem_str(_("Everything works on this machine."));
	if (state == PROBE_NO)
		return mem_fmt(
			_("No container can run here yet, because of: %s."),
			titles);
	return mem_fmt(
		_("Containers run here, but %zu of %zu points are not complete: %s."),
		count, report->count, titles);
}

/* The one thing to do next: the first command of the first item that is as bad as any,
 * else what is said of it. */
static const char *next_of(const struct shell *shell,
			   const struct probe_report *report,
			   bool *out_is_command)
{
	enum probe_state state = probe_report_state(report);

	*out_is_command = true;
	for (size_t i = 0; i < report->count && state != PROBE_OK; i++)
		if (report->items[i].state == state &&
		    report->items[i].mend.count)
			return report->items[i].mend.items[0];
	for (size_t i = 0; i < report->count && state != PROBE_OK; i++)
		if (report->items[i].state == state &&
		    report->items[i].advice) {
			*out_is_command = false;
			return report->items[i].advice;
		}
	return shell->interactive ? "run --rm busybox echo hello"
				  : "dockershell run --rm busybox echo hello";
}

/* ---- for people ---- */

static void put_padded(struct buf *out, const char *text, int columns)
{
	int missing = columns - style_width(text);

	buf_str(out, text);
	buf_fmt(out, "%*s", missing > 0 ? missing : 1, "");
}

/* How much of a command fits on a line: up to a blank outside of quotes, all of it
 * where there is none. */
static size_t command_fit(const char *text, size_t columns)
{
	size_t good = 0;
	char quote = '\0';
	size_t i;

	if (strlen(text) <= columns)
		return strlen(text);
	for (i = 0; text[i] && (i + 2 <= columns || !good); i++) {
		if (!quote && (text[i] == '\'' || text[i] == '"'))
			quote = text[i];
		else if (quote == text[i])
			quote = '\0';
		else if (!quote && text[i] == ' ')
			good = i;
	}
	return good ? good : strlen(text);
}

static void put_command(struct buf *out, const char *text, int at, int columns)
{
	for (;;) {
		size_t len = command_fit(text, (size_t)(columns - at));

		buf_fmt(out, "%.*s%s\n", (int)len, text,
			text[len] ? " \\" : "");
		text += len;
		if (!*text)
			return;
		text++;
		at = COMMAND_AT + 4;
		buf_fmt(out, "%*s", at, "");
	}
}

static void put_item(struct buf *out, const struct shell *shell,
		     const struct probe_item *item, int columns)
{
	int at = columns >= 50 ? TEXT_AT : COMMAND_AT;

	buf_str(out, style_on(shell, style_of(item->state)));
	put_padded(out, word_of(item->state), STATE_WIDTH);
	buf_str(out, style_off(shell));
	put_padded(out, item->title, TITLE_WIDTH);
	buf_char(out, ' ');
	style_wrap(out, item->found, TEXT_AT, at, columns);
	if (item->touches[0]) {
		OWN_FREE char *text = mem_fmt(_("touches: %s"), item->touches);

		buf_fmt(out, "%*s", at, "");
		style_wrap(out, text, at, at, columns);
	}
	for (size_t i = 0; i < item->mend.count; i++) {
		buf_fmt(out, "%*s%s", COMMAND_AT, "",
			style_on(shell, STYLE_NAME));
		put_command(out, item->mend.items[i], COMMAND_AT, columns);
		buf_str(out, style_off(shell));
	}
	if (item->advice) {
		buf_fmt(out, "%*s", at, "");
		style_wrap(out, item->advice, at, at, columns);
	}
}

void doctor_view_print(struct shell *shell, const struct probe_report *report)
{
	int columns = style_columns(shell->out);
	OWN_BUF struct buf out = { 0 };
	OWN_FREE char *answer = answer_of(report);
	int at = style_width(_("Next: "));
	bool is_command;
	const char *next;

	style_wrap(&out, answer, 0, 0, columns);
	buf_char(&out, '\n');
	for (size_t i = 0; i < report->count; i++)
		put_item(&out, shell, &report->items[i], columns);
	buf_fmt(&out, "\n%s", _("Next: "));
	next = next_of(shell, report, &is_command);
	if (is_command)
		put_command(&out, next, at, columns);
	else
		style_wrap(&out, next, at, at, columns);
	fputs(buf_text(&out), shell->out);
}

/* ---- one fact a line ---- */

void doctor_view_plain(struct shell *shell, const struct probe_report *report)
{
	OWN_FREE char *answer = answer_of(report);
	bool is_command;

	fprintf(shell->out, "%s\n", answer);
	for (size_t i = 0; i < report->count; i++) {
		const struct probe_item *item = &report->items[i];

		fprintf(shell->out, "%s: %s: %s\n", item->title,
			word_of(item->state), item->found);
		if (item->touches[0])
			fprintf(shell->out, _("%s touches: %s\n"), item->title,
				item->touches);
		for (size_t m = 0; m < item->mend.count; m++)
			fprintf(shell->out, _("%s is mended by: %s\n"),
				item->title, item->mend.items[m]);
		if (item->advice)
			fprintf(shell->out, _("%s, to know: %s\n"), item->title,
				item->advice);
	}
	fprintf(shell->out, "%s%s\n", _("Next: "),
		next_of(shell, report, &is_command));
}

/* ---- for programs ---- */

static json_t *item_json(const struct probe_item *item)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s?}", "id", item->id, "title",
		item->title, "state", states[item->state], "found", item->found,
		"touches", item->touches, "advice", item->advice);
	json_t *mend = json_array();

	for (size_t i = 0; i < item->mend.count; i++)
		json_array_append_new(mend, json_string(item->mend.items[i]));
	json_object_set_new(json, "mend", mend);
	return json;
}

static json_t *facts_json(const struct probe_facts *facts)
{
	json_t *json = json_object();

	for (const struct probe_fact *f = probe_fact_table; f->name; f++) {
		const char *at = (const char *)facts + f->offset;
		int64_t number;

		if (f->is_text) {
			json_object_set_new(json, f->name, json_string(at));
			continue;
		}
		memcpy(&number, at, sizeof(number));
		json_object_set_new(json, f->name, json_integer(number));
	}
	return json;
}

void doctor_view_json(struct shell *shell, const struct probe_report *report,
		      const struct probe_facts *facts)
{
	OWN_FREE char *answer = answer_of(report);
	OWN_FREE char *text = NULL;
	json_t *items = json_array();
	bool is_command;
	json_t *json;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(items, item_json(&report->items[i]));
	json = json_pack("{s:s, s:s, s:o, s:s, s:o}", "state",
			 states[probe_report_state(report)], "answer", answer,
			 "items", items, "next",
			 next_of(shell, report, &is_command), "facts",
			 facts_json(facts));
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	if (text)
		fprintf(shell->out, "%s\n", text);
}
