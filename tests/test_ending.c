/* tests/test_ending.c - what is noted of a container's end, and read back. */
#include "runtime/ending.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "tests/test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void open_home(struct scratch *scratch, struct home *home)
{
	OWN_FREE char *path = scratch_path(scratch, "home");
	struct err err = { 0 };

	assert_ok(home_open(path, home, &err), &err);
}

static void make_spec(struct spec *spec)
{
	spec_init(spec);
	spec->id = mem_str(ID);
	spec->name = mem_str("web");
	spec->image = mem_str("busybox");
}

static void add(const struct home *home, const struct spec *spec,
		const char *action, const char *extra)
{
	OWN_STRS struct strs more = { 0 };
	OWN_BUF struct buf lines = { 0 };

	if (extra)
		strs_add(&more, extra);
	events_add_container(&lines, 0, spec, action, &more);
	events_write(home, &lines);
}

static void nothing(int signal)
{
	(void)signal;
}

static void wait_in_sigwait(void)
{
	sigset_t term;
	int got;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigwait(&term, &got);
}

/* What a child that arranged itself with SIGTERM in this way is seen to do. */
static enum heed heed_of_child(int how)
{
	sigset_t term;
	enum heed heed = HEED_UNKNOWN;
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		/* What it calls itself is its own choice, and no answer. */
		(void)prctl(PR_SET_NAME, "SigIgn:fffffff");
		if (how == HEED_CAUGHT)
			(void)signal(SIGTERM, nothing);
		if (how == HEED_IGNORED)
			(void)signal(SIGTERM, SIG_IGN);
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		if (how == HEED_BLOCKED)
			sigprocmask(SIG_BLOCK, &term, NULL);
		if (write(ready[1], "r", 1) == 1 && how == HEED_UNKNOWN)
			wait_in_sigwait();
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	/* One that waits for it is given the time to begin to. */
	for (int tries = 0; tries < 500; tries++) {
		heed = heed_of(pid, SIGTERM);
		if (how != HEED_UNKNOWN || heed == HEED_CAUGHT)
			break;
		usleep(2000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	return heed;
}

static void sees_what_a_process_would_do_with_a_signal(void **state)
{
	(void)state;
	assert_int_equal(heed_of_child(HEED_DEFAULT), HEED_DEFAULT);
	assert_int_equal(heed_of_child(HEED_CAUGHT), HEED_CAUGHT);
	assert_int_equal(heed_of_child(HEED_IGNORED), HEED_IGNORED);
	assert_int_equal(heed_of_child(HEED_BLOCKED), HEED_BLOCKED);
	assert_int_equal(heed_of(1 << 30, SIGTERM), HEED_UNKNOWN);
}

/* The kernel shows it as neither blocked nor caught. */
static void one_that_waits_for_a_signal_heeds_it(void **state)
{
	(void)state;
	assert_int_equal(heed_of_child(HEED_UNKNOWN), HEED_CAUGHT);
}

static void reads_the_last_run_alone(void **state)
{
	const struct ending_seen seen = { SIGKILL, 2, 20 << 20 };
	struct home home;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf lines = { 0 };
	struct ending ending;
	struct err err = { 0 };

	open_home(*state, &home);
	make_spec(&spec);
	assert_int_equal(ending_read(&home, "web", &ending, &err), 0);
	add(&home, &spec, "create", NULL);
	add(&home, &spec, "start", NULL);
	ending_note_signal(&lines, ID, SIGTERM, ASKER_STOP, HEED_CAUGHT);
	events_write(&home, &lines);
	add(&home, &spec, "die", "exitCode=3");
	add(&home, &spec, "start", NULL);
	ending_note_signal(&lines, ID, SIGINT, ASKER_TERMINAL, HEED_IGNORED);
	ending_note_end(&lines, ID, &seen);
	events_write(&home, &lines);
	add(&home, &spec, "oom", NULL);
	add(&home, &spec, "die", "exitCode=137");
	assert_int_equal(ending_read(&home, "web", &ending, &err), 1);
	assert_string_equal(ending.id, ID);
	assert_string_equal(ending.image, "busybox");
	assert_int_equal(ending.exit_code, 137);
	assert_int_equal(ending.starts, 2);
	assert_true(ending.oom);
	assert_int_equal(ending.seen.signal, SIGKILL);
	assert_int_equal(ending.seen.oom_kills, 2);
	assert_int_equal(ending.seen.memory_limit, 20 << 20);
	assert_int_equal(ending.signal_count, 1);
	assert_int_equal(ending.signals[0].number, SIGINT);
	assert_int_equal(ending.signals[0].by, ASKER_TERMINAL);
	assert_int_equal(ending.signals[0].heed, HEED_IGNORED);
	assert_int_equal(ending_find(&home, 137, 0, &ending, &err), 1);
	assert_int_equal(ending_find(&home, 137, ending.died_ns + 1, &ending,
				     &err), 0);
	assert_int_equal(ending_of_stop(&home, &ending, &err), 1);
	home_close(&home);
}

static void what_nobody_noted_is_not_known(void **state)
{
	struct home home;
	OWN_SPEC struct spec spec;
	struct ending ending;
	struct err err = { 0 };

	open_home(*state, &home);
	make_spec(&spec);
	add(&home, &spec, "start", NULL);
	add(&home, &spec, "die", "exitCode=137");
	assert_int_equal(ending_read(&home, ID, &ending, &err), 1);
	assert_int_equal(ending.seen.signal, -1);
	assert_int_equal(ending.seen.oom_kills, -1);
	assert_int_equal(ending.signal_count, 0);
	home_close(&home);
}

static void keeps_the_last_signals_of_many(void **state)
{
	struct home home;
	OWN_SPEC struct spec spec;
	OWN_BUF struct buf lines = { 0 };
	struct ending ending;
	struct err err = { 0 };

	open_home(*state, &home);
	make_spec(&spec);
	add(&home, &spec, "start", NULL);
	for (int i = 1; i <= 20; i++)
		ending_note_signal(&lines, ID, i, ASKER_KILL, HEED_DEFAULT);
	buf_str(&lines, "{\"note\":\"signal\",\"id\":\"" ID "\"\n");
	buf_str(&lines, "{\"note\":\"signal\",\"id\":\"" ID "\",\"by\":7}\n");
	events_write(&home, &lines);
	assert_int_equal(ending_read(&home, "web", &ending, &err), 1);
	assert_int_equal(ending.signal_count, ENDING_SIGNALS);
	assert_int_equal(ending.signals[ENDING_SIGNALS - 2].number, 20);
	assert_int_equal(ending.signals[ENDING_SIGNALS - 1].by, ASKER_UNKNOWN);
	home_close(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(sees_what_a_process_would_do_with_a_signal),
		TEST_IN_SCRATCH(one_that_waits_for_a_signal_heeds_it),
		TEST_IN_SCRATCH(reads_the_last_run_alone),
		TEST_IN_SCRATCH(what_nobody_noted_is_not_known),
		TEST_IN_SCRATCH(keeps_the_last_signals_of_many),
	};

	return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
