/* runtime/stages.h - from clone to the program: the two sides of a start.
 *
 * Owns the child between clone3(2) and execve(2), and the talk with its parent,
 * the monitor. */
#ifndef RUNTIME_STAGES_H
#define RUNTIME_STAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include "runtime/base/err.h"
#include "runtime/syscalls.h"

struct cgroup;
struct home;
struct namespaces;
struct net;
struct spec;

/* What a start needs beside the settings.
 *
 * stdio      the program's three streams; -1 is /dev/null. Unused with a tty.
 * again      the container ran before
 * filter     prepared system call filter; count 0: none
 * cgroup     the container's; process 1 is born in it or joins it
 * size       of the terminal, 0 rows for unknown
 * namespaces what is joined of other containers
 * net        its networks: where there are any the child waits for stages_say_networks
 * mount_namespace  where the child writes the number of its own, for who has to
 *            find its processes (stragglers.h); memory that both see, or NULL */
struct stages {
	const struct home *home;
	const struct spec *spec;
	int stdio[3];
	bool again;
	struct syscalls_filter filter;
	const struct cgroup *cgroup;
	struct winsize size;
	const struct namespaces *namespaces;
	const struct net *net;
	uint64_t *mount_namespace;
};

/* A child on its way.
 *
 * pid, pidfd  of process 1, as seen from here
 * control     the talk: news_receive reads it; closed by the child's exec */
struct stages_child {
	pid_t pid;
	int pidfd;
	int control;
};

/* Clones, and writes the id maps. From here on the child runs by itself. */
int stages_begin(const struct stages *stages, struct stages_child *out,
		 struct err *err);

/* Tells the child that its devices are there; `there` false: that it has only lo. */
int stages_say_networks(const struct stages_child *child, bool there,
			struct err *err);

#endif
