/* shell/inside_job.c - see inside_job.h
 *
 * A command that runs inside the program could not be stopped by Ctrl-Z: the
 * prompt would stop with it. So one that may take long runs in a child that
 * fork(2) made, and no exec(3) follows: it is the same program with all that is
 * open, only in a process group of its own.
 *
 *   prompt ── fork ── logs -f web        the terminal's foreground
 *     │                  ⋮   Ctrl-Z       SIGTSTP goes there and nowhere else
 *     └── waits until it has ended, or stopped: jobs.c
 *
 * What such a command does to the machine (containers, images) stays; what it
 * would do to the shell's own variables dies with the child. */
#include "shell/inside_job.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/jobs.h"
#include "shell/pager.h"
#include "shell/report.h"

bool inside_job_wanted(const struct shell *shell, char *const *words)
{
	const struct cmd *cmd;
	int used;

	if (!shell->jobs || !words[0])
		return false;
	if (strcmp(words[0], "docker") == 0)
		words++;
	cmd = command_find(words, &used);
	return cmd && (cmd->job || pager_wanted(shell, cmd));
}

/* The first Ctrl-C lets the command clean up, the second ends it wherever it
 * hangs: the store stands a kill at any moment. */
static void catch_one_interrupt(void)
{
	struct sigaction action;

	interrupt_clear();
	interrupt_catch();
	(void)sigaction(SIGINT, NULL, &action); /* fails on bad numbers only */
	action.sa_flags |= (int)SA_RESETHAND;
	(void)sigaction(SIGINT, &action, NULL);
}

static void run_in_child(struct shell *shell, int count, char **words)
{
	int status;

	jobs_enter_child(shell->jobs, true);
	catch_one_interrupt();
	shell->jobs = NULL; /* they are the prompt's */
	status = dispatch(shell, count, words);
	fflush(shell->out);
	fflush(shell->err_out);
	_exit(status);
}

int inside_job_run(struct shell *shell, const char *text, int count,
		   char **words)
{
	struct err err = { 0 };
	pid_t pid;

	store_rest(shell->store);
	if (shell->base_store != shell->store)
		store_rest(shell->base_store);
	fflush(shell->out);
	fflush(shell->err_out);
	pid = fork();
	if (pid < 0) {
		err_errno(&err, "fork");
		report_failure(shell, NULL, "", &err);
		return 125;
	}
	if (pid == 0)
		run_in_child(shell, count, words);
	jobs_add(shell->jobs, pid, text, true, shell->err_out);
	return jobs_wait(shell->jobs, shell->err_out);
}
