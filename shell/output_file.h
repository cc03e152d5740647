/* shell/output_file.h - what -o names: a file that is there whole, or not at all.
 *
 * Owns Docker's questions about a path to write to, and the way by which an
 * archive gets there: under a name of its own beside it, then rename(2). */
#ifndef SHELL_OUTPUT_FILE_H
#define SHELL_OUTPUT_FILE_H

struct err;

/* -EINVAL, -ENOENT with Docker's words behind `what` ("failed to save image"). */
int output_file_check(const char *path, const char *what, struct err *err);

/* Calls `write` with the descriptor of an empty file that becomes `path` if it
 * returns 0. */
typedef int output_file_write(void *arg, int fd, struct err *err);
int output_file_fill(const char *path, output_file_write *write, void *arg,
		     struct err *err);

#endif
