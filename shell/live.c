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
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/frame.h"
#include "shell/line.h"

#define LARGEST_OUTPUT ((size_t)16 << 20)
/* Often enough for the eye. */
#define LOOK_MS 30
/* After a Ctrl-C a program may still end by itself. */
#define PATIENCE_MS 500

/* A child that shows what comes into `from`, until it is told that all has come; and
 * that listens for Ctrl-C. */
struct shower {
	pid_t pid;
	int tell_fd;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* Whoever plays a lesson for a room must get out of it: a program that is process 1
 * of its container and has no handler does not notice Ctrl-C. */
static void kill_containers(const struct home *home)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (container_list(home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		if (all.items[i].status == CONTAINER_RUNNING)
			(void)container_kill(home, all.items[i].spec.id,
					     SIGKILL, &ignored);
	}
}

/* Shows what is new since *at. */
static void show_new(int from, off_t *at, struct frame *frame, int to)
{
	char bytes[4096];
	ssize_t n;

	while (frame && (n = pread(from, bytes, sizeof(bytes), *at)) > 0) {
		OWN_BUF struct buf set = { 0 };

		*at += n;
		frame_add(frame, bytes, (size_t)n, &set);
		(void)fs_write_all(to, buf_text(&set), set.len); /* or nobody looks */
	}
}

/* The same for its whole life: what is read, and where it goes. */
struct view_of {
	const struct home *home;
	const struct frame *look;
	int from;
	int told_fd;
	int to;
};

static void wait_and_show(const struct view_of *view, struct frame *frame,
			  off_t *at)
{
	struct pollfd told = { .fd = view->told_fd, .events = POLLIN };
	int64_t end_ms = 0;

	while (poll(&told, 1, LOOK_MS) <= 0) {
		show_new(view->from, at, frame, view->to);
		if (interrupted && end_ms == 0)
			end_ms = clock_ms() + PATIENCE_MS;
		if (end_ms == 0 || clock_ms() < end_ms)
			continue;
		kill_containers(view->home);
		end_ms = clock_ms() + PATIENCE_MS;
	}
}

static _Noreturn void show(const struct view_of *view)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	struct frame copy = { 0 };
	struct frame *frame = NULL;
	OWN_BUF struct buf end = { 0 };
	off_t at = 0;

	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (view->look) {
		copy = *view->look;
		frame = &copy;
	}
	wait_and_show(view, frame, &at);
	show_new(view->from, &at, frame, view->to);
	if (frame)
		frame_end(frame, &end);
	(void)fs_write_all(view->to, buf_text(&end), end.len);
	_exit(interrupted ? 1 : 0);
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
		show(&(struct view_of){ shell->home, frame, from, fds[0],
					fileno(shell->out) });
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
 * may have the pipe open too. True: Ctrl-C came meanwhile; `run` takes it for its
 * program, so that nobody else here hears of it. */
static bool shower_end(struct shower *shower)
{
	int status = 0;

	(void)!write(shower->tell_fd, "", 1); /* if it has gone, all is shown */
	close(shower->tell_fd);
	while (waitpid(shower->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
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
	if (shower_start(shell, kept, frame, &shower, err) < 0)
		return -err->code;
	status = run_into(shell, line, file, nothing);
	if (shower_end(&shower))
		return interrupt_err(err);
	if (lseek(kept, 0, SEEK_SET) < 0)
		return err_errno(err, "read the output of '%s'", line);
	if (out && fs_read_fd(kept, LARGEST_OUTPUT, out, err) < 0)
		return err_wrap(err, _("output of '%s'"), line);
	return status;
}
