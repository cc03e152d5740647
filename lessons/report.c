/* lessons/report.c - see report.h */
#include "lessons/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/report_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

/* for_student: nobody else reads it, and it has no word for goals that are kept
 * back. */
static const struct format {
	const char *name;
	const char *file;
	bool many;
	bool for_student;
	bool strict;
	report_writer *write;
} formats[REPORT_FORMATS] = {
	[REPORT_JSON] = { "json", "graded.json", true, false, false,
			  report_json },
	[REPORT_GRADESCOPE] = { "gradescope", "results.json", false, false,
				false, report_gradescope },
	[REPORT_CLASSROOM50] = { "classroom50", "result.json", false, true,
				 false, report_classroom50 },
	[REPORT_JUNIT] = { "junit", "junit.xml", true, false, false,
			   report_junit },
	[REPORT_TAP] = { "tap", "report.tap", true, false, true, report_tap },
	[REPORT_CHECK50] = { "check50", "check50.json", false, true, false,
			     report_check50 },
	[REPORT_EXERCISM] = { "exercism", "results.json", false, true, false,
			      report_exercism },
	[REPORT_CSV] = { "csv", "grades.csv", true, false, false, report_csv },
	[REPORT_HTML] = { "html", "report.html", true, false, false,
			  report_html },
	[REPORT_LEGACY] = { "legacy", "result.txt", false, true, false,
			    report_legacy },
	[REPORT_TEXT] = { "text", "report.txt", true, false, false,
			  report_text },
};

const char *report_name(enum report_format format)
{
	return format < REPORT_FORMATS ? formats[format].name : NULL;
}

const char *report_file(enum report_format format)
{
	return formats[format].file;
}

bool report_takes_many(enum report_format format)
{
	return formats[format].many;
}

bool report_is_strict(enum report_format format)
{
	return formats[format].strict;
}

int report_find(const char *name, enum report_format *out, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *all = NULL;

	for (unsigned i = 0; i < REPORT_FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*out = (enum report_format)i;
			return 0;
		}
		strs_add(&names, formats[i].name);
	}
	all = strs_join(&names, ", ");
	err_set(err, EINVAL, _("there is no format '%s'"), name);
	return err_hint(err, _("the formats there are: %s"), all);
}

int report_write(enum report_format format, const struct graded *many,
		 size_t count, const struct report_env *env, struct buf *out,
		 struct err *err)
{
	const struct format *is = &formats[format];
	struct report report = { many, count, env,
				 is->for_student || env->student };

	if (!is->many && count != 1) {
		err_set(err, EINVAL,
			_("'%s' holds one submission, and there are %zu"),
			is->name, count);
		return err_hint(err, _("json, junit, tap, csv, html and text "
				       "hold a class"));
	}
	return is->write(&report, out, err);
}

/* ---- steps ---- */

static bool same_step(const struct graded_test *a, const struct graded_test *b)
{
	return a->step_number == b->step_number &&
	       strcmp(a->step ? a->step : "", b->step ? b->step : "") == 0;
}

bool report_next_step(const struct graded *graded, struct report_step *step)
{
	const struct graded_test *end = graded->tests + graded->tests_count;
	const struct graded_test *first =
		step->first ? step->first + step->count : graded->tests;
	size_t count = 0;

	if (first == end)
		return false;
	while (first + count < end && same_step(first, first + count))
		count++;
	*step = (struct report_step){ first, count };
	return true;
}

size_t report_step_count(const struct report_step *step,
			 enum graded_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < step->count; i++)
		count += step->first[i].status == status;
	return count;
}

long long report_step_ns(const struct report_step *step)
{
	long long ns = 0;

	for (size_t i = 0; i < step->count; i++)
		ns += step->first[i].duration_ns;
	return ns;
}

bool report_same_log(const struct report_step *step, size_t index)
{
	const char *log = step->first[index].log;
	const char *before = index > 0 ? step->first[index - 1].log : NULL;

	return log && before && strcmp(log, before) == 0;
}

char *report_step_title(const struct report_step *step)
{
	const char *title = step->first->step_title;
	char *clean = clean_line(title && *title ? title : step->first->step);

	if (*clean)
		return clean;
	free(clean);
	return mem_fmt(_("step %d"), step->first->step_number);
}
