/* tests/test_notebook.c - what was learnt is kept, and written out as it was typed. */
#include "lessons/notebook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/card.h"
#include "lessons/measure.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "lessons/html.h"
#include "shell/notebook_page.h"
#include "tests/test.h"

/* ---- cards ---- */

static void a_card_is_read_item_by_item(void **state)
{
	struct card card = { 0 };

	(void)state;
	card_read("Prose before.\n\n"
		  "- One `thing`\n  over two lines. `docker diff a`\n"
		  "- Two:\n  `docker rm a`\n"
		  "- 日本の\n  文。`docker ps`\n"
		  "- No command\n",
		  &card);
	assert_int_equal(card.count, 4);
	assert_string_equal(card.items[0].text, "One `thing` over two lines.");
	assert_string_equal(card.items[0].command, "docker diff a");
	assert_string_equal(card.items[1].text, "Two");
	assert_string_equal(card.items[1].command, "docker rm a");
	assert_string_equal(card.items[2].text, "日本の文。");
	assert_string_equal(card.items[3].command, "");
	card_done(&card);
}

/* ---- runs ---- */

/* A run that began at `started` and has one step of `commands` commands. */
static void keep(struct scratch *scratch, int started, int points, int commands,
		 bool finished)
{
	json_t *run = json_pack("{s:i,s:i,s:b,s:i,s:i,s:i}", "started_ns",
				started, "ended_ns", started + 1, "finished",
				(int)finished, "points", points, "points_of",
				10, "hints", 0);
	json_t *step = json_pack("{s:s,s:[]}", "id", "touch", "yours");
	struct err err = { 0 };

	for (int i = 0; i < commands; i++)
		json_array_append_new(json_object_get(step, "yours"),
				      json_pack("{s:s,s:i}", "line", "diff a",
						"ms", 5));
	assert_ok(notebook_keep(scratch->fd, "diff", run, step, &err), &err);
	json_decref(run);
	json_decref(step);
}

static long long best_points(struct scratch *scratch, long long *out_commands)
{
	struct err err = { 0 };
	json_t *entry = NULL;
	long long points;

	assert_ok(notebook_read(scratch->fd, "diff", &entry, &err), &err);
	points = json_integer_value(
		json_object_get(notebook_run(entry), "points"));
	*out_commands = notebook_commands(notebook_run(entry));
	json_decref(entry);
	return points;
}

static void the_best_run_stays_whatever_comes_after_it(void **state)
{
	struct scratch *scratch = *state;
	OWN_STRS struct strs ids = { 0 };
	struct err err = { 0 };
	long long commands = 0;
	json_t *entry = NULL;

	keep(scratch, 1, 3, 2, false);
	assert_int_equal(best_points(scratch, &commands), 3); /* under way */
	keep(scratch, 1, 10, 4, true);
	keep(scratch, 2, 0, 1, false); /* begun anew */
	assert_int_equal(best_points(scratch, &commands), 10);
	assert_int_equal(commands, 4);
	keep(scratch, 2, 10, 9, true); /* the same points, more commands */
	assert_int_equal(best_points(scratch, &commands), 10);
	assert_int_equal(commands, 4);
	keep(scratch, 3, 10, 2, true);
	assert_int_equal(best_points(scratch, &commands), 10);
	assert_int_equal(commands, 2);
	assert_ok(notebook_read(scratch->fd, "diff", &entry, &err), &err);
	assert_int_equal(json_integer_value(json_object_get(entry, "runs")), 3);
	json_decref(entry);
	assert_ok(notebook_ids(scratch->fd, &ids, &err), &err);
	assert_int_equal(ids.count, 1);
	assert_string_equal(ids.items[0], "diff");
}

static void what_cannot_be_read_is_put_aside(void **state)
{
	struct scratch *scratch = *state;
	long long commands = 0;
	struct err err = { 0 };
	json_t *entry = NULL;

	scratch_write(scratch, "diff.json", "{ \"id\": ");
	assert_int_equal(notebook_read(scratch->fd, "diff", &entry, &err),
			 -ENOENT);
	assert_true(scratch_has(scratch, "diff.json.broken"));
	assert_int_equal(notebook_read(scratch->fd, "../x", &entry, &err),
			 -ENOENT);
	keep(scratch, 1, 5, 1, true);
	assert_int_equal(best_points(scratch, &commands), 5);
	assert_true(scratch_has(scratch, "diff.json.broken"));
}

static void notes_are_kept_in_order_and_taken_out_by_number(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };
	OWN_STRS struct strs ids = { 0 };
	json_t *notes = NULL;
	const json_t *list;

	assert_ok(notebook_note(scratch->fd, "diff", "one", &err), &err);
	assert_ok(notebook_note(scratch->fd, NULL, "two", &err), &err);
	assert_int_equal(notebook_note(scratch->fd, NULL, "\xff", &err),
			 -EILSEQ);
	assert_ok(notebook_remove_note(scratch->fd, 1, &err), &err);
	assert_int_equal(notebook_remove_note(scratch->fd, 2, &err), -ENOENT);
	assert_int_equal(notebook_remove_note(scratch->fd, 0, &err), -ENOENT);
	assert_ok(notebook_notes(scratch->fd, &notes, &err), &err);
	list = json_object_get(notes, "notes");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(list, 0), "text")),
			    "two");
	json_decref(notes);
	assert_ok(notebook_ids(scratch->fd, &ids, &err), &err);
	assert_int_equal(ids.count, 0); /* notes are no lesson */
}

static void figures_keep_the_most_of_each(void **state)
{
	struct measure most = { .containers = 2, .layers_bytes = 10 };
	struct measure now = { .containers = 1, .written_bytes = 7,
			       .layers_bytes = 20 };
	struct measure again = { 0 };
	json_t *json;

	(void)state;
	measure_most(&most, &now);
	json = measure_to_json(&most);
	measure_from_json(json, &again);
	json_decref(json);
	assert_int_equal(again.containers, 2);
	assert_int_equal(again.written_bytes, 7);
	assert_int_equal(again.layers_bytes, 20);
}

/* ---- HTML, Markdown ---- */

static void blocks_become_html_and_text_stays_text(void **state)
{
	static const struct {
		const char *markdown;
		const char *html;
	} cases[] = {
		{ "a <b> & \"c\"\nd", "<p>a &lt;b&gt; &amp; &quot;c&quot;\nd</p>\n" },
		{ "日本\n語", "<p>日本語</p>\n" },
		{ "- a\n  b\n- `<x>`",
		  "<ul>\n<li>a\nb</li>\n<li><code>&lt;x&gt;</code></li>\n</ul>\n" },
		{ "1. a\n2. **b `c`**",
		  "<ol>\n<li>a</li>\n<li><strong>b <code>c</code></strong></li>\n</ol>\n" },
		{ "x\n\n    run <it>\n    twice\n\ny",
		  "<p>x</p>\n<pre><code>run &lt;it&gt;\ntwice</code></pre>\n<p>y</p>\n" },
		{ "```\n- no list\n\n# x\n```",
		  "<pre><code>- no list\n\n# x</code></pre>\n" },
		{ "> q\n> r", "<blockquote><p>q\nr</p></blockquote>\n" },
		{ "one \\` two * three **", "<p>one ` two * three **</p>\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_BUF struct buf out = { 0 };

		html_blocks(&out, cases[i].markdown);
		assert_string_equal(buf_text(&out), cases[i].html);
	}
}

static void what_was_typed_is_never_a_tag_or_a_heading(void **state)
{
	struct notebook_page page = { .lang = "ja" };
	OWN_BUF struct buf markdown = { 0 };
	OWN_BUF struct buf html = { 0 };

	(void)state;
	page.entries = json_pack(
		"[{s:s,s:i,s:{s:b,s:{s:s},s:[{s:s,s:[{s:s}],s:[]}]}}]", "id",
		"diff", "runs", 1, "latest", "finished", 0, "title", "en",
		"A <title>", "steps", "id", "touch", "yours", "line",
		"echo '```' </pre>", "author");
	page.notes = json_pack("{s:[{s:i,s:s,s:s}]}", "notes", "time_ns", 1,
			       "lesson", "diff", "text", "# 1 <b>\n1. *x*");
	page.form = PAGE_MARKDOWN;
	notebook_page_all(&page, &markdown);
	assert_non_null(strstr(buf_text(&markdown), "\n````\necho"));
	assert_non_null(strstr(buf_text(&markdown),
			       "\\# 1 \\<b\\>  \n1\\. \\*x\\*"));
	page.form = PAGE_HTML;
	notebook_page_all(&page, &html);
	assert_non_null(strstr(buf_text(&html), "<html lang=\"ja\">"));
	assert_non_null(strstr(buf_text(&html), "A &lt;title&gt;"));
	assert_non_null(strstr(buf_text(&html), "&lt;/pre&gt;"));
	assert_non_null(strstr(buf_text(&html), "# 1 &lt;b&gt;\n1. *x*"));
	json_decref(page.entries);
	json_decref(page.notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_card_is_read_item_by_item),
		TEST_IN_SCRATCH(the_best_run_stays_whatever_comes_after_it),
		TEST_IN_SCRATCH(what_cannot_be_read_is_put_aside),
		TEST_IN_SCRATCH(notes_are_kept_in_order_and_taken_out_by_number),
		TEST(figures_keep_the_most_of_each),
		TEST(blocks_become_html_and_text_stays_text),
		TEST(what_was_typed_is_never_a_tag_or_a_heading),
	};

	return cmocka_run_group_tests_name("notebook", tests, NULL, NULL);
}
