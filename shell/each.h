/* shell/each.h - commands that do one thing to each of several containers.
 *
 * `stop a b c` goes on after a failure, prints what went well and each failure as
 * it comes, and ends with status 1 if there was one: the rule of stop, start, rm,
 * kill and the like. */
#ifndef SHELL_EACH_H
#define SHELL_EACH_H

struct args;
struct err;
struct shell;

/* What is done to one. The name is printed when it returns 0. */
typedef int each_work(struct shell *shell, const char *name, void *arg,
		      struct err *err);

/* Returns 0, or 1 if any failed, or 130 at Ctrl-C. With `daemon`, "No such container" is said in
 * the daemon's voice, as Docker does for some commands. *out_failed (may be
 * NULL): how many. */
int each_container(struct shell *shell, const struct args *args,
		   each_work *work, void *arg, int daemon, int *out_failed);

#endif
