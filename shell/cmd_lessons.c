/* shell/cmd_lessons.c - `lessons`: which there are on the way, how long they take,
 * how far one is, what this machine cannot show. */
#include <string.h>

#include "lessons/overview.h"
#include "lessons/path.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_list.h"
#include "shell/lesson_view.h"
#include "shell/report.h"
#include "shell/shell.h"
#include "shell/view.h"

struct lessons_opts {
	struct view_opts view;
	const char *path;
	bool all;
};

static int read_list(struct shell *shell, const struct lessons_opts *opts,
		     struct lesson_list *out, struct err *err)
{
	OWN_FREE char *chosen = path_chosen(shell->base_home);
	const char *wanted = opts->all ? "course" : opts->path;
	struct err gone = { 0 };
	struct lesson_place place;
	int r;

	paths_open(shell->lessons_dirs, shell->lang, &out->paths);
	r = paths_find(&out->paths, wanted ? wanted : chosen, &out->path,
		       wanted ? err : &gone);
	/* A path that was chosen and has gone with its folder. */
	if (r < 0 && !wanted)
		r = paths_find(&out->paths, "course", &out->path, err);
	if (r < 0)
		return r;
	lesson_view_place(shell, &place);
	return overview_open(&place, out->path, &out->overview, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct lessons_opts *opts = args->opts;
	struct lesson_list list = { 0 };
	int r = read_list(shell, opts, &list, err);

	if (r == 0)
		lesson_list_print(shell, &opts->view, &list);
	for (size_t i = 0; r == 0 && i < list.paths.faults.count; i++)
		report_line(shell, "%s", list.paths.faults.items[i]);
	for (size_t i = 0; i < list.overview.count; i++) {
		if (list.overview.items[i].fault)
			report_line(shell, "%s", list.overview.items[i].fault);
	}
	overview_done(&list.overview);
	paths_done(&list.paths);
	return r;
}

static const struct opt opts[] = {
	{ .name = "path",
	  .kind = OPT_TEXT,
	  .placeholder = "name",
	  .help = N_("Show this way through the lessons: course, workshop, lecture"),
	  .offset = offsetof(struct lessons_opts, path),
	  .complete = COMPLETE_NOTHING,
	  .values = "course workshop lecture" },
	{ .name = "all",
	  .letter = 'a',
	  .kind = OPT_FLAG,
	  .help = N_("Show every lesson there is, whatever path you follow"),
	  .offset = offsetof(struct lessons_opts, all) },
	VIEW_OPTS(struct lessons_opts, view),
	{ .name = NULL },
};

static const char *const examples[] = { "lessons", "lessons --path workshop",
					NULL };

const struct cmd cmd_lessons = {
	.name = "lessons",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS]",
	.summary = N_("List the lessons, how long they take, how far you are"),
	.opts = opts,
	.opts_size = sizeof(struct lessons_opts),
	.examples = examples,
	.run = run,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
