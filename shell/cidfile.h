/* shell/cidfile.h - the file that gets a new container's id (--cidfile). */
#ifndef SHELL_CIDFILE_H
#define SHELL_CIDFILE_H

struct err;

/* Makes it; -EEXIST with Docker's words where it is there. `path` NULL: nothing
 * to do. Returns a descriptor (given), -1 for none, or -errno below -1. */
int cidfile_open(const char *path, struct err *err);

/* Writes the id and closes; with id NULL (nothing was made) removes the file. */
int cidfile_close(int fd, const char *path, const char *id, struct err *err);

#endif
