/* shell/progress.c - see progress.h */
#include "shell/progress.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/report.h"
#include "shell/style.h"

enum {
	FIRST_MS = 500,
	AGAIN_MS = 100,
	RATE_FROM_MS = 1000, /* a guess made sooner is a wild one */
};

/* ---- the line ---- */

static void add_amount(struct buf *out, const struct amounts *a, int64_t amount)
{
	char size[HUMAN_SIZE];

	if (a->steps)
		buf_fmt(out, "%lld", (long long)amount);
	else if (a->items)
		buf_fmt(out, _("%lld files"), (long long)amount);
	else
		buf_str(out, human_size(size, (double)amount, 3));
}

static void add_time_left(struct buf *out, int64_t seconds)
{
	if (seconds < 60)
		buf_fmt(out, _(", about %lld s left"), (long long)seconds + 1);
	else
		buf_fmt(out, _(", about %lld min left"),
			(long long)(seconds + 30) / 60);
}

char *progress_line(const struct amounts *a, int64_t now_ms, int columns)
{
	OWN_BUF struct buf line = { 0 };
	int64_t done =
		atomic_load(a->items || a->steps ? &a->things : &a->bytes);
	int64_t spent = now_ms - a->begun_ms;
	bool known = a->total > 0 && done <= a->total;

	buf_str(&line, *a->label ? _(a->label) : "");
	if (known) {
		OWN_BUF struct buf part = { 0 };
		OWN_BUF struct buf all = { 0 };

		add_amount(&part, a, done);
		add_amount(&all, a, a->total);
		buf_fmt(&line, _("%s of %s"), buf_text(&part), buf_text(&all));
	} else if (done > 0) {
		add_amount(&line, a, done);
	} else {
		buf_fmt(&line, _("%lld s so far"), (long long)spent / 1000);
	}
	if (known && done > 0 && spent >= RATE_FROM_MS)
		add_time_left(&line, (int64_t)((double)(a->total - done) *
					       (double)spent / (double)done /
					       1000));
	/* The last column stays free: some terminals go on to the next line. */
	return mem_strn(buf_text(&line),
			style_fit(buf_text(&line), columns - 1));
}

/* ---- who draws it ---- */

static void draw(struct amounts *a, int columns)
{
	OWN_FREE char *line = NULL;
	OWN_FREE char *drawn = NULL;
	int64_t now = amount_now_ms();

	if (!amount_lock(a))
		return;
	if (a->depth > 0 && now - a->begun_ms >= FIRST_MS) {
		line = progress_line(a, now, columns);
		drawn = mem_fmt("\r%s\033[K", line);
		a->drawn = write(a->fd, drawn, strlen(drawn)) > 0;
	}
	amount_unlock(a);
}

/* In the child: until it is killed. Files are closed, lest a pipe or a lock of the
 * work be held by who only looks on. */
static void draw_on(const struct shell *shell, struct amounts *a, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* else it sees getppid change */
	(void)signal(SIGINT, SIG_IGN);
	a->fd = dup2(fileno(shell->err_out), STDERR_FILENO);
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	style_locale();
	while (getppid() == parent) {
		(void)poll(NULL, 0, AGAIN_MS);
		draw(a, style_columns(shell->err_out));
	}
	_exit(0);
}

static void start_drawing(struct progress *progress, const struct shell *shell)
{
	struct amounts *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid();

	if (a == MAP_FAILED)
		return; /* the work goes on without being watched */
	*a = (struct amounts){ .fd = fileno(shell->err_out) };
	atomic_flag_clear(&a->lock);
	fflush(shell->out);
	fflush(shell->err_out);
	progress->drawer = fork();
	if (progress->drawer == 0)
		draw_on(shell, a, parent);
	progress->amounts = a;
	amount_listen(a);
}

/* ---- around the work ---- */

static void moved(void *arg, int64_t bytes)
{
	(void)arg;
	amount_set(bytes);
}

static void begin(struct progress *progress, const struct shell *shell,
		  bool quiet)
{
	int fd = fileno(shell->err_out);

	*progress = (struct progress){ .watch = { moved, progress } };
	if (!quiet && fd >= 0 && isatty(fd))
		start_drawing(progress, shell);
	/* Ignored (nohup, &) stays ignored, and at the prompt it is caught. */
	if (sigaction(SIGINT, NULL, &progress->before) == 0 &&
	    progress->before.sa_handler == SIG_DFL) {
		progress->caught = true;
		interrupt_catch();
	}
}

void progress_begin(struct progress *progress, const struct shell *shell,
		    const char *label, bool quiet)
{
	begin(progress, shell, quiet);
	if (*label)
		amount_begin(label, 0);
}

void progress_total(struct progress *progress, int64_t bytes)
{
	if (progress->amounts)
		progress->amounts->total = bytes;
}

void progress_step(struct progress *progress, size_t done, size_t of)
{
	if (!progress->amounts)
		return;
	progress->amounts->steps = true;
	progress->amounts->total = (int64_t)of;
	atomic_store(&progress->amounts->things, (int64_t)done);
}

void progress_total_of_file(struct progress *progress, int fd)
{
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (at >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		progress_total(progress, st.st_size - at);
}

static void stop_drawing(struct progress *progress)
{
	if (progress->amounts) {
		while (progress->amounts->depth > 0)
			amount_end();
		amount_listen(NULL);
	}
	if (progress->drawer > 0) {
		(void)kill(progress->drawer, SIGKILL);
		while (waitpid(progress->drawer, NULL, 0) < 0 && errno == EINTR)
			;
	}
	progress->drawer = 0;
	if (progress->amounts)
		(void)munmap(progress->amounts, sizeof(*progress->amounts));
	progress->amounts = NULL;
}

/* It covers the terminal's ^C. The prompt ends such a line by itself. */
static void say_stopped(const struct shell *shell, const char *stopped)
{
	fprintf(shell->err_out, "\r%s%s", stopped,
		shell->interactive ? "" : "\n");
	fflush(shell->err_out);
}

void progress_end_work(struct progress *progress, const struct shell *shell,
		       int result, const char *stopped)
{
	stop_drawing(progress);
	if ((result == -EINTR || (result < 0 && interrupt_seen())) &&
	    report_shows_hints(shell))
		say_stopped(shell, stopped);
	progress_end(progress);
}

void progress_end(struct progress *progress)
{
	stop_drawing(progress);
	if (!progress->caught)
		return;
	(void)sigaction(SIGINT, &progress->before, NULL);
	if (interrupt_seen())
		(void)raise(SIGINT);
}
