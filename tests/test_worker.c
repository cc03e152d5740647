/* tests/test_worker.c - a child asks and is answered, and ends in any case. */
#include "lessons/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static int silent(void *arg, struct worker *worker, json_t **out,
		  struct err *err)
{
	(void)arg;
	(void)worker;
	(void)out;
	(void)err;
	for (int i = 0; i < 1000; i++)
		pause();
	return 0;
}

static int dies(void *arg, struct worker *worker, json_t **out, struct err *err)
{
	(void)arg;
	(void)worker;
	(void)out;
	(void)err;
	_exit(3);
}

static int asks(void *arg, struct worker *worker, json_t **out, struct err *err)
{
	json_t *reply = NULL;
	int r = worker_ask(worker, json_pack("{s:i}", "n", 20), &reply, err);

	(void)arg;
	if (r < 0)
		return r;
	*out = json_incref(json_object_get(reply, "n"));
	return 0;
}

static int says_too_much(void *arg, struct worker *worker, json_t **out,
			 struct err *err)
{
	OWN_FREE char *text = mem_zero(1, WORKER_MESSAGE_MAX + 10);

	(void)arg;
	(void)worker;
	(void)err;
	memset(text, 'x', WORKER_MESSAGE_MAX + 5);
	*out = json_string(text);
	return 0;
}

static int doubles(void *arg, const json_t *request, json_t **out_reply,
		   struct err *err)
{
	json_int_t n = json_integer_value(json_object_get(request, "n"));

	(void)err;
	if (*(const bool *)arg)
		return err_set(err, EPERM, "not that");
	*out_reply = json_pack("{s:I}", "n", 2 * n);
	return 0;
}

static void a_child_asks_and_is_answered(void **state)
{
	bool refuse = false;
	struct worker_job job = { .work = asks,
				  .serve = doubles,
				  .serve_arg = &refuse,
				  .wall_ms = 2000,
				  .cpu_s = 1,
				  .memory_bytes = 64 << 20 };
	struct err err = { 0 };
	json_t *out = NULL;

	(void)state;
	assert_ok(worker_run(&job, &out, &err), &err);
	assert_int_equal(json_integer_value(out), 40);
	json_decref(out);
	refuse = true;
	assert_true(worker_run(&job, &out, &err) < 0);
	assert_non_null(strstr(err.msg, "not that"));
}

static void a_child_that_is_silent_dies_or_floods_is_an_error(void **state)
{
	struct worker_job job = { .work = silent,
				  .wall_ms = 300,
				  .cpu_s = 1,
				  .memory_bytes = 64 << 20 };
	struct err err = { 0 };
	json_t *out = NULL;

	(void)state;
	assert_int_equal(worker_run(&job, &out, &err), -ETIMEDOUT);
	job.work = dies;
	assert_int_equal(worker_run(&job, &out, &err), -EPROTO);
	job.work = says_too_much;
	assert_true(worker_run(&job, &out, &err) < 0);
	assert_non_null(strstr(err.msg, "bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_asks_and_is_answered),
		TEST(a_child_that_is_silent_dies_or_floods_is_an_error),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
