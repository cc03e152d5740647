/* shell/line.c - see line.h */
#include "shell/line.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/env.h"
#include "shell/failure.h"
#include "shell/inside_job.h"
#include "shell/keep.h"
#include "shell/report.h"
#include "shell/sh.h"
#include "shell/words.h"

/* Words that change the shell itself: in sh they would change only sh. */
static bool changes_shell(const struct words *w)
{
	int used;
	const struct cmd *cmd;

	if (w->words.count == 0 || w->quoted_first)
		return false;
	cmd = command_find(w->words.items, &used);
	return cmd && cmd->inside_only;
}

static bool is_ours(const struct words *w)
{
	const char *first = w->words.count > 0 ? w->words.items[0] : "";
	int used;

	if (w->quoted_first || !*first)
		return false;
	return strcmp(first, "docker") == 0 ||
	       command_find(w->words.items, &used) ||
	       command_is_group(first) || advice_takes(w->words.items);
}

/* text  the line as it was typed, for the list of jobs */
static int run_words(struct shell *shell, const char *text, int count,
		     char **words)
{
	if (inside_job_wanted(shell, words))
		return inside_job_run(shell, text, count, words);
	return dispatch(shell, count, words);
}

/* cd "$1": sh makes the words, we do the work. */
static int run_expanded(struct shell *shell, const char *text)
{
	OWN_FREE char *question = mem_fmt("printf '%%s\\0' %s", text);
	OWN_BUF struct buf made = { 0 };
	OWN_STRS struct strs words = { 0 };
	struct err err = { 0 };
	int status = sh_ask(shell, ":", question, &made, &err);

	if (status < 0) {
		report_failure(shell, NULL, "sh", &err);
		return 1;
	}
	for (const char *word = buf_text(&made);
	     word < buf_text(&made) + made.len; word += strlen(word) + 1)
		strs_add(&words, word);
	if (words.count == 0)
		return 2; /* sh has said why */
	return run_words(shell, text, (int)words.count, words.items);
}

/* What sh would be started for to do nothing: scripts are full of it. */
static bool does_nothing(const struct words *w)
{
	const char *first = w->words.count > 0 ? w->words.items[0] : "";

	return !w->syntax && !w->quoted_first &&
	       (strcmp(first, ":") == 0 || strcmp(first, "true") == 0 ||
		strcmp(first, "false") == 0);
}

/* A word that neither we nor sh nor the machine know. */
static bool is_unknown(const struct shell *shell, const struct words *w)
{
	const char *first = w->words.items[0];

	return !w->syntax && !w->quoted_first && !strchr(first, '/') &&
	       !sh_knows(first) && !sh_finds(first) && !keep_has(shell, first);
}

static int run_by_sh(struct shell *shell, const char *text, bool background)
{
	struct err err = { 0 };
	int64_t begun_ns = clock_now_ns();
	int status = sh_run(shell, text, background, &err);

	if (status > 0) {
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
	if (strcmp(text, "?") == 0)
		text = "help";
	words_read(text, &w);
	if (w.words.count == 0 && !w.syntax)
		return shell->last_status;
	interrupt_clear();
	if (does_nothing(&w))
		status = strcmp(w.words.items[0], "false") == 0;
	else if (keep_wanted(shell, text, &w))
		status = keep_line(shell, text, &w);
	else if (!w.syntax && (is_ours(&w) || is_unknown(shell, &w)))
		status = run_words(shell, text, (int)w.words.count,
				   w.words.items);
	else if (w.expands && changes_shell(&w))
		status = run_expanded(shell, text);
	else
		status = run_by_sh(shell, text, w.background);
	if (status != 0 && words_unfinished(text))
		report_hint(shell, _("a quote (\" or ') is open in this line: it needs a second one of its kind"));
	fflush(shell->out);
	fflush(shell->err_out);
	shell->last_status = status;
	return status;
}
