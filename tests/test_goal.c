/* tests/test_goal.c - kinds of goals that read what is written down, on facts
 * made up; see test_goal_tries.c for the others. */
#include "lessons/goal.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "tests/facts_fake.h"
#include "tests/goal_says.h"
#include "tests/test.h"

static void a_kind_that_does_not_exist_is_named(void **state)
{
	(void)state;
	refused("{'kind':'contaner','id':'a','line':3}", "'contaner'");
}

static void a_key_that_no_kind_has_is_named(void **state)
{
	(void)state;
	refused("{'kind':'container','id':'a','line':3,'name':'x','exist':1}",
		"'exist'");
}

static void a_goal_that_cannot_fail_is_refused(void **state)
{
	(void)state;
	refused("{'kind':'container','id':'a','line':7}", "could fail");
	refused("{'kind':'diff','id':'a','line':7,'container':'x'}",
		"could fail");
	refused("{'kind':'diff','id':'a','line':7,'has':'x'}", "'container'");
	refused("{'kind':'container','line':7,'name':'x'}", "id");
}

static void a_container_is_found_by_name_and_judged_by_its_state(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	assert_string_equal(
		judged("{'kind':'container','id':'a','name':'hoge'}",
		       &fake.facts),
		"none");
	fake_container(&fake, "hoge", "busybox", 1);
	assert_string_equal(
		judged("{'kind':'container','id':'a','name':'hoge'}",
		       &fake.facts),
		"");
	assert_string_equal(
		judged("{'kind':'container','id':'a','name':'hoge','exit':0}",
		       &fake.facts),
		"exit");
	assert_string_equal(judged("{'kind':'container','id':'a','name':'hoge',"
				   "'status':'running'}",
				   &fake.facts),
			    "status");
	assert_string_equal(judged("{'kind':'container','id':'a','name':'hoge',"
				   "'image':'ubuntu'}",
				   &fake.facts),
			    "image");
	assert_string_equal(judged("{'kind':'container','id':'a','name':'hoge',"
				   "'image':'busybox:latest'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'container','id':'a','name':'hoge',"
				   "'args_has':'rm'}",
				   &fake.facts),
			    "args");
	fake_done(&fake);
}

static void containers_without_a_name_are_counted(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_container(&fake, "a", "busybox", 0);
	fake_container(&fake, "b", "other", 0);
	assert_string_equal(judged("{'kind':'container','id':'a',"
				   "'image':'busybox'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'container','id':'a',"
				   "'image':'busybox','count':2}",
				   &fake.facts),
			    "count");
	assert_string_equal(judged("{'kind':'container','id':'a',"
				   "'image':'none'}",
				   &fake.facts),
			    "none");
	fake_done(&fake);
}

static void a_diff_has_lacks_and_is_empty(void **state)
{
	static const char *const changes[] = { "C /tmp", "A /tmp/hoge.txt",
					       NULL };
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_container(&fake, "hoge", "busybox", 0);
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'has':['A /tmp/hoge.txt']}",
				   &fake.facts),
			    "empty");
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'empty':true}",
				   &fake.facts),
			    "");
	fake.changes[0] = changes;
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'has':['A /tmp/hoge.txt','C /tmp'],"
				   "'only':true}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'has':['C /tmp'],'only':true}",
				   &fake.facts),
			    "unexpected");
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'has':['D /tmp']}",
				   &fake.facts),
			    "missing");
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'lacks':'C /tmp'}",
				   &fake.facts),
			    "unexpected");
	assert_string_equal(judged("{'kind':'diff','id':'a','container':'hoge',"
				   "'empty':true}",
				   &fake.facts),
			    "not_empty");
	fake_done(&fake);
}

static void an_exit_wants_an_end_first(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_container(&fake, "web", "busybox", 137);
	assert_string_equal(judged("{'kind':'exit','id':'a','container':'web',"
				   "'code':137}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'exit','id':'a','container':'web',"
				   "'code':0}",
				   &fake.facts),
			    "code");
	fake.items[0].status = CONTAINER_RUNNING;
	assert_string_equal(judged("{'kind':'exit','id':'a','container':'web',"
				   "'code':0}",
				   &fake.facts),
			    "running");
	fake_done(&fake);
}

static void a_file_is_there_with_its_content_and_mode(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_container(&fake, "web", "busybox", 0);
	fake.file_path = "/etc/motd";
	fake.file = (struct facts_file){ .kind = 'f',
					 .mode = 0644,
					 .size_bytes = 6,
					 .text = (char[]){ "hello\n" } };
	assert_string_equal(judged("{'kind':'file','id':'a','container':'web',"
				   "'path':'/etc/motd','content':'hello'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'file','id':'a','container':'web',"
				   "'path':'/etc/motd','has':'bye'}",
				   &fake.facts),
			    "content");
	assert_string_equal(judged("{'kind':'file','id':'a','container':'web',"
				   "'path':'/etc/motd','mode':'0600'}",
				   &fake.facts),
			    "mode");
	assert_string_equal(judged("{'kind':'file','id':'a','container':'web',"
				   "'path':'/etc/motd','exists':false}",
				   &fake.facts),
			    "there");
	assert_string_equal(judged("{'kind':'file','id':'a','container':'web',"
				   "'path':'/none'}",
				   &fake.facts),
			    "missing");
	assert_string_equal(judged("{'kind':'file','id':'a','image':'none',"
				   "'path':'/none'}",
				   &fake.facts),
			    "no_image");
	fake_done(&fake);
}

static void an_image_is_judged_by_layers_size_and_config(void **state)
{
	struct fake fake;
	struct image *site;

	(void)state;
	fake_init(&fake);
	fake_image(&fake, "base:1", 2);
	site = fake_image(&fake, "site:1", 5);
	site->config.user = mem_str("app");
	assert_string_equal(
		judged("{'kind':'image','id':'a','tag':'site:2'}", &fake.facts),
		"none");
	assert_string_equal(judged("{'kind':'image','id':'a','tag':'site:1',"
				   "'base':'base:1','user':'app'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'image','id':'a','tag':'site:1',"
				   "'max_layers':4}",
				   &fake.facts),
			    "many_layers");
	assert_string_equal(judged("{'kind':'image','id':'a','tag':'site:1',"
				   "'user':'root'}",
				   &fake.facts),
			    "user");
	assert_string_equal(judged("{'kind':'layer','id':'a','image':'site:1',"
				   "'count':5}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'layer','id':'a','image':'site:1',"
				   "'min':6}",
				   &fake.facts),
			    "few");
	fake_done(&fake);
}

static void a_log_and_a_process_are_looked_through(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_container(&fake, "web", "busybox", 0);
	fake.log[0] = "ready\n";
	assert_string_equal(judged("{'kind':'log','id':'a','container':'web',"
				   "'has':'ready'}",
				   &fake.facts),
			    "");
	assert_string_equal(judged("{'kind':'log','id':'a','container':'web',"
				   "'has':'error'}",
				   &fake.facts),
			    "missing");
	assert_string_equal(judged("{'kind':'process','id':'a',"
				   "'container':'web','has':'httpd'}",
				   &fake.facts),
			    "not_running");
	fake.items[0].status = CONTAINER_RUNNING;
	fake.processes[0] = "sh\nhttpd -f";
	assert_string_equal(judged("{'kind':'process','id':'a',"
				   "'container':'web','has':'httpd'}",
				   &fake.facts),
			    "");
	fake_done(&fake);
}

static void what_never_was_is_not_gone(void **state)
{
	OWN_STRS struct strs seen = { 0 };
	struct fake fake;

	(void)state;
	fake_init(&fake);
	assert_string_equal(judged("{'kind':'gone','id':'a',"
				   "'container':'web'}",
				   &fake.facts),
			    "never");
	strs_add(&seen, "container web");
	fake.facts.seen = &seen;
	assert_string_equal(judged("{'kind':'gone','id':'a',"
				   "'container':'web'}",
				   &fake.facts),
			    "");
	fake_container(&fake, "web", "busybox", 0);
	assert_string_equal(judged("{'kind':'gone','id':'a',"
				   "'container':'web'}",
				   &fake.facts),
			    "there");
	/* An image may be called without its ":latest". */
	assert_string_equal(judged("{'kind':'gone','id':'a','image':'site'}",
				   &fake.facts),
			    "never");
	strs_add(&seen, "image site:latest");
	assert_string_equal(judged("{'kind':'gone','id':'a','image':'site'}",
				   &fake.facts),
			    "");
	fake_done(&fake);
}

static void a_history_has_order_layers_and_empty_steps(void **state)
{
	/* Newest first, as `history` shows it. */
	struct past_step steps[] = {
		{ .created_by = (char[]){ "/bin/sh -c #(nop)  CMD [\"x\"]" },
		  .empty = true },
		{ .created_by = (char[]){ "/bin/sh -c npm install" } },
		{ .created_by = (char[]){ "/bin/sh -c #(nop) COPY file:1 in /" } },
	};
	static const struct {
		const char *goal;
		const char *message;
	} cases[] = {
		{ "'order':['COPY','RUN npm']", "" },
		{ "'order':['RUN npm','COPY']", "order" },
		{ "'order':['COPY','RUN make']", "missing" },
		{ "'has':'RUN npm'", "" },
		{ "'has':'USER'", "missing" },
		{ "'lacks':'COPY'", "unexpected" },
		{ "'layer':['COPY','RUN'],'empty':'CMD'", "" },
		{ "'layer':'CMD'", "empty" },
		{ "'empty':'COPY'", "layer" },
	};
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_image(&fake, "site:1", 2);
	fake.past = (struct past){ steps, 3 };
	assert_string_equal(judged("{'kind':'history','id':'a','image':'none',"
				   "'has':'x'}",
				   &fake.facts),
			    "none");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_FREE char *goal =
			mem_fmt("{'kind':'history','id':'a',"
				"'image':'site:1',%s}",
				cases[i].goal);

		assert_string_equal(judged(goal, &fake.facts),
				    cases[i].message);
	}
	fake_done(&fake);
}

static void a_cache_goal_asks_the_last_build_of_this_step(void **state)
{
	static const char hit[] = "{'kind':'cache','id':'a','step':'RUN npm'}";
	struct fake fake;

	(void)state;
	fake_init(&fake);
	assert_string_equal(judged(hit, &fake.facts), "no_build");
	fake.note = json_pack(
		"{s:{s:i,s:[{s:s,s:b,s:s},{s:s,s:b,s:s},{s:s,s:b}]}}", "build",
		"number", 2, "steps", "text", "RUN npm install", "hit", 1,
		"image", "sha256:1", "text", "COPY . .", "hit", 0, "image",
		"sha256:2", "text", "RUN bad", "hit", 0);
	assert_string_equal(judged(hit, &fake.facts), "");
	assert_string_equal(judged("{'kind':'cache','id':'a','step':'RUN npm',"
				   "'hit':false}",
				   &fake.facts),
			    "hit");
	assert_string_equal(judged("{'kind':'cache','id':'a','step':'COPY'}",
				   &fake.facts),
			    "missed");
	assert_string_equal(judged("{'kind':'cache','id':'a','step':'USER'}",
				   &fake.facts),
			    "no_step");
	assert_string_equal(judged("{'kind':'cache','id':'a','step':'RUN bad'}",
				   &fake.facts),
			    "failed");
	assert_string_equal(judged("{'kind':'cache','id':'a','step':'RUN npm',"
				   "'builds':3}",
				   &fake.facts),
			    "few_builds");
	fake.facts.builds_before = 2;
	assert_string_equal(judged(hit, &fake.facts), "no_build");
	json_decref(fake.note);
	fake_done(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_kind_that_does_not_exist_is_named),
		TEST(a_key_that_no_kind_has_is_named),
		TEST(a_goal_that_cannot_fail_is_refused),
		TEST(a_container_is_found_by_name_and_judged_by_its_state),
		TEST(containers_without_a_name_are_counted),
		TEST(a_diff_has_lacks_and_is_empty),
		TEST(an_exit_wants_an_end_first),
		TEST(a_file_is_there_with_its_content_and_mode),
		TEST(an_image_is_judged_by_layers_size_and_config),
		TEST(a_log_and_a_process_are_looked_through),
		TEST(what_never_was_is_not_gone),
		TEST(a_history_has_order_layers_and_empty_steps),
		TEST(a_cache_goal_asks_the_last_build_of_this_step),
	};

	return cmocka_run_group_tests_name("goal", tests, NULL, NULL);
}
