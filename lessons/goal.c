/* lessons/goal.c - see goal.h.
 *
 * What all kinds share: the table, reading a goal, the keys it may have. How
 * single kinds are judged is goal_container.c, goal_file.c, goal_image.c ... */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/graded.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static const struct goal_kind *const tables[] = {
	goal_kinds_container, goal_kinds_file,	 goal_kinds_image,
	goal_kinds_history,   goal_kinds_port,	 goal_kinds_network,
	goal_kinds_exec,      goal_kinds_volume, goal_kinds_measure,
	goal_kinds_answer,
};

const struct goal_kind *goal_kind_at(size_t index)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct goal_kind *kind = tables[t]; kind->name;
		     kind++) {
			if (index-- == 0)
				return kind;
		}
	}
	return NULL;
}

const struct goal_kind *goal_kind_find(const char *name)
{
	const struct goal_kind *kind;

	for (size_t i = 0; (kind = goal_kind_at(i)); i++) {
		if (strcmp(kind->name, name) == 0)
			return kind;
	}
	return NULL;
}

/* ---- reading one ---- */

static bool is_common_key(const char *key)
{
	static const char *const common[] = {
		"id",	 "kind",    "line",   "points",	   "hold",
		"after", "only_if", "unless", "has_check", "has_diagnose",
		"has_right", "visibility", NULL,
	};

	for (const char *const *at = common; *at; at++) {
		if (strcmp(*at, key) == 0)
			return true;
	}
	return false;
}

/* "name!" against "name": the mark behind it, ' ' without one, 0: no match. */
static char key_mark(const char *pattern, const char *key)
{
	size_t len = strcspn(pattern, "!+");

	if (strlen(key) != len || strncmp(pattern, key, len) != 0)
		return 0;
	if (!pattern[len])
		return ' ';
	return pattern[len];
}

static int check_known(const struct goal *goal, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(goal->want, key, value)
	{
		bool known = is_common_key(key);

		for (const char *const *at = goal->kind->keys; *at; at++)
			known = known || key_mark(*at, key);
		if (!known)
			return err_set(err, EINVAL,
				       _("lesson.lua:%d: %s{} has no key '%s'"),
				       goal->line, goal->kind->name, key);
	}
	return 0;
}

static int check_needed(const struct goal *goal, struct err *err)
{
	bool choice = false;
	bool chosen = false;

	for (const char *const *at = goal->kind->keys; *at; at++) {
		size_t len = strcspn(*at, "!+");
		OWN_FREE char *key = mem_strn(*at, len);
		bool there = json_object_get(goal->want, key) != NULL;

		/* What a function says is asked for when it is needed. */
		there = there || (goal->has_right && strcmp(key, "right") == 0);
		choice = choice || (*at)[len] == '+';
		chosen = chosen || ((*at)[len] == '+' && there);
		if ((*at)[len] == '!' && !there)
			return err_set(err, EINVAL,
				       _("lesson.lua:%d: %s{} needs '%s'"),
				       goal->line, goal->kind->name, key);
	}
	if (choice && !chosen)
		return err_set(err, EINVAL,
			       _("lesson.lua:%d: this %s{} says nothing that "
				 "could fail"),
			       goal->line, goal->kind->name);
	return 0;
}

static int check_kind(const struct goal *goal, const char *name,
		      struct err *err)
{
	if (!goal->kind)
		return err_set(err, EINVAL,
			       _("lesson.lua:%d: there is no kind of goal "
				 "'%s'"),
			       goal->line, name ? name : "");
	return 0;
}

static void read_common(struct goal *goal)
{
	goal->points = (int)goal_number(goal, "points", 1);
	goal->hold = json_is_true(json_object_get(goal->want, "hold"));
	goal->predict = json_is_true(json_object_get(goal->want, "predict"));
	goal->has_check =
		json_is_true(json_object_get(goal->want, "has_check"));
	goal->has_diagnose =
		json_is_true(json_object_get(goal->want, "has_diagnose"));
	goal->has_right =
		json_is_true(json_object_get(goal->want, "has_right"));
	goal_strs(goal, "after", &goal->after);
	goal_strs(goal, "only_if", &goal->only_if);
	goal_strs(goal, "unless", &goal->unless);
}

/* Who is shown it, once it is graded. */
static int read_visibility(struct goal *goal, struct err *err)
{
	const char *word = goal_text(goal, "visibility");
	enum graded_visibility visibility = GRADED_VISIBLE;

	if (goal_has(goal, "visibility") &&
	    !graded_visibility_read(word, &visibility))
		return err_set(err, EINVAL,
			       _("lesson.lua:%d: visibility may be 'visible', "
				 "'hidden', 'after_due_date' or "
				 "'after_published'"),
			       goal->line);
	goal->visibility = graded_visibility_word(visibility);
	return 0;
}

int goal_read(const char *step, const json_t *json, struct goal *out,
	      struct err *err)
{
	struct goal goal = { .want = json_deep_copy(json) };
	const char *kind = goal_text(&goal, "kind");
	int r;

	goal.line = (int)goal_number(&goal, "line", 0);
	goal.kind = goal_kind_find(kind);
	goal.id = mem_str(goal_text(&goal, "id"));
	goal.step = mem_str(step);
	read_common(&goal);
	r = check_kind(&goal, kind, err);
	if (r == 0)
		r = read_visibility(&goal, err);
	if (r == 0 && !*goal.id)
		r = err_set(err, EINVAL,
			    _("lesson.lua:%d: this %s{} needs an "
			      "id"),
			    goal.line, kind);
	if (r == 0)
		r = check_known(&goal, err);
	if (r == 0)
		r = check_needed(&goal, err);
	if (r == 0 && strcmp(kind, "custom") == 0 && !goal.has_check)
		r = err_set(err, EINVAL,
			    _("lesson.lua:%d: custom{} needs check = "
			      "function(w, c)"),
			    goal.line);
	if (r < 0) {
		goal_done(&goal);
		return r;
	}
	*out = goal;
	return 0;
}

void goal_done(struct goal *goal)
{
	free(goal->id);
	free(goal->step);
	strs_done(&goal->after);
	strs_done(&goal->only_if);
	strs_done(&goal->unless);
	json_decref(goal->want);
	*goal = (struct goal){ 0 };
}

/* ---- what the author wrote ---- */

const char *goal_text(const struct goal *goal, const char *key)
{
	const char *text = json_string_value(json_object_get(goal->want, key));

	return text ? text : "";
}

long long goal_number(const struct goal *goal, const char *key,
		      long long absent)
{
	const json_t *value = json_object_get(goal->want, key);

	return json_is_number(value) ? (long long)json_number_value(value)
				     : absent;
}

bool goal_has(const struct goal *goal, const char *key)
{
	return json_object_get(goal->want, key) != NULL;
}

void goal_strs(const struct goal *goal, const char *key, struct strs *out)
{
	const json_t *value = json_object_get(goal->want, key);

	if (json_is_string(value))
		strs_add(out, json_string_value(value));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *one = json_string_value(json_array_get(value, i));

		if (one)
			strs_add(out, one);
	}
}

/* ---- for judges ---- */

int goal_met(struct verdict *out)
{
	out->state = VERDICT_MET;
	return 0;
}

int goal_open(struct verdict *out, const char *message, char *there_is,
	      const char *look)
{
	out->state = VERDICT_OPEN;
	free(out->message);
	free(out->there_is);
	free(out->look);
	out->message = mem_str(message);
	out->there_is = there_is;
	out->look = mem_str(look ? look : "");
	return 0;
}

int goal_open_look(struct verdict *out, const char *message, char *there_is,
		   char *look)
{
	int r = goal_open(out, message, there_is, look);

	free(look);
	return r;
}

const struct container *goal_container(const struct goal *goal, const char *key,
				       const struct facts *facts,
				       struct verdict *out)
{
	const char *name = goal_text(goal, key);
	const struct container *found = facts_container(facts, name);
	OWN_BUF struct buf others = { 0 };

	if (found)
		return found;
	facts_container_names(facts, &others);
	goal_open(out, "none",
		  others.len > 0
			  ? mem_fmt(_("no container '%s'; there are: %s"), name,
				    buf_text(&others))
			  : mem_fmt(_("no container at all")),
		  "ps -a");
	return NULL;
}
