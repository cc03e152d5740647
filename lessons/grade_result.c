/* lessons/grade_result.c - see grade_result.h */
#include "lessons/grade_result.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum { MOST_BYTES = 64 << 20, LONGEST_NAME = 200 };

void grade_result_done(struct grade_result *result)
{
	graded_done(&result->graded);
	free(result->of);
	free(result->digest);
	similar_marks_done(&result->marks);
	*result = (struct grade_result){ 0 };
}

void grade_results_done(struct grade_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		grade_result_done(&results->items[i]);
	free(results->items);
	*results = (struct grade_results){ 0 };
}

char *grade_result_name(const char *submission)
{
	char digest[DIGEST_SIZE];

	if (strlen(submission) <= LONGEST_NAME)
		return mem_fmt("%s.json", submission);
	digest_of(submission, strlen(submission), digest);
	return mem_fmt("%.100s-%.16s.json", submission, digest_hex(digest));
}

/* ---- writing ---- */

int grade_result_write(int dir_fd, const char *name,
		       const struct grade_result *result, struct err *err)
{
	json_t *marks = json_array();
	json_t *one = graded_to_json(&result->graded);
	json_t *json;
	OWN_FREE char *text = NULL;

	for (size_t i = 0; i < result->marks.count; i++)
		json_array_append_new(marks,
				      json_integer(result->marks.items[i]));
	json = json_pack("{s:s,s:s,s:s,s:o,s:[o]}", "schema",
			 "dockershell/graded/v1", "of",
			 result->of ? result->of : "", "digest",
			 result->digest ? result->digest : "", "marks", marks,
			 "submissions", one);
	text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	json_decref(json);
	if (!text)
		return err_set(err, EILSEQ, _("'%s': that is not UTF-8"), name);
	return fs_replace(dir_fd, name, text, strlen(text), 0644, false, err);
}

/* ---- reading ---- */

static void take_more(const json_t *json, struct grade_result *result)
{
	const json_t *marks = json_object_get(json, "marks");
	const char *of = json_string_value(json_object_get(json, "of"));
	const char *digest = json_string_value(json_object_get(json, "digest"));

	result->of = mem_str(of ? of : "");
	result->digest = mem_str(digest ? digest : "");
	for (size_t i = 0; i < json_array_size(marks); i++) {
		result->marks.items = mem_grow(result->marks.items,
					       result->marks.count + 1,
					       sizeof(*result->marks.items));
		result->marks.items[result->marks.count++] =
			(uint32_t)json_integer_value(json_array_get(marks, i));
	}
}

int grade_results_read(int dir_fd, const char *name, struct grade_results *out,
		       struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct gradeds many = { 0 };
	json_t *json;
	int r = fs_read(dir_fd, name, MOST_BYTES, &text, err);

	if (r == 0)
		r = gradeds_read(buf_text(&text), text.len, name, &many, err);
	if (r < 0)
		return r;
	json = json_loadb(buf_text(&text), text.len, 0, NULL);
	for (size_t i = 0; i < many.count; i++) {
		struct grade_result *result;

		out->items = mem_grow(out->items, out->count + 1,
				      sizeof(*out->items));
		result = &out->items[out->count++];
		*result = (struct grade_result){ .graded = many.items[i] };
		take_more(many.count == 1 ? json : NULL, result);
	}
	free(many.items); /* what was in it is the results' now */
	json_decref(json);
	return 0;
}

/* ---- merging ---- */

static int by_name(const void *a, const void *b)
{
	const struct grade_result *x = a;
	const struct grade_result *y = b;
	int order = strcmp(x->graded.submission, y->graded.submission);

	if (order != 0)
		return order;
	/* What counts first; then the newer one. */
	order = (int)graded_counts(&y->graded) - (int)graded_counts(&x->graded);
	if (order != 0)
		return order;
	return (x->graded.started_ns < y->graded.started_ns) -
	       (x->graded.started_ns > y->graded.started_ns);
}

void grade_results_merge(struct grade_results *results)
{
	size_t kept = 0;

	for (size_t i = 0; i < results->count; i++) {
		struct graded *graded = &results->items[i].graded;

		if (!graded->submission)
			graded->submission = mem_str("");
	}
	if (results->count > 0)
		qsort(results->items, results->count, sizeof(*results->items),
		      by_name);
	for (size_t i = 0; i < results->count; i++) {
		if (kept > 0 &&
		    strcmp(results->items[kept - 1].graded.submission,
			   results->items[i].graded.submission) == 0)
			grade_result_done(&results->items[i]);
		else
			results->items[kept++] = results->items[i];
	}
	results->count = kept;
}
