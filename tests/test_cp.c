/* tests/test_cp.c - copies in and out while somebody inside plays tricks. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "images/cp.h"
#include "images/cp_path.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/box.h"

/* ---- the rules of paths ---- */

static void the_end_of_a_path_is_kept(void **state)
{
	static const char *const cases[][3] = {
		{ "/a/b", "b", "/a/b" },      { "/a/b", "b/", "/a/b/" },
		{ "/a/b", "b/.", "/a/b/." },  { "/", "/", "/" },
		{ "/", "/.", "/." },	      { "/a", "..//a/./", "/a/./" },
		{ "/a", ".", "/a/." },	      { "/a", "x/..", "/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_FREE char *kept =
			cp_path_keep_end(cases[i][0], cases[i][1]);

		assert_string_equal(kept, cases[i][2]);
	}
}

static void a_path_has_a_folder_and_a_last_word(void **state)
{
	static const char *const cases[][3] = {
		{ "/a/b", "/a", "b" }, { "/a/b/", "/a", "b" },
		{ "/a/.", "/a", "." }, { "/", "/", "/" },
		{ "/.", "/", "." },    { "/a", "/", "a" },
		{ "a", ".", "a" },     { ".", ".", "." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_FREE char *dir = NULL;
		OWN_FREE char *base = NULL;

		cp_path_split(cases[i][0], &dir, &base);
		assert_string_equal(dir, cases[i][1]);
		assert_string_equal(base, cases[i][2]);
	}
}

static void the_target_of_a_link_gets_the_link_s_name(void **state)
{
	OWN_FREE char *rebase = NULL;
	OWN_FREE char *path = cp_path_rebase("/a/link/", "/b/file", &rebase);
	OWN_FREE char *none = NULL;
	OWN_FREE char *same = cp_path_rebase("/a/f", "/b/f", &none);

	(void)state;
	assert_string_equal(path, "/b/file/");
	assert_string_equal(rebase, "link");
	assert_string_equal(same, "/b/f");
	assert_null(none);
}

/* Docker's table, documentation of `docker cp`: SRC a file or a folder, DEST not
 * there, a file, a folder. */
static void docker_s_table_of_what_goes_where(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *dir;
		const char *name;
		const char *refusal;
		bool from_folder;
		bool to_exists;
		bool to_folder;
	} cases[] = {
		{ "/s/f", "/d/n", "/d", "n", NULL, false, false, false },
		{ "/s/f", "/d/n/", NULL, NULL, "no such directory", false,
		  false, false },
		{ "/s/f", "/d/g", "/d", "g", NULL, false, true, false },
		{ "/s/f", "/d", "/d", "f", NULL, false, true, true },
		{ "/s/d", "/d/n", "/d", "n", NULL, true, false, false },
		{ "/s/d", "/d/n/", "/d", "n", NULL, true, false, false },
		{ "/s/d", "/d/g", NULL, NULL, "cannot copy directory", true,
		  true, false },
		{ "/s/d", "/d", "/d", "d", NULL, true, true, true },
		{ "/s/d/.", "/d/n", "/d", "n", NULL, true, false, false },
		{ "/s/d/.", "/d", "/d", ".", NULL, true, true, true },
		{ "/s/d/.", "/d/g", NULL, NULL, "cannot copy directory", true,
		  true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_CP_INFO struct cp_info from = {
			.path = mem_str(cases[i].from),
			.exists = true,
			.folder = cases[i].from_folder,
		};
		OWN_CP_INFO struct cp_info to = {
			.path = mem_str(cases[i].to),
			.exists = cases[i].to_exists,
			.folder = cases[i].to_folder,
		};
		OWN_FREE char *dir = NULL;
		OWN_FREE char *name = NULL;
		struct err err = { 0 };
		int r = cp_path_decide(&from, &to, &dir, &name, &err);

		if (cases[i].refusal) {
			assert_true(r < 0);
			assert_string_equal(err.msg, cases[i].refusal);
			continue;
		}
		assert_ok(r, &err);
		assert_string_equal(dir, cases[i].dir);
		assert_string_equal(name, cases[i].name);
	}
}

/* ---- a container that fights back (CVE-2018-15664) ---- */

/* Exchanges a folder of the container with a link to the machine's canary, for as
 * long as it lives; from outside, which is quicker than any program in there. */
static pid_t start_exchanging(const char *root)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

		for (;;)
			if (renameat2(fd, "a", fd, "b", RENAME_EXCHANGE) < 0)
				_exit(1);
	}
	assert_true(pid > 0);
	return pid;
}

static void stop(pid_t pid)
{
	int status;

	/* It must have gone on to the end, or nothing was tested. */
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The writable layer of a running container, as overlayfs shows it. */
static void set_trap(struct box *box, struct spec *spec, char root[64])
{
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };
	OWN_FD int fd = -1;
	OWN_FREE char *canary = scratch_path(box->scratch, "canary");

	assert_ok(container_find(&box->home, spec->id, &c, &err), &err);
	snprintf(root, 64, "/proc/%d/root", c.pid);
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(mkdirat(fd, "a", 0755), 0);
	assert_int_equal(symlinkat(canary, fd, "b"), 0);
}

static void assert_canary_lives(struct scratch *scratch)
{
	OWN_FREE char *path = scratch_path(scratch, "canary");
	struct stat st;

	assert_string_equal(scratch_read(scratch, "canary/victim"), "secret");
	assert_false(scratch_has(scratch, "canary/fresh"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_nlink, 2);
}

static void one_round(struct box *box, const char *id, const char *outside,
		      struct scratch *scratch)
{
	struct cp_choice in = { .container = id, .inside = "/a/fresh",
				.outside = outside };
	struct cp_choice over = { .container = id, .inside = "/a/victim",
				  .outside = outside };
	OWN_FREE char *got = scratch_path(scratch, "got");
	struct cp_choice out = { .container = id, .inside = "/a/victim",
				 .outside = got };
	struct err err = { 0 };

	/* Each may go well or fail, by what it met; neither touches the
	 * machine. */
	(void)cp_to(&box->home, &in, &err);
	(void)cp_to(&box->home, &over, &err);
	if (cp_from(&box->home, &out, &err) == 0 && scratch_has(scratch, "got"))
		assert_string_not_equal(scratch_read(scratch, "got"), "secret");
}

static void a_link_that_comes_and_goes_never_leads_out(void **state)
{
	struct scratch *scratch = *state;
	OWN_BOX struct box box = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_FREE char *outside = scratch_path(scratch, "evil");
	char root[64];
	int64_t until;
	pid_t pid;

	box_make(scratch, &box);
	scratch_write(scratch, "canary/victim", "secret");
	scratch_write(scratch, "evil", "evil");
	box_spec(&spec, "sleep 300");
	box_start(&box, &spec);
	set_trap(&box, &spec, root);
	pid = start_exchanging(root);
	until = now_ms() + 2000;
	for (int i = 0; i < 50 || now_ms() < until; i++)
		one_round(&box, spec.id, outside, scratch);
	stop(pid);
	assert_canary_lives(scratch);
}

/* A whole tree whose folders are exchanged while it is packed. */
static void a_tree_that_is_exchanged_meanwhile_gives_nothing_of_the_machine(
	void **state)
{
	struct scratch *scratch = *state;
	OWN_BOX struct box box = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_FREE char *got = scratch_path(scratch, "tree");
	struct cp_choice out = { .inside = "/.", .outside = got };
	char root[64];
	pid_t pid;

	box_make(scratch, &box);
	scratch_write(scratch, "canary/victim", "secret");
	box_spec(&spec, "sleep 300");
	box_start(&box, &spec);
	set_trap(&box, &spec, root);
	out.container = spec.id;
	pid = start_exchanging(root);
	for (int i = 0; i < 20; i++) {
		struct err err = { 0 };
		int r = cp_from(&box.home, &out, &err);

		/* The copy of the round before may have the other kind. */
		if (r < 0 && r != -ENOTDIR && r != -EISDIR)
			assert_ok(r, &err);
		if (i == 0)
			assert_true(scratch_has(scratch, "tree/srv/deep/file"));
		assert_ok(fs_remove_tree(scratch->fd, "tree/a", &err), &err);
		assert_ok(fs_remove_tree(scratch->fd, "tree/b", &err), &err);
	}
	stop(pid);
	assert_canary_lives(scratch);
}

/* ---- archives that others made ---- */

/* Runs a script that leaves an archive in make/out.tar, and copies that in. */
static int put_archive(struct box *box, const char *id, const char *script)
{
	struct cp_choice to = { .container = id, .inside = "/tmp",
				.outside = "-" };
	OWN_FREE char *command = mem_fmt("cd '%s' && rm -rf make && mkdir make && cd make && { %s; } >/dev/null 2>&1",
					 box->scratch->path, script);
	struct err err = { 0 };
	OWN_FD int fd = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	(void)child_status(pid); /* the archive is there, or fs_open fails */
	fd = fs_open(box->scratch->fd, "make/out.tar", O_RDONLY, 0, &err);
	assert_ok(fd, &err);
	return cp_to_as_tar(&box->home, &to, fd, &err);
}

static void a_hostile_archive_stays_in_the_container(void **state)
{
	static const char *const scripts[] = {
		"ln -s \"$OLDPWD/canary\" d; tar -cf out.tar d; rm d; mkdir d; echo evil >d/victim; tar -rf out.tar d/victim",
		"echo evil >victim; tar -cPf out.tar --transform \"s|.*|$OLDPWD/canary/victim|\" victim",
		"echo evil >v; tar -cPf out.tar --transform 's|v|../../../../../../../../tmp/dsh-evil|' v",
	};
	struct scratch *scratch = *state;
	OWN_BOX struct box box = { 0 };
	OWN_SPEC struct spec spec = { 0 };

	need_program("tar");
	box_make(scratch, &box);
	scratch_write(scratch, "canary/victim", "secret");
	box_spec(&spec, "sleep 300");
	box_start(&box, &spec);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		(void)put_archive(&box, spec.id, scripts[i]);
	assert_canary_lives(scratch);
	assert_int_equal(access("/tmp/dsh-evil", F_OK), -1);
}

static void what_is_no_archive_is_said_and_leaves_nothing(void **state)
{
	struct scratch *scratch = *state;
	OWN_BOX struct box box = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(scratch, &box);
	box_spec(&spec, "ls -a /tmp");
	box_run(&box, &spec, NULL, &run);
	assert_int_equal(put_archive(&box, spec.id, "echo none >out.tar"),
			 -EINVAL);
	/* Half a file: it has no name yet when the archive ends. */
	assert_true(put_archive(&box, spec.id,
				"head -c 300000 /dev/zero >big; tar -cf w big; head -c 200000 w >out.tar") <
		    0);
	{
		OWN_CHANGES struct changes changes = { 0 };
		struct err err = { 0 };

		assert_ok(container_diff(&box.home, spec.id, &changes, &err),
			  &err);
		assert_int_equal(changes.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_end_of_a_path_is_kept),
		TEST(a_path_has_a_folder_and_a_last_word),
		TEST(the_target_of_a_link_gets_the_link_s_name),
		TEST(docker_s_table_of_what_goes_where),
		TEST_IN_SCRATCH(a_link_that_comes_and_goes_never_leads_out),
		TEST_IN_SCRATCH(
			a_tree_that_is_exchanged_meanwhile_gives_nothing_of_the_machine),
		TEST_IN_SCRATCH(a_hostile_archive_stays_in_the_container),
		TEST_IN_SCRATCH(what_is_no_archive_is_said_and_leaves_nothing),
	};

	return cmocka_run_group_tests_name("cp", tests, NULL, NULL);
}
