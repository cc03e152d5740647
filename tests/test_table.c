/* tests/test_table.c - columns as Go's tabwriter sets them for Docker. */
#include "shell/table.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/own.h"
#include "tests/test.h"

static void assert_prints(const struct table *table, const char *expected)
{
	OWN_FREE char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	table_print(table, out);
	(void)fclose(out); /* memory */
	assert_string_equal(text, expected);
}

static void pads_all_cells_but_the_last(void **state)
{
	OWN_TABLE struct table t = { 0 };

	(void)state;
	table_cells(&t, "REPOSITORY", "TAG", "IMAGE ID", "SIZE", NULL);
	table_end_row(&t);
	table_cells(&t, "busybox", "latest", "ba5e3a7513fe", "1.99MB", NULL);
	table_end_row(&t);
	assert_prints(&t,
		      "REPOSITORY   TAG       IMAGE ID       SIZE\n"
		      "busybox      latest    ba5e3a7513fe   1.99MB\n");
}

static void leaves_the_padding_before_an_empty_last_cell(void **state)
{
	OWN_TABLE struct table t = { 0 };

	(void)state;
	table_cells(&t, "SIZE", "COMMENT", NULL);
	table_end_row(&t);
	table_cells(&t, "0B", "", NULL);
	table_end_row(&t);
	assert_prints(&t, "SIZE      COMMENT\n0B        \n");
}

static void counts_columns_of_the_terminal(void **state)
{
	OWN_TABLE struct table t = { .padding = 1, .min_width = 1 };

	(void)state;
	table_cells(&t, "a", "x", NULL);
	table_end_row(&t);
	table_cellf(&t, "%s", "日本語");
	table_cell(&t, "y");
	table_end_row(&t);
	table_cells(&t, "e\u0301", "z", NULL);
	table_end_row(&t);
	assert_prints(&t, "a      x\n日本語 y\ne\u0301      z\n");
}

static void prints_nothing_when_empty(void **state)
{
	OWN_TABLE struct table t = { 0 };

	(void)state;
	assert_prints(&t, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pads_all_cells_but_the_last),
		TEST(leaves_the_padding_before_an_empty_last_cell),
		TEST(counts_columns_of_the_terminal),
		TEST(prints_nothing_when_empty),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
