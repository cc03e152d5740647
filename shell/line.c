/* shell/line.c - see line.h */
#include "shell/line.h"

#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/env.h"
#include "shell/failure.h"
#include "shell/report.h"
#include "shell/sh.h"
#include "shell/words.h"

/* `export` alone or with an = in its word sets the environment, `export
 * CONTAINER` is Docker's. */
static bool sets_environment(const struct words *w)
{
	if (w->words.count == 0 || strcmp(w->words.items[0], "export") != 0)
		return false;
	return w->words.count == 1 || strchr(w->words.items[1], '=') ||
	       strcmp(w->words.items[1], "-p") == 0;
}

/* Words that change the shell itself: in sh they would change only sh. */
static bool changes_shell(const struct words *w)
{
	int used;
	const struct cmd *cmd;

	if (w->words.count == 0 || w->quoted_first)
		return false;
	if (sets_environment(w))
		return true;
	cmd = command_find(w->words.items, &used);
	return cmd && cmd->inside_only;
}

static bool is_ours(const struct words *w)
{
	const char *first = w->words.count > 0 ? w->words.items[0] : "";
	int used;

	if (w->quoted_first || !*first)
		return false;
	return strcmp(first, "docker") == 0 || sets_environment(w) ||
	       command_find(w->words.items, &used) || command_is_group(first);
}

static int run_words(struct shell *shell, bool environment, int count,
		     char **words)
{
	if (environment)
		return env_export(shell, count - 1, words + 1);
	return dispatch(shell, count, words);
}

/* cd "$dir", export A=`pwd`: sh makes the words, we do the work. */
static int run_expanded(struct shell *shell, bool environment,
			const char *text)
{
	wordexp_t made;
	int status;

	if (wordexp(text, &made, WRDE_SHOWERR) != 0) {
		report_line(shell, _("cannot read this line: %s"), text);
		return 2;
	}
	status = run_words(shell, environment, (int)made.we_wordc,
			   made.we_wordv);
	wordfree(&made);
	return status;
}

/* A word that neither we nor sh nor the machine know. */
static bool is_unknown(const struct words *w)
{
	const char *first = w->words.items[0];

	return !w->syntax && !w->quoted_first && !strchr(first, '/') &&
	       !sh_knows(first) && !sh_finds(first);
}

static int run_by_sh(struct shell *shell, const char *text, bool background)
{
	struct err err = { 0 };
	int64_t begun_ns = clock_now_ns();
	int status = sh_run(shell, text, background, &err);

	/* What failed in it and was one of ours has been noted by itself. */
	if (status > 0 && shell->home &&
	    failure_newest_ns(shell->home) < begun_ns) {
		OWN_STRS struct strs line = { 0 };

		strs_add(&line, text);
		shell->failed.code = 0;
		failure_note(shell, &line, true, begun_ns, status);
	}
	if (status >= 0)
		return status;
	report_failure(shell, NULL, "sh", &err);
	return 1;
}

int line_run(struct shell *shell, const char *text)
{
	OWN_WORDS struct words w = { 0 };
	int status;

	text = words_begin(text);
	words_read(text, &w);
	if (w.words.count == 0 && !w.syntax)
		return shell->last_status;
	interrupt_clear();
	if (!w.syntax && (is_ours(&w) || (w.words.count && is_unknown(&w))))
		status = run_words(shell, sets_environment(&w),
				   (int)w.words.count, w.words.items);
	else if (w.expands && changes_shell(&w))
		status = run_expanded(shell, sets_environment(&w), text);
	else
		status = run_by_sh(shell, text, w.background);
	fflush(shell->out);
	fflush(shell->err_out);
	shell->last_status = status;
	return status;
}
