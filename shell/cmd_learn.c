/* shell/cmd_learn.c - `learn`: begins a lesson, or goes on with it. */
#include <errno.h>
#include <stdlib.h>

#include "lessons/course.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_path.h"
#include "shell/lesson_view.h"
#include "shell/shell.h"

struct learn_opts {
	bool again;
	const char *path;
};

/* Another lesson may be under way: it is left, its place is kept; but not for
 * one that does not exist. */
static int open_lesson(struct shell *shell, const char *name, struct err *err)
{
	const struct course_entry *entry = NULL;
	struct lesson_session *session = NULL;
	struct course course = { 0 };
	struct lesson_place place;
	int r = course_open(shell->lessons_dirs, &course, err);

	if (r == 0)
		r = course_find(&course, name, &entry, err);
	if (r == 0 && entry->hidden) {
		r = err_set(err, EINVAL, _("'%s' is played, not learnt"),
			    entry->id);
		(void)err_hint(err, _("'tour' plays it; 'lessons' lists what can be learnt"));
	}
	course_done(&course);
	if (r < 0)
		return r;
	lesson_view_leave(shell, 1);
	lesson_view_place(shell, &place);
	r = lesson_open(&place, name, &session, err);
	if (r < 0)
		return r;
	lesson_view_enter(shell, session);
	r = lesson_begin(session, err);
	if (r < 0)
		lesson_view_leave(shell, 1);
	return r;
}

/* Without a name: the lesson under way, else the one that was left last. */
static int go_on(struct shell *shell, struct err *err)
{
	bool was_open = shell->lesson != NULL;
	OWN_FREE char *text = NULL;
	int r = lesson_view_return(shell, err);

	if (r == 0 && !was_open) {
		text = mem_fmt(_("Going on with lesson '%s'."),
			       lesson_of(shell->lesson)->id);
		lesson_view_line(shell->out, text);
		fputc('\n', shell->out);
	}
	return r;
}

/* A lesson that begins once more. */
static int begin_again(struct shell *shell, struct err *err)
{
	OWN_FREE char *text = NULL;
	struct lesson_at at;
	int r = lesson_restart(shell->lesson, err);

	lesson_view_enter(shell, shell->lesson); /* a new store */
	if (r < 0)
		return r;
	lesson_where(shell->lesson, &at);
	if (at.best == 0)
		return 0;
	text = mem_fmt(_("Lesson '%s' begins again, in a new world. Your best "
			 "result is kept: %d of %d points. What 'submit' hands "
			 "in is what you do from now on."),
		       lesson_of(shell->lesson)->id, at.best, at.points_of);
	lesson_view_line(shell->out, text);
	fputc('\n', shell->out);
	return 0;
}

static void introduce(struct shell *shell)
{
	OWN_FREE char *intro = lesson_says(shell->lesson, "lesson");
	OWN_FREE char *title =
		mem_fmt("# %s", lesson_title(shell->lesson, "lesson"));

	lesson_view_text(shell, shell->out, title);
	fputc('\n', shell->out);
	lesson_view_text(shell, shell->out, intro ? intro : "");
	fputc('\n', shell->out);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct learn_opts *opts = args->opts;
	const char *name = args->count > 0 ? args->words[0] : NULL;
	OWN_FREE char *on_path = NULL;
	struct lesson_at at;
	int r = 0;

	if (opts->path)
		r = lesson_path_follow(shell, opts->path, &on_path, err);
	if (!name)
		name = on_path;
	if (r == 0)
		r = name ? open_lesson(shell, name, err)
			 : go_on(shell, err);
	if (r == 0 && opts->again)
		r = begin_again(shell, err);
	if (r < 0)
		return r;
	lesson_where(shell->lesson, &at);
	if (at.step == 0 && !at.begun)
		introduce(shell);
	lesson_view_begin(shell, shell->out);
	return 0;
}

static const struct opt opts[] = {
	{ .name = "path",
	  .kind = OPT_TEXT,
	  .placeholder = "name",
	  .help = N_("Follow this way from now on: course, workshop, lecture"),
	  .offset = offsetof(struct learn_opts, path),
	  .complete = COMPLETE_NOTHING,
	  .values = "course workshop lecture" },
	{ .name = "again",
	  .kind = OPT_FLAG,
	  .help = N_("Begin it anew, in a new world; the best result is kept"),
	  .offset = offsetof(struct learn_opts, again) },
	{ .name = NULL },
};

static const char *const examples[] = { "learn diff",
					"learn --path workshop", NULL };

const struct cmd cmd_learn = {
	.name = "learn",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [LESSON|NUMBER]",
	.summary = N_("Begin a lesson, or go on with the one under way"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct learn_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
};
