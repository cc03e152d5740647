/* lessons/graded_json.c - what came of grading, as JSON and back; see graded.h
 *
 * Both ways go by the same two tables, so that no field is written and not read. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/graded.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define SCHEMA "dockershell/graded/v1"

/* TEXT char *; NUMBER int; LONG long long; SEED uint64_t, as text, for a JSON
 * number of that size is not read everywhere; WORD an enum; TEXTS struct strs */
enum kind { TEXT, NUMBER, LONG, SEED, WORD, TEXTS };

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	const char *const *words;
};

static const char *const statuses[] = { "pass",    "fail",    "error",
					"timeout", "skipped", NULL };
static const char *const visibilities[] = { "visible", "hidden",
					    "after_due_date", "after_published",
					    NULL };
static const char *const states[] = { "done", "cut", "not", NULL };
static const char *const faults[] = { "", "submission", "grader", NULL };

#define IN(member) offsetof(struct graded, member)
static const struct field fields[] = {
	{ "lesson", TEXT, IN(lesson), NULL },
	{ "title", TEXT, IN(title), NULL },
	{ "version", TEXT, IN(version), NULL },
	{ "seed", SEED, IN(seed), NULL },
	{ "lang", TEXT, IN(lang), NULL },
	{ "submission", TEXT, IN(submission), NULL },
	{ "student", TEXT, IN(student), NULL },
	{ "started_ns", LONG, IN(started_ns), NULL },
	{ "duration_ns", LONG, IN(duration_ns), NULL },
	{ "state", WORD, IN(state), states },
	{ "fault", WORD, IN(fault), faults },
	{ "note", TEXT, IN(note), NULL },
	{ "remarks", TEXTS, IN(remarks), NULL },
	{ "lines", TEXTS, IN(lines), NULL },
	{ NULL, TEXT, 0, NULL },
};
#undef IN

#define IN(member) offsetof(struct graded_test, member)
static const struct field test_fields[] = {
	{ "id", TEXT, IN(id), NULL },
	{ "step", TEXT, IN(step), NULL },
	{ "step_title", TEXT, IN(step_title), NULL },
	{ "step_number", NUMBER, IN(step_number), NULL },
	{ "goal_number", NUMBER, IN(goal_number), NULL },
	{ "title", TEXT, IN(title), NULL },
	{ "status", WORD, IN(status), statuses },
	{ "score", NUMBER, IN(score), NULL },
	{ "max", NUMBER, IN(max), NULL },
	{ "expected", TEXT, IN(expected), NULL },
	{ "actual", TEXT, IN(actual), NULL },
	{ "message", TEXT, IN(message), NULL },
	{ "reason", TEXT, IN(reason), NULL },
	{ "hint", TEXT, IN(hint), NULL },
	{ "log", TEXT, IN(log), NULL },
	{ "duration_ns", LONG, IN(duration_ns), NULL },
	{ "visibility", WORD, IN(visibility), visibilities },
	{ "after", TEXTS, IN(after), NULL },
	{ NULL, TEXT, 0, NULL },
};
#undef IN

const char *graded_status_word(enum graded_status status)
{
	return statuses[status];
}

const char *graded_visibility_word(enum graded_visibility visibility)
{
	return visibilities[visibility];
}

/* The index of a word, or -1. */
static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; word && words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

bool graded_visibility_read(const char *word, enum graded_visibility *out)
{
	int found = find_word(visibilities, word);

	if (found < 0)
		return false;
	*out = (enum graded_visibility)found;
	return true;
}

/* ---- to JSON ---- */

static json_t *clean_string(const char *text)
{
	OWN_FREE char *clean = clean_dup(text);

	return json_string(clean);
}

static json_t *texts_to_json(const struct strs *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(list, clean_string(texts->items[i]));
	return list;
}

static json_t *seed_to_json(uint64_t seed)
{
	char text[sizeof("18446744073709551615")];

	(void)snprintf(text, sizeof(text), "%" PRIu64, seed);
	return json_string(text);
}

/* All our enums are as large as an unsigned int. */
static json_t *field_to_json(const struct field *field, const void *at)
{
	switch (field->kind) {
	case NUMBER:
		return json_integer(*(const int *)at);
	case LONG:
		return json_integer(*(const long long *)at);
	case SEED:
		return seed_to_json(*(const uint64_t *)at);
	case WORD:
		return json_string(field->words[*(const unsigned *)at]);
	case TEXTS:
		return texts_to_json(at);
	case TEXT:
		break;
	}
	return clean_string(*(char *const *)at);
}

static json_t *to_json(const struct field *table, const void *from)
{
	json_t *json = json_object();

	for (const struct field *field = table; field->key; field++)
		json_object_set_new(
			json, field->key,
			field_to_json(field,
				      (const char *)from + field->offset));
	return json;
}

json_t *graded_to_json(const struct graded *one)
{
	json_t *json = to_json(fields, one);
	json_t *tests = json_array();

	for (size_t i = 0; i < one->tests_count; i++)
		json_array_append_new(tests,
				      to_json(test_fields, &one->tests[i]));
	json_object_set_new(json, "tests", tests);
	return json;
}

/* ---- from JSON ---- */

static int bad(const struct field *field, struct err *err)
{
	return err_set(err, EINVAL, _("'%s' is not what it must be"),
		       field->key);
}

static int read_texts(const struct field *field, const json_t *json,
		      struct strs *out, struct err *err)
{
	if (!json_is_array(json))
		return bad(field, err);
	for (size_t i = 0; i < json_array_size(json); i++) {
		const char *text = json_string_value(json_array_get(json, i));

		if (!text)
			return bad(field, err);
		strs_add(out, text);
	}
	return 0;
}

static int read_seed(const struct field *field, const char *text, uint64_t *out,
		     struct err *err)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return bad(field, err);
	errno = 0;
	*out = strtoull(text, &end, 10);
	return *end || errno ? bad(field, err) : 0;
}

static int read_word(const struct field *field, const json_t *json,
		     unsigned *out, struct err *err)
{
	int found = find_word(field->words, json_string_value(json));

	if (found < 0)
		return bad(field, err);
	*out = (unsigned)found;
	return 0;
}

static int read_number(const struct field *field, const json_t *json, void *at,
		       struct err *err)
{
	json_int_t value = json_integer_value(json);

	if (!json_is_integer(json) || value < 0 ||
	    (field->kind == NUMBER && value > INT_MAX))
		return bad(field, err);
	if (field->kind == NUMBER)
		*(int *)at = (int)value;
	else
		*(long long *)at = value;
	return 0;
}

static int read_field(const struct field *field, const json_t *json, void *at,
		      struct err *err)
{
	switch (field->kind) {
	case NUMBER:
	case LONG:
		return read_number(field, json, at, err);
	case SEED:
		return read_seed(field, json_string_value(json), at, err);
	case WORD:
		return read_word(field, json, at, err);
	case TEXTS:
		return read_texts(field, json, at, err);
	case TEXT:
		break;
	}
	if (!json_is_string(json))
		return bad(field, err);
	*(char **)at = mem_str(json_string_value(json));
	return 0;
}

static int from_json(const struct field *table, const json_t *json, void *to,
		     struct err *err)
{
	if (!json_is_object(json))
		return err_set(err, EINVAL, _("an object is expected"));
	for (const struct field *field = table; field->key; field++) {
		const json_t *value = json_object_get(json, field->key);
		int r;

		/* What a later version has left out is empty. */
		if (!value)
			continue;
		r = read_field(field, value, (char *)to + field->offset, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the sums rely on. */
static int check_test(const struct graded_test *test, struct err *err)
{
	if (!test->id || !*test->id)
		return err_set(err, EINVAL, _("a goal has no id"));
	if (test->score > test->max)
		return err_set(err, EINVAL,
			       _("'%s' has more points than its maximum"),
			       test->id);
	return 0;
}

static int read_all(const json_t *json, struct graded *out, struct err *err)
{
	const json_t *tests = json_object_get(json, "tests");
	int r = from_json(fields, json, out, err);

	for (size_t i = 0; r == 0 && i < json_array_size(tests); i++) {
		struct graded_test *test = graded_add(out);

		r = from_json(test_fields, json_array_get(tests, i), test, err);
		if (r == 0)
			r = check_test(test, err);
	}
	if (r == 0 && (!out->submission || !*out->submission))
		r = err_set(err, EINVAL, _("a submission has no name"));
	return r;
}

int graded_from_json(const json_t *json, struct graded *out, struct err *err)
{
	struct graded graded = { 0 };
	int r = read_all(json, &graded, err);

	if (r < 0)
		graded_done(&graded);
	else
		*out = graded;
	return r;
}

static int read_document(const json_t *json, struct gradeds *out,
			 struct err *err)
{
	const char *schema = json_string_value(json_object_get(json, "schema"));
	const json_t *list = json_object_get(json, "submissions");

	if (!schema || strcmp(schema, SCHEMA) != 0 || !json_is_array(list))
		return err_set(err, EINVAL,
			       _("it is not what `grade --format "
				 "json` writes"));
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct graded one = { 0 };
		int r = graded_from_json(json_array_get(list, i), &one, err);

		if (r < 0)
			return err_wrap(err, _("submission %zu"), i + 1);
		*gradeds_add(out) = one;
	}
	return 0;
}

int gradeds_read(const char *text, size_t len, const char *name,
		 struct gradeds *out, struct err *err)
{
	json_error_t error = { 0 };
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	size_t before = out->count;
	int r;

	if (!json)
		return err_set(err, EINVAL, _("%s: line %d: %s"), name,
			       error.line, error.text);
	r = read_document(json, out, err);
	json_decref(json);
	if (r == 0)
		return 0;
	while (out->count > before)
		graded_done(&out->items[--out->count]);
	return err_wrap(err, "%s", name);
}
