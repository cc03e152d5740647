/* runtime/enclosure_guard.h - which paths a learner's command may name in an enclosure.
 *
 * Commands run with the engine's rights, in the engine's view of files: a path that a
 * command is given (`-v`, `cp`, a build's folder, `-o`, `load -i`, --cidfile ...) must
 * not lead into the home, where it could read or forge what is judged, nor to /proc,
 * where the engine itself is to be seen. One place says so, in three ways:
 *
 *   guard_words   before a command runs: none of its words leads there
 *   guard_env     what may be in the environment of those commands
 *   guard_fd      after something was opened that will be mounted, read or written:
 *                 whoever swaps links in between gains nothing
 *
 * Outside of an enclosure nothing was set, and everything passes. */
#ifndef RUNTIME_ENCLOSURE_GUARD_H
#define RUNTIME_ENCLOSURE_GUARD_H

#include <stdbool.h>

struct err;

/* home   absolute
 * work   the one folder in it that commands may name, or NULL */
void guard_set(const char *home, const char *work);
bool guard_is_on(void);

/* Whether what is open (O_PATH will do) may be used. whole: all that lies in it will be,
 * so it may not hold the home either. -EPERM, with the words for the user. */
int guard_fd(int fd, bool whole, struct err *err);

/* The same by name; what is not there yet is judged by the folder that it will be in. */
int guard_path(const char *path, bool whole, struct err *err);

/* Whether a word, or a part of it between = : and ',' leads into the home. */
int guard_words(int count, char *const *words, struct err *err);

/* Whether a learner may set this variable where our own code runs, and not only for lines
 * of sh: never what makes a program load or start another, or look elsewhere for its
 * files. */
bool guard_env(const char *name);

/* When memory runs out the kernel ends who has most of it, which is the engine where a
 * program put all of it into files: containers there go before, whatever they ask for. */
int guard_oom_score(int asked);

/* A file system that a volume is to be: only one in memory cannot reach the home. */
int guard_file_system(const char *type, struct err *err);

/* The mode of a view (`--pid`, `--ipc` ...): "host" would be the engine's own. */
int guard_namespace(const char *option, const char *mode, struct err *err);

#endif
