/* tests/test_format.c - lists as --format asks for them. */
#include "shell/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static const struct format_field fields[] = {
	{ "ID", "THING ID" },
	{ "Name", "NAME" },
	{ "Note", "NOTE" },
	{ NULL, NULL },
};

static const struct format_kind kind = {
	.type_name = "*formatter.thing",
	.fields = fields,
	.table = "table {{.ID}}\\t{{.Name}}",
	.raw = "id: {{.ID}}\n",
};

static const struct format_kind kind_that_tries = {
	.type_name = "*formatter.thing",
	.fields = fields,
	.table = "table {{.ID}}",
	.tries_first = true,
};

static json_t *row(const char *id, const char *name)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s}}", "ID", id, "Name", name,
			 "Note", "<n>", "Label", "a.my-key", id);
}

/* What is printed of two rows (or none), or the message of the failure. */
static char *listed(const struct format_kind *of, const char *text, bool quiet,
		    bool rows)
{
	OWN_FORMAT struct format format = { 0 };
	struct err err = { 0 };
	char *out = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&out, &len);
	int r = format_open(&format, of, text, quiet, &err);

	assert_non_null(file);
	if (r == 0 && rows)
		r = format_row(&format, row("1", "one"), &err);
	if (r == 0 && rows)
		r = format_row(&format, row("22", "a long name"), &err);
	if (r == 0)
		r = format_end(&format, file, &err);
	fclose(file);
	if (r < 0) {
		free(out);
		assert_int_equal(err.status, 1);
		return mem_str(err.msg);
	}
	return out;
}

static void assert_listed(const char *text, bool quiet, const char *expected)
{
	OWN_FREE char *out = listed(&kind, text, quiet, true);

	assert_string_equal(out, expected);
}

static void a_table_has_headings_and_aligned_columns(void **state)
{
	(void)state;
	assert_listed(
		NULL, false,
		"THING ID   NAME\n1          one\n22         a long name\n");
	assert_listed(
		"table", false,
		"THING ID   NAME\n1          one\n22         a long name\n");
	assert_listed(
		"table {{.Name}}\\t{{.ID}}", false,
		"NAME          THING ID\none           1\na long name   22\n");
	assert_listed(
		"table {{.Name}}\\t{{.Label \"a.my-key\"}}", false,
		"NAME          my key\none           1\na long name   22\n");
	assert_listed("table {{upper .Name}}", false,
		      "NAME\nONE\nA LONG NAME\n");
}

static void an_empty_last_cell_keeps_the_padding_before_it(void **state)
{
	(void)state;
	assert_listed("table {{.ID}}\\t{{if eq .ID \"1\"}}x{{end}}", false,
		      "THING ID   \n1          x\n22         \n");
}

static void a_template_is_one_line_a_row(void **state)
{
	(void)state;
	assert_listed("{{.ID}}={{.Name}}", false, "1=one\n22=a long name\n");
	assert_listed("{{.ID}}\\t{{.Name}}\\n", false,
		      "1\tone\n\n22\ta long name\n\n");
	assert_listed("  {{.ID}}  ", false, "1\n22\n");
	assert_listed("raw", false, "id: 1\n\nid: 22\n\n");
	assert_listed(
		"json", false,
		"{\"ID\":\"1\",\"Name\":\"one\",\"Note\":\"\\u003cn\\u003e\"}\n"
		"{\"ID\":\"22\",\"Name\":\"a long name\",\"Note\":\"\\u003cn\\u003e\"}\n");
}

static void quiet_gives_ids_unless_a_template_says_otherwise(void **state)
{
	(void)state;
	assert_listed(NULL, true, "1\n22\n");
	assert_listed("table", true, "1\n22\n");
	assert_listed("{{.Name}}", true, "one\na long name\n");
}

static void a_wrong_template_prints_nothing(void **state)
{
	OWN_FREE char *open = listed(&kind, "{{.ID", false, true);
	OWN_FREE char *field = listed(&kind, "{{.Nosuch}}", false, true);
	OWN_FREE char *none = listed(&kind, "{{.Nosuch}}", false, false);
	OWN_FREE char *first =
		listed(&kind_that_tries, "{{.Nosuch}}", false, false);
	OWN_FREE char *tried = listed(&kind_that_tries, "{{.ID", false, true);

	(void)state;
	assert_string_equal(
		open, "template parsing error: template: :1: unclosed action");
	assert_string_equal(
		field,
		"template parsing error: template: :1:2: executing \"\" at <.Nosuch>: can't evaluate field Nosuch in type *formatter.thing");
	assert_string_equal(none, "");
	assert_string_equal(
		first,
		"failed to execute template: template: :1:2: executing \"\" at <.Nosuch>: can't evaluate field Nosuch in type *formatter.thing");
	assert_string_equal(
		tried,
		"failed to parse template: template: :1: unclosed action");
}

static void knows_which_fields_are_wanted(void **state)
{
	OWN_FORMAT struct format some = { 0 };
	OWN_FORMAT struct format all = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(format_open(&some, &kind, "{{.ID}}", false, &err), &err);
	assert_true(format_wants(&some, "ID"));
	assert_false(format_wants(&some, "Note"));
	assert_ok(format_open(&all, &kind, "json", false, &err), &err);
	assert_true(format_wants(&all, "Note"));
}

static void rows_can_be_taken_as_they_come(void **state)
{
	OWN_FORMAT struct format format = { 0 };
	OWN_FREE char *first = NULL;
	OWN_FREE char *second = NULL;
	struct err err = { 0 };

	(void)state;
	assert_ok(format_open(&format, &kind, "{{.ID}}", false, &err), &err);
	assert_ok(format_row(&format, row("1", "a"), &err), &err);
	first = format_take(&format);
	assert_ok(format_row(&format, row("2", "b"), &err), &err);
	second = format_take(&format);
	assert_string_equal(first, "1\n");
	assert_string_equal(second, "2\n");
}

static void columns_are_set_block_by_block(void **state)
{
	/* What Go's tabwriter makes of lines that have no such column. */
	OWN_FREE char *out = listed(
		&kind,
		"table {{if eq .ID \"1\"}}alone{{else}}{{.Name}}\\tx\\ty{{end}}",
		false, true);

	(void)state;
	assert_string_equal(out, "NAME      x         y\nalone\n"
				 "a long name   x         y\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_table_has_headings_and_aligned_columns),
		TEST(an_empty_last_cell_keeps_the_padding_before_it),
		TEST(a_template_is_one_line_a_row),
		TEST(quiet_gives_ids_unless_a_template_says_otherwise),
		TEST(a_wrong_template_prints_nothing),
		TEST(knows_which_fields_are_wanted),
		TEST(rows_can_be_taken_as_they_come),
		TEST(columns_are_set_block_by_block),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
