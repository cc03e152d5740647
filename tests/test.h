/* tests/test.h - what every unit test starts from.
 *
 * cmocka in the order in which it must be included, a scratch folder for each
 * test, and the rules by which a test that the machine cannot run is skipped.
 *
 * Never use a cmocka assertion in a forked child: it would jump into the
 * child's copy of the runner. Children report by exit status (child_status). */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

/* The order matters: cmocka.h uses what these four define. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* An empty folder of the test's own, removed after it.
 *
 * fd    open on it
 * path  absolute
 * text  what scratch_read returned last */
struct scratch {
	int fd;
	char path[PATH_MAX];
	char *text;
};

/* A test that gets a struct scratch * as *state. */
#define TEST_IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
#define TEST(test) cmocka_unit_test(test)

int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Writes a whole file (mode 0644, an older one is emptied), making the folders
 * above it. The test fails where that fails. */
void scratch_write(struct scratch *scratch, const char *path, const char *text);

/* Makes a folder and those above it. */
void scratch_mkdir(struct scratch *scratch, const char *path);

/* The whole file as text; borrowed until the next scratch_read. */
const char *scratch_read(struct scratch *scratch, const char *path);

/* Whether there is something of that name; a link itself counts. */
bool scratch_has(struct scratch *scratch, const char *path);

/* "<scratch path>/<path>"; given, to be freed. */
char *scratch_path(const struct scratch *scratch, const char *path);

/* Runs a line of /bin/sh; its exit status, 128+n for signal n. */
int test_shell(const char *line);

/* Waits for a child and returns its exit status, 128+n for signal n. */
int child_status(pid_t pid);

/* Asserts r == 0 (or >= 0) and, where it is not, shows the message in *err. */
struct err;
void assert_ok(int r, const struct err *err);

/* Skips the calling test, with the reason, where the machine or the account
 * lacks what it needs. With DOCKERSHELL_MUST_WORK=1 a skip is a failure; only
 * DOCKERSHELL_ACCOUNT (root, subids, single, plain: as whom the tests are meant to
 * run) excuses what another kind of account is there for. */
void need_root(void);
void need_plain_user(void);
void need_userns(void);              /* user namespaces may be made */
void need_subids(void);              /* newuidmap and a range of ids */
void need_overlay_in_userns(void);   /* overlayfs mounts in there */
void need_program(const char *name); /* found on $PATH */

#endif
