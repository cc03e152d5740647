/* runtime/attach.h - a terminal or pipes, joined to a container.
 *
 * Owns the client's side of the talk with a monitor: raw mode and its end,
 * window sizes, signals passed on, the keys that detach. */
#ifndef RUNTIME_ATTACH_H
#define RUNTIME_ATTACH_H

#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>

struct attach;
struct err;

/* How it ended. started: the program ran. detached: the user left it running, by
 * the keys; interrupted: by a signal that was not to be passed on. word: what the
 * monitor says beside, or "". */
struct attach_end {
	bool started;
	bool detached;
	bool interrupted;
	int exit_code;
	pid_t pid;
	char word[512];
};

/* Talks with the monitor on `fd` (borrowed) until process 1 ends, the user
 * detaches, or, with attach NULL, until the program runs. The terminal is as it
 * was whatever happens. Failures of the start come as the monitor worded them;
 * -EPIPE: the monitor vanished. Output that could not be written (a full disk, not a
 * reader that has left) is told in the end, with status 1. */
int attach_talk(int fd, const struct attach *attach, struct attach_end *out,
		struct err *err);

/* The size of the terminal behind fd; 0 rows where it is none. */
struct winsize attach_size(int fd);

/* 0 where the text is a list of keys ("ctrl-p,ctrl-q", "ctrl-a", "a,b"), or nothing (or
 * NULL): the usual keys. */
int attach_check_keys(const char *text, struct err *err);

#endif
