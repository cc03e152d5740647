/* tests/test_container.c - real containers on an image of one busybox. */
#include "runtime/container.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/log_read.h"
#include "runtime/state.h"
#include "runtime/userns.h"
#include "tests/box.h"

static void keeps_the_two_streams_apart_and_the_exit_code(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "echo out; echo err >&2; exit 7");
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_int_equal(run.exit_code, 7);
	assert_string_equal(buf_text(&run.out), "out\n");
	assert_string_equal(buf_text(&run.err_out), "err\n");
}

static void gives_its_input_to_the_program(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "cat; echo end");
	box_run(&box, &spec, "typed\n", &run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out), "typed\nend\n");
}

static void is_a_world_of_its_own(void **state)
{
	OWN_BOX struct box box;
	char host[256];

	box_make(*state, &box);
	box_says(&box, "echo $$; set -- /proc/[0-9]*; echo $#; pwd",
		 "1\n1\n/\n");
	box_says(&box, "ls /sys/class/net; hostname | wc -c", "eth0\nlo\n13\n");
	box_says(&box, "hostname other 2>/dev/null; echo $?", "1\n");
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	assert_string_not_equal(host, "other");
	box_says(
		&box, "ls /dev | sort | tr '\\n' ' '",
		"fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ");
	box_says(&box, "grep CapEff /proc/self/status",
		 "CapEff:\t00000000a80425fb\n");
	box_says(
		&box, "grep -E '^(CapInh|CapAmb|Seccomp):' /proc/self/status",
		"CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\nSeccomp:\t2\n");
	box_says(&box, "ls -l /proc/self/fd | wc -l", "5\n");
	box_says(&box, "echo x > /proc/sys/kernel/hostname; echo $?", "1\n");
	box_says(&box, "cat /proc/timer_list /proc/keys | wc -c", "0\n");
	box_says(&box, "mount -t tmpfs none /tmp 2>/dev/null; echo $?", "1\n");
}

static void opens_no_device_that_it_makes(void **state)
{
	OWN_BOX struct box box;

	box_make(*state, &box);
	box_says(
		&box,
		"for d in /tmp /dev /dev/shm; do rm -f $d/n; mknod $d/n c 1 3 2>/dev/null && cat $d/n 2>/dev/null && echo opened; done; echo done",
		"done\n");
}

static void names_what_could_not_be_executed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec missing = { 0 };
	OWN_SPEC struct spec plain = { 0 };
	OWN_RUN struct box_run first = { 0 };
	OWN_RUN struct box_run second = { 0 };

	box_make(*state, &box);
	box_spec(&missing, "");
	strs_clear(&missing.args);
	strs_add(&missing.args, "nosuch");
	box_run(&box, &missing, NULL, &first);
	assert_int_equal(first.result, -ENOENT);
	assert_int_equal(first.err.status, 127);
	assert_non_null(strstr(first.err.msg,
			       "exec: \"nosuch\": executable file not found in $PATH"));

	box_spec(&plain, "");
	strs_clear(&plain.args);
	strs_add(&plain.args, "/etc/passwd");
	box_run(&box, &plain, NULL, &second);
	assert_int_equal(second.result, -EACCES);
	assert_int_equal(second.err.status, 126);
	assert_non_null(strstr(second.err.msg, "permission denied"));
}

static void never_takes_a_number_too_big_for_a_name(void **state)
{
	static const char *const bad[] = { "4294967296", "-1", "0x0", "+0",
					   " 0", "1e0", "99999999999", "nosuch",
					   "0:nosuch" };
	OWN_BOX struct box box;

	box_make(*state, &box);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWN_SPEC struct spec spec = { 0 };
		OWN_RUN struct box_run run = { 0 };

		box_spec(&spec, "id -u");
		spec.user = mem_str(bad[i]);
		box_run(&box, &spec, NULL, &run);
		assert_true(run.result < 0);
		assert_string_equal(buf_text(&run.out), "");
	}
}

static void runs_as_another_user_where_there_are_ids(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "id; echo $HOME; echo hi >/dev/stdout");
	spec.user = mem_str("app");
	box_run(&box, &spec, NULL, &run);
	if (userns_kind() == USERNS_SINGLE) {
		assert_int_equal(run.result, -EINVAL);
		assert_non_null(strstr(run.err.hint, "--add-subuids"));
		return;
	}
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out),
			    "uid=1000(app) gid=1000(app) groups=1000(app)\n/home\nhi\n");
}

static void refuses_a_name_that_is_taken(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec first = { 0 };
	OWN_SPEC struct spec second = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&first, "true");
	first.name = mem_str("twice");
	assert_ok(container_create(&box.home, &first, &err), &err);
	box_spec(&second, "true");
	second.name = mem_str("twice");
	assert_int_equal(container_create(&box.home, &second, &err), -EEXIST);
	assert_non_null(strstr(err.msg, "Conflict. The container name \"/twice\" is already in use by container"));
	assert_non_null(strstr(err.msg, first.id));
}

static void takes_a_name_over_from_a_start_that_was_killed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINERS struct containers all = { 0 };
	char id[65];
	struct err err = { 0 };
	int folder;

	box_make(*state, &box);
	memset(id, 'a', 64);
	id[64] = '\0';
	folder = state_make_folder(&box.home, id, &err);
	assert_ok(folder, &err);
	assert_ok(state_claim_name(&box.home, "half", id, (char[65]){ 0 }, &err),
		  &err);
	box_spec(&spec, "true");
	spec.name = mem_str("half");
	assert_int_equal(container_create(&box.home, &spec, &err), -EEXIST);
	close(folder); /* its maker is gone now */
	assert_ok(container_create(&box.home, &spec, &err), &err);
	assert_ok(container_list(&box.home, &all, &err), &err);
	assert_int_equal(all.count, 1);
}

static pid_t list_all_the_time(const struct home *home)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct containers all = { 0 };
		struct err ignored = { 0 };

		(void)container_list(home, &all, &ignored);
		containers_done(&all);
	}
}

/* Made, run and ended while others look: whoever saw no record yet and then finds
 * the lock free must not take it for a start that was killed. */
static void is_not_swept_by_those_who_list_while_it_is_made(void **state)
{
	OWN_BOX struct box box;
	pid_t listers[2];

	box_make(*state, &box);
	for (size_t i = 0; i < 2; i++)
		listers[i] = list_all_the_time(&box.home);
	for (int i = 0; i < 100; i++) {
		OWN_CONTAINER struct container c = { 0 };
		OWN_FREE char *path = NULL;
		struct err err = { 0 };
		int folder;

		spec_init(&c.spec);
		c.spec.id = mem_fmt("%064x", i);
		c.spec.name = mem_fmt("c%d", i);
		c.status = CONTAINER_EXITED;
		folder = state_make_folder(&box.home, c.spec.id, &err);
		assert_ok(folder, &err);
		assert_int_equal(mkdirat(folder, "upper", 0755), 0);
		assert_ok(state_write(folder, &c, &err), &err);
		close(folder);
		usleep(500);
		path = mem_fmt("containers/%s/state.json", c.spec.id);
		assert_true(fs_exists(box.home.fd, path));
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(kill(listers[i], SIGKILL), 0);
		assert_int_equal(waitpid(listers[i], NULL, 0), listers[i]);
	}
}

static void stops_with_the_signal_the_program_handles(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done");
	box_start(&box, &spec);
	while (!fs_exists(box.home.fd, ".") ||
	       container_find(&box.home, spec.id, &c, &err) < 0)
		;
	/* the trap is set when "up" is in the log */
	for (int i = 0; i < 1000; i++) {
		OWN_FREE char *log = mem_fmt("containers/%s/log", spec.id);

		if (fs_exists(box.home.fd, log))
			break;
		usleep(5000);
	}
	assert_int_equal(c.status, CONTAINER_RUNNING);
	assert_ok(container_stop(&box.home, spec.id, 10, &err), &err);
	container_done(&c);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.status, CONTAINER_EXITED);
	assert_int_equal(c.exit_code, 3);
}

static void kills_what_does_not_heed_the_stop(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	int code = 0;

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	box_start(&box, &spec);
	assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 137);
	assert_int_equal(container_kill(&box.home, spec.id, SIGKILL, &err),
			 -ESRCH);
}

static void tells_the_truth_after_its_monitor_was_killed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_CONTAINERS struct containers all = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	box_start(&box, &spec);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(kill(c.monitor_pid, SIGKILL), 0);
	for (int i = 0; i < 2000 && kill(c.pid, 0) == 0; i++)
		usleep(1000);
	assert_int_equal(kill(c.pid, 0), -1); /* it went with its monitor */
	assert_ok(container_list(&box.home, &all, &err), &err);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.items[0].status, CONTAINER_EXITED);
	assert_int_equal(all.items[0].exit_code, 255);
	assert_ok(container_remove(&box.home, spec.id, false, &err), &err);
}

static void leaves_nothing_behind_with_auto_remove(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	OWN_FREE char *folder = NULL;

	box_make(*state, &box);
	box_spec(&spec, "mkdir -p /a/b/c; chmod 0 /a/b; touch /tmp/x; chmod 500 /srv/deep");
	spec.auto_remove = true;
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	folder = mem_fmt("containers/by-name/%s", spec.name);
	assert_false(fs_exists(box.home.fd, folder));
	folder = (free(folder), mem_fmt("run/%.12s.sock", spec.id));
	assert_false(fs_exists(box.home.fd, folder));
	/* It is in no list any more; its files may be on their way still. */
	folder = (free(folder), mem_fmt("containers/%s/state.json", spec.id));
	assert_false(fs_exists(box.home.fd, folder));
	folder = (free(folder), mem_fmt("containers/%s", spec.id));
	for (int i = 0; i < 1000 && fs_exists(box.home.fd, folder); i++)
		usleep(10000);
	assert_false(fs_exists(box.home.fd, folder));
}

static int collect(void *arg, const struct log_entry *entry)
{
	buf_fmt(arg, "%d:", entry->stream);
	buf_add(arg, entry->text, entry->len);
	return 0;
}

static void logs_what_it_printed(void **state)
{
	const struct log_choice all = { .tail = -1 };
	const struct log_choice last = { .tail = 1 };
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_FD int folder = -1;
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "printf 'a \\\\ \"q\\tb\\n'; printf 'no end'");
	box_run(&box, &spec, NULL, &run);
	folder = state_open_folder(&box.home, spec.id, &err);
	assert_ok(folder, &err);
	assert_ok(log_read(folder, &all, collect, &text, &err), &err);
	assert_string_equal(buf_text(&text), "0:a \\ \"q\tb\n0:no end");
	buf_clear(&text);
	assert_ok(log_read(folder, &last, collect, &text, &err), &err);
	assert_string_equal(buf_text(&text), "0:no end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(keeps_the_two_streams_apart_and_the_exit_code),
		TEST_IN_SCRATCH(gives_its_input_to_the_program),
		TEST_IN_SCRATCH(is_a_world_of_its_own),
		TEST_IN_SCRATCH(opens_no_device_that_it_makes),
		TEST_IN_SCRATCH(names_what_could_not_be_executed),
		TEST_IN_SCRATCH(never_takes_a_number_too_big_for_a_name),
		TEST_IN_SCRATCH(runs_as_another_user_where_there_are_ids),
		TEST_IN_SCRATCH(refuses_a_name_that_is_taken),
		TEST_IN_SCRATCH(takes_a_name_over_from_a_start_that_was_killed),
		TEST_IN_SCRATCH(
			is_not_swept_by_those_who_list_while_it_is_made),
		TEST_IN_SCRATCH(stops_with_the_signal_the_program_handles),
		TEST_IN_SCRATCH(kills_what_does_not_heed_the_stop),
		TEST_IN_SCRATCH(tells_the_truth_after_its_monitor_was_killed),
		TEST_IN_SCRATCH(leaves_nothing_behind_with_auto_remove),
		TEST_IN_SCRATCH(logs_what_it_printed),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
