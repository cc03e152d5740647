/* shell/failure.h - the last commands that failed, kept for `why`.
 *
 * Owns <home>/failures: one JSON object a line, the newest last, at most
 * FAILURES_KEPT of them, for the user's own eyes (mode 0600). It is written when
 * something fails and at no other time. Values that were given to -e and --build-arg
 * are left out: a password is none of its business. */
#ifndef SHELL_FAILURE_H
#define SHELL_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;
struct home;
struct shell;

enum { FAILURES_KEPT = 20 };

/* begun_ns, ended_ns  when
 * session  of the terminal: setsid(2)
 * words    the line, its first word the command's name; by /bin/sh: the text alone
 * folder   in which it was typed
 * status   it ended with; code: errno of what failed, 0 where it was no failure of
 *          ours (a container that ended so)
 * message  without Docker's words in front; hint */
struct failure {
	int64_t begun_ns;
	int64_t ended_ns;
	int session;
	bool by_sh;
	struct strs words;
	char *folder;
	int status;
	int code;
	char *message;
	char *hint;
};

void failure_done(struct failure *failure);
#define OWN_FAILURE __attribute__((cleanup(failure_done)))

/* Notes that a line failed with shell->failed. Where the home was not made yet, nothing
 * is kept: a slip of the finger makes no home. Nothing here fails. */
void failure_note(struct shell *shell, const struct strs *words, bool by_sh,
		  int64_t begun_ns, int status);

/* The last one; of this terminal's session, with `session` true. Returns 1, 0 for
 * none, or -errno. */
int failure_last(const struct home *home, bool session, struct failure *out,
		 struct err *err);

/* When the newest one was, 0 for none. */
int64_t failure_newest_ns(const struct home *home);

#endif
