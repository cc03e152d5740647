/* shell/cmd_lessons.c - `lessons`: which there are, how long they take, how far
 * one is. */
#include <jansson.h>

#include "lessons/overview.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/report.h"
#include "shell/table.h"

/* The learner's place, in a word or two. */
static char *state_of(const struct overview_entry *entry)
{
	if (entry->fault)
		return mem_str(_("broken"));
	if (entry->finished)
		return mem_fmt("%s%s", _("done"), entry->current ? " *" : "");
	if (entry->step == 0)
		return mem_str(_("new"));
	return mem_fmt(_("step %d/%d%s"), entry->step, entry->steps,
		       entry->current ? " *" : "");
}

static void print_table(struct shell *shell, const struct overview *overview)
{
	OWN_TABLE struct table table = { .min_width = 4, .padding = 2 };

	/* The title last: a wide one then breaks no column. */
	table_cells(&table, _("NO"), _("LESSON"), _("MIN"), _("STATE"),
		    _("TITLE"), NULL);
	table_end_row(&table);
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];
		OWN_FREE char *state = state_of(entry);

		if (entry->number >= 0)
			table_cellf(&table, "%d", entry->number);
		else
			table_cell(&table, "-");
		table_cell(&table, entry->id);
		table_cellf(&table, "%d", entry->minutes);
		table_cell(&table, state);
		table_cell(&table, entry->title);
		table_end_row(&table);
	}
	table_print(&table, shell->out);
}

static void print_json(struct shell *shell, const struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];
		json_t *row = json_pack(
			"{s:i,s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:b,s:b}", "number",
			entry->number, "id", entry->id, "title", entry->title,
			"minutes", entry->minutes, "step", entry->step, "steps",
			entry->steps, "points", entry->points, "points_of",
			entry->points_of, "finished", (int)entry->finished,
			"current", (int)entry->current);
		OWN_FREE char *text =
			row ? json_dumps(row, JSON_COMPACT) : NULL;

		json_decref(row);
		if (text)
			fprintf(shell->out, "%s\n", text);
	}
}

static void print_next(struct shell *shell, const struct overview *overview)
{
	const struct overview_entry *next = NULL;

	for (size_t i = overview->count; i-- > 0;) {
		const struct overview_entry *entry = &overview->items[i];

		if (!entry->fault && (entry->current || !entry->finished) &&
		    !(next && next->current))
			next = entry;
	}
	if (!next)
		return;
	fputc('\n', shell->err_out);
	fprintf(shell->err_out,
		next->step > 0 ? _("'learn %s' goes on with it.")
			       : _("'learn %s' begins it."),
		next->id);
	fputc('\n', shell->err_out);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct overview overview = { 0 };
	struct lesson_place place;
	int r;

	(void)args;
	lesson_view_place(shell, &place);
	r = overview_open(&place, &overview, err);
	if (r < 0)
		return r;
	if (shell->json)
		print_json(shell, &overview);
	else
		print_table(shell, &overview);
	for (size_t i = 0; i < overview.count; i++) {
		if (overview.items[i].fault)
			report_line(shell, "%s", overview.items[i].fault);
	}
	if (shell->interactive && !shell->json)
		print_next(shell, &overview);
	overview_done(&overview);
	return 0;
}

static const char *const examples[] = { "lessons", NULL };

const struct cmd cmd_lessons = {
	.name = "lessons",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("List the lessons, how long they take, how far you are"),
	.examples = examples,
	.run = run,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
