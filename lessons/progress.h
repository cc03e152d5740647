/* lessons/progress.h - what a learner has done, on disk.
 *
 * Owns lessons/progress/ID.json, ID.log, lessons/learner, lessons/current and
 * lessons/left in the user's home. A record is replaced as a whole, so a kill leaves the old or
 * the new one; made durable whenever a goal was met or a step begun. Two windows may be in one
 * lesson: whoever changes a record takes its lock, reads it anew, changes it,
 * writes it. */
#ifndef LESSONS_PROGRESS_H
#define LESSONS_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;
struct home;

/* How far the start of a step has come. */
enum progress_phase {
	PHASE_NEW,   /* nothing done yet */
	PHASE_SETUP, /* the world as it was is kept, setup may be half done */
	PHASE_READY, /* the learner's turn; the start is kept for a reset */
	PHASE_RESETTING, /* the start is being brought back */
};

/* step      id of the step they are at, done or not; "" before it was begun
 * met       "step/goal" of all goals met
 * answers   {"step/goal": "value"}; also earlier wrong ones as "step/goal#1"
 * hints     {"step/goal": level shown}
 * vars      "name=value": chosen once for this learner
 * seen      "container NAME", "image TAG" that were there in this lesson, in
 *           the order of their first being there; seen_start: how many of them
 *           before this step
 * asked     how often the solution of this step was asked for
 * log_from  bytes of the log before this step
 * builds_before  builds of this world before this step (images/build_note.c)
 * finished_ns  0 until the end was reached
 * best      the most points there ever were, whatever was reset or begun anew since;
 * done_ns   when the end was first reached before this run, or 0. Both outlive
 *           `learn --again` */
struct progress {
	char *step;
	enum progress_phase phase;
	struct strs met;
	json_t *answers;
	json_t *hints;
	struct strs vars;
	struct strs seen;
	size_t seen_start;
	int asked;
	long long log_from;
	long long builds_before;
	int64_t started_ns;
	int64_t finished_ns;
	int best;
	int64_t done_ns;
};

void progress_done(struct progress *progress);
void progress_init(struct progress *progress);

/* Names in `folder` (lessons/progress of the home, or a test's own). No record
 * is an empty one. One that cannot be read is put aside as ID.json.broken and
 * counts as none: a lesson must not be lost for good. */
int progress_read(int folder_fd, const char *id, struct progress *out,
		  struct err *err);
int progress_write(int folder_fd, const char *id,
		   const struct progress *progress, bool durable,
		   struct err *err);

/* Begins anew: of all that was kept only the best result is left, in *progress, too.
 * A kill leaves the old record or the new one. */
int progress_begin_again(int folder_fd, const char *id,
			 struct progress *progress, struct err *err);

/* Leaves nothing. */
int progress_forget(int folder_fd, const char *id, struct err *err);

/* Waits for the lock; it is free again when the descriptor is closed. */
int progress_lock(int folder_fd, const char *id, struct err *err);

/* The lines typed. line NULL marks that the step was begun anew: what stands before
 * the mark no longer counts. ms: how long it took, -1 where nobody knows. */
struct progress_log {
	int folder_fd; /* borrowed */
	const char *id;
};
struct progress_line {
	const char *step;
	const char *line;
	int status;
	long long ms;
};
int progress_log_add(const struct progress_log *log,
		     const struct progress_line *line, struct err *err);

/* Anything else that happened between two lines, for who hands the work in:
 * {"answer":"2"}, {"file":"a/b","content":HEX,...}, {"gone":"a/b"}. `step` and "time" are
 * added. json is taken. */
int progress_log_note(const struct progress_log *log, const char *step,
		      json_t *json, struct err *err);

/* All that is in the log, oldest first, one object each: {"time":,"step":,...}, a
 * mark being one whose "line" is null; given. */
int progress_log_all(const struct progress_log *log, json_t **out,
		     struct err *err);

/* Those of a step, from byte `from` on, oldest first: as they are, or as a list of
 * {"line":"...","status":0,"ms":12,"time":...} (given). */
int progress_log_read(const struct progress_log *log, long long from,
		      const char *step, struct strs *out, struct err *err);
int progress_log_lines(const struct progress_log *log, long long from,
		       const char *step, json_t **out, struct err *err);
long long progress_log_size(const struct progress_log *log);

/* The learner's seed, made at the first use; mixed with the lesson's id. */
int progress_seed(const struct home *home, const char *id, uint64_t *out,
		  struct err *err);

/* The lesson under way, and the one that was left last: *out NULL where there is none
 * (given). */
int progress_current(const struct home *home, char **out, struct err *err);
int progress_left(const struct home *home, char **out, struct err *err);
int progress_set_current(const struct home *home, const char *id_or_null,
			 struct err *err);

/* Opens lessons/progress of the home, making it. */
int progress_folder(const struct home *home, struct err *err);

#endif
