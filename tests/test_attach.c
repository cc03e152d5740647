/* tests/test_attach.c - who joins a container that runs, and who follows its log. */
#include "runtime/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/log_read.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "runtime/wire.h"
#include "tests/box.h"

static void joins_one_that_runs_and_learns_how_it_ends(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct attach_end end = { 0 };
	struct err err = { 0 };
	int in[2];
	int screen[2];
	struct attach attach;

	box_make(*state, &box);
	box_spec(&spec, "read line; echo got $line; exit 9");
	spec.open_stdin = true;
	box_start(&box, &spec);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(screen, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], "hello\n", 6), 6);
	attach = (struct attach){ .in_fd = in[0],
				  .out_fd = screen[1],
				  .err_fd = screen[1],
				  .pass_signals = true };
	assert_ok(container_attach(&box.home, spec.id, &attach, &end, &err),
		  &err);
	assert_int_equal(end.exit_code, 9);
	close(screen[1]);
	assert_ok(fs_read_fd(screen[0], 1000, &out, &err), &err);
	assert_string_equal(buf_text(&out), "got hello\n");
	close(screen[0]);
	close(in[0]);
	close(in[1]);
	assert_int_equal(container_attach(&box.home, spec.id, &attach, &end,
					  &err),
			 -ESRCH);
	assert_string_equal(err.msg, "You cannot attach to a stopped container, start it first");
}

static void its_input_stays_open_when_one_that_joined_leaves(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	const struct wire_attach streams = { .input = true };
	struct err err = { 0 };
	OWN_BUF struct buf log = { 0 };
	int code = 0;

	box_make(*state, &box);
	box_spec(&spec, "read a; read b; echo $a-$b");
	spec.open_stdin = true;
	box_start(&box, &spec);
	for (int i = 0; i < 2; i++) {
		OWN_FD int fd = monitor_connect(&box.home, spec.id, &err);

		assert_ok(fd, &err);
		assert_int_equal(wire_send(fd, WIRE_ATTACH, &streams,
					   sizeof(streams)),
				 0);
		assert_int_equal(wire_send(fd, WIRE_INPUT, i ? "b\n" : "a\n",
					   2),
				 0);
		/* With the second line the program may be gone already. */
		if (i == 0)
			assert_int_equal(wire_send(fd, WIRE_INPUT_END, NULL, 0),
					 0);
	}
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	box_log(&box, spec.id, &log);
	assert_string_equal(buf_text(&log), "a-b\n");
}

/* ---- logs -f ---- */

struct counted {
	long next;
	long wrong;
	bool slow;
	int monitor; /* -1: the program was told to go */
};

static int count_up(void *arg, const struct log_entry *entry)
{
	struct counted *counted = arg;

	if (!entry || strtol(entry->text, NULL, 10) != counted->next)
		counted->wrong++;
	counted->next += entry ? 1 : 0;
	if (counted->slow && counted->next % 500 == 0)
		usleep(2000);
	return 0;
}

/* It follows from now on: the program may begin. */
static void say_go(void *arg)
{
	struct counted *counted = arg;

	if (counted->monitor >= 0)
		assert_int_equal(wire_send(counted->monitor, WIRE_INPUT, "go\n",
					   3),
				 0);
	counted->monitor = -1;
}

/* From "go" on: much more than the files of the log hold, and faster than it is read. */
static void start_counting(struct scratch *scratch, struct box *box,
			   struct spec *spec)
{
	box_make(scratch, box);
	box_spec(spec, "read go; seq 1 30000");
	spec->open_stdin = true;
	spec->log_max_bytes = 100000;
	spec->log_max_files = 2;
	box_start(box, spec);
}

static void a_follower_that_reads_slowly_misses_nothing(void **state)
{
	const struct log_choice all = { .tail = -1 };
	struct counted counted = { .next = 1, .slow = true };
	const struct log_sink sink = { count_up, say_go, &counted };
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	OWN_FD int folder = -1;
	OWN_FD int monitor = -1;

	start_counting(*state, &box, &spec);
	folder = state_open_folder(&box.home, spec.id, &err);
	assert_ok(folder, &err);
	monitor = monitor_connect(&box.home, spec.id, &err);
	assert_ok(monitor, &err);
	counted.monitor = monitor;
	assert_ok(log_follow(folder, monitor, &all, &sink, &err), &err);
	assert_int_equal(counted.next, 30001);
	assert_int_equal(counted.wrong, 0);
}

static void a_follower_that_does_not_read_holds_nobody_up_for_long(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	int64_t first = 1;
	OWN_FD int monitor = -1;
	int code = -1;

	start_counting(*state, &box, &spec);
	monitor = monitor_connect(&box.home, spec.id, &err);
	assert_ok(monitor, &err);
	/* it says that it reads the first file, and reads no more */
	assert_int_equal(wire_send(monitor, WIRE_FOLLOW, &first, sizeof(first)),
			 0);
	assert_int_equal(wire_send(monitor, WIRE_INPUT, "go\n", 3), 0);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(joins_one_that_runs_and_learns_how_it_ends),
		TEST_IN_SCRATCH(its_input_stays_open_when_one_that_joined_leaves),
		TEST_IN_SCRATCH(a_follower_that_reads_slowly_misses_nothing),
		TEST_IN_SCRATCH(a_follower_that_does_not_read_holds_nobody_up_for_long),
	};

	return cmocka_run_group_tests_name("attach", tests, NULL, NULL);
}
