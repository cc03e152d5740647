/* shell/capture.c - see lesson_view.h: lines that a lesson types
 *
 * The output goes to a file in memory: a program that the line starts needs a
 * descriptor to write to, and a pipe would have to be emptied meanwhile. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/line.h"

#define LARGEST_OUTPUT ((size_t)16 << 20)

static int open_capture(FILE **out_file, struct err *err)
{
	OWN_FD int fd = memfd_create("output", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "memfd_create");
	*out_file = fdopen(fd, "w+");
	if (!*out_file)
		return err_errno(err, "fdopen");
	(void)own_give_fd(&fd); /* the FILE has it now */
	/* Both streams and all programs share it: in the order of writing. */
	setvbuf(*out_file, NULL, _IONBF, 0);
	return 0;
}

/* A line is run as a script runs it: no job of the prompt, no tips. */
static int run_quietly(struct shell *shell, const char *line, FILE *out,
		       FILE *err_out)
{
	struct shell before = *shell;
	int status;

	shell->out = out;
	shell->err_out = err_out;
	shell->interactive = false;
	shell->jobs = NULL;
	shell->color = before.color && out == before.out;
	status = line_run(shell, line);
	shell->out = before.out;
	shell->err_out = before.err_out;
	shell->interactive = before.interactive;
	shell->jobs = before.jobs;
	shell->color = before.color;
	shell->last_status = before.last_status;
	shell->want_exit = before.want_exit;
	return status;
}

static int run_line(void *ctx, const char *line, struct buf *out,
		    struct err *err)
{
	struct shell *shell = ctx;
	OWN_FILE FILE *file = NULL;
	int status;

	if (!out)
		return run_quietly(shell, line, shell->out, shell->err_out);
	if (open_capture(&file, err) < 0)
		return -err->code;
	status = run_quietly(shell, line, file, file);
	if (lseek(fileno(file), 0, SEEK_SET) < 0)
		return err_errno(err, "read the output of '%s'", line);
	if (fs_read_fd(fileno(file), LARGEST_OUTPUT, out, err) < 0)
		return err_wrap(err, _("output of '%s'"), line);
	return status;
}

void shell_lesson_host(struct shell *shell, struct lesson_host *out)
{
	*out = (struct lesson_host){ .ctx = shell, .run_line = run_line };
}
