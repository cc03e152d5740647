/* lessons/session_parts.h - the inside of a session, for session*.c only. */
#ifndef LESSONS_SESSION_PARTS_H
#define LESSONS_SESSION_PARTS_H

#include "lessons/progress.h"
#include "lessons/session.h"
#include "lessons/text.h"
#include "lessons/world.h"

/* name       of the world and of the progress record: the lesson's id, or the
 *            scratch name
 * english    what is shown where the chosen language lacks a section
 * shown      "name=value": what the step's show() gave last
 * stamp      of the world at the last check; 0: not looked at yet
 * told       what was told last of each goal: "goal message", and its text
 * lost       "goal message" of those whose loss was explained in this step
 * reminded   it was said in this step that a guess comes first
 * quiet      commands in a row after which no goal was met
 * began_ms   when the line that runs now was begun (CLOCK_MONOTONIC); 0: none does
 * looked     a check has run a program, so that the world's stamp is another
 * blocked    errno of the script's last file that could not be put in its place
 * complaints of the lines that a script typed last: those that failed, with what
 *            they said
 * from_fd    the folder the learner came from, or -1 */
struct lesson_session {
	struct lesson_place place;
	struct lesson *lesson;
	char *name;
	struct text text;
	struct text english;
	struct world world;
	struct progress progress;
	int progress_fd;
	int from_fd;
	struct strs shown;
	unsigned long long stamp;
	int quiet;
	int64_t began_ms;
	bool looked;
	int blocked;
	bool reminded;
	struct strs complaints;
	struct strs told;
	struct strs lost;
	char prompt[64];
};

/* The step's index; never past the end. */
size_t session_step_index(const struct lesson_session *session);

bool session_step_is_met(const struct lesson_session *session,
			 const struct step *step);
int64_t session_now_ns(void);

/* Reads the record anew (another window may have written it), under its lock.
 * Returns the lock (given), or -errno. */
int session_lock(struct lesson_session *session, struct err *err);
int session_save(struct lesson_session *session, struct err *err);

/* The best result counts, whatever comes after it: to call before goals are
 * forgotten. session_save does so itself. */
void session_note_best(struct lesson_session *session);

/* The words of lesson_prompt, made anew. session_lock and session_save do so. */
void session_make_prompt(struct lesson_session *session);

/* Notes what is there now in progress.seen. */
int session_note_seen(struct lesson_session *session, struct err *err);

/* ---- session_open.c ---- */

/* The first record of a learner in this lesson; nothing where there is one. */
int session_first_record(struct lesson_session *session, struct err *err);

/* ---- session_child.c and session_serve.c ---- */

/* alone: each goal for itself; patience_ms: how long it may wait for what is on
 * its way. */
struct session_check {
	bool alone;
	int patience_ms;
};

/* What a child is to do; made here, read there.
 *
 * rehearse  a solution only notes its lines
 * lines     those that the learner typed in this step, with how they ended
 * typed     the same, as texts alone
 * met       goals of this step that are met */
struct session_task {
	struct lesson_session *session;
	size_t step;
	int part;
	size_t index;
	bool rehearse;
	struct session_check check;
	json_t *lines;
	struct strs typed;
	struct strs met;
};

/* Answers a request of the child; arg: its task. See worker_serve. */
int session_serve(void *arg, const json_t *request, json_t **out_reply,
		  struct err *err);

/* ---- session_child.c: in a limited child ---- */

/* setup, solve, wrong for real; lines and copies are done by the parent. */
int session_play(struct lesson_session *session, size_t step, int part,
		 size_t index, struct err *err);
/* The lines a solution would type (a JSON list of texts). */
int session_rehearse(struct lesson_session *session, size_t step, size_t index,
		     json_t **out, struct err *err);
/* show(w) of the step: fills session->shown. */
int session_show(struct lesson_session *session, struct err *err);
int session_judge(struct lesson_session *session,
		  const struct session_check *check, struct verdicts *out,
		  struct err *err);

#endif
