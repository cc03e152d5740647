/* lessons/replay_form.c - the form of a lesson that the learner did.
 *
 * A lesson has steps and goals in two forms, for machines that can and that cannot do a
 * thing (machine.h). What the learner's machine could is in the record of commands, or
 * is seen from the steps that were done. What this one can and that one could not is
 * left aside, so that the learner's form is graded. The other way round there is
 * nothing to be done: what is not met for want of it is the fault of this machine. */
#include <stdlib.h>
#include <string.h>

#include "lessons/machine.h"
#include "lessons/replay_parts.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static void add_all(struct strs *to, const struct strs *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!strs_has(to, words->items[i]))
			strs_add(to, words->items[i]);
	}
}

/* A step that was done says what was there, and what was not. */
static void look_at_steps(const struct lesson *whole,
			  const struct commands *commands, struct strs *had,
			  struct strs *lacked)
{
	for (size_t i = 0; i < commands->count; i++) {
		int at = lesson_step_index(whole, commands->items[i].step);

		if (at < 0)
			continue;
		add_all(had, &whole->steps[at].only_if);
		add_all(lacked, &whole->steps[at].unless);
	}
}

static bool read_record(const struct replay *replay, struct strs *had)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 }; /* then there is no record */

	(void)fs_read(replay->folder_fd, "commands.dsh", COMMANDS_MOST_BYTES,
		      &text, &ignored);
	return commands_machine(buf_text(&text), had);
}

int replay_find_form(struct replaying *replaying, struct err *err)
{
	const struct lesson_place *place = &replaying->replay->place;
	struct lesson *whole = NULL;
	OWN_STRS struct strs lacked = { 0 };
	bool recorded = read_record(replaying->replay, &replaying->had);
	int r;

	if (!recorded && !replaying->commands.steps)
		return 0; /* nothing says what it was */
	r = lesson_load(place->dir, place->seed, NULL, &whole, err);
	if (r < 0)
		return r;
	if (!recorded)
		look_at_steps(whole, &replaying->commands, &replaying->had,
			      &lacked);
	for (size_t i = 0; i < whole->words.count; i++) {
		const char *word = whole->words.items[i];

		if (!strs_has(&replaying->had, word) &&
		    (recorded || strs_has(&lacked, word)))
			strs_add(&replaying->without, word);
	}
	lesson_free(whole);
	return 0;
}

/* The first word of these that was there and is not here, or NULL. */
static const char *lost_of(const struct replaying *replaying,
			   const struct strs *words)
{
	const struct lesson *lesson = lesson_of(replaying->session);

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		if (strs_has(&replaying->had, word) &&
		    !machine_can(&lesson->can, word))
			return word;
	}
	return NULL;
}

static char *say_lost(const char *word)
{
	OWN_FREE char *lacks = machine_lacks(word);

	if (strcmp(word, "ids") == 0)
		return mem_fmt(
			_("the learner's machine could do what this one "
			  "cannot: %s. Grade as root, or give this account "
			  "subordinate ids ('doctor' says how)"),
			lacks);
	if (strncmp(word, "image:", 6) == 0)
		return mem_fmt(
			_("the learner's machine could do what this one "
			  "cannot: %s. Get the image here first ('load' brings "
			  "one), then grade again"),
			lacks);
	return mem_fmt(_("the learner's machine could do what this one "
			 "cannot: %s. 'doctor' says what would mend it, or "
			 "grade on another machine"),
		       lacks);
}

char *replay_step_lost(const struct replaying *replaying)
{
	const struct lesson *lesson = lesson_of(replaying->session);
	const char *word =
		lost_of(replaying, &lesson->steps[replaying->step].unless);

	return word ? say_lost(word) : NULL;
}

char *replay_goal_lost(const struct replaying *replaying, const char *goal)
{
	const struct lesson *lesson = lesson_of(replaying->session);
	const struct step *step = &lesson->steps[replaying->step];
	int at = step_goal_index(step, goal);
	const char *word =
		at < 0 ? NULL : lost_of(replaying, &step->goals[at].unless);

	if (!word && replaying->worse)
		word = lost_of(replaying, &lesson->words);
	return word ? say_lost(word) : NULL;
}
