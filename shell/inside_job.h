/* shell/inside_job.h - commands of ours as jobs of the prompt. */
#ifndef SHELL_INSIDE_JOB_H
#define SHELL_INSIDE_JOB_H

#include <stdbool.h>

struct shell;

/* Whether these words are a command that the prompt runs as a job (struct cmd,
 * `job`). Never true where there are no jobs. */
bool inside_job_wanted(const struct shell *shell, char *const *words);

/* Runs the words (as dispatch.h does) in a child that is the job in the
 * foreground; `text` is what `jobs` shows. Returns its exit status, 128+n where
 * signal n ended or stopped it. */
int inside_job_run(struct shell *shell, const char *text, int count,
		   char **words);

#endif
