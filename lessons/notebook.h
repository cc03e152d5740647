/* lessons/notebook.h - what a learner has learnt, kept for good.
 *
 * lessons/notebook/ID.json in the user's home holds what one lesson has left: its
 * card, the texts that sum it up, the learner's way and the author's, predictions;
 * in both languages, so that it can be read when the lesson's folder has gone. No
 * reset and no `learn --again` takes anything out of it: of all runs the best and
 * the latest are kept. lessons/notebook/own.notes.json holds the learner's own notes.
 * Files are replaced as a whole and made durable; one that cannot be read is put
 * aside as NAME.broken, not written over.
 *
 *   {"format":1, "id":"diff", "runs":2, "best":RUN, "latest":RUN}
 *   RUN:  {"started_ns":, "ended_ns":, "finished":, "points":, "points_of":,
 *          "hints":, "title":BOTH, "card":{"en":[{"text":,"command":}],...},
 *          "steps":[STEP], "author":{"ms":, "commands":, "world":MEASURE}}
 *   STEP: {"id":, "title":BOTH, "done":BOTH, "yours":[{"line":,"ms":}],
 *          "author":["..."], "world":MEASURE,
 *          "predictions":[{"ask":BOTH, "said":BOTH, "was":BOTH, "right":}]}
 *   BOTH: {"en":"...", "ja":"..."}; texts are Markdown */
#ifndef LESSONS_NOTEBOOK_H
#define LESSONS_NOTEBOOK_H

#include <jansson.h>

#include "runtime/base/list.h"

struct err;
struct home;

/* Opens lessons/notebook, making it. */
int notebook_folder(const struct home *home, struct err *err);

/* The ids of all lessons in it, those begun first in front. */
int notebook_ids(int folder_fd, struct strs *out, struct err *err);

/* One entry (given); -ENOENT: nothing is kept of that lesson. */
int notebook_read(int folder_fd, const char *id, json_t **out,
		  struct err *err);

/* Puts a step into the latest run; a run that began at another time than the latest
 * one is a new one. `run`: all but "steps"; `step`: STEP. Both are borrowed. A run
 * that is finished and better than the best one is the best one. */
int notebook_keep(int folder_fd, const char *id, const json_t *run,
		  const json_t *step, struct err *err);

/* Adds the author's figures to the latest run, and to the best one if it is that. */
int notebook_keep_author(int folder_fd, const char *id, const json_t *author,
			 struct err *err);

/* The run to be shown: the best one, else the latest. Borrowed. */
const json_t *notebook_run(const json_t *entry);

/* How many commands the learner typed in a run, and how long they took. */
long long notebook_commands(const json_t *run);
long long notebook_ms(const json_t *run);

/* ---- notes ---- */

/* {"notes":[{"time_ns":, "lesson":"diff" or absent, "text":}]}; given. */
int notebook_notes(int folder_fd, json_t **out, struct err *err);

/* lesson may be NULL. -EILSEQ for what is not UTF-8. */
int notebook_note(int folder_fd, const char *lesson, const char *text,
		  struct err *err);

/* number: from 1. -ENOENT: there is none. */
int notebook_remove_note(int folder_fd, long long number, struct err *err);

#endif
