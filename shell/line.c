/* shell/line.c - see line.h */
#include "shell/line.h"

#include <signal.h>
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
#include "shell/parts.h"
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

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || strchr(" \t\n;&|(", at[-1])) &&
		    strchr(" \t\n;&|)", at[len]))
			return true;
	return false;
}

/* A script is said once to be another shell's. */
static void hint_on_sh(struct shell *shell, const char *text, int status)
{
	OWN_FREE char *advice = NULL;

	if (status <= 0)
		return;
	if (status == 127 && shell->interactive)
		advice = advice_on_prompt(text);
	if (!advice && !shell->misfit)
		advice = advice_on_sh(shell, text, status);
	if (!advice)
		return;
	shell->misfit = shell->script && *shell->script;
	report_hint(shell, advice);
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
	if (status == 127 && has_word(text, cmd_lang.name))
		report_hint(shell, _("'lang' changes this shell itself: it stands alone on its line, or between ; && ||"));
	if (!background)
		hint_on_sh(shell, text, status);
	if (status >= 0)
		return status;
	report_failure(shell, NULL, "sh", &err);
	return 1;
}

/* "# docker ps", copied from a page with root's prompt: sh says nothing of it. */
static void hint_remark(struct shell *shell, const char *text)
{
	bool pasted = shell->interactive && strncmp(text, "# docker ", 9) == 0;
	OWN_FREE char *advice = pasted ? advice_on_prompt(text) : NULL;

	if (!advice)
		return;
	report_line(shell, _("a line that begins with # is a remark: nothing was run"));
	report_hint(shell, advice);
}

/* A quote that never ends: sh would count lines up to where it gave up. */
static bool refuse_open_quote(struct shell *shell, const char *text)
{
	int line = shell->line;
	int behind;

	if (!words_open_quote(text, &behind))
		return false;
	shell->line += behind;
	report_line(shell, _("the line is not whole"));
	report_hint(shell, _("a quote (\" or ') is open in this line: it needs a second one of its kind"));
	shell->line = line;
	return true;
}

/* `wait` alone is sh's: for what was started with &, and not for a container. */
static bool waits_behind(const struct shell *shell, const struct words *w)
{
	return w->words.count == 1 && !w->syntax && !w->quoted_first &&
	       strcmp(w->words.items[0], cmd_wait.name) == 0 &&
	       ((shell->script && *shell->script) || sh_runs_behind(shell));
}

static int run_one(struct shell *shell, const char *text, const struct words *w)
{
	if (does_nothing(w))
		return strcmp(w->words.items[0], "false") == 0;
	if (waits_behind(shell, w))
		return sh_wait(shell);
	if (keep_wanted(shell, text, w)) {
		int status = keep_line(shell, text, w);

		hint_on_sh(shell, text, status);
		return status;
	}
	if (!w->syntax && (is_ours(w) || is_unknown(shell, w)))
		return run_words(shell, text, (int)w->words.count,
				 w->words.items);
	if (w->expands && changes_shell(w))
		return run_expanded(shell, text);
	return run_by_sh(shell, text, w->background);
}

/* ---- several commands on a line ---- */

/* Whether the parts run one by one: where one changes the shell itself, and where
 * all are ours. Else the whole line is sh's. */
static bool runs_in_parts(const struct shell *shell, const struct parts *parts)
{
	bool all_ours = true;

	for (size_t i = 0; i < parts->texts.count; i++) {
		OWN_WORDS struct words w = { 0 };

		words_read(parts->texts.items[i], &w);
		if (w.words.count > 0 && keep_has(shell, w.words.items[0]))
			return false;
		if (changes_shell(&w))
			return true;
		all_ours = all_ours &&
			   (does_nothing(&w) ||
			    (!w.syntax && w.words.count > 0 &&
			     (is_ours(&w) || is_unknown(shell, &w))));
	}
	return all_ours;
}

/* As sh does it: `set -e` looks at the last one of an && or || list alone. */
static int run_parts(struct shell *shell, const struct parts *parts)
{
	int status = 0;

	for (size_t i = 0; i < parts->texts.count; i++) {
		if (i > 0 && !parts_go_on(parts->links[i - 1], status))
			continue;
		shell->let_be = false;
		status = line_run(shell, parts->texts.items[i]);
		if (shell->want_exit || status == 128 + SIGINT)
			break;
		if (status != 0 && parts->links[i] != ';')
			shell->let_be = true;
		else if (status != 0 && shell->stop && !shell->let_be)
			break;
	}
	return status;
}

/* True: it was such a line, and is done. */
static bool took_parts(struct shell *shell, const char *text, int *out_status)
{
	OWN_PARTS struct parts parts = { 0 };

	if (!parts_read(text, &parts) || !runs_in_parts(shell, &parts))
		return false;
	*out_status = run_parts(shell, &parts);
	return true;
}

/* "cd x; run y &": what stands in front runs first, and only the last list behind. */
static bool took_front(struct shell *shell, const char *text,
		       const struct words *w, int *out_status)
{
	ssize_t len = w->background ? parts_in_front(text) : 0;
	OWN_FREE char *front = len > 0 ? mem_strn(text, (size_t)len) : NULL;

	if (len < 0)
		*out_status = run_by_sh(shell, text, false);
	if (len <= 0)
		return len < 0;
	*out_status = line_run(shell, front);
	if (shell->want_exit || *out_status == 128 + SIGINT ||
	    (*out_status != 0 && shell->stop && !shell->let_be))
		return true;
	*out_status = line_run(shell, text + len);
	return true;
}

int line_run(struct shell *shell, const char *text)
{
	OWN_WORDS struct words w = { 0 };
	int status;

	text = words_begin(text);
	if (strcmp(text, "?") == 0)
		text = "help";
	words_read(text, &w);
	if (w.words.count == 0 && !w.syntax) {
		hint_remark(shell, text);
		return shell->last_status;
	}
	interrupt_clear();
	if (refuse_open_quote(shell, text))
		status = 2;
	else if (!took_front(shell, text, &w, &status) &&
		 (!w.syntax || w.expands || !took_parts(shell, text, &status)))
		status = run_one(shell, text, &w);
	fflush(shell->out);
	fflush(shell->err_out);
	shell->last_status = status;
	return status;
}
