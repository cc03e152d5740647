/* shell/start.h - the options of the program itself. */
#ifndef SHELL_START_H
#define SHELL_START_H

#include <stdbool.h>

struct cmd;
struct err;
struct shell;

/* line  -c LINE; borrowed
 * stop  -e: at the first line of a script that fails
 * help  --help was given */
struct start {
	const char *line;
	bool stop;
	bool help;
};

/* Reads the options in front of the first other word and puts what they say into
 * `shell`. out_first: index of that word. Called as `docker`, Docker's own global
 * options that make no difference here are taken as well. -EINVAL for an unknown
 * one, status 125. */
int start_read(struct shell *shell, int argc, char **argv, struct start *out,
	       int *out_first, struct err *err);

/* The program with its options, as a command is described: for the help. */
extern const struct cmd start_program;

#endif
