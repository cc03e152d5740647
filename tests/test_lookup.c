/* tests/test_lookup.c - the walk through layers, on plain folders made for it. */
#include "runtime/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/lookup_lab.h"
#include "runtime/lookup_parts.h"
#include "tests/test.h"

/* The walk alone: one line of its answer a step, "mdd- name". */
static char *walk(struct scratch *s, const char *path)
{
	OWN_STRS struct strs layers = { 0 };
	OWN_BUF struct buf reply = { 0 };
	OWN_FREE char *resolved = NULL;
	const struct home home = { s->path, s->fd, false };
	struct err err = { 0 };

	strs_split(&layers, "3 2 1", ' ');
	assert_ok(lookup_walk(&home, &layers, path, &reply, &resolved, &err),
		  &err);
	return buf_give(&reply);
}

static void expect(struct scratch *s, const char *path, const char *steps)
{
	OWN_FREE char *said = walk(s, path);

	if (strncmp(said, steps, strlen(steps)) != 0)
		fail_msg("%s: wanted\n%ssaid\n%s", path, steps, said);
}

static void make_layers(struct scratch *s)
{
	scratch_write(s, "3/top/own", "3");
	scratch_write(s, "2/top/mid", "22");
	scratch_write(s, "2/both/x", "2");
	scratch_write(s, "1/both/x", "1");
	scratch_write(s, "1/both/y", "1");
	scratch_write(s, "1/only/z", "1");
	scratch_write(s, "2/file", "2");
	scratch_write(s, "1/file/below", "1");
}

static void folders_merge_and_the_first_file_ends_the_search(void **state)
{
	struct scratch *s = *state;

	make_layers(s);
	expect(s, "/top/own", "Smddd\t/\t\nSmddn\ttop\t\nSfF--\town\t\n");
	expect(s, "/top/mid", "Smddd\t/\t\nSmddn\ttop\t\nSfnF-\tmid\t\n");
	/* The one below is there, and not asked. */
	expect(s, "/both/x", "Smddd\t/\t\nSmndd\tboth\t\nSf-Fh\tx\t\n");
	expect(s, "/only/z", "Smddd\t/\t\nSmnnd\tonly\t\nSf--F\tz\t\n");
	expect(s, "/none/z", "Smddd\t/\t\nSnnnn\tnone\t\n");
	/* A file hides a folder of that name. */
	expect(s, "/file/below", "Smddd\t/\t\nSfnFh\tfile\t\n");
}

static void links_are_followed_inside_of_the_layers(void **state)
{
	struct scratch *s = *state;
	OWN_FREE char *link = scratch_path(s, "3/away");
	OWN_FREE char *said = NULL;

	make_layers(s);
	assert_int_equal(symlink("../../both", link), 0);
	said = walk(s, "/away/x");
	assert_non_null(strstr(said, "SlF--\taway\t../../both\n"));
	assert_non_null(strstr(said, "Sf-Fh\tx\t\n"));
	/* The last name is shown for what it is. */
	expect(s, "/away", "Smddd\t/\t\nSfF--\taway\t../../both\n");
}

static void whiteouts_and_opaque_folders_end_the_search(void **state)
{
	struct scratch *s = *state;
	OWN_FREE char *white = scratch_path(s, "3/only/z");
	OWN_FREE char *opaque = scratch_path(s, "3/both");

	make_layers(s);
	scratch_mkdir(s, "3/only");
	scratch_mkdir(s, "3/both");
	if (mknod(white, S_IFCHR, makedev(0, 0)) == 0)
		expect(s, "/only/z", "Smddd\t/\t\nSmdnd\tonly\t\nSww-h\tz\t\n");
	if (setxattr(opaque, "user.overlay.opaque", "y", 1, 0) == 0)
		expect(s, "/both/x", "Smddd\t/\t\nSmohh\tboth\t\nSnnhh\tx");
}

/* ---- the experiment ---- */

static struct measured about(int64_t ns)
{
	return (struct measured){ 9, ns, ns - ns / 20, ns + ns / 20 };
}

static void an_order_is_stated_only_where_it_shows(void **state)
{
	struct lookup_row rows[LOOKUP_LAB_ROWS];
	struct lookup_verdict v;

	(void)state;
	for (int i = 0; i < LOOKUP_LAB_ROWS; i++)
		rows[i] = (struct lookup_row){
			lookup_lab_layers[i],
			about(6000 + lookup_lab_layers[i] * 1000), about(1500),
			about(6000), about(1500)
		};
	lookup_lab_judge(rows, &v);
	assert_int_equal(v.many_grows, MEASURE_ABOVE);
	assert_int_equal(v.one_grows, MEASURE_ALIKE);
	assert_int_equal(v.again_grows, MEASURE_ALIKE);
	assert_int_equal(v.first_over_again, MEASURE_ABOVE);
	rows[3].many_first = about(900000);
	rows[4].many_first = about(3000);
	lookup_lab_judge(rows, &v);
	assert_int_equal(v.many_grows, MEASURE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			folders_merge_and_the_first_file_ends_the_search),
		TEST_IN_SCRATCH(links_are_followed_inside_of_the_layers),
		TEST_IN_SCRATCH(whiteouts_and_opaque_folders_end_the_search),
		TEST(an_order_is_stated_only_where_it_shows),
	};

	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
