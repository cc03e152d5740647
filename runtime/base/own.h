/* runtime/base/own.h - pointers and descriptors that are let go at scope end.
 *
 * A variable marked OWN_... is initialised where it is declared (NULL, -1) and
 * released when its scope ends, on every path out of it. To pass the thing on
 * to a caller, give it away first: `*out_fd = own_give_fd(&fd);`.
 *
 * Scope-end release does not happen on _exit(2), execve(2) or longjmp(3). */
#ifndef RUNTIME_BASE_OWN_H
#define RUNTIME_BASE_OWN_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void own_free_ptr(void *where)
{
	free(*(void **)where);
}

static inline void own_close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void own_close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file); /* writers check fflush themselves */
}

static inline void own_close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define OWN_FREE __attribute__((cleanup(own_free_ptr)))
#define OWN_FD __attribute__((cleanup(own_close_fd)))
#define OWN_FILE __attribute__((cleanup(own_close_file)))
#define OWN_DIR __attribute__((cleanup(own_close_dir)))

/* Hands a descriptor to the caller and leaves -1 behind. */
static inline int own_give_fd(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

/* Hands a pointer to the caller and leaves NULL behind. `where` is the address
 * of the pointer. */
static inline void *own_give_ptr(void *where)
{
	void *given = *(void **)where;

	*(void **)where = NULL;
	return given;
}

#endif
