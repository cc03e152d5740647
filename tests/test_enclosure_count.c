/* tests/test_enclosure_count.c - who is in an enclosure; this process stands for its
 * process 1. */
#include "runtime/enclosure_parts.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "tests/test.h"

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)poll(NULL, 0, 60000);
		_exit(0);
	}
	return pid;
}

static void end_child(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* A thread that has a child, and lives until it may end. */
struct thread {
	int said[2];
	int may_end[2];
};

static void *fork_and_wait(void *arg)
{
	struct thread *thread = arg;
	pid_t child = start_child();
	char end;

	(void)!write(thread->said[1], &child, sizeof(child));
	(void)!read(thread->may_end[0], &end, 1);
	end_child(child);
	return NULL;
}

static void children_of_other_threads_are_found(void **state)
{
	struct thread thread;
	OWN_PIDS struct pids pids = { 0 };
	pthread_t id;
	pid_t child = 0;

	(void)state;
	assert_int_equal(pipe2(thread.said, O_CLOEXEC), 0);
	assert_int_equal(pipe2(thread.may_end, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&id, NULL, fork_and_wait, &thread), 0);
	assert_int_equal(read(thread.said[0], &child, sizeof(child)),
			 sizeof(child));
	/* Both threads, and the child. */
	assert_int_equal(enclosure_find(getpid(), &pids), 3);
	assert_int_equal(pids.count, 2);
	assert_true(pids_have(&pids, child));
	assert_int_equal(write(thread.may_end[1], "", 1), 1);
	assert_int_equal(pthread_join(id, NULL), 0);
}

static void a_glance_keeps_the_most_there_were(void **state)
{
	enum { MANY = 40 };
	struct enclosure_glance glance;
	pid_t children[MANY];

	(void)state;
	enclosure_glance_begin(&glance, getpid());
	for (int i = 0; i < MANY; i++)
		children[i] = start_child();
	enclosure_glance(&glance);
	for (int i = 0; i < MANY; i++)
		end_child(children[i]);
	enclosure_glance(&glance);
	assert_true(glance.most > MANY);
	enclosure_glance_end(&glance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(children_of_other_threads_are_found),
		TEST(a_glance_keeps_the_most_there_were),
	};

	return cmocka_run_group_tests_name("enclosure_count", tests, NULL, NULL);
}
