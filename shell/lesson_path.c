/* shell/lesson_path.c - see lesson_path.h */
#include "shell/lesson_path.h"

#include <errno.h>
#include <stdlib.h>

#include "lessons/overview.h"
#include "lessons/path.h"
#include "lessons/progress.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"

int lesson_path_next(struct shell *shell, char **out, struct err *err)
{
	OWN_FREE char *chosen = path_chosen(shell->base_home);
	const char *behind =
		shell->lesson ? lesson_of(shell->lesson)->id : NULL;
	const struct overview_entry *next = NULL;
	const struct path *path = NULL;
	struct overview overview = { 0 };
	struct paths paths = { 0 };
	struct lesson_place place;
	struct err gone = { 0 }; /* its folder has: then the whole course */
	int r;

	lesson_view_place(shell, &place);
	paths_open(shell->lessons_dirs, shell->lang, &paths);
	(void)paths_find(&paths, chosen, &path, &gone);
	r = overview_open(&place, path, &overview, err);
	if (r == 0) {
		next = overview_next(&overview, behind);
		if (next)
			*out = mem_str(next->id);
		else
			r = err_set(err, ENOENT,
				    _("every lesson of your path is done"));
	}
	if (r == -ENOENT && !next)
		(void)err_hint(err, _("'lessons --all' shows what else there "
				      "is, 'notebook' what you have learnt"));
	overview_done(&overview);
	paths_done(&paths);
	return r;
}

/* The lesson that was left last, unless it is finished: NULL, or given. */
static char *left_open(const struct shell *shell)
{
	struct err ignored = { 0 }; /* then it is not named */
	OWN_FD int folder = progress_folder(shell->base_home, &ignored);
	struct progress progress = { 0 };
	char *id = NULL;
	bool finished;

	if (folder < 0 || progress_left(shell->base_home, &id, &ignored) < 0 ||
	    !id)
		return NULL;
	finished = progress_read(folder, id, &progress, &ignored) == 0 &&
		   progress.finished_ns != 0;
	progress_done(&progress);
	if (finished) {
		free(id);
		id = NULL;
	}
	return id;
}

int lesson_path_hint(struct shell *shell, struct err *err)
{
	OWN_FREE char *left = left_open(shell);
	OWN_FREE char *next = NULL;
	struct err none = { 0 };

	if (left)
		return err_hint(err, _("'learn %s' goes on with the one that "
				       "you left, 'lessons' lists them all"),
				left);
	if (lesson_path_next(shell, &next, &none) == 0)
		return err_hint(err, _("'learn %s' begins the next one of your "
				       "path, 'lessons' lists them all"),
				next);
	return err_hint(err, _("'lessons' lists them all"));
}

int lesson_path_follow(struct shell *shell, const char *id, char **out_lesson,
		       struct err *err)
{
	const struct overview_entry *next = NULL;
	const struct path *path = NULL;
	struct overview overview = { 0 };
	struct paths paths = { 0 };
	struct lesson_place place;
	int r;

	lesson_view_place(shell, &place);
	paths_open(shell->lessons_dirs, shell->lang, &paths);
	r = paths_find(&paths, id, &path, err);
	if (r == 0)
		r = overview_open(&place, path, &overview, err);
	if (r == 0)
		r = path_choose(shell->base_home, id, err);
	if (r == 0) {
		next = overview_next(&overview, NULL);
		if (!next && overview.count > 0)
			next = &overview.items[0];
		if (next)
			*out_lesson = mem_str(next->id);
		else
			r = err_set(err, ENOENT,
				    _("the path '%s' has no lesson that is "
				      "there"),
				    id);
	}
	overview_done(&overview);
	paths_done(&paths);
	return r;
}
