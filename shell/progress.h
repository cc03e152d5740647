/* shell/progress.h - how far something long is, and Ctrl-C while it lasts.
 *
 * Owns the one line on a terminal's standard error that says how much is done, of how
 * much, and how long it will go on. It appears after half a second, so that what is
 * short says nothing, and is wiped out at the end. A small process draws it, so that
 * it goes on whatever the work is busy with; what it knows, amount.h told it.
 *
 * Meanwhile Ctrl-C only sets interrupt.h's flag, so that what is half done can be
 * taken back first. */
#ifndef SHELL_PROGRESS_H
#define SHELL_PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "images/archive.h"

struct amounts;
struct shell;

/* watch    to be given to the work: sets how much is done
 * amounts  shared with who draws; NULL where nobody watches */
struct progress {
	struct archive_watch watch;
	struct sigaction before;
	struct amounts *amounts;
	pid_t drawer;
	bool caught;
};

/* label  what stands in front of the number: "Loading - "; "": the work itself says
 *        with amount_begin what it is at
 * quiet  nothing is drawn, as where standard error is no terminal */
void progress_begin(struct progress *progress, const struct shell *shell,
		    const char *label, bool quiet);

/* How much there is to do, where it is known: bytes. */
void progress_total(struct progress *progress, int64_t bytes);

/* What is left of the file in bytes, where `fd` is one. */
void progress_total_of_file(struct progress *progress, int fd);

/* For what is neither bytes nor files: "Measuring - 3 of 8". */
void progress_step(struct progress *progress, size_t done, size_t of);

/* The end of work that gave `result`. Where Ctrl-C stopped it, somebody at a terminal is
 * told what is left of it: `stopped`, a sentence. */
void progress_end_work(struct progress *progress, const struct shell *shell,
		       int result, const char *stopped);

/* After Ctrl-C it does not come back where SIGINT would have ended the program. */
void progress_end(struct progress *progress);

/* Adds the line: "Loading - 12.3MB of 66MB, about 3 s left", cut to `columns`. Given. */
char *progress_line(const struct amounts *amounts, int64_t now_ms, int columns);

#endif
