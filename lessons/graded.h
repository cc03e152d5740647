/* lessons/graded.h - what came of grading, as plain data.
 *
 * One result feeds all reports (report.h), is kept while a class is graded, and is
 * read back to go on or to be merged. Owns this data and its JSON. Texts in it are
 * as they came: whoever writes them out cleans them (clean.h).
 *
 *   {"schema":"dockershell/graded/v1",
 *    "submissions":[{"lesson":"ports","title":"...","version":"...","seed":"7",
 *      "lang":"en","submission":"ann","student":"...","started_ns":,
 *      "duration_ns":,"state":"done","fault":"","note":"","remarks":[],
 *      "tests":[{"id":"build/img","step":"build","step_title":"...",
 *        "step_number":1,"goal_number":1,"title":"...","status":"pass",
 *        "score":2,"max":2,"expected":"","actual":"","message":"","reason":"",
 *        "hint":"","log":"","duration_ns":,"visibility":"visible",
 *        "after":[]}]}]} */
#ifndef LESSONS_GRADED_H
#define LESSONS_GRADED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct buf;
struct err;

/* ERROR: the lesson's, the grader's or the machine's fault, never the learner's.
 * TIMEOUT: what was waited for did not come. SKIPPED: a goal it comes after is not
 * met. A test that was not reached is SKIPPED as well, or ERROR where the grader
 * is to blame. */
enum graded_status {
	GRADED_PASS,
	GRADED_FAIL,
	GRADED_ERROR,
	GRADED_TIMEOUT,
	GRADED_SKIPPED,
};
#define GRADED_STATUSES 5

enum graded_visibility {
	GRADED_VISIBLE,
	GRADED_HIDDEN,
	GRADED_AFTER_DUE_DATE,
	GRADED_AFTER_PUBLISHED,
};

/* CUT: it is still under way, or was cut short (a report that is found so was left
 * by a kill). NOT: nothing of it could be graded; note says why. */
enum graded_state {
	GRADED_DONE,
	GRADED_CUT,
	GRADED_NOT,
};

/* Whose fault it is that something went wrong beside the goals. GRADER: this is no
 * result, it has to be graded again. */
enum graded_fault {
	GRADED_FAULT_NONE,
	GRADED_FAULT_SUBMISSION,
	GRADED_FAULT_GRADER,
};

#define GRADED_LOG_MOST 4096

/* All texts may be NULL, which is the same as "".
 *
 * id           "build/img", unique in one submission
 * step_number, goal_number  from 1
 * title        the goal in words, as in the checklist
 * expected, actual  "port 8123", "no port"
 * message      why it failed, one sentence (or why it was skipped, or in error)
 * reason       key of it: "port_not_published"; the same in all languages
 * hint         what to look at next
 * log          what the submission's own lines said; GRADED_LOG_MOST is kept
 * after        ids of the goals it comes after */
struct graded_test {
	char *id;
	char *step;
	char *step_title;
	int step_number;
	int goal_number;
	char *title;
	enum graded_status status;
	int score;
	int max;
	char *expected;
	char *actual;
	char *message;
	char *reason;
	char *hint;
	char *log;
	long long duration_ns;
	enum graded_visibility visibility;
	struct strs after;
};

/* lesson      id; title: in words
 * version     hash of the lesson's folder
 * lang        of the texts in it
 * submission  the name of the file or folder, without where it lies
 * student     whose it is, as far as it says so
 * started_ns  since 1970
 * note        what went wrong beside the goals: "processor time: 60 s are used up"
 * remarks     for the teacher's eyes: "the record of commands was changed at 4"
 * lines       the lines of commands.dsh that were run, one a text; for those who
 *             look for similar ones */
struct graded {
	char *lesson;
	char *title;
	char *version;
	uint64_t seed;
	char *lang;
	char *submission;
	char *student;
	long long started_ns;
	long long duration_ns;
	enum graded_state state;
	enum graded_fault fault;
	char *note;
	struct strs remarks;
	struct strs lines;
	struct graded_test *tests;
	size_t tests_count;
};

struct gradeds {
	struct graded *items;
	size_t count;
};

/* One more, all empty; borrowed until the next one is added. */
struct graded_test *graded_add(struct graded *graded);
struct graded *gradeds_add(struct gradeds *many);
void graded_done(struct graded *graded);
void gradeds_done(struct gradeds *many);

/* The test of that id, or NULL. Borrowed. */
struct graded_test *graded_find(const struct graded *graded, const char *id);

int graded_score(const struct graded *graded);
int graded_max(const struct graded *graded);
size_t graded_count(const struct graded *graded, enum graded_status status);

/* Whether it counts as a result: graded to its end, no fault of the grader's in
 * it. Else it is listed as not graded, and is no zero. */
bool graded_counts(const struct graded *graded);

/* Whether it was not even taken in, for what it is: no archive, a link in it, too large.
 * It is no result either, and would not be one the next time. */
bool graded_refused(const struct graded *graded);

/* "pass"; "visible"; "done". The words of the JSON. */
const char *graded_status_word(enum graded_status status);
const char *graded_visibility_word(enum graded_visibility visibility);
bool graded_visibility_read(const char *word, enum graded_visibility *out);

/* Takes the tail of `log` if it is longer than GRADED_LOG_MOST, and says in it how
 * much was left out. */
void graded_set_log(struct graded_test *test, const char *log, size_t len);

/* The JSON above. `one` is one of "submissions"; given. */
json_t *graded_to_json(const struct graded *one);
int graded_from_json(const json_t *json, struct graded *out, struct err *err);

/* Reads a whole document, `name` being what it is called in messages; adds to
 * *out. -EINVAL: it is none of ours, or damaged. */
int gradeds_read(const char *text, size_t len, const char *name,
		 struct gradeds *out, struct err *err);

#endif
