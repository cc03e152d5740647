/* runtime/exec_ids.h - which further programs (exec) run in a container.
 *
 * Owns containers/<id>/exec: a file for each, named by the id of the exec and locked
 * by the process that watches over it. Like the container's own lock, it is free
 * once that process is gone, by whatever end. */
#ifndef RUNTIME_EXEC_IDS_H
#define RUNTIME_EXEC_IDS_H

struct err;
struct home;
struct strs;

/* Notes one. Returns the descriptor that holds the lock (given): it and the copies
 * that a fork makes of it. */
int exec_ids_note(const struct home *home, const char *container,
		  const char *exec, struct err *err);

/* It has ended. */
void exec_ids_forget(const struct home *home, const char *container,
		     const char *exec);

/* Adds the ids of those that run, sorted. */
void exec_ids_list(const struct home *home, const char *container,
		   struct strs *out);

#endif
