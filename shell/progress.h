/* shell/progress.h - how far something long is, and Ctrl-C while it lasts.
 *
 * Owns the one line on a terminal's standard error that counts what went over. It
 * appears after a second, so that what is short says nothing, and is wiped out at
 * the end. Meanwhile Ctrl-C only sets interrupt.h's flag, so that what is half done
 * can be taken back first. */
#ifndef SHELL_PROGRESS_H
#define SHELL_PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "images/archive.h"

struct shell;

/* label  what stands in front of the number: "Copying to container - "; borrowed
 * watch  to be given to the work */
struct progress {
	const struct shell *shell;
	const char *label;
	struct archive_watch watch;
	struct sigaction before;
	int64_t next_ms; /* when it is shown again */
	bool shown;
	bool quiet;
	bool caught;
};

void progress_begin(struct progress *progress, const struct shell *shell,
		    const char *label, bool quiet);

/* For what is not counted in bytes: "label3 of 8". */
void progress_step(struct progress *progress, size_t done, size_t of);

/* After Ctrl-C it does not come back where SIGINT would have ended the program. */
void progress_end(struct progress *progress);

#endif
