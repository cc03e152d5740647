/* shell/cmd_lesson.c - for authors: `lesson new`, `lesson lint`, `lesson preview`.
 * `lesson test` is cmd_lesson_test.c's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/course.h"
#include "lessons/lint.h"
#include "lessons/template.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_preview.h"

/* Calls `each` for the lessons named, or for all; the status is the worst. */
typedef int each_lesson(struct shell *shell, const struct course_entry *entry,
			void *arg, struct err *err);

static int for_each(struct shell *shell, const struct args *args,
		    each_lesson *each, void *arg, struct err *err)
{
	struct course course = { 0 };
	int status = 0;
	int r = course_open(shell->lessons_dirs, &course, err);

	for (int i = 0; r == 0 && i < args->count; i++) {
		const struct course_entry *entry = NULL;

		r = course_find(&course, args->words[i], &entry, err);
		if (r == 0)
			r = each(shell, entry, arg, err);
		status = r > status ? r : status;
		r = r > 0 ? 0 : r;
	}
	for (size_t i = 0; r == 0 && args->count == 0 && i < course.count;
	     i++) {
		r = each(shell, &course.items[i], arg, err);
		status = r > status ? r : status;
		r = r > 0 ? 0 : r;
	}
	course_done(&course);
	return r < 0 ? r : status;
}

/* ---- lesson new ---- */

static int run_new(struct shell *shell, struct args *args, struct err *err)
{
	const char *dir = args->count > 1 ? args->words[1] : ".";
	int r = template_write(dir, args->words[0], err);

	if (r < 0)
		return r;
	fprintf(shell->out,
		_("Made %s/%s. Try: dockershell --lessons %s "
		  "lesson test %s"),
		dir, args->words[0], dir, args->words[0]);
	fputc('\n', shell->out);
	return 0;
}

/* ---- lesson lint ---- */

static int lint_one(struct shell *shell, const struct course_entry *entry,
		    void *arg, struct err *err)
{
	OWN_STRS struct strs found = { 0 };
	int r = lint_lesson(entry->dir, &found, err);

	(void)arg;
	if (r < 0)
		return r;
	for (size_t i = 0; i < found.count; i++)
		fprintf(shell->out, "%s: %s\n", entry->id, found.items[i]);
	if (found.count == 0)
		fprintf(shell->out, "%s: %s\n", entry->id,
			_("nothing to mend"));
	return found.count > 0 ? 1 : 0;
}

static int run_lint(struct shell *shell, struct args *args, struct err *err)
{
	return for_each(shell, args, lint_one, NULL, err);
}

/* ---- lesson preview ---- */

static int preview_one(struct shell *shell, const struct course_entry *entry,
		       void *arg, struct err *err)
{
	(void)arg;
	return lesson_preview(shell, entry->dir, err);
}

static int run_preview(struct shell *shell, struct args *args, struct err *err)
{
	return for_each(shell, args, preview_one, NULL, err);
}

/* ---- the commands ---- */

static const char *const new_examples[] = { "lesson new 20-mine",
					    "lesson new 21-networks", NULL };
static const char *const lint_examples[] = { "lesson lint", "lesson lint diff",
					     NULL };
static const char *const preview_examples[] = { "lesson preview diff",
						"lesson preview 4", NULL };

const struct cmd cmd_lesson_new = {
	.name = "lesson new",
	.group = N_("Lessons"),
	.synopsis = "NAME [FOLDER]",
	.summary = N_("For authors: make a new lesson to begin from"),
	.min_args = 1,
	.max_args = 2,
	.examples = new_examples,
	.run = run_new,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_FOLDERS,
};

const struct cmd cmd_lesson_lint = {
	.name = "lesson lint",
	.group = N_("Lessons"),
	.synopsis = "[LESSON...]",
	.summary = N_("For authors: what is missing or does not fit"),
	.max_args = -1,
	.examples = lint_examples,
	.run = run_lint,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};

const struct cmd cmd_lesson_preview = {
	.name = "lesson preview",
	.group = N_("Lessons"),
	.synopsis = "[LESSON...]",
	.summary = N_("For authors: all pages, as a learner sees them"),
	.max_args = -1,
	.examples = preview_examples,
	.run = run_preview,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};
