/* tests/test_judge.c - a step's goals together: order, what stays met, the
 * lesson's own word. */
#include "lessons/judge.h"

#include <string.h>

#include "lessons/goal.h"
#include "lessons/lesson.h"
#include "lessons/script.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/facts_fake.h"
#include "tests/test.h"

static const char text[] =
	"lesson{ format = 1, id = \"x\", minutes = 1, points = 1 }\n"
	"step{ id = \"s\", points = 1, goals = {\n"
	"  container{ id = \"ran\", name = \"hoge\",\n"
	"    diagnose = function(w, c)\n"
	"      local first = w:containers()[1]\n"
	"      if first then c:fail(\"other_name\", { name = first.name }) end\n"
	"    end },\n"
	"  diff{ id = \"made\", after = \"ran\", container = \"hoge\",\n"
	"    has = \"A /x\" },\n"
	"  container{ id = \"runs\", hold = true, name = \"hoge\",\n"
	"    status = \"running\" },\n"
	"  custom{ id = \"own\", check = function(w, c)\n"
	"    local h = w:container(\"hoge\")\n"
	"    if not h then return c:fail(\"none\") end\n"
	"    if #h:diff() > 5 then c:fail(\"much\", { n = #h:diff() }) end\n"
	"  end },\n"
	"  answer{ id = \"code\", right = function(w)\n"
	"    local h = w:container(\"hoge\")\n"
	"    return h and h.exit\n"
	"  end },\n"
	"  custom{ id = \"file\", check = function(w, c)\n"
	"    local image = w:image(\"busybox\")\n"
	"    if not image then return c:fail(\"none\") end\n"
	"    local whole, layer = image:stat(\"/motd\"), image:stat(\"/motd\", 1)\n"
	"    if not whole or not layer then c:fail(\"not_seen\") end\n"
	"    if image:stat(\"/other\") then c:fail(\"seen\") end\n"
	"  end },\n"
	"  custom{ id = \"end\", check = function(w, c)\n"
	"    local h = w:container(\"hoge\")\n"
	"    local e = h and h:ending()\n"
	"    if not e then return c:fail(\"none\") end\n"
	"    c:fail(\"ended\", { by = e.by, heed = e.heed, ms = e.ms,\n"
	"      signal = e.signal })\n"
	"  end },\n"
	"  custom{ id = \"lines\", check = function(w, c)\n"
	"    local h = w:container(\"hoge\")\n"
	"    if not h then return c:not_yet(\"ps -a\") end\n"
	"    c:fail(\"seen\", { start = h:could_not_start(),\n"
	"      one = h:diff():has(\"A /1\"), eleven = h:diff():has(\"A /11\"),\n"
	"      create = w:has_typed(\"create\"), cr = w:has_typed(\"cr\"),\n"
	"      touch = w:typed_outside(\"touch\"),\n"
	"      ls = w:typed_outside(\"ls\"), run = w:last_run(),\n"
	"      d = w:ran_with(\"-d\"), rm = w:ran_with(\"--rm\") })\n"
	"  end },\n"
	"  custom{ id = \"bad\", check = function(w, c) error(\"oops\") end },\n"
	"} }\n";

struct job {
	const struct lesson *lesson;
	struct judge judge;
};

static int work(void *arg, struct worker *worker, json_t **out, struct err *err)
{
	struct job *job = arg;
	struct script_source source = { job->lesson->dir, 1, NULL };
	struct script *script = NULL;
	struct verdicts verdicts = { 0 };
	int r = script_open(&source, &script, err);

	(void)worker;
	if (r < 0)
		return r;
	job->judge.step = &job->lesson->steps[0];
	job->judge.script = script;
	judge_step(&job->judge, &verdicts);
	*out = verdicts_to_json(&verdicts);
	return 0;
}

/* Judges in a child, as it is done for learners. */
static void judge(struct scratch *scratch, const struct judge *how,
		  struct verdicts *out)
{
	struct lesson *lesson = NULL;
	struct err err = { 0 };
	struct job job = { NULL, *how };
	struct worker_job child = { .work = work,
				    .work_arg = &job,
				    .wall_ms = 5000,
				    .cpu_s = 2,
				    .memory_bytes = 64 << 20 };
	json_t *json = NULL;

	scratch_write(scratch, "lesson.lua", text);
	assert_ok(lesson_load(scratch->path, 1, NULL, &lesson, &err), &err);
	job.lesson = lesson;
	assert_ok(worker_run(&child, &json, &err), &err);
	assert_ok(verdicts_from_json(json, out, &err), &err);
	json_decref(json);
	lesson_free(lesson);
}

static void what_depends_on_an_open_goal_is_skipped(void **state)
{
	static const struct strs none = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };

	fake_init(&fake);
	judge(*state, &rules, &verdicts);
	assert_int_equal(verdicts_of(&verdicts, "ran")->state, VERDICT_OPEN);
	assert_string_equal(verdicts_of(&verdicts, "ran")->message, "none");
	assert_int_equal(verdicts_of(&verdicts, "made")->state,
			 VERDICT_SKIPPED);
	verdicts_done(&verdicts);
	rules.alone = true;
	judge(*state, &rules, &verdicts);
	assert_int_equal(verdicts_of(&verdicts, "made")->state, VERDICT_OPEN);
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void a_diagnosis_replaces_the_message(void **state)
{
	static const struct strs none = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };
	const struct verdict *ran;

	fake_init(&fake);
	fake_container(&fake, "hogge", "busybox", 0);
	judge(*state, &rules, &verdicts);
	ran = verdicts_of(&verdicts, "ran");
	assert_string_equal(ran->message, "other_name");
	assert_string_equal(strs_get_env(&ran->args, "name"), "hogge");
	/* What is expected and what is there stay told. */
	assert_non_null(strstr(ran->expected, "hoge"));
	assert_non_null(strstr(ran->there_is, "hogge"));
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void what_was_met_stays_met_unless_it_must_hold(void **state)
{
	OWN_STRS struct strs met = { 0 };
	struct fake fake;
	struct judge rules = { .met = &met, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };

	strs_add(&met, "ran");
	strs_add(&met, "runs");
	fake_init(&fake);
	judge(*state, &rules, &verdicts);
	assert_int_equal(verdicts_of(&verdicts, "ran")->state, VERDICT_MET);
	assert_int_equal(verdicts_of(&verdicts, "runs")->state, VERDICT_OPEN);
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void a_custom_check_fails_in_its_own_words_or_is_broken(void **state)
{
	static const char *const changes[] = { "A /1", "A /2", "A /3", "A /4",
					       "A /5", "A /6", NULL };
	static const struct strs none = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };
	const struct verdict *own;

	fake_init(&fake);
	fake_container(&fake, "hoge", "busybox", 0);
	judge(*state, &rules, &verdicts);
	assert_int_equal(verdicts_of(&verdicts, "own")->state, VERDICT_MET);
	assert_int_equal(verdicts_of(&verdicts, "bad")->state, VERDICT_BROKEN);
	assert_non_null(
		strstr(verdicts_of(&verdicts, "bad")->there_is, "oops"));
	verdicts_done(&verdicts);
	fake.changes[0] = changes;
	judge(*state, &rules, &verdicts);
	own = verdicts_of(&verdicts, "own");
	assert_string_equal(own->message, "much");
	assert_string_equal(strs_get_env(&own->args, "n"), "6");
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void what_is_right_may_be_known_only_when_it_is_judged(void **state)
{
	static const struct strs none = { 0 };
	json_t *answers = json_object();
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	const struct {
		const char *answer;
		bool container;
		const char *message; /* NULL: met */
	} cases[] = {
		{ NULL, true, "unanswered" },
		{ "7", false, "wrong" }, /* nothing is right yet */
		{ "6", true, "wrong" },
		{ "7", true, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdicts verdicts = { 0 };
		const struct verdict *code;

		fake_init(&fake);
		fake.facts.answers = answers;
		if (cases[i].answer)
			json_object_set_new(answers, "s/code",
					    json_string(cases[i].answer));
		if (cases[i].container)
			fake_container(&fake, "hoge", "busybox", 7);
		judge(*state, &rules, &verdicts);
		code = verdicts_of(&verdicts, "code");
		if (cases[i].message)
			assert_string_equal(code->message, cases[i].message);
		else
			assert_int_equal(code->state, VERDICT_MET);
		verdicts_done(&verdicts);
		fake_done(&fake);
	}
	json_decref(answers);
}

static void a_file_is_asked_for_in_a_whole_image_or_in_one_layer(void **state)
{
	static const struct strs none = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };

	fake_init(&fake);
	fake_image(&fake, "busybox", 1);
	fake.file_path = "/motd";
	fake.file.kind = 'f';
	judge(*state, &rules, &verdicts);
	assert_string_equal(verdicts_of(&verdicts, "file")->message, "");
	assert_int_equal(verdicts_of(&verdicts, "file")->state, VERDICT_MET);
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void
who_ended_a_container_and_how_long_it_took_can_be_asked(void **state)
{
	static const struct strs none = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };
	const struct verdict *end;

	fake_init(&fake);
	fake_container(&fake, "hoge", "busybox", 137);
	judge(*state, &rules, &verdicts);
	assert_string_equal(verdicts_of(&verdicts, "end")->message, "none");
	verdicts_done(&verdicts);
	fake.ending = (struct ending){
		.id = "1",
		.died_ns = 12003000000,
		.seen = { .signal = 9 },
		.signals = { { 15, ASKER_STOP, HEED_DEFAULT, 2000000000 },
			     { 9, ASKER_GRACE, HEED_UNKNOWN, 12000000000 } },
		.signal_count = 2,
	};
	judge(*state, &rules, &verdicts);
	end = verdicts_of(&verdicts, "end");
	assert_string_equal(end->message, "ended");
	assert_string_equal(strs_get_env(&end->args, "by"), "grace");
	assert_string_equal(strs_get_env(&end->args, "heed"), "default");
	assert_string_equal(strs_get_env(&end->args, "ms"), "10003");
	assert_string_equal(strs_get_env(&end->args, "signal"), "9");
	verdicts_done(&verdicts);
	fake_done(&fake);
}

static void a_check_may_ask_for_the_words_that_were_typed(void **state)
{
	static const char *const changes[] = { "A /1", "C /2", NULL };
	static const char *const lines[] = { "  touch x",
					     "create --name hoge busybox ls /",
					     "docker run --rm busybox",
					     "docker run -d busybox ls /",
					     "running --rm" };
	static const char *const seen[] = {
		"start=true",   "one=true",
		"eleven=false", "create=true",
		"cr=false",     "touch=true",
		"ls=false",     "d=true",
		"rm=false",     "run=docker run -d busybox ls /"
	};
	static const struct strs none = { 0 };
	OWN_STRS struct strs typed = { 0 };
	struct fake fake;
	struct judge rules = { .met = &none, .facts = &fake.facts };
	struct verdicts verdicts = { 0 };
	const struct verdict *said;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		strs_add(&typed, lines[i]);
	fake_init(&fake);
	fake.facts.typed = &typed;
	judge(*state, &rules, &verdicts);
	said = verdicts_of(&verdicts, "lines");
	assert_string_equal(said->message, "not_yet");
	assert_string_equal(said->look, "ps -a");
	verdicts_done(&verdicts);
	fake_container(&fake, "hoge", "busybox", 127);
	fake.items[0].error = mem_str("no such program");
	fake.changes[0] = changes;
	judge(*state, &rules, &verdicts);
	said = verdicts_of(&verdicts, "lines");
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		assert_true(strs_has(&said->args, seen[i]));
	verdicts_done(&verdicts);
	/* Made, and nobody has tried to start it. */
	free(fake.items[0].error);
	fake.items[0].error = NULL;
	fake.items[0].status = CONTAINER_CREATED;
	judge(*state, &rules, &verdicts);
	said = verdicts_of(&verdicts, "lines");
	assert_true(strs_has(&said->args, "start=false"));
	verdicts_done(&verdicts);
	fake_done(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(what_depends_on_an_open_goal_is_skipped),
		TEST_IN_SCRATCH(a_diagnosis_replaces_the_message),
		TEST_IN_SCRATCH(what_was_met_stays_met_unless_it_must_hold),
		TEST_IN_SCRATCH(
			a_custom_check_fails_in_its_own_words_or_is_broken),
		TEST_IN_SCRATCH(
			what_is_right_may_be_known_only_when_it_is_judged),
		TEST_IN_SCRATCH(
			a_file_is_asked_for_in_a_whole_image_or_in_one_layer),
		TEST_IN_SCRATCH(
			who_ended_a_container_and_how_long_it_took_can_be_asked),
		TEST_IN_SCRATCH(a_check_may_ask_for_the_words_that_were_typed),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
