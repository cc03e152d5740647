/* shell/progress.c - see progress.h */
#include "shell/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"

enum {
	FIRST_MS = 1000,
	AGAIN_MS = 100,
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_time(struct progress *progress)
{
	int64_t now;

	if (progress->quiet)
		return false;
	now = now_ms();
	if (now < progress->next_ms)
		return false;
	progress->next_ms = now + AGAIN_MS;
	progress->shown = true;
	return true;
}

static void moved(void *arg, int64_t bytes)
{
	struct progress *progress = arg;
	char size[HUMAN_SIZE];

	if (!is_time(progress))
		return;
	/* The spaces cover what a longer number has left. */
	fprintf(progress->shell->err_out, "\r%s%s   ", progress->label,
		human_size(size, (double)bytes, 3));
	fflush(progress->shell->err_out);
}

void progress_step(struct progress *progress, size_t done, size_t of)
{
	if (!is_time(progress))
		return;
	fputc('\r', progress->shell->err_out);
	fprintf(progress->shell->err_out, _("%s%zu of %zu"), progress->label,
		done, of);
	fputs("   ", progress->shell->err_out);
	fflush(progress->shell->err_out);
}

void progress_begin(struct progress *progress, const struct shell *shell,
		    const char *label, bool quiet)
{
	int fd = fileno(shell->err_out);

	*progress = (struct progress){
		.shell = shell,
		.label = label,
		.watch = { moved, progress },
		.quiet = quiet || fd < 0 || !isatty(fd),
		.next_ms = now_ms() + FIRST_MS,
	};
	/* Ignored (nohup, &) stays ignored, and at the prompt it is caught. */
	if (sigaction(SIGINT, NULL, &progress->before) == 0 &&
	    progress->before.sa_handler == SIG_DFL) {
		progress->caught = true;
		interrupt_catch();
	}
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fprintf(progress->shell->err_out, "\r%*s\r", 60, "");
	if (progress->shown)
		fflush(progress->shell->err_out);
	if (!progress->caught)
		return;
	(void)sigaction(SIGINT, &progress->before, NULL);
	if (interrupt_seen())
		(void)raise(SIGINT);
}
