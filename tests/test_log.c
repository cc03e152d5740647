/* tests/test_log.c - what was printed comes back: all of it, once, in order. */
#include "runtime/log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/spec.h"
#include "runtime/wire.h"
#include "tests/test.h"

static const struct log_choice all = { .tail = -1 };

/* "0:" or "1:" and the text, one after the other. */
static int collect(void *arg, const struct log_entry *entry)
{
	struct buf *out = arg;

	if (!entry) {
		buf_str(out, "MISSING");
		return 0;
	}
	buf_fmt(out, "%d:", entry->stream);
	buf_add(out, entry->text, entry->len);
	if (entry->attrs)
		buf_fmt(out, "(%s)", entry->attrs);
	return 0;
}

static void write_text(struct log_writer *log, const char *text)
{
	log_write(log, LOG_STDOUT, text, strlen(text));
}

static void expect(struct scratch *folder, const struct log_choice *choice,
		   const char *wanted)
{
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	assert_ok(log_read(folder->fd, choice, collect, &text, &err), &err);
	assert_string_equal(buf_text(&text), wanted);
}

static void gives_every_byte_back(void **state)
{
	static const char bytes[] = "a \"q\" \\ \t\x01\xff\xc3\xa9 \x7f\0z\n";
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf text = { 0 };
	struct log_writer log;
	struct err err = { 0 };

	spec_init(&spec);
	log_open(&log, folder->fd, &spec);
	log_write(&log, LOG_STDERR, bytes, sizeof(bytes) - 1);
	log_close(&log);
	assert_ok(log_read(folder->fd, &all, collect, &text, &err), &err);
	assert_int_equal(text.len, 2 + sizeof(bytes) - 1);
	assert_memory_equal(text.data, "1:", 2);
	assert_memory_equal(text.data + 2, bytes, sizeof(bytes) - 1);
}

static void keeps_the_streams_apart_also_in_the_middle_of_a_line(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	struct log_writer log;

	spec_init(&spec);
	log_open(&log, folder->fd, &spec);
	log_write(&log, LOG_STDOUT, "be", 2);
	log_write(&log, LOG_STDERR, "oops\n", 5);
	log_write(&log, LOG_STDOUT, "gun\nrest", 8);
	log_close(&log);
	expect(folder, &all, "1:oops\n0:begun\n0:rest");
}

static void shows_the_last_lines(void **state)
{
	struct scratch *folder = *state;
	const struct log_choice none = { .tail = 0 };
	const struct log_choice two = { .tail = 2 };
	const struct log_choice many = { .tail = 1000 };
	OWN_SPEC struct spec spec;
	struct log_writer log;

	expect(folder, &two, "");
	spec_init(&spec);
	spec.log_max_bytes = 160; /* two entries a file */
	spec.log_max_files = 10;
	log_open(&log, folder->fd, &spec);
	for (int i = 1; i <= 5; i++) {
		char line[16];

		snprintf(line, sizeof(line), "%d\n", i);
		write_text(&log, line);
	}
	log_close(&log);
	assert_true(scratch_has(folder, "log.1"));
	expect(folder, &none, "");
	expect(folder, &two, "0:4\n0:5\n");
	expect(folder, &many, "0:1\n0:2\n0:3\n0:4\n0:5\n");
}

static void stays_within_its_bound(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf text = { 0 };
	struct log_writer log;
	struct err err = { 0 };
	off_t total = 0;
	char name[LOG_NAME];
	int64_t first;
	int64_t last;
	struct stat st;

	spec_init(&spec);
	spec.log_max_bytes = 1000;
	spec.log_max_files = 3;
	log_open(&log, folder->fd, &spec);
	/* many lines in one piece, as a busy program gives them */
	for (int i = 0; i < 300; i++)
		buf_fmt(&text, "line %d\n", i);
	log_write(&log, LOG_STDOUT, text.data, text.len);
	log_close(&log);
	log_numbers(folder->fd, &first, &last);
	assert_int_equal(last - first, 1); /* and `log` is the third */
	for (int64_t i = first; i <= last + 1; i++) {
		log_file_name(name, i);
		assert_int_equal(fstatat(folder->fd, i > last ? "log" : name,
					 &st, 0),
				 0);
		assert_in_range(st.st_size, 1, 1000);
		total += st.st_size;
	}
	assert_in_range(total, 1800, 3000);
	buf_clear(&text);
	assert_ok(log_read(folder->fd, &all, collect, &text, &err), &err);
	assert_string_equal(text.data + text.len - 22, "0:line 298\n0:line 299\n");
}

static void a_line_cut_short_by_a_crash_is_left_out_alone(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	struct log_writer log;

	scratch_write(folder, "log", "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T18:44:57.407726542Z\"}\n"
				     "{\"log\":\"tw");
	expect(folder, &all, "0:one\n");
	spec_init(&spec);
	log_open(&log, folder->fd, &spec);
	write_text(&log, "three\n");
	log_close(&log);
	expect(folder, &all, "0:one\n0:three\n");
}

static void goes_on_where_a_file_cannot_be_moved_aside(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf text = { 0 };
	struct log_writer log;
	struct err err = { 0 };

	spec_init(&spec);
	spec.log_max_bytes = 1000;
	spec.log_max_files = 3;
	log_open(&log, folder->fd, &spec);
	write_text(&log, "first\n");
	assert_int_equal(mkdirat(folder->fd, "log.1", 0700), 0);
	for (int i = 0; i < 50; i++)
		write_text(&log, "no room\n");
	assert_int_equal(unlinkat(folder->fd, "log.1", AT_REMOVEDIR), 0);
	write_text(&log, "last\n");
	log_close(&log);
	assert_ok(log_read(folder->fd, &all, collect, &text, &err), &err);
	assert_memory_equal(text.data, "0:first\n0:no room\n", 18);
	assert_string_equal(text.data + text.len - 7, "0:last\n");
}

static void a_line_cut_short_by_a_full_disk_swallows_no_other(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	struct log_writer log;
	struct rlimit before;
	struct rlimit full;

	spec_init(&spec);
	log_open(&log, folder->fd, &spec);
	write_text(&log, "one\n");
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = (struct rlimit){ 100, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	write_text(&log, "two\n");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	write_text(&log, "three\n");
	log_close(&log);
	expect(folder, &all, "0:one\n0:three\n");
}

#define AT(second) \
	"{\"log\":\"" second "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T18:44:" second ".000000000Z\"}\n"

static void begins_and_ends_at_a_time(void **state)
{
	struct scratch *folder = *state;
	struct log_choice choice = { .tail = -1 };
	struct err err = { 0 };

	scratch_write(folder, "log", AT("10") AT("20") AT("30"));
	assert_ok(parse_time("2026-11-23T18:44:15Z", &choice.since_ns, &err),
		  &err);
	expect(folder, &choice, "0:20\n0:30\n");
	assert_ok(parse_time("2026-11-23T18:44:20Z", &choice.until_ns, &err),
		  &err);
	expect(folder, &choice, "0:20\n");
}

static void keeps_chosen_labels_and_variables_beside_each_line(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	struct log_writer log;

	spec_init(&spec);
	strs_add(&spec.labels, "tier=1,\"time\":\"x\"");
	strs_add(&spec.labels, "other=2");
	strs_add(&spec.env, "STAGE=prod");
	strs_add(&spec.log_opts, "labels=tier,nosuch");
	strs_add(&spec.log_opts, "env=STAGE");
	log_open(&log, folder->fd, &spec);
	write_text(&log, "hi\n");
	log_close(&log);
	expect(folder, &all, "0:hi\n({\"STAGE\":\"prod\",\"tier\":\"1,\\\"time\\\":\\\"x\\\"\"})");
}

/* Writes lines 1.. in pieces while the files rotate all the time, then says the
 * end as a monitor does. */
static _Noreturn void write_all(struct scratch *folder, int lines, int socket)
{
	struct spec spec;
	struct log_writer log;
	int32_t code = 0;

	spec_init(&spec);
	spec.log_max_bytes = 8000;
	spec.log_max_files = 100;
	log_open(&log, folder->fd, &spec);
	for (int i = 1; i <= lines; i++) {
		char line[32];

		snprintf(line, sizeof(line), "%d\n", i);
		log_write(&log, LOG_STDOUT, line, strlen(line));
		if (i % 100 == 0)
			usleep(500);
	}
	log_close(&log);
	_exit(wire_send(socket, WIRE_EXIT, &code, sizeof(code)) < 0);
}

struct counted {
	long next;
	long wrong;
	int naps;
};

static int count_up(void *arg, const struct log_entry *entry)
{
	struct counted *counted = arg;

	if (!entry || strtol(entry->text, NULL, 10) != counted->next)
		counted->wrong++;
	counted->next++;
	return 0;
}

static void count_nap(void *arg)
{
	struct counted *counted = arg;

	counted->naps++;
}

static void follows_over_rotations_without_missing_or_repeating(void **state)
{
	enum { LINES = 4000 };
	struct scratch *folder = *state;
	struct counted counted = { .next = 1 };
	const struct log_sink sink = { count_up, count_nap, &counted };
	struct err err = { 0 };
	int32_t heard = 0;
	int pair[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair),
			 0);
	/* The monitor's answer to what it will be told first. */
	assert_int_equal(wire_send(pair[1], WIRE_DONE, &heard, sizeof(heard)),
			 0);
	pid = fork();
	if (pid == 0)
		write_all(folder, LINES, pair[1]);
	close(pair[1]);
	assert_ok(log_follow(folder->fd, pair[0], &all, &sink, &err), &err);
	assert_int_equal(child_status(pid), 0);
	assert_int_equal(counted.next, LINES + 1);
	assert_int_equal(counted.wrong, 0);
	/* It slept between, and not more often than there was something. */
	assert_in_range(counted.naps, 1, 2 * LINES);
	assert_true(scratch_has(folder, "log.1"));
	close(pair[0]);
}

/* One who reads so slowly that its next file is gone when it comes to it. */
struct overtaken {
	struct log_writer *log;
	int entries;
	int missing;
};

static int be_overtaken(void *arg, const struct log_entry *entry)
{
	struct overtaken *o = arg;

	if (!entry)
		o->missing++;
	else if (o->entries++ == 0)
		for (int i = 0; i < 100; i++)
			write_text(o->log, "another line, and then one more\n");
	return 0;
}

static void says_where_lines_are_missing(void **state)
{
	struct scratch *folder = *state;
	OWN_SPEC struct spec spec;
	struct log_writer log;
	struct overtaken overtaken = { .log = &log };
	struct err err = { 0 };

	spec_init(&spec);
	spec.log_max_bytes = 1000;
	spec.log_max_files = 2;
	log_open(&log, folder->fd, &spec);
	write_text(&log, "first\n");
	assert_ok(log_read(folder->fd, &all, be_overtaken, &overtaken, &err),
		  &err);
	log_close(&log);
	assert_in_range(overtaken.entries, 2, 100);
	assert_int_equal(overtaken.missing, 1);
}

static void follows_until_a_time(void **state)
{
	struct scratch *folder = *state;
	struct counted counted = { .next = 1 };
	const struct log_sink sink = { count_up, count_nap, &counted };
	struct log_choice choice = { .tail = -1, .until_ns = 1 };
	struct err err = { 0 };
	int32_t heard = 0;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair),
			 0);
	assert_int_equal(wire_send(pair[1], WIRE_DONE, &heard, sizeof(heard)),
			 0);
	assert_ok(log_follow(folder->fd, pair[0], &choice, &sink, &err), &err);
	assert_int_equal(counted.next, 1);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(gives_every_byte_back),
		TEST_IN_SCRATCH(keeps_the_streams_apart_also_in_the_middle_of_a_line),
		TEST_IN_SCRATCH(shows_the_last_lines),
		TEST_IN_SCRATCH(stays_within_its_bound),
		TEST_IN_SCRATCH(a_line_cut_short_by_a_crash_is_left_out_alone),
		TEST_IN_SCRATCH(goes_on_where_a_file_cannot_be_moved_aside),
		TEST_IN_SCRATCH(a_line_cut_short_by_a_full_disk_swallows_no_other),
		TEST_IN_SCRATCH(begins_and_ends_at_a_time),
		TEST_IN_SCRATCH(keeps_chosen_labels_and_variables_beside_each_line),
		TEST_IN_SCRATCH(follows_over_rotations_without_missing_or_repeating),
		TEST_IN_SCRATCH(says_where_lines_are_missing),
		TEST_IN_SCRATCH(follows_until_a_time),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
