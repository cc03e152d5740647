/* runtime/state.h - the record of a container on disk.
 *
 * Owns containers/<id>/state.json, containers/by-name and the lock that says
 * whether a container's monitor is alive. A record is replaced as a whole
 * (temporary name, rename), so a reader sees the old or the new one. */
#ifndef RUNTIME_STATE_H
#define RUNTIME_STATE_H

#include <stdbool.h>

#include "runtime/container.h"

struct err;
struct home;

/* Opens containers/<id>. -ENOENT: there is no such container (any more). */
int state_open_folder(const struct home *home, const char *id,
		      struct err *err);

/* Makes containers/<id> and takes its lock. The lock belongs to the descriptor
 * and to the copies that a fork makes of it, and is free once the last is
 * closed, by whatever end. Returns the folder's descriptor (given). */
int state_make_folder(const struct home *home, const char *id,
		      struct err *err);

/* Takes the lock of an existing container: -EBUSY while a monitor has it. */
int state_lock(int folder_fd, struct err *err);

/* Whether somebody has the lock. */
bool state_is_locked(int folder_fd);

/* The name as a link by-name/NAME -> ../<id>, made by one call that fails where
 * it is taken: -EEXIST, with the id of the container that has it in
 * out_holder (65 bytes). */
int state_claim_name(const struct home *home, const char *name, const char *id,
		     char *out_holder, struct err *err);
void state_release_name(const struct home *home, const char *name);

/* The id behind a name, "" where there is none. out_id: 65 bytes. */
void state_id_of_name(const struct home *home, const char *name, char *out_id);

int state_write(int folder_fd, const struct container *container,
		struct err *err);

/* Takes the lock of the record (not the container's): whoever reads it, changes it
 * and writes it holds this meanwhile, for an instant. Returns a descriptor (given);
 * closing it lets go. */
int state_lock_record(int folder_fd, struct err *err);

/* Reads the record, has it changed and writes it, with nobody else doing so
 * meanwhile: what may be changed while the monitor lives (name, limits, paused or
 * not) is changed by this alone, on both sides. `change` returns false where
 * nothing is to be written. */
typedef bool state_changer(struct container *container, void *arg);
int state_change(int folder_fd, state_changer *change, void *arg,
		 struct err *err);

/* -ENOENT: the folder has no record (yet). */
int state_read(int folder_fd, struct container *container, struct err *err);

#endif
