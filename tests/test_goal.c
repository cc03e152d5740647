/* tests/test_goal.c - each kind of goal, on facts made up. */
#include "lessons/goal.h"

#include <errno.h>
#include <string.h>

#include "lessons/goal_answer.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/facts_fake.h"
#include "tests/test.h"

/* Reads a goal from JSON with single quotes. The test fails where that fails. */
static void goal_of(const char *text, struct goal *out)
{
	OWN_FREE char *json = mem_str(text);
	struct err err = { 0 };
	json_t *data;

	for (char *at = json; *at; at++) {
		if (*at == '\'')
			*at = '"';
	}
	data = json_loads(json, 0, NULL);
	assert_non_null(data);
	assert_ok(goal_read("step", data, out, &err), &err);
	json_decref(data);
}

/* The message a goal fails with, "" when it is met. */
static const char *judged(const char *text, const struct facts *facts)
{
	static char message[64];
	struct goal goal = { 0 };
	struct verdict verdict = { 0 };
	struct err err = { 0 };

	goal_of(text, &goal);
	assert_ok(goal.kind->judge(&goal, facts, &verdict, &err), &err);
	(void)snprintf(message, sizeof(message), "%s",
		       verdict.state == VERDICT_MET ? "" : verdict.message);
	verdict_done(&verdict);
	goal_done(&goal);
	return message;
}

/* What reading it fails with. */
static void refused(const char *text, const char *because)
{
	OWN_FREE char *json = mem_str(text);
	struct goal goal = { 0 };
	struct err err = { 0 };
	json_t *data;

	for (char *at = json; *at; at++) {
		if (*at == '\'')
			*at = '"';
	}
	data = json_loads(json, 0, NULL);
	assert_true(goal_read("step", data, &goal, &err) < 0);
	assert_non_null(strstr(err.msg, because));
	json_decref(data);
}

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

	return cmocka_run_group_tests_name("goal", tests, NULL, NULL);
}
