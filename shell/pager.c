/* shell/pager.c - see pager.h */
#include "shell/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/opt.h"
#include "shell/sh.h"
#include "shell/style.h"

static const char *named(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

bool pager_choose(void)
{
	const char *program = named("DOCKERSHELL_PAGER");

	if (program)
		return true;
	program = named("PAGER");
	if (!program && sh_finds("less"))
		program = "less";
	if (!program && sh_finds("more"))
		program = "more";
	if (program)
		setenv("DOCKERSHELL_PAGER", program, 1);
	return program != NULL;
}

bool pager_wanted(const struct shell *shell, const struct cmd *cmd)
{
	/* In an enclosure it would be a program of a learner's beside the engine. */
	return cmd->pages && !shell->broker && named("DOCKERSHELL_PAGER") &&
	       isatty(fileno(shell->out));
}

static bool follows(const struct cmd *cmd, const void *values)
{
	const struct opt *opt = cmd->opts ? opt_find(cmd, "follow", 6) : NULL;
	bool value = false;

	if (opt && opt->kind == OPT_FLAG)
		memcpy(&value, (const char *)values + opt->offset,
		       sizeof(value));
	return value;
}

/* Runs in the child. As git does: less leaves at once what fits on the screen,
 * lets colours through and keeps the screen. */
static void exec_pager(int read_fd)
{
	dup2(read_fd, STDIN_FILENO);
	signal(SIGINT, SIG_DFL);
	setenv("LESS", "FRX", 0);
	setenv("LESSCHARSET", "utf-8", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", named("DOCKERSHELL_PAGER"), (char *)NULL);
	_exit(127);
}

/* The pipe has no width; what is printed into it is read on this terminal. */
static void tell_width(const struct shell *shell, struct pager *pager)
{
	OWN_FREE char *columns = mem_fmt("%d", style_columns(shell->out));

	pager->columns = !getenv("COLUMNS");
	if (pager->columns)
		setenv("COLUMNS", columns, 1);
}

void pager_begin(struct shell *shell, const struct cmd *cmd,
		 const void *values, struct pager *pager)
{
	int ends[2];
	FILE *out;

	*pager = (struct pager){ .before = shell->out };
	if (!pager_wanted(shell, cmd) || follows(cmd, values) ||
	    pipe2(ends, O_CLOEXEC) < 0)
		return;
	out = fdopen(ends[1], "w");
	if (!out) {
		close(ends[0]);
		close(ends[1]);
		return;
	}
	fflush(shell->out);
	pager->pid = fork();
	if (pager->pid == 0)
		exec_pager(ends[0]);
	close(ends[0]);
	if (pager->pid < 0) {
		pager->pid = 0;
		fclose(out);
		return;
	}
	/* Who has seen enough leaves; the rest is written to nobody. */
	signal(SIGPIPE, SIG_IGN);
	tell_width(shell, pager);
	shell->out = out;
}

void pager_end(struct shell *shell, struct pager *pager)
{
	if (!pager->pid)
		return;
	fclose(shell->out);
	shell->out = pager->before;
	while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		;
	signal(SIGPIPE, SIG_DFL);
	if (pager->columns)
		unsetenv("COLUMNS");
}
