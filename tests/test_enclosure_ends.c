/* tests/test_enclosure_ends.c - how what is enclosed ends: at each limit, by a fault of the
 * engine, and with its caller. */
#include "runtime/enclosure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/broker.h"
#include "tests/play.h"
#include "tests/test.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* What the engine has by itself must fit. */
#ifdef UNDER_ASAN
enum { LITTLE_MEMORY = 500 << 20 };
#else
enum { LITTLE_MEMORY = 40 << 20 };
#endif

/* ---- limits ---- */

static void what_meets_a_limit_is_ended_and_the_rest_goes_on(void **state)
{
	static const char *const lines[] = {
		"f() { f | f & }; f; sleep 100",
		"echo after",
		"run --rm busybox sh -c 'f() { f | f & }; f; sleep 100'",
		"sleep 100",
		"events",
		"yes",
		"echo whole; dd if=/dev/zero of=big bs=1M count=100; sleep 100",
		"command rm big; echo room again",
		NULL,
	};
	struct play *play = mem_zero(1, sizeof(*play));

	(void)state;
	play_prepare(play, lines);
	play->spec.limits = (struct enclosure_limits){
		.line_ms = 300,
		.processes = 96,
		.disk_bytes = 32 << 20,
		.output_bytes = 4000,
	};
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->count, 8);
	assert_int_not_equal(play->seen[0].status, 0);
	assert_said(play, 1, "after");
	assert_int_not_equal(play->seen[2].status, 0);
	for (int i = 3; i < 5; i++) {
		assert_int_not_equal(play->seen[i].status, 0);
		assert_int_equal(play->seen[i].hit, ENCLOSURE_BIT(ENCLOSURE_TIME));
	}
	/* Who prints and prints does not have all the time there is. */
	assert_int_equal(play->seen[5].hit, ENCLOSURE_BIT(ENCLOSURE_OUTPUT));
	assert_int_equal(strlen(play->seen[5].out), 4000);
	assert_said(play, 6, "whole");
	assert_true(play->seen[6].hit & ENCLOSURE_BIT(ENCLOSURE_DISK));
	assert_said(play, 7, "room again");
	assert_true(play->seen[0].hit & ENCLOSURE_BIT(ENCLOSURE_PROCESSES));
	free(play);
}

/* The last of `lines` is "echo after"; all others meet the limit of memory. What was
 * printed before it was met is there. */
static void expect_memory_to_end(const char *const *lines, int last)
{
	struct play *play = mem_zero(1, sizeof(*play));

	play_prepare(play, lines);
	play->spec.limits.memory_bytes = LITTLE_MEMORY;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->count, last + 1);
	for (int i = 0; i < last; i++) {
		assert_int_equal(play->seen[i].hit & ~ENCLOSURE_BIT(ENCLOSURE_MEMORY),
				 0);
		assert_int_not_equal(play->seen[i].status, 0);
		assert_said(play, i, "before");
	}
	assert_string_equal(play->seen[last].out, "after\n");
	assert_true(play->end.hit & ENCLOSURE_BIT(ENCLOSURE_MEMORY));
	free(play);
}

static void who_takes_too_much_memory_is_ended(void **state)
{
	static const char *const lines[] = {
		"echo before; tail /dev/zero & tail /dev/zero; wait; false",
		"run --rm busybox sh -c 'echo before; exec tail /dev/zero'",
		"echo after",
		NULL,
	};

	(void)state;
	expect_memory_to_end(lines, 2);
}

#ifndef UNDER_ASAN
/* They are there until the last of the container is gone. Who wants memory meanwhile may
 * be chosen as well: with ASan that is the engine, whose shadow memory is large. */
static void files_in_memory_count_as_memory(void **state)
{
	static const char *const lines[] = {
		"run --rm --shm-size 1g busybox sh -c 'echo before; exec dd if=/dev/zero of=/dev/shm/x bs=1M count=1000'",
		"run --rm --privileged busybox sh -c 'echo before; mount -t tmpfs t /mnt; dd if=/dev/zero of=/mnt/x bs=1M count=1000'",
		"echo after",
		NULL,
	};

	(void)state;
	expect_memory_to_end(lines, 2);
}
#endif

static void the_disk_may_be_a_folder_of_the_machine(void **state)
{
	static const char *const lines[] = {
		"printf 'FROM busybox\nRUN rm -r /var && mkdir /var && echo built > /var/f\n' > Dockerfile; docker build -q .",
		"dd if=/dev/zero of=big bs=1M count=100; sleep 100",
		"command rm big; echo room again",
		NULL,
	};
	struct scratch *scratch = *state;
	struct play *play = mem_zero(1, sizeof(*play));
	OWN_FREE char *disk = scratch_path(scratch, "disk");

	scratch_mkdir(scratch, "disk");
	play_prepare(play, lines);
	play->spec.disk = disk;
	play->spec.limits.disk_bytes = 32 << 20;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->seen[0].status, 0);
	assert_int_equal(play->seen[1].hit, ENCLOSURE_BIT(ENCLOSURE_DISK));
	assert_int_equal(play->seen[1].status, 137);
	assert_string_equal(play->seen[2].out, "room again\n");
	assert_int_equal(rmdir(disk), 0); /* empty again */
	free(play);
}

static void all_of_it_ends_at_its_time(void **state)
{
	static const char *const lines[] = {
		"run -d --name server busybox httpd -f", "sleep 100", NULL
	};
	struct play *play = mem_zero(1, sizeof(*play));

	(void)state;
	play_prepare(play, lines);
	play->spec.limits.time_ms = 400;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_LIMITED);
	assert_int_equal(play->end.limit, ENCLOSURE_TIME);
	assert_int_equal(play->count, 1);
	free(play);
}

/* ---- the engine's own end ---- */

static int fails(void *ctx, const struct enclosure_inside *inside,
		 struct err *err)
{
	(void)ctx;
	(void)inside;
	err_set(err, EBADMSG, "the lesson is broken");
	return err_hint(err, "mend it");
}

static int crashes(void *ctx, const struct enclosure_inside *inside,
		   struct err *err)
{
	const struct rlimit none = { 0 };

	(void)ctx;
	(void)inside;
	(void)err;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
	return 0;
}

static void a_fault_of_the_engine_is_told_apart(void **state)
{
	struct play play;

	(void)state;
	play_prepare(&play, NULL);
	play.spec.engine = fails;
	play_run(&play);
	assert_int_equal(play.result, -EBADMSG);
	assert_non_null(strstr(play.err.msg, "the lesson is broken"));
	assert_string_equal(play.err.hint, "mend it");

	play_prepare(&play, NULL);
	play.spec.engine = crashes;
	play_run(&play);
	assert_ok(play.result, &play.err);
	assert_int_equal(play.end.how, ENCLOSURE_KILLED);
	assert_int_equal(play.end.signal, SIGSEGV);
}

static int waits(void *ctx, const struct enclosure_inside *inside,
		 struct err *err)
{
	const int *fd = ctx;

	(void)inside;
	(void)err;
	if (write(*fd, "b", 1) == 1)
		(void)poll(NULL, 0, 60000);
	return 0;
}

/* Whoever is in there holds the pipe's other end: its closing tells that all are gone. */
static void it_ends_with_the_caller(void **state)
{
	struct play play;
	int ends[2];
	char byte;
	pid_t caller;

	(void)state;
	need_userns();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	play_prepare(&play, NULL);
	play.spec.engine = waits;
	play.spec.ctx = &ends[1];
	play.spec.keep_fds = &ends[1];
	play.spec.keep_count = 1;
	caller = fork();
	if (caller == 0) {
		close(ends[0]);
		(void)enclosure_run(&play.spec, &play.end, &play.err);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(child_status(caller), 128 + SIGKILL);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_meets_a_limit_is_ended_and_the_rest_goes_on),
		TEST(who_takes_too_much_memory_is_ended),
#ifndef UNDER_ASAN
		TEST(files_in_memory_count_as_memory),
#endif
		TEST_IN_SCRATCH(the_disk_may_be_a_folder_of_the_machine),
		TEST(all_of_it_ends_at_its_time),
		TEST(a_fault_of_the_engine_is_told_apart),
		TEST(it_ends_with_the_caller),
	};
	int status;

	/* In there `docker` is this program. */
	if (broker_takes(argc, argv, &status))
		return status;
	return cmocka_run_group_tests_name("enclosure_ends", tests,
					   play_make_base, play_remove_base);
}
