/* tests/test_events.c - events of several writers, read as they come. */
#include "runtime/events.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "tests/test.h"

static void open_home(struct scratch *scratch, struct home *home)
{
	OWN_FREE char *path = scratch_path(scratch, "home");
	struct err err = { 0 };

	assert_ok(home_open(path, home, &err), &err);
}

static void make_spec(struct spec *spec)
{
	spec_init(spec);
	spec->id = mem_str("0123");
	spec->name = mem_str("web");
	spec->image = mem_str("busybox");
}

static void has_the_form_of_dockers(void **state)
{
	struct home home;
	OWN_SPEC struct spec spec;
	struct events_reader reader;
	struct err err = { 0 };
	OWN_BUF struct buf lines = { 0 };
	OWN_STRS struct strs extra = { 0 };
	const char *line;

	open_home(*state, &home);
	make_spec(&spec);
	strs_add(&spec.labels, "tier=a\"b\xff");
	strs_add(&extra, "exitCode=3");
	events_add_container(&lines, 1795459407115128947, &spec, "die", &extra);
	events_write(&home, &lines);
	assert_ok(events_open(&home, true, &reader, &err), &err);
	assert_int_equal(events_next(&reader, &line, &err), 1);
	assert_string_equal(line, "{\"status\":\"die\",\"id\":\"0123\",\"from\":\"busybox\",\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"0123\",\"Attributes\":{\"exitCode\":\"3\",\"image\":\"busybox\",\"name\":\"web\",\"tier\":\"a\\\"b\xEF\xBF\xBD\"}},\"scope\":\"local\",\"time\":1795459407,\"timeNano\":1795459407115128947}");
	assert_int_equal(events_next(&reader, &line, &err), 0);
	events_close(&reader);
	home_close(&home);
}

static void a_label_called_name_does_not_hide_the_name(void **state)
{
	struct home home;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf lines = { 0 };

	open_home(*state, &home);
	make_spec(&spec);
	strs_add(&spec.labels, "name=label");
	strs_add(&spec.labels, "name2=x");
	events_add_container(&lines, 1, &spec, "start", NULL);
	assert_non_null(strstr(buf_text(&lines), "{\"image\":\"busybox\",\"name\":\"web\",\"name2\":\"x\"}"));
	home_close(&home);
}

static void begins_at_the_end_unless_the_past_is_asked_for(void **state)
{
	struct home home;
	struct events_reader reader;
	struct err err = { 0 };
	const char *line;

	open_home(*state, &home);
	events_note(&home, "image", "tag", "sha256:1", NULL);
	assert_ok(events_open(&home, false, &reader, &err), &err);
	assert_int_equal(events_next(&reader, &line, &err), 0);
	events_note(&home, "image", "untag", "sha256:1", NULL);
	assert_int_equal(events_next(&reader, &line, &err), 1);
	assert_non_null(strstr(line, "\"untag\""));
	events_close(&reader);
	home_close(&home);
}

/* Notes events 0..count-1; each is so large that the file rotates now and then. */
static _Noreturn void note_many(const struct home *home, int writer, int count,
				size_t size)
{
	OWN_FREE char *padding = mem_zero(1, size + 1);
	struct strs pairs = { 0 };

	memset(padding, 'x', size);
	for (int i = 0; i < count; i++) {
		strs_clear(&pairs);
		strs_addf(&pairs, "padding=%s", padding);
		strs_addf(&pairs, "writer=%d", writer);
		strs_addf(&pairs, "number=%d", i);
		events_note(home, "test", "note", "x", &pairs);
		usleep(1000);
	}
	_exit(0);
}

static int number_of(const json_t *pairs, const char *name)
{
	const char *text = json_string_value(json_object_get(pairs, name));

	assert_non_null(text);
	return (int)strtol(text, NULL, 10);
}

static void loses_and_breaks_none_of_many_writers_over_rotations(void **state)
{
	enum { WRITERS = 4, COUNT = 60, SIZE = 24000 }; /* 5.8 MB: one rotation */
	struct scratch *scratch = *state;
	struct home home;
	struct events_reader reader;
	struct err err = { 0 };
	bool seen_one[WRITERS][COUNT] = { 0 };
	pid_t pids[WRITERS];
	int64_t end = clock_ms() + 30000;
	int seen = 0;

	open_home(scratch, &home);
	assert_ok(events_open(&home, true, &reader, &err), &err);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			note_many(&home, i, COUNT, SIZE);
	}
	while (seen < WRITERS * COUNT && clock_ms() < end) {
		const char *line;
		int r = events_next(&reader, &line, &err);
		json_t *json = r > 0 ? json_loads(line, 0, NULL) : NULL;
		json_t *pairs = json_object_get(json_object_get(json, "Actor"),
						"Attributes");
		int writer;
		int number;

		assert_true(r >= 0);
		if (r == 0) {
			usleep(1000);
			continue;
		}
		assert_non_null(json);
		writer = number_of(pairs, "writer");
		number = number_of(pairs, "number");
		assert_false(seen_one[writer][number]);
		seen_one[writer][number] = true;
		seen++;
		json_decref(json);
	}
	assert_int_equal(seen, WRITERS * COUNT);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(child_status(pids[i]), 0);
	assert_true(scratch_has(scratch, "home/events.1"));
	events_close(&reader);
	home_close(&home);
}

static void finds_its_way_after_two_rotations(void **state)
{
	enum { LINES = 9, SIZE = 1 << 20 }; /* five lines fill a file */
	struct home home;
	struct events_reader reader;
	struct err err = { 0 };
	const char *line;

	open_home(*state, &home);
	events_note(&home, "test", "first", "x", NULL);
	assert_ok(events_open(&home, true, &reader, &err), &err);
	assert_int_equal(events_next(&reader, &line, &err), 1);
	for (int i = 0; i < LINES; i++) {
		OWN_FREE char *id = mem_zero(1, SIZE);

		memset(id, '0' + i, SIZE - 1);
		events_note(&home, "test", "note", id, NULL);
	}
	for (int i = 0; i < LINES; i++) {
		char wanted[] = "\"ID\":\"i";

		wanted[sizeof(wanted) - 2] = (char)('0' + i);
		assert_int_equal(events_next(&reader, &line, &err), 1);
		assert_non_null(strstr(line, wanted));
	}
	assert_int_equal(events_next(&reader, &line, &err), 0);
	events_close(&reader);
	home_close(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(has_the_form_of_dockers),
		TEST_IN_SCRATCH(a_label_called_name_does_not_hide_the_name),
		TEST_IN_SCRATCH(begins_at_the_end_unless_the_past_is_asked_for),
		TEST_IN_SCRATCH(finds_its_way_after_two_rotations),
		TEST_IN_SCRATCH(loses_and_breaks_none_of_many_writers_over_rotations),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
