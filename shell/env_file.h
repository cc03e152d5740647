/* shell/env_file.h - files of NAME=value lines (--env-file, --label-file). */
#ifndef SHELL_ENV_FILE_H
#define SHELL_ENV_FILE_H

struct err;
struct strs;

/* Adds the lines of one file: blanks in front are cut, empty ones and those that
 * begin with # left out. Docker's rules and words: "open x: no such file or
 * directory", "variable 'A B' contains whitespaces". */
int env_file_read(const char *path, struct strs *out, struct err *err);

/* The files' lines, then the words of -e, as "NAME=value"; a NAME alone takes the
 * value that it has here, and falls away where it has none. */
int env_file_collect(const struct strs *files, const struct strs *words,
		     struct strs *out, struct err *err);

#endif
