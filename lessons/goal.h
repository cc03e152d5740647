/* lessons/goal.h - goals as data, and the table of their kinds.
 *
 * A goal says what has to be there, not what has to be typed. Each kind is one
 * entry of the table: which keys it takes, how it is described, how it is
 * judged. Adding a kind is adding an entry and its two functions. */
#ifndef LESSONS_GOAL_H
#define LESSONS_GOAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct buf;
struct err;
struct facts;
struct goal_kind;
struct verdict;

/* id       "serves"; unique in its step
 * step     the step's id
 * after    ids of goals without which this one is not looked at
 * hold     must still be true at the end of the step
 * predict  an answer that is kept, not judged
 * has_check, has_diagnose, has_right  the script has that function for it
 * want     all the keys the author wrote, variables filled in; never NULL
 * visibility  "visible", or who may see it when it is graded (graded.h)
 * only_if, unless  what the machine must be able to, or not, for it to count
 * index    which of the step's goals it is in the script
 * line     where it stands in lesson.lua */
struct goal {
	char *id;
	char *step;
	const struct goal_kind *kind;
	const char *visibility;
	int points;
	int line;
	bool hold;
	bool predict;
	bool has_check;
	bool has_diagnose;
	bool has_right;
	size_t index;
	struct strs after;
	struct strs only_if;
	struct strs unless;
	json_t *want;
};

/* name      as the lesson writes it
 * keys      what it may say: "name!" must be there, of those with '+' at least
 *           one must (else it could not fail); NULL-terminated
 * messages  keys of the messages it can fail with; NULL-terminated
 * describe  adds what is expected, as one phrase without a full stop
 * judge     fills in state, message, there_is, look (expected is described).
 *           Returns -errno only for what is not the learner's fault */
struct goal_kind {
	const char *name;
	const char *const *keys;
	const char *const *messages;
	void (*describe)(const struct goal *goal, struct buf *out);
	int (*judge)(const struct goal *goal, const struct facts *facts,
		     struct verdict *out, struct err *err);
};

/* The table, in the order of the documentation; NULL behind the last. */
const struct goal_kind *goal_kind_at(size_t index);
const struct goal_kind *goal_kind_find(const char *name);

/* Reads one goal of a lesson's description. -EINVAL names what is wrong with
 * it: an unknown or missing key, nothing in it that can fail. */
int goal_read(const char *step, const json_t *json, struct goal *out,
	      struct err *err);
void goal_done(struct goal *goal);

/* What the author wrote: texts ("" and 0 where absent). */
const char *goal_text(const struct goal *goal, const char *key);
long long goal_number(const struct goal *goal, const char *key,
		      long long absent);
bool goal_has(const struct goal *goal, const char *key);

/* The texts of a list (a single text counts as a list of one), added. */
void goal_strs(const struct goal *goal, const char *key, struct strs *out);

/* For judges: fill in a verdict and return 0. there_is is taken; goal_open_look
 * takes `look` (a command) as well. */
int goal_met(struct verdict *out);
int goal_open(struct verdict *out, const char *message, char *there_is,
	      const char *look);
int goal_open_look(struct verdict *out, const char *message, char *there_is,
		   char *look);

/* The container that the key names, or NULL with the verdict ("none") filled in. */
struct container;
const struct container *goal_container(const struct goal *goal, const char *key,
				       const struct facts *facts,
				       struct verdict *out);

extern const struct goal_kind goal_kinds_container[];
extern const struct goal_kind goal_kinds_file[];
extern const struct goal_kind goal_kinds_image[];
extern const struct goal_kind goal_kinds_answer[];
extern const struct goal_kind goal_kinds_history[];
extern const struct goal_kind goal_kinds_port[];
extern const struct goal_kind goal_kinds_network[];
extern const struct goal_kind goal_kinds_exec[];
extern const struct goal_kind goal_kinds_volume[];
extern const struct goal_kind goal_kinds_measure[];

#endif
