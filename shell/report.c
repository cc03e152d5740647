/* shell/report.c - see report.h */
#include "shell/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "shell/advice.h"
#include "shell/cmd.h"
#include "shell/style.h"

int report_status(const struct cmd *cmd, const struct err *err)
{
	if (err->status > 0)
		return err->status;
	if (err->code == EINTR)
		return 130;
	return cmd && cmd->own_failure_is_125 ? 125 : 1;
}

bool report_shows_hints(const struct shell *shell)
{
	return shell->interactive || isatty(fileno(shell->err_out));
}

/* Broken into lines for a reader, left whole for a program. */
static void put(const struct shell *shell, const char *text, int at)
{
	OWN_BUF struct buf lines = { 0 };

	if (report_shows_hints(shell))
		style_wrap(&lines, text, at, 2, style_columns(shell->err_out));
	else
		buf_fmt(&lines, "%s\n", text);
	fprintf(shell->err_out, "%*s%s", at, "", buf_text(&lines));
}

void report_line(const struct shell *shell, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *message = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	buf_str(&text, "dockershell: ");
	if (shell->script && *shell->script)
		buf_fmt(&text, _("%s: line %d: "), shell->script, shell->line);
	buf_str(&text, message ? message : format);
	put(shell, buf_text(&text), 0);
}

void report_hint(const struct shell *shell, const char *hint)
{
	if (*hint)
		put(shell, hint, 2);
}

/* Docker's run and create begin with "docker: ", end in one full stop and say
 * where help is, unless the container was made and only its start failed. */
static void report_run(const struct shell *shell, const char *called,
		       const struct err *err)
{
	size_t len = strlen(err->msg);
	const char *voice = err->voice == ERR_DAEMON
				    ? "Error response from daemon: "
				    : "";

	if (len > 0 && err->msg[len - 1] == '.')
		len--;
	fprintf(shell->err_out, "docker: %s%.*s.\n", voice, (int)len,
		err->msg);
	if (!err->begun)
		fprintf(shell->err_out, "See 'docker %s --help'.\n", called);
}

/* last  what was said before: not once more; or NULL */
static void advise(const struct shell *shell, const struct err *err,
		   char **last)
{
	struct err advised = *err;

	if (shell->misread)
		return;
	advice_on_failure(shell, &advised);
	if (last && *last && strcmp(*last, advised.hint) == 0)
		return;
	if (last) {
		free(*last);
		*last = mem_str(advised.hint);
	}
	report_hint(shell, advised.hint);
}

/* The client's last line, where it only sums up what was said before it. */
static bool sums_up(const struct err *err)
{
	static const char *const sums[] = { "failed to start containers: ",
					    "failed to rename container named " };

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		if (strncmp(err->msg, sums[i], strlen(sums[i])) == 0)
			return true;
	return false;
}

void report_failure(struct shell *shell, const struct cmd *cmd,
		    const char *called, const struct err *err)
{
	if (!shell->failed.code || !sums_up(err))
		shell->failed = *err;
	/* After Ctrl-C nobody asks what it was that stopped. */
	if (err->code == EINTR && (!err->msg[0] || interrupt_seen()))
		return;
	trace_begin();
	trace_failed(TRACE_REFUSED, err->code, "%s", err->msg);
	if (err->voice == ERR_OURS)
		report_line(shell, "%s", err->msg);
	else if (cmd && cmd->own_failure_is_125 && err->status != 1)
		report_run(shell, called, err);
	else if (err->voice == ERR_CLIENT)
		fprintf(shell->err_out, "Error: %s\n", err->msg);
	else if (err->voice == ERR_DAEMON)
		fprintf(shell->err_out, "Error response from daemon: %s\n",
			err->msg);
	else
		fprintf(shell->err_out, "%s\n", err->msg);
	if (report_shows_hints(shell))
		advise(shell, err, &shell->advised);
	else if (err->voice == ERR_OURS)
		report_hint(shell, err->hint);
}

void report_bad_option(const struct shell *shell, const struct cmd *cmd,
		       const char *called, const struct err *err)
{
	struct err advised = *err;

	advice_on_flag(shell, cmd, called, &advised);
	if (err->voice == ERR_OURS || cmd->ours) {
		report_line(shell, "%s: %s", called, err->msg);
		report_hint(shell, advised.hint);
		return;
	}
	fprintf(shell->err_out, "%s\nSee 'docker %s --help'.\n", err->msg,
		called);
	if (report_shows_hints(shell))
		advise(shell, &advised, NULL);
}

/* Docker's own words for it: "at least 1 argument", "exactly 2 arguments". */
static void wanted_count(const struct cmd *cmd, char *out, size_t size)
{
	int least = cmd->min_args;
	int most = cmd->max_args;

	if (most < 0)
		snprintf(out, size, "at least %d argument%s", least,
			 least == 1 ? "" : "s");
	else if (least == most)
		snprintf(out, size, "exactly %d argument%s", least,
			 least == 1 ? "" : "s");
	else if (least == 0)
		snprintf(out, size, "at most %d argument%s", most,
			 most == 1 ? "" : "s");
	else
		snprintf(out, size, "at least %d and at most %d arguments",
			 least, most);
}

/* What `why` is told of it: the same sentence. */
static void note_bad_count(struct shell *shell, const struct cmd *cmd,
			   const char *called, int count)
{
	char wanted[64];

	wanted_count(cmd, wanted, sizeof(wanted));
	if (cmd->ours && count < cmd->min_args)
		err_set(&shell->failed, EINVAL, _("%s: a word is missing"),
			called);
	else if (cmd->ours)
		err_set(&shell->failed, EINVAL, _("%s: too many words"),
			called);
	else if (cmd->max_args == 0)
		err_set(&shell->failed, EINVAL,
			"\"docker %s\" accepts no arguments.", called);
	else
		err_set(&shell->failed, EINVAL, "\"docker %s\" requires %s.",
			called, wanted);
}

void report_bad_count(struct shell *shell, const struct cmd *cmd,
		      const char *called, int count)
{
	OWN_FREE char *advice = NULL;
	bool enough = count >= cmd->min_args;

	note_bad_count(shell, cmd, called, count);
	if (cmd->ours) {
		report_line(shell, "%s", shell->failed.msg);
		fprintf(shell->err_out,
			*cmd->synopsis ? _("  usage: %s %s\n")
				       : _("  usage: %s%s\n"),
			called, cmd->synopsis);
	} else {
		fprintf(shell->err_out, "%s\n", shell->failed.msg);
		fprintf(shell->err_out,
			"See 'docker %s --help'.\n\nUsage:  docker %s %s\n\n%s\n",
			called, called, cmd->synopsis,
			cmd->docker_summary ? cmd->docker_summary : cmd->summary);
	}
	/* What ours lack, the usage shows. */
	advice = report_shows_hints(shell) && !shell->misread &&
				 (enough || !cmd->ours)
			 ? advice_on_count(shell, cmd, called, count)
			 : NULL;
	if (advice)
		report_hint(shell, advice);
}
