/* tests/test_join.c - further programs in a running container. */
#include "runtime/join.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"
#include "runtime/userns.h"
#include "tests/box.h"

/* What a program did that joined. */
struct joined {
	int result;
	struct attach_end end;
	struct err err;
	struct buf out;
	struct buf err_out;
};

static void joined_done(struct joined *j)
{
	buf_done(&j->out);
	buf_done(&j->err_out);
}
#define OWN_JOINED __attribute__((cleanup(joined_done)))

static void join(struct box *box, const char *name, struct join *join,
		 const char *script, struct joined *j)
{
	OWN_STRS struct strs args = { 0 };
	int out[2];
	int err_out[2];
	struct attach attach;

	*j = (struct joined){ 0 };
	strs_split(&args, "sh,-c", ',');
	strs_add(&args, script);
	if (!join->args)
		join->args = &args;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err_out, O_CLOEXEC), 0);
	attach = (struct attach){ .in_fd = -1,
				  .out_fd = out[1],
				  .err_fd = err_out[1],
				  .pass_signals = true };
	j->result = join_run(&box->home, name, join, &attach, &j->end, &j->err);
	close(out[1]);
	close(err_out[1]);
	(void)fs_read_fd(out[0], 1 << 20, &j->out, &j->err);
	(void)fs_read_fd(err_out[0], 1 << 20, &j->err_out, &j->err);
	close(out[0]);
	close(err_out[0]);
	if (join->args == &args)
		join->args = NULL;
}

static void sleeper(struct scratch *scratch, struct box *box,
		    struct spec *spec)
{
	box_make(scratch, box);
	box_spec(spec, "sleep 1000");
	spec->name = mem_str("web");
	box_start(box, spec);
}

static void expect(struct box *box, struct join *how, const char *script,
		   const char *expected)
{
	OWN_JOINED struct joined j;

	join(box, "web", how, script, &j);
	assert_ok(j.result, &j.err);
	assert_string_equal(buf_text(&j.out), expected);
}

static void keeps_streams_apart_and_the_exit_code(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_JOINED struct joined j;
	struct join how = { 0 };

	sleeper(*state, &box, &spec);
	join(&box, "web", &how, "echo inside; echo err >&2; exit 4", &j);
	assert_ok(j.result, &j.err);
	assert_int_equal(j.end.exit_code, 4);
	assert_string_equal(buf_text(&j.out), "inside\n");
	assert_string_equal(buf_text(&j.err_out), "err\n");
}

static void is_where_process_1_is_with_its_rights(void **state)
{
	static const char status[] =
		"for p in 1 self; do grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Groups)' /proc/$p/status >/tmp/$p; readlink /proc/$p/ns/* >>/tmp/$p; done; test \"$(cat /tmp/1)\" = \"$(cat /tmp/self)\" && echo same";
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs grep = { 0 };
	struct join how = { 0 };

	sleeper(*state, &box, &spec);
	expect(&box, &how, status, "same\n");
	expect(&box, &how, "ls -l /proc/self/fd | wc -l", "5\n");
	expect(&box, &how, "pwd; cat /proc/1/comm; test $$ -ne 1 && echo 2",
	       "/\nsleep\n2\n");
	expect(&box, &how, "mount -t tmpfs none /tmp 2>/dev/null; echo $?",
	       "1\n");
	strs_split(&grep, "grep,-E,SigIgn|SigBlk,/proc/self/status", ',');
	how.args = &grep;
	expect(&box, &how, "", "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

static void takes_folder_environment_and_user(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs env = { 0 };
	struct join how = { .env = &env, .cwd = "/tmp" };

	strs_add(&env, "X=1");
	sleeper(*state, &box, &spec);
	expect(&box, &how, "pwd; echo $X $HOME", "/tmp\n1 /root\n");
	if (userns_kind() == USERNS_SINGLE)
		return;
	how = (struct join){ .user = "app" };
	expect(&box, &how, "id; echo $HOME; grep CapEff /proc/self/status",
	       "uid=1000(app) gid=1000(app) groups=1000(app)\n/home\nCapEff:\t0000000000000000\n");
	how = (struct join){ .user = "5:6" };
	expect(&box, &how, "id", "uid=5 gid=6 groups=6\n");
}

static void has_all_rights_when_privileged(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct join how = { .privileged = true };
	char expected[64];

	sleeper(*state, &box, &spec);
	snprintf(expected, sizeof(expected), "CapEff:\t%016llx\n",
		 (unsigned long long)caps_all());
	expect(&box, &how, "grep CapEff /proc/self/status", expected);
}

static void names_what_could_not_be_executed(void **state)
{
	static const struct {
		const char *program;
		const char *cwd;
		const char *user;
		int status;
		const char *words;
	} cases[] = {
		{ "nosuch", NULL, NULL, 127,
		  "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown" },
		{ "/etc", NULL, NULL, 126,
		  "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/etc\": permission denied: unknown" },
		{ "pwd", "/nodir", NULL, 126,
		  "OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd (\"/nodir\") set in config.json failed: no such file or directory: unknown" },
		{ "pwd", NULL, "nosuch", 126,
		  "unable to find user nosuch: no matching entries in passwd file" },
	};
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };

	sleeper(*state, &box, &spec);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_STRS struct strs args = { 0 };
		OWN_JOINED struct joined j;
		struct join how = { .args = &args,
				    .cwd = cases[i].cwd,
				    .user = cases[i].user };

		strs_add(&args, cases[i].program);
		join(&box, "web", &how, "", &j);
		assert_true(j.result < 0);
		assert_string_equal(j.err.msg, cases[i].words);
		assert_int_equal(j.err.status, cases[i].status);
		assert_int_equal(j.err.voice, ERR_BARE);
	}
}

static void says_what_does_not_run(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_JOINED struct joined none;
	OWN_JOINED struct joined stopped;
	OWN_FREE char *words = NULL;
	struct err err = { 0 };
	struct join how = { 0 };

	sleeper(*state, &box, &spec);
	join(&box, "nosuch", &how, "true", &none);
	assert_int_equal(none.result, -ENOENT);
	assert_string_equal(none.err.msg, "No such container: nosuch");
	assert_ok(container_stop(&box.home, "web", 0, &err), &err);
	join(&box, "web", &how, "true", &stopped);
	words = mem_fmt("Container %s is not running", spec.id);
	assert_string_equal(stopped.err.msg, words);
}

static void gets_a_terminal_of_the_container(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct join how = { .tty = true };

	sleeper(*state, &box, &spec);
	expect(&box, &how, "tty; echo $TERM; test -t 0 && echo yes",
	       "/dev/pts/0\r\nxterm\r\nyes\r\n");
}

static void runs_on_when_detached(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs args = { 0 };
	struct join how = { .args = &args };
	struct attach_end end;
	struct err err = { 0 };
	struct join look = { 0 };

	sleeper(*state, &box, &spec);
	strs_split(&args, "sh|-c|sleep 0.1; echo done >/tmp/f", '|');
	assert_ok(join_run(&box.home, "web", &how, NULL, &end, &err), &err);
	expect(&box, &look, "for i in 1 2 3 4 5 6 7 8 9; do test -s /tmp/f && break; sleep 0.1; done; cat /tmp/f",
	       "done\n");
}

static void dies_with_its_caller(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs args = { 0 };
	struct join how = { .args = &args };
	struct join look = { 0 };
	pid_t child;

	sleeper(*state, &box, &spec);
	strs_split(&args, "sleep,777", ',');
	child = fork();
	if (child == 0) {
		struct attach attach = { .in_fd = -1, .out_fd = 1, .err_fd = 2 };
		struct attach_end end;
		struct err err = { 0 };

		_exit(join_run(&box.home, "web", &how, &attach, &end, &err) < 0);
	}
	expect(&box, &look, "for i in 1 2 3 4 5 6 7 8 9; do ps | grep -q '[7]77' && break; sleep 0.1; done; ps | grep -c '[7]77'",
	       "1\n");
	kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	expect(&box, &look, "for i in 1 2 3 4 5 6 7 8 9; do ps | grep -q '[7]77' || break; sleep 0.1; done; ps | grep -c '[7]77'",
	       "0\n");
}

static void ends_with_its_container(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_JOINED struct joined j;
	struct join how = { 0 };
	struct err err = { 0 };
	pid_t child;

	sleeper(*state, &box, &spec);
	child = fork();
	if (child == 0) {
		usleep(200000);
		_exit(container_stop(&box.home, "web", 0, &err) < 0);
	}
	join(&box, "web", &how, "sleep 1000", &j);
	assert_ok(j.result, &j.err);
	assert_int_equal(j.end.exit_code, 137);
	assert_int_equal(child_status(child), 0);
}

static void does_not_wait_for_what_it_left_behind(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct join how = { 0 };

	sleeper(*state, &box, &spec);
	expect(&box, &how, "sleep 1000 & echo gone", "gone\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(keeps_streams_apart_and_the_exit_code),
		TEST_IN_SCRATCH(is_where_process_1_is_with_its_rights),
		TEST_IN_SCRATCH(takes_folder_environment_and_user),
		TEST_IN_SCRATCH(has_all_rights_when_privileged),
		TEST_IN_SCRATCH(names_what_could_not_be_executed),
		TEST_IN_SCRATCH(says_what_does_not_run),
		TEST_IN_SCRATCH(gets_a_terminal_of_the_container),
		TEST_IN_SCRATCH(runs_on_when_detached),
		TEST_IN_SCRATCH(dies_with_its_caller),
		TEST_IN_SCRATCH(ends_with_its_container),
		TEST_IN_SCRATCH(does_not_wait_for_what_it_left_behind),
	};

	return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}
