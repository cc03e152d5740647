/* runtime/events.h - what happened to containers and images, one line each.
 *
 * Owns <home>/events: Docker's own form of an event, one JSON object a line,
 * added by one write(2) of O_APPEND each, so that whoever writes needs no lock.
 * There is no daemon to tell it to, so every process that does something writes
 * it down, and `events` reads what they wrote. When the file has grown past its
 * bound it becomes events.1, and the events.1 before it is gone: history has
 * 4 to 8 MB.
 *
 * Losing an event must never stop what it tells of: nothing here fails. */
#ifndef RUNTIME_EVENTS_H
#define RUNTIME_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"

struct err;
struct endpoint;
struct home;
struct spec;
struct strs;

/* ---- writing ---- */

/* One event, now: type "container", "image", "volume" ..., action "start",
 * "exec_create: sh", the id of what it happened to, and "name=value" pairs about
 * it (NULL: none). */
void events_note(const struct home *home, const char *type, const char *action,
		 const char *id, const struct strs *attributes);

/* One event of a container, with what Docker tells of each: image, name, labels.
 * `extra` is one more "name=value", or NULL. */
void events_note_container(const struct home *home, const struct spec *spec,
			   const char *action, const char *extra);

/* Several in one write: lines are added to a buffer (time_ns 0: now) that
 * events_write writes and empties. */
void events_add_container(struct buf *lines, int64_t time_ns,
			  const struct spec *spec, const char *action,
			  const struct strs *extra);
void events_add_network(struct buf *lines, const struct spec *spec,
			const struct endpoint *endpoint, const char *action);
void events_add(struct buf *lines, const char *type, const char *action,
		const char *id, const struct strs *attributes);
void events_write(const struct home *home, struct buf *lines);

/* The same with a descriptor of the file that is kept (-1 at first). For a few
 * seconds only, or rotation would leave it behind. `bounded` looks whether the
 * file has grown past its bound. */
void events_write_kept(const struct home *home, int *fd, struct buf *lines,
		       bool bounded);

/* ---- reading ---- */

/* A reader of everything from the oldest event on, and of what is added later.
 * fds  the older file and the present one; -1: not there
 * text what was read of each and is not yet given out; at: how much of it is
 * watch  inotify(7): poll it for POLLIN when events_next says 0 */
struct events_reader {
	const struct home *home; /* borrowed */
	int fds[2];
	struct buf text[2];
	size_t at[2];
	int watch;
};

/* With `past` false it begins at the end. */
int events_open(const struct home *home, bool past,
		struct events_reader *reader, struct err *err);
void events_close(struct events_reader *reader);

/* The next line, without its newline; borrowed until the next call. Returns 1, 0
 * when there is nothing more for now, or -errno. */
int events_next(struct events_reader *reader, const char **out_line,
		struct err *err);

#endif
