/* shell/live.c - see live.h
 *
 *     the line --> [ file in memory ] --> the child --> the terminal
 *                          |
 *                          +--> the script, at the end
 */
#include "shell/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/frame.h"
#include "shell/line.h"

#define LARGEST_OUTPUT ((size_t)16 << 20)
/* Often enough for the eye. */
#define LOOK_MS 30

/* A child that shows what comes into `from`, until it is told that all has come. */
struct shower {
	pid_t pid;
	int tell_fd;
};

/* Shows what is new since *at. */
static void show_new(int from, off_t *at, struct frame *frame, int to)
{
	char bytes[4096];
	ssize_t n;

	while ((n = pread(from, bytes, sizeof(bytes), *at)) > 0) {
		OWN_BUF struct buf set = { 0 };

		*at += n;
		frame_add(frame, bytes, (size_t)n, &set);
		(void)fs_write_all(to, buf_text(&set), set.len); /* or nobody looks */
	}
}

static _Noreturn void show(int from, int told_fd, const struct frame *look,
			   int to)
{
	struct pollfd told = { .fd = told_fd, .events = POLLIN };
	struct frame frame = *look;
	OWN_BUF struct buf end = { 0 };
	off_t at = 0;

	(void)signal(SIGINT, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(&told, 1, LOOK_MS) == 0)
		show_new(from, &at, &frame, to);
	show_new(from, &at, &frame, to);
	frame_end(&frame, &end);
	(void)fs_write_all(to, buf_text(&end), end.len);
	_exit(0);
}

static int shower_start(const struct shell *shell, int from,
			const struct frame *frame, struct shower *out,
			struct err *err)
{
	int fds[2];

	fflush(shell->out);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	out->pid = fork();
	if (out->pid == 0) {
		close(fds[1]);
		show(from, fds[0], frame, fileno(shell->out));
	}
	close(fds[0]);
	out->tell_fd = fds[1];
	if (out->pid < 0) {
		close(fds[1]);
		return err_errno(err, "fork");
	}
	return 0;
}

/* A byte, not the end of the pipe: what the line has left running in the background
 * may have the pipe open too. */
static void shower_end(struct shower *shower)
{
	if (shower->pid <= 0)
		return;
	(void)!write(shower->tell_fd, "", 1); /* if it has gone, all is shown */
	close(shower->tell_fd);
	while (waitpid(shower->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* As a script's line is run: no job of the prompt, no tips. */
static int run_into(struct shell *shell, const char *line, FILE *file,
		    int nothing_fd)
{
	struct shell before = *shell;
	int status;

	shell->out = file;
	shell->err_out = file;
	shell->in_fd = nothing_fd;
	shell->interactive = false;
	shell->jobs = NULL;
	status = line_run(shell, line);
	shell->out = before.out;
	shell->err_out = before.err_out;
	shell->in_fd = before.in_fd;
	shell->interactive = before.interactive;
	shell->jobs = before.jobs;
	shell->last_status = before.last_status;
	shell->want_exit = before.want_exit;
	return status;
}

int live_run(struct shell *shell, const char *line, const struct frame *frame,
	     struct buf *out, struct err *err)
{
	OWN_FD int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	OWN_FD int fd = memfd_create("output", MFD_CLOEXEC);
	OWN_FD int kept = -1;
	OWN_FILE FILE *file = NULL;
	struct shower shower = { 0 };
	int status;

	if (nothing < 0 || fd < 0)
		return err_errno(err, "open a file for the output");
	kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	file = fdopen(fd, "w+");
	if (!file || kept < 0)
		return err_errno(err, "fdopen");
	(void)own_give_fd(&fd); /* the FILE has it now */
	/* Both streams and all programs share it: in the order of writing. */
	setvbuf(file, NULL, _IONBF, 0);
	if (frame && shower_start(shell, kept, frame, &shower, err) < 0)
		return -err->code;
	status = run_into(shell, line, file, nothing);
	shower_end(&shower);
	if (lseek(kept, 0, SEEK_SET) < 0)
		return err_errno(err, "read the output of '%s'", line);
	if (out && fs_read_fd(kept, LARGEST_OUTPUT, out, err) < 0)
		return err_wrap(err, _("output of '%s'"), line);
	return status;
}
