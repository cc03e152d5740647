/* lessons/session_text.c - the words of a lesson under way: which section, in
 * which language, with which values filled in. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define HINT_LEVELS 3

static const struct text_section *section(const struct lesson_session *session,
					  const char *key)
{
	const struct text_section *found = text_get(&session->text, "%s", key);

	return found ? found : text_get(&session->english, "%s", key);
}

/* Values for %{names}: what a check says of this failure; those of the script, two
 * places, and what show(w) found.
 * show(w) costs a child: it is called only for a text that needs it. */
static void fill(struct lesson_session *session, const char *body,
		 const struct strs *more, struct buf *out)
{
	OWN_STRS struct strs vars = { 0 };
	OWN_STRS struct strs names = { 0 };
	struct err ignored = { 0 }; /* then the name stays as it is */
	bool missing = false;

	strs_copy(&vars, more);
	strs_copy(&vars, &session->lesson->vars);
	strs_addf(&vars, "world=%s", session->world.home.path);
	strs_addf(&vars, "work=%s/work", session->world.home.path);
	text_names(body, &names);
	for (size_t i = 0; i < names.count; i++)
		missing = missing || !strs_get_env(&vars, names.items[i]);
	if (missing)
		(void)session_show(session, &ignored);
	strs_copy(&vars, &session->shown);
	text_fill(body, &vars, out);
}

static char *says(struct lesson_session *session, const char *key,
		  const struct strs *more)
{
	const struct text_section *found = section(session, key);
	OWN_BUF struct buf text = { 0 };

	if (!found)
		return NULL;
	fill(session, found->body, more, &text);
	return buf_give(&text);
}

char *lesson_says(struct lesson_session *session, const char *key)
{
	static const struct strs none = { 0 };

	return says(session, key, &none);
}

const char *lesson_title(const struct lesson_session *session, const char *key)
{
	const struct text_section *found = section(session, key);

	return found ? found->title : "";
}

char *lesson_goal_title(struct lesson_session *session, const struct goal *goal)
{
	OWN_FREE char *key = mem_fmt("goal %s/%s", goal->step, goal->id);
	char *own = lesson_says(session, key);
	OWN_BUF struct buf text = { 0 };

	if (own)
		return own;
	goal->kind->describe(goal, &text);
	return buf_give(&text);
}

/* "@msg step/goal.key" is for one goal, "@msg step/key" for any of the step. */
char *lesson_verdict_says(struct lesson_session *session,
			  const struct verdict *verdict)
{
	const char *step = lesson_step(session)->id;
	OWN_FREE char *own =
		mem_fmt("msg %s/%s.%s", step, verdict->goal, verdict->message);
	OWN_FREE char *any = mem_fmt("msg %s/%s", step, verdict->message);
	char *text;

	if (!*verdict->message)
		return NULL;
	text = says(session, own, &verdict->args);
	return text ? text : says(session, any, &verdict->args);
}

bool lesson_is_news(struct lesson_session *session,
		    const struct verdict *verdict)
{
	OWN_FREE char *says = lesson_verdict_says(session, verdict);
	OWN_FREE char *now = mem_fmt("%s %s %s", verdict->goal,
				     verdict->message, says ? says : "");
	size_t goal_len = strlen(verdict->goal) + 1;
	struct strs *told = &session->told;

	for (size_t i = 0; i < told->count; i++) {
		if (strcmp(told->items[i], now) == 0)
			return false;
		if (strncmp(told->items[i], now, goal_len) == 0) {
			strs_remove(told, i);
			break;
		}
	}
	strs_add(told, now);
	return true;
}

bool lesson_loss_is_news(struct lesson_session *session,
			 const struct verdict *verdict)
{
	OWN_FREE char *now = mem_fmt("%s %s", verdict->goal, verdict->message);

	if (strs_has(&session->lost, now))
		return false;
	strs_add(&session->lost, now);
	return true;
}

static const struct goal *first_open(const struct lesson_session *session)
{
	const struct step *step = lesson_step(session);

	for (size_t i = 0; i < step->goals_count; i++) {
		if (!lesson_is_met(session, &step->goals[i]))
			return &step->goals[i];
	}
	return NULL;
}

int lesson_hint(struct lesson_session *session, char **out, int *out_level,
		struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	const struct goal *goal = first_open(session);
	OWN_FREE char *name = NULL;
	OWN_FREE char *key = NULL;
	json_t *hints = session->progress.hints;
	int level;
	int r;

	if (lock < 0)
		return lock;
	if (!goal)
		return err_set(err, ENOENT,
			       _("all goals of this step are met"));
	name = mem_fmt("%s/%s", goal->step, goal->id);
	level = (int)json_integer_value(json_object_get(hints, name)) + 1;
	if (level > HINT_LEVELS)
		level = HINT_LEVELS;
	key = mem_fmt("hint %s %d", name, level);
	*out = lesson_says(session, key);
	if (!*out) {
		OWN_FREE char *any = mem_fmt("hint %s %d", goal->step, level);

		*out = lesson_says(session, any);
	}
	if (!*out)
		return err_set(err, ENOENT, _("there is no hint for this"));
	json_object_set_new(hints, name, json_integer(level));
	r = session_save(session, err);
	if (r < 0) {
		free(*out);
		return r;
	}
	session->quiet = 0;
	*out_level = level;
	return 0;
}

void lesson_set_lang(struct lesson_session *session, const char *lang)
{
	struct err ignored = { 0 }; /* without a text all of it is English */

	session->place.lang = lang;
	text_done(&session->text);
	(void)text_read(session->lesson->dir, lang, &session->text, &ignored);
}
