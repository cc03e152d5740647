/* tests/test_goal_tries.c - kinds of goals that try something, measure or ask, on facts
 * made up. */
#include "lessons/goal.h"

#include <errno.h>
#include <string.h>

#include "lessons/goal_answer.h"
#include "lessons/judge.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/facts_fake.h"
#include "tests/goal_says.h"
#include "tests/test.h"

static void a_page_that_does_not_come_names_the_hop_that_is_missing(void **state)
{
	static const char serves[] =
		"{'kind':'http','id':'a','url':'http://127.0.0.1:8080/',"
		"'body_has':'token'}";
	struct fake fake;
	size_t web;

	(void)state;
	fake_init(&fake);
	fake.page_error = ECONNREFUSED;
	assert_string_equal(judged(serves, &fake.facts), "port_not_published");
	web = fake_container(&fake, "web", "busybox", 0);
	strs_add(&fake.items[web].spec.ports, ":8080:80/tcp");
	assert_string_equal(judged(serves, &fake.facts), "not_running");
	fake.items[web].status = CONTAINER_RUNNING;
	strs_add(&fake.items[web].published, "0.0.0.0:8080:80/tcp");
	assert_string_equal(judged(serves, &fake.facts), "no_server");
	fake.listens[web] = "127.0.0.1:80";
	assert_string_equal(judged(serves, &fake.facts), "listens_local");
	fake.listens[web] = "0.0.0.0:3000";
	assert_string_equal(judged(serves, &fake.facts), "other_port");
	fake.listens[web] = "0.0.0.0:80";
	assert_string_equal(judged(serves, &fake.facts), "no_answer");
	fake.page_error = 0;
	fake.page = (struct facts_page){ 404, (char[]){ "no" } };
	assert_string_equal(judged(serves, &fake.facts), "status");
	fake.page.status = 200;
	assert_string_equal(judged(serves, &fake.facts), "body");
	fake.page.body = (char[]){ "a token" };
	assert_string_equal(judged(serves, &fake.facts), "");
	fake_done(&fake);
}

static void a_port_is_published_here_and_there(void **state)
{
	struct fake fake;
	size_t web;

	(void)state;
	fake_init(&fake);
	web = fake_container(&fake, "web", "busybox", 0);
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':80}",
				   &fake.facts),
			    "not_running");
	fake.items[web].status = CONTAINER_RUNNING;
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':80}",
				   &fake.facts),
			    "not_published");
	strs_add(&fake.items[web].published, "0.0.0.0:8080:80/tcp");
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':80,'host':'8080'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':81}",
				   &fake.facts),
			    "other_port");
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':80,'host':8081}",
				   &fake.facts),
			    "other_host_port");
	assert_string_equal(judged("{'kind':'port','id':'a','container':'web',"
				   "'port':80,'address':'127.0.0.1'}",
				   &fake.facts),
			    "other_address");
	fake_done(&fake);
}

static void a_program_is_judged_by_its_end_and_its_output(void **state)
{
	static const char reads[] =
		"{'kind':'exec','id':'a','container':'web',"
		"'run':'cat /x','equals':'hello'}";
	struct fake fake;
	size_t web;

	(void)state;
	fake_init(&fake);
	web = fake_container(&fake, "web", "busybox", 0);
	assert_string_equal(judged(reads, &fake.facts), "not_running");
	fake.items[web].status = CONTAINER_RUNNING;
	fake.ran = (struct facts_ran){ .output = (char[]){ "hello\n" } };
	assert_string_equal(judged(reads, &fake.facts), "");
	assert_string_equal(judged("{'kind':'exec','id':'a','container':'web',"
				   "'run':'x','lacks':'hello'}",
				   &fake.facts),
			    "unexpected");
	assert_string_equal(judged("{'kind':'exec','id':'a','image':'none',"
				   "'args':['x']}",
				   &fake.facts),
			    "no_image");
	fake.ran.code = 1;
	assert_string_equal(judged("{'kind':'exec','id':'a','container':'web',"
				   "'args':['x']}",
				   &fake.facts),
			    "exit");
	fake.ran.output = (char[]){ "bye" };
	assert_string_equal(judged(reads, &fake.facts), "output");
	fake.ran.late = true;
	assert_string_equal(judged(reads, &fake.facts), "timeout");
	fake.ran = (struct facts_ran){ .code = 127,
				       .failed = (char[]){ "no such file" } };
	assert_string_equal(judged(reads, &fake.facts), "no_program");
	fake_done(&fake);
}

static void a_volume_is_used_holds_a_file_and_survives(void **state)
{
	static const char kept[] = "{'kind':'volume','id':'a','name':'data',"
				   "'path':'/log','has':'x','survives':'old'}";
	OWN_STRS struct strs seen = { 0 };
	struct fake fake;
	size_t web;

	(void)state;
	fake_init(&fake);
	assert_string_equal(judged(kept, &fake.facts), "none");
	fake.volume = "data";
	assert_string_equal(judged(kept, &fake.facts), "missing");
	fake.file_path = "/log";
	fake.file = (struct facts_file){ .kind = 'f', .text = (char[]){ "y" } };
	assert_string_equal(judged(kept, &fake.facts), "content");
	fake.file.text = (char[]){ "x" };
	assert_string_equal(judged(kept, &fake.facts), "never");
	strs_add(&seen, "container old");
	fake.facts.seen = &seen;
	assert_string_equal(judged(kept, &fake.facts), "");
	web = fake_container(&fake, "web", "busybox", 0);
	assert_string_equal(judged("{'kind':'volume','id':'a','name':'data',"
				   "'used_by':'web'}",
				   &fake.facts),
			    "not_used");
	strs_add(&fake.items[web].spec.mounts,
		 "type=volume,source=data,target=/d");
	assert_string_equal(judged("{'kind':'volume','id':'a','name':'data',"
				   "'used_by':'web','at':'/e'}",
				   &fake.facts),
			    "other_place");
	assert_string_equal(judged("{'kind':'volume','id':'a','name':'data',"
				   "'used_by':'web','at':'/d'}",
				   &fake.facts),
			    "");
	fake_done(&fake);
}

static void a_network_has_its_members(void **state)
{
	static const char both[] =
		"{'kind':'network','id':'a','name':'shop','has':['web']}";
	struct fake fake;
	size_t web;

	(void)state;
	fake_init(&fake);
	assert_string_equal(judged(both, &fake.facts), "none");
	fake.network = (struct network){ .name = (char[]){ "shop" },
					 .id = (char[]){ "abc" } };
	assert_string_equal(judged(both, &fake.facts), "not_on");
	web = fake_container(&fake, "web", "busybox", 0);
	endpoints_add(&fake.items[web].spec.networks, "shop");
	assert_string_equal(judged(both, &fake.facts), "");
	assert_string_equal(judged("{'kind':'network','id':'a','name':'shop',"
				   "'lacks':'web'}",
				   &fake.facts),
			    "on");
	fake.ran.code = 1;
	assert_string_equal(judged("{'kind':'network','id':'a','name':'shop',"
				   "'reaches':['web','db']}",
				   &fake.facts),
			    "name_unknown");
	fake_done(&fake);
}

static void a_measure_is_an_order_and_never_a_time(void **state)
{
	static const char lines[] =
		"{'kind':'measure','id':'a','slower':'build --no-cache',"
		"'faster':'build','times':2}";
	static const char series[] =
		"{'kind':'measure','id':'a','more':'x','less':'y','times':2}";
	json_t *typed = json_pack("[{s:s,s:i,s:i}]", "line", "build --no-cache .",
				  "status", 0, "ms", 100);
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake.facts.lines = typed;
	assert_string_equal(judged(lines, &fake.facts), "not_measured");
	json_array_append_new(typed, json_pack("{s:s,s:i,s:i}", "line",
					       "build .", "status", 0, "ms",
					       60));
	assert_string_equal(judged(lines, &fake.facts), "too_close");
	json_array_append_new(typed, json_pack("{s:s,s:i,s:i}", "line",
					       "build .", "status", 0, "ms",
					       200));
	assert_string_equal(judged(lines, &fake.facts), "order");
	json_array_append_new(typed, json_pack("{s:s,s:i,s:i}", "line",
					       "build .", "status", 0, "ms",
					       20));
	assert_string_equal(judged(lines, &fake.facts), "");
	assert_string_equal(judged(series, &fake.facts), "not_measured");
	fake.note = json_pack("{s:{s:{s:i,s:i,s:i},s:{s:i,s:i,s:i}}}",
			      "measures", "x", "median", 900, "p10", 800, "p90",
			      950, "y", "median", 100, "p10", 90, "p90", 120);
	assert_string_equal(judged(series, &fake.facts), "");
	assert_string_equal(judged("{'kind':'measure','id':'a','more':'y',"
				   "'less':'x'}",
				   &fake.facts),
			    "order");
	json_decref(fake.note);
	/* A busy machine: one sample of each was somebody else's. */
	fake.note = json_pack("{s:{s:{s:i,s:i,s:i},s:{s:i,s:i,s:i}}}",
			      "measures", "x", "median", 6800, "p10", 10, "p90",
			      7000, "y", "median", 11, "p10", 10, "p90", 7100);
	assert_string_equal(judged(series, &fake.facts), "");
	json_decref(fake.note);
	json_decref(typed);
	fake_done(&fake);
}

static void an_answer_is_right_or_wrong_a_prediction_only_made(void **state)
{
	struct fake fake;
	json_t *answers = json_pack("{s:s}", "step/a", "3");

	(void)state;
	fake_init(&fake);
	assert_string_equal(judged("{'kind':'answer','id':'a','choices':3,"
				   "'right':2}",
				   &fake.facts),
			    "unanswered");
	fake.facts.answers = answers;
	assert_string_equal(judged("{'kind':'answer','id':'a','choices':3,"
				   "'right':2}",
				   &fake.facts),
			    "wrong");
	assert_string_equal(judged("{'kind':'answer','id':'a','choices':3,"
				   "'right':3}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'answer','id':'a','choices':3,"
				   "'right':2,'predict':true}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'answer','id':'a','right':2.5,"
				   "'tolerance':0.5}",
				   &fake.facts),
			    "");
	json_decref(answers);
	fake_done(&fake);
}

static void an_answer_is_read_as_people_type_it(void **state)
{
	static const struct {
		const char *typed;
		const char *clean;
	} cases[] = { { " 2 ", "2" },
		      { "2.", "2" },
		      { "2)", "2" },
		      { "\xef\xbc\x92", "2" }, /* full width */
		      { "white out", "white out" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_FREE char *clean = goal_answer_clean(cases[i].typed);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void an_answer_that_can_be_none_says_what_can(void **state)
{
	struct goal goal = { 0 };
	struct err err = { 0 };

	(void)state;
	goal_of("{'kind':'answer','id':'a','choices':3,'right':2}", &goal);
	assert_int_equal(goal_answer_accept(&goal, "4", &err), -EINVAL);
	assert_non_null(strstr(err.msg, "from 1 to 3"));
	assert_int_equal(goal_answer_accept(&goal, "two", &err), -EINVAL);
	assert_int_equal(goal_answer_accept(&goal, "1.5", &err), -EINVAL);
	assert_int_equal(goal_answer_accept(&goal, "nan", &err), -EINVAL);
	assert_int_equal(goal_answer_accept(&goal, "2", &err), 0);
	goal_done(&goal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_that_does_not_come_names_the_hop_that_is_missing),
		TEST(a_port_is_published_here_and_there),
		TEST(a_program_is_judged_by_its_end_and_its_output),
		TEST(a_volume_is_used_holds_a_file_and_survives),
		TEST(a_network_has_its_members),
		TEST(a_measure_is_an_order_and_never_a_time),
		TEST(an_answer_is_right_or_wrong_a_prediction_only_made),
		TEST(an_answer_is_read_as_people_type_it),
		TEST(an_answer_that_can_be_none_says_what_can),
	};

	return cmocka_run_group_tests_name("goal_tries", tests, NULL, NULL);
}
