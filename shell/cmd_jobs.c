/* shell/cmd_jobs.c - `jobs`, `fg`, `bg`: what was started here and goes on. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/jobs.h"
#include "shell/shown.h"

/* Only the prompt has jobs: a script's lines are waited for one by one. */
static int need_jobs(const struct shell *shell, const char *name,
		     struct err *err)
{
	if (shell->jobs)
		return 0;
	return err_set(err, ENOTSUP, _("%s: there are jobs at the prompt only"),
		       name);
}

/* "%1", "1", or nothing: the latest. */
static int read_number(const struct args *args, int *out, struct err *err)
{
	const char *text = args->count > 0 ? args->words[0] : "0";
	char *end;
	long number;

	text += *text == '%';
	number = strtol(text, &end, 10);
	if (end == text || *end || number < 0 || number > 100000) {
		err_set(err, EINVAL, _("'%s' is no number of a job"), text);
		return err_hint(err, _("'jobs' shows the numbers"));
	}
	*out = (int)number;
	return 0;
}

static void shown_job(int number, const char *state, const char *line,
		      void *shell)
{
	shown_row(shell, json_pack("{s:i, s:s, s:s}", "number", number, "state",
				   state, "line", line));
}

static int run_jobs(struct shell *shell, struct args *args, struct err *err)
{
	(void)args;
	if (need_jobs(shell, "jobs", err) < 0)
		return -err->code;
	if (shown_otherwise(shell))
		jobs_facts(shell->jobs, shown_job, shell);
	else
		jobs_list(shell->jobs, shell->out);
	return 0;
}

static int run_fg(struct shell *shell, struct args *args, struct err *err)
{
	int number = 0;

	if (need_jobs(shell, "fg", err) < 0 ||
	    read_number(args, &number, err) < 0)
		return -err->code;
	return jobs_foreground(shell->jobs, number, shell->err_out, err);
}

static int run_bg(struct shell *shell, struct args *args, struct err *err)
{
	int number = 0;

	if (need_jobs(shell, "bg", err) < 0 ||
	    read_number(args, &number, err) < 0)
		return -err->code;
	return jobs_background(shell->jobs, number, shell->err_out, err);
}

static const char *const jobs_examples[] = { "sleep 30 &", "jobs", NULL };
static const char *const fg_examples[] = { "sleep 5 &", "fg", NULL };
static const char *const bg_examples[] = { "sleep 30 &", "bg 1", NULL };

const struct cmd cmd_jobs = {
	.name = "jobs",
	.group = N_("Shell"),
	.synopsis = "",
	.summary = N_("List what runs or has stopped behind the prompt"),
	.max_args = 0,
	.examples = jobs_examples,
	.run = run_jobs,
	.shows = true,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
};

const struct cmd cmd_fg = {
	.name = "fg",
	.group = N_("Shell"),
	.synopsis = "[NUMBER]",
	.summary = N_("Bring a job back to the terminal"),
	.max_args = 1,
	.examples = fg_examples,
	.run = run_fg,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_JOBS,
};

const struct cmd cmd_bg = {
	.name = "bg",
	.group = N_("Shell"),
	.synopsis = "[NUMBER]",
	.summary = N_("Let a stopped job go on behind the prompt"),
	.max_args = 1,
	.examples = bg_examples,
	.run = run_bg,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_JOBS,
};
