/* runtime/process.h - what a program finds when it wakes up in a container.
 *
 * Owns its streams, its signals, its environment and its folder: the steps that
 * process 1 (stages.h) and a program that joins later (join.h) share. They run in
 * the child, shortly before exec. */
#ifndef RUNTIME_PROCESS_H
#define RUNTIME_PROCESS_H

#include <stdbool.h>

struct err;
struct spec;
struct strs;
struct user;

/* Makes 0, 1 and 2 of the terminal (its controlling one from then on) or, with
 * terminal -1, of stdio; -1 there is /dev/null. */
int process_join_streams(const int stdio[3], int terminal,
			 const struct user *user, struct err *err);

/* All signals as they come with a machine: none ignored, none blocked. */
void process_reset_signals(void);

/* PATH, HOSTNAME, TERM (with a terminal), links, the settings' own, `more` (NULL for
 * none), HOME. */
void process_environment(const struct spec *spec, bool tty,
			 const struct strs *more, const struct user *user,
			 struct strs *env);

/* chdir(2), with a look at where that led. */
int process_enter_folder(const char *path, struct err *err);

#endif
