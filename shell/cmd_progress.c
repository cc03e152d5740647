/* shell/cmd_progress.c - `progress`: what was reached, and what was predicted. */
#include "lessons/overview.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_end.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"
#include "shell/table.h"

/* A lesson that is done once more keeps the points of its best run. */
static void print_again(struct shell *shell, const struct overview_entry *entry)
{
	OWN_FREE char *text = NULL;

	if (entry->fault || !entry->again)
		return;
	text = mem_fmt(_("'%s' has been begun again: %d of %d points so far. Its "
			 "best result counts on, %d of %d."),
		       entry->id, entry->run_points, entry->points_of,
		       entry->points, entry->points_of);
	lesson_view_line(shell->out, text);
}

static void print_all(struct shell *shell, const struct overview *overview)
{
	OWN_TABLE struct table table = { .min_width = 4, .padding = 2 };
	int points = 0;
	int of = 0;

	table_cells(&table, _("NO"), _("LESSON"), _("STEPS"), _("POINTS"),
		    NULL);
	table_end_row(&table);
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];
		int done = entry->finished   ? entry->steps
			   : entry->step > 0 ? entry->step - 1
					     : 0;

		if (entry->fault)
			continue;
		if (entry->number >= 0)
			table_cellf(&table, "%d", entry->number);
		else
			table_cell(&table, "-");
		table_cell(&table, entry->id);
		table_cellf(&table, "%d/%d", done, entry->steps);
		table_cellf(&table, "%d/%d", entry->points, entry->points_of);
		table_end_row(&table);
		points += entry->points;
		of += entry->points_of;
	}
	table_print(&table, shell->out);
	fputc('\n', shell->out);
	for (size_t i = 0; i < overview->count; i++)
		print_again(shell, &overview->items[i]);
	fprintf(shell->out, _("%d of %d points in all."), points, of);
	fputc('\n', shell->out);
}

static void show_all(struct shell *shell, const struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];

		if (!entry->fault)
			shown_row(shell,
				  json_pack("{s:i, s:s, s:i, s:i, s:i, s:i, s:i, s:b, s:b}",
					    "number", entry->number, "id",
					    entry->id, "step", entry->step,
					    "steps", entry->steps, "points",
					    entry->points, "points_of",
					    entry->points_of, "run_points",
					    entry->run_points, "finished",
					    (int)entry->finished, "again",
					    (int)entry->again));
	}
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct overview overview = { 0 };
	struct lesson_place place;
	int r;

	(void)args;
	lesson_view_place(shell, &place);
	r = overview_open(&place, NULL, &overview, err);
	if (r < 0)
		return r;
	if (shown_otherwise(shell))
		show_all(shell, &overview);
	else
		print_all(shell, &overview);
	overview_done(&overview);
	if (shell->lesson && !shown_otherwise(shell))
		lesson_end_predictions(shell, shell->out);
	return 0;
}

static const char *const examples[] = {
	"progress",
	"progress --json",
	NULL,
};

const struct cmd cmd_progress = {
	.name = "progress",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Show steps and points reached, and your predictions"),
	.examples = examples,
	.run = run,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.shows = true,
};
