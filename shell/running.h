/* shell/running.h - a container that must run for a view of it to show anything. */
#ifndef SHELL_RUNNING_H
#define SHELL_RUNNING_H

struct container;
struct err;
struct shell;

/* As container_find. -ESRCH: it does not run; the hint says how to start it. */
int running_find(const struct shell *shell, const char *name,
		 struct container *out, struct err *err);

#endif
