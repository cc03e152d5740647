/* shell/notebook_page.c - see notebook_page.h
 *
 * One walk through the notebook writes both forms; what differs between them is in
 * the small functions at the top. */
#include "shell/notebook_page.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lessons/notebook.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "lessons/html.h"
#include "shell/lesson_ways.h"

struct sheet {
	const struct notebook_page *page;
	struct buf *out;
};

static bool is_html(const struct sheet *sheet)
{
	return sheet->page->form == PAGE_HTML;
}

void notebook_day(long long ns, char out[PAGE_DAY])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	if (strftime(out, PAGE_DAY, "%Y-%m-%d", &tm) == 0)
		out[0] = 0; /* a year of five digits */
}

/* ---- the two forms ---- */

/* What somebody typed, so that Markdown takes it for text. */
static void markdown_text(struct buf *out, const char *text)
{
	bool at_start = true;

	for (; *text; text++) {
		bool opens = at_start && strchr("-+=~0123456789", *text);

		if (*text == '\n') {
			buf_str(out, "  \n");
			at_start = true;
			continue;
		}
		if (opens && *text >= '0' && *text <= '9') {
			size_t digits = strspn(text, "0123456789");

			buf_add(out, text, digits);
			text += digits - 1;
			if (text[1] == '.' || text[1] == ')')
				buf_char(out, '\\');
		} else {
			if (opens || strchr("\\`*_[]<>#|&!", *text))
				buf_char(out, '\\');
			buf_char(out, *text);
		}
		at_start = at_start && *text == ' ';
	}
}

static void put_text(struct sheet *sheet, const char *text)
{
	if (is_html(sheet))
		html_text(sheet->out, text);
	else
		markdown_text(sheet->out, text);
}

static void put_heading(struct sheet *sheet, int level, const char *markdown)
{
	static const char marks[] = "######";

	if (is_html(sheet)) {
		buf_fmt(sheet->out, "<h%d>", level);
		html_line(sheet->out, markdown);
		buf_fmt(sheet->out, "</h%d>\n", level);
	} else {
		buf_fmt(sheet->out, "%.*s %s\n\n", level, marks, markdown);
	}
}

/* Blocks of the lesson's own Markdown. */
static void put_blocks(struct sheet *sheet, const char *markdown)
{
	if (!*markdown)
		return;
	if (is_html(sheet))
		html_blocks(sheet->out, markdown);
	else
		buf_fmt(sheet->out, "%s\n\n", markdown);
}

/* A command within a line. */
static void put_code(struct sheet *sheet, const char *text)
{
	if (is_html(sheet)) {
		buf_str(sheet->out, "<code>");
		html_text(sheet->out, text);
		buf_str(sheet->out, "</code>");
	} else if (strchr(text, '`')) {
		buf_fmt(sheet->out, "`` %s ``", text);
	} else {
		buf_fmt(sheet->out, "`%s`", text);
	}
}

/* A fence that no line of the code is taken for. */
static void put_fence(struct sheet *sheet, const struct strs *lines)
{
	size_t longest = 2;

	for (size_t i = 0; i < lines->count; i++) {
		for (const char *at = strchr(lines->items[i], '`'); at;
		     at = strchr(at, '`')) {
			size_t run = strspn(at, "`");

			longest = run > longest ? run : longest;
			at += run;
		}
	}
	for (size_t i = 0; i <= longest; i++)
		buf_char(sheet->out, '`');
	buf_char(sheet->out, '\n');
}

static void put_lines(struct sheet *sheet, const char *title,
		      const struct strs *lines)
{
	if (is_html(sheet)) {
		buf_str(sheet->out, "<div>\n<h4>");
		html_text(sheet->out, title);
		buf_str(sheet->out, "</h4>\n<pre><code>");
	} else {
		buf_fmt(sheet->out, "%s\n\n", title);
		put_fence(sheet, lines);
	}
	for (size_t i = 0; i < lines->count; i++) {
		if (is_html(sheet))
			html_text(sheet->out, lines->items[i]);
		else
			buf_str(sheet->out, lines->items[i]);
		buf_char(sheet->out, '\n');
	}
	if (is_html(sheet)) {
		buf_str(sheet->out, "</code></pre>\n</div>\n");
	} else {
		put_fence(sheet, lines);
		buf_char(sheet->out, '\n');
	}
}

/* ---- what the notebook holds ---- */

static const char *words_of(const struct sheet *sheet, const json_t *both)
{
	const char *text = json_string_value(
		json_object_get(both, sheet->page->lang));

	if (!text || !*text)
		text = json_string_value(json_object_get(both, "en"));
	return text ? text : "";
}

static const char *words_in(const struct sheet *sheet, const json_t *json,
			    const char *key)
{
	return words_of(sheet, json_object_get(json, key));
}

static long long number_in(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static void put_card(struct sheet *sheet, const json_t *run)
{
	const json_t *cards = json_object_get(run, "card");
	const json_t *list = json_object_get(cards, sheet->page->lang);

	if (json_array_size(list) == 0)
		list = json_object_get(cards, "en");
	if (json_array_size(list) == 0)
		return;
	put_heading(sheet, 3, _("Card"));
	buf_str(sheet->out, is_html(sheet) ? "<ul class=\"card\">\n" : "");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *text =
			json_string_value(json_object_get(item, "text"));
		const char *command =
			json_string_value(json_object_get(item, "command"));

		if (!text || !command)
			continue;
		if (is_html(sheet)) {
			buf_str(sheet->out, "<li>");
			html_line(sheet->out, text);
			buf_str(sheet->out, "<br>");
		} else {
			buf_fmt(sheet->out, "- %s  \n  ", text);
		}
		put_code(sheet, command);
		buf_str(sheet->out, is_html(sheet) ? "</li>\n" : "\n");
	}
	buf_str(sheet->out, is_html(sheet) ? "</ul>\n" : "\n");
}

/* ---- figures ---- */

static void put_row(struct sheet *sheet, char *const *cells, bool head)
{
	const char *tag = head ? "th" : "td";

	if (is_html(sheet))
		buf_fmt(sheet->out, "<tr><th>%s</th><%s>%s</%s><%s>%s</%s></tr>\n",
			cells[0], tag, cells[1], tag, tag, cells[2], tag);
	else
		buf_fmt(sheet->out, "| %s | %s | %s |\n", cells[0], cells[1],
			cells[2]);
	if (head && !is_html(sheet))
		buf_str(sheet->out, "|---|---:|---:|\n");
}

static void put_item(struct sheet *sheet, char *const *cells)
{
	buf_fmt(sheet->out, "- ");
	if (*cells[2])
		buf_fmt(sheet->out, _("%s: you %s, the author %s"), cells[0],
			cells[1], cells[2]);
	else
		buf_fmt(sheet->out, _("%s: you %s"), cells[0], cells[1]);
	buf_char(sheet->out, '\n');
}

/* The figures are our own words and numbers: nothing in them to be escaped. */
static void put_figures(struct sheet *sheet, const json_t *run)
{
	OWN_STRS struct strs cells = { 0 };
	bool table = sheet->page->form != PAGE_TERMINAL;

	strs_add(&cells, "");
	strs_add(&cells, _("you"));
	strs_add(&cells, _("the author"));
	lesson_ways_figures(run, &cells);
	if (cells.count <= 3)
		return;
	put_heading(sheet, 3, _("In figures"));
	buf_str(sheet->out, is_html(sheet) ? "<table>\n" : "");
	for (size_t i = table ? 0 : 3; i + 2 < cells.count; i += 3) {
		if (table)
			put_row(sheet, &cells.items[i], i == 0);
		else
			put_item(sheet, &cells.items[i]);
	}
	buf_str(sheet->out, is_html(sheet) ? "</table>\n" : "\n");
}

/* ---- steps ---- */

static void take_lines(const json_t *list, struct strs *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *line = json_string_value(
			json_is_object(item) ? json_object_get(item, "line")
					     : item);

		if (line)
			strs_add(out, line);
	}
}

static void put_ways(struct sheet *sheet, const json_t *step)
{
	OWN_STRS struct strs yours = { 0 };
	OWN_STRS struct strs author = { 0 };

	take_lines(json_object_get(step, "yours"), &yours);
	take_lines(json_object_get(step, "author"), &author);
	if (yours.count == 0 && author.count == 0)
		return;
	buf_str(sheet->out, is_html(sheet) ? "<div class=\"ways\">\n" : "");
	put_lines(sheet, _("Your way"), &yours);
	put_lines(sheet, _("The author's way"), &author);
	buf_str(sheet->out, is_html(sheet) ? "</div>\n" : "");
}

/* No list: what comes behind may begin with indented lines, and these would go on
 * with its last item. */
static void put_prediction(struct sheet *sheet, const json_t *prediction)
{
	bool right = json_is_true(json_object_get(prediction, "right"));
	const char *said = words_in(sheet, prediction, "said");
	const char *was = words_in(sheet, prediction, "was");
	OWN_BUF struct buf text = { 0 };

	put_blocks(sheet, words_in(sheet, prediction, "ask"));
	if (right)
		buf_fmt(&text, "%s %s", _("You guessed right:"), said);
	else
		buf_fmt(&text, "%s %s", _("You guessed:"), said);
	if (!right && *was)
		buf_fmt(&text, "\n\n%s %s", _("It was:"), was);
	put_blocks(sheet, buf_text(&text));
}

static void put_step(struct sheet *sheet, const json_t *step)
{
	const json_t *predictions = json_object_get(step, "predictions");

	put_heading(sheet, 3, words_in(sheet, step, "title"));
	for (size_t i = 0; i < json_array_size(predictions); i++)
		put_prediction(sheet, json_array_get(predictions, i));
	put_blocks(sheet, words_in(sheet, step, "done"));
	put_ways(sheet, step);
}

/* ---- notes ---- */

static void put_note(struct sheet *sheet, const json_t *note)
{
	const char *text = json_string_value(json_object_get(note, "text"));
	char day[PAGE_DAY];

	notebook_day(number_in(note, "time_ns"), day);
	if (is_html(sheet))
		buf_fmt(sheet->out, "<p class=\"note\"><span class=\"day\">%s</span> ",
			day);
	else
		buf_fmt(sheet->out, "**%s** ", day);
	put_text(sheet, text ? text : "");
	buf_str(sheet->out, is_html(sheet) ? "</p>\n" : "\n\n");
}

/* Those made in a lesson; id NULL: those made outside of any. */
static void put_notes(struct sheet *sheet, const char *id)
{
	const json_t *list = json_object_get(sheet->page->notes, "notes");
	bool first = true;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *note = json_array_get(list, i);
		const char *of =
			json_string_value(json_object_get(note, "lesson"));

		if (id ? !of || strcmp(of, id) != 0 : of != NULL)
			continue;
		if (first)
			put_heading(sheet, id ? 3 : 2, _("My notes"));
		first = false;
		put_note(sheet, note);
	}
}

/* ---- a lesson, all ---- */

static void put_result(struct sheet *sheet, const json_t *entry,
		       const json_t *run)
{
	long long runs = number_in(entry, "runs");
	OWN_BUF struct buf text = { 0 };
	char day[PAGE_DAY];

	notebook_day(number_in(run, "ended_ns"), day);
	if (json_is_true(json_object_get(run, "finished")))
		buf_fmt(&text, _("Finished on %s with %lld of %lld points."),
			day, number_in(run, "points"),
			number_in(run, "points_of"));
	else
		buf_fmt(&text, _("Under way, %lld of %lld points on %s."),
			number_in(run, "points"), number_in(run, "points_of"),
			day);
	if (runs > 1) {
		buf_char(&text, ' ');
		buf_fmt(&text, _("The best of %lld runs."), runs);
	}
	put_blocks(sheet, buf_text(&text));
}

static void put_entry(struct sheet *sheet, const json_t *entry)
{
	const char *id = json_string_value(json_object_get(entry, "id"));
	const json_t *run = notebook_run(entry);
	const json_t *steps = json_object_get(run, "steps");

	buf_str(sheet->out, is_html(sheet) ? "<section>\n" : "");
	put_heading(sheet, 2, words_in(sheet, run, "title"));
	put_result(sheet, entry, run);
	put_card(sheet, run);
	put_figures(sheet, run);
	for (size_t i = 0; i < json_array_size(steps); i++)
		put_step(sheet, json_array_get(steps, i));
	put_notes(sheet, id ? id : "");
	buf_str(sheet->out, is_html(sheet) ? "</section>\n" : "");
}

static const char style[] =
	"body{font-family:sans-serif;line-height:1.6;max-width:46em;"
	"margin:2em auto;padding:0 1em;color:#111;background:#fff}"
	"h1,h2{border-bottom:1px solid #999}"
	"pre{background:#f3f3f3;padding:.6em;white-space:pre-wrap;"
	"overflow-wrap:anywhere}"
	"code{font-family:monospace}"
	".card{border:2px solid #555;padding:.6em .6em .6em 2em}"
	".ways{display:flex;gap:1em;flex-wrap:wrap}"
	".ways>div{flex:1 1 18em;min-width:0}"
	"table{border-collapse:collapse}"
	"td,th{border:1px solid #999;padding:.2em .6em;text-align:right}"
	"tr>th:first-child{text-align:left}"
	".note{border-left:4px solid #999;padding-left:.8em;white-space:pre-wrap}"
	".day{color:#555}"
	"@media print{body{max-width:none;margin:0;font-size:10.5pt}"
	"section{break-before:page}section:first-of-type{break-before:auto}"
	"h2,h3,h4{break-after:avoid}pre,.card,table{break-inside:avoid}"
	"pre{background:none;border:1px solid #999}}";

static void put_begin(struct sheet *sheet, const char *title)
{
	if (!is_html(sheet))
		return;
	buf_fmt(sheet->out,
		"<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<title>",
		sheet->page->lang);
	html_text(sheet->out, title);
	buf_fmt(sheet->out, "</title>\n<style>%s</style>\n</head>\n<body>\n",
		style);
}

void notebook_page_all(const struct notebook_page *page, struct buf *out)
{
	struct sheet sheet = { page, out };
	const char *title = _("My container notebook");

	put_begin(&sheet, title);
	put_heading(&sheet, 1, title);
	if (json_array_size(page->entries) == 0)
		put_blocks(&sheet, _("No lesson is done yet."));
	for (size_t i = 0; i < json_array_size(page->entries); i++)
		put_entry(&sheet, json_array_get(page->entries, i));
	put_notes(&sheet, NULL);
	buf_str(out, is_html(&sheet) ? "</body>\n</html>\n" : "");
}

void notebook_page_one(const struct notebook_page *page, const json_t *entry,
		       struct buf *out)
{
	struct sheet sheet = { page, out };

	put_entry(&sheet, entry);
}
