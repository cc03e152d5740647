/* shell/report.h - a failure, told to the person at the keyboard.
 *
 * Docker's sentences are printed as Docker prints them, word for word; ours with
 * the program's name in front, and what to try next under it. */
#ifndef SHELL_REPORT_H
#define SHELL_REPORT_H

#include <stdbool.h>

struct cmd;
struct err;
struct shell;

/* Prints what a command failed with, and keeps it in shell->failed.
 *
 * cmd     NULL: no command was found or begun
 * called  the words as which it was called: "run", "container ls" */
void report_failure(struct shell *shell, const struct cmd *cmd,
		    const char *called, const struct err *err);

/* The exit status of that failure: err->status, else 130 for EINTR, else 125 for
 * commands with own_failure_is_125, else 1. */
int report_status(const struct cmd *cmd, const struct err *err);

/* A wrong option: Docker's message, and under it "See 'docker run --help'." */
void report_bad_option(const struct shell *shell, const struct cmd *cmd,
		       const char *called, const struct err *err);

/* Too many words, or too few: Docker's words for Docker's commands. */
void report_bad_count(struct shell *shell, const struct cmd *cmd,
		      const char *called, int count);

/* "dockershell: " or, in a script, "dockershell: FILE: line 3: ", then the
 * sentence and a newline. */
void report_line(const struct shell *shell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether somebody reads it: nothing of ours stands under Docker's words where
 * another program may read them. */
bool report_shows_hints(const struct shell *shell);

/* What to try next, two columns in, broken at the terminal's width. */
void report_hint(const struct shell *shell, const char *hint);

#endif
