/* shell/lesson_ways.c - see lesson_ways.h */
#include "shell/lesson_ways.h"

#include <stdlib.h>
#include <string.h>

#include "lessons/measure.h"
#include "lessons/notebook.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/style.h"

#define WIDE 76
#define WIDEST 100
#define INDENT 2
/* Of each way, its title not counted: it is to fit a screen with what is said above. */
#define MOST_ROWS 9

/* ---- the commands ---- */

/* `docker` in front makes no difference. */
static const char *core_of(const char *line)
{
	line += strspn(line, " \t$");
	if (strncmp(line, "docker ", 7) == 0)
		line += 7;
	return line;
}

static void drop_answers(struct strs *lines)
{
	for (size_t i = lines->count; i-- > 0;) {
		char *line = lines->items[i];
		size_t len = strlen(line);

		while (len > 0 && strchr(" \t\n", line[len - 1]))
			line[--len] = 0;
		if (strncmp(line, "answer ", 7) == 0)
			strs_remove(lines, i);
	}
}

static bool same_way(const struct strs *a, const struct strs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(core_of(a->items[i]), core_of(b->items[i])) != 0)
			return false;
	}
	return true;
}

/* A way as lines of at most `columns`, its title first. rest: what the last line says
 * of those that find no room. */
static void set_way(const char *title, const struct strs *lines, int columns,
		    const char *rest, struct strs *out)
{
	OWN_BUF struct buf text = { 0 };

	style_wrap(&text, title, 0, 0, columns);
	for (size_t i = 0; i < lines->count; i++) {
		buf_fmt(&text, "%*s", INDENT, "");
		style_wrap(&text, lines->items[i], INDENT, INDENT * 2, columns);
	}
	strs_split(out, buf_text(&text), '\n');
	while (out->count > 0 && !*out->items[out->count - 1])
		strs_remove(out, out->count - 1);
	if (out->count <= MOST_ROWS + 1)
		return;
	while (out->count > MOST_ROWS)
		strs_remove(out, out->count - 1);
	strs_take(out, mem_fmt("%*s%s", INDENT, "", rest));
}

static void put_beside(const struct shell *shell, FILE *to,
		       const struct strs *left, const struct strs *right,
		       int columns)
{
	size_t rows = left->count > right->count ? left->count : right->count;

	for (size_t i = 0; i < rows; i++) {
		const char *a = i < left->count ? left->items[i] : "";
		const char *b = i < right->count ? right->items[i] : "";
		const char *on = i > 0 ? style_on(shell, STYLE_NAME) : "";
		const char *off = i > 0 ? style_off(shell) : "";
		int pad = *b ? columns - style_width(a) : 0;

		fprintf(to, "%*s%s%s%s%*s%s%s%s\n", INDENT, "", on, a, off,
			pad > 0 ? pad : 0, "", *b ? on : "", b, *b ? off : "");
	}
}

static void put_below(const struct shell *shell, FILE *to,
		      const struct strs *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		fprintf(to, "%*s%s%s%s\n", INDENT, "",
			i > 0 ? style_on(shell, STYLE_NAME) : "",
			lines->items[i], i > 0 ? style_off(shell) : "");
}

static void put_ways(const struct shell *shell, FILE *to,
		     const struct strs *typed, const struct strs *author)
{
	OWN_FREE char *yours = mem_fmt(typed->count == 1
					       ? _("Your way: %zu command")
					       : _("Your way: %zu commands"),
				       typed->count);
	OWN_FREE char *theirs = mem_fmt(
		author->count == 1 ? _("The author's way: %zu command")
				   : _("The author's way: %zu commands"),
		author->count);
	int columns = style_columns(to) - INDENT;
	bool wide = columns + INDENT >= WIDE;
	int each = (columns > WIDEST ? WIDEST : columns) / 2;
	OWN_STRS struct strs left = { 0 };
	OWN_STRS struct strs right = { 0 };

	set_way(yours, typed, wide ? each - 2 : columns, "...", &left);
	set_way(theirs, author, wide ? each : columns,
		_("... 'solution' shows it all"), &right);
	if (wide) {
		put_beside(shell, to, &left, &right, each);
		return;
	}
	put_below(shell, to, &left);
	put_below(shell, to, &right);
}

void lesson_ways_step(struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	OWN_STRS struct strs typed = { 0 };
	OWN_STRS struct strs author = { 0 };
	struct err ignored = { 0 }; /* then there is nothing to compare */
	struct lesson_at at;

	lesson_where(session, &at);
	if (lesson_typed(session, lesson_step(session)->id, &typed, &ignored) <
		    0 ||
	    lesson_solution(session, (size_t)at.step, 0, &author, &ignored) < 0)
		return;
	drop_answers(&typed);
	drop_answers(&author);
	if (typed.count == 0)
		return;
	fputc('\n', to);
	if (same_way(&typed, &author))
		fprintf(to, "%s\n",
			_("Your way and the author's are the same, "
			  "line by line."));
	else
		put_ways(shell, to, &typed, &author);
}

/* ---- the figures ---- */

enum unit { UNIT_COUNT, UNIT_BYTES, UNIT_MS };

static char *figure(int64_t value, enum unit unit)
{
	char text[HUMAN_SIZE];

	if (unit == UNIT_BYTES) {
		human_size(text, (double)value, 3);
		return mem_str(text);
	}
	if (unit == UNIT_MS)
		return value < 10000
			       ? mem_fmt("%.2f s", (double)value / 1000)
			       : mem_fmt("%.0f s", (double)value / 1000);
	return mem_fmt("%lld", (long long)value);
}

static void add_row(struct strs *cells, const char *what,
		    const int64_t values[2], enum unit unit)
{
	if (values[0] <= 0 && values[1] <= 0)
		return;
	strs_add(cells, what);
	for (int i = 0; i < 2; i++)
		strs_take(cells, values[i] < 0 ? mem_str("")
					       : figure(values[i], unit));
}

/* What was there at most, over all steps. */
static void most_of_run(const json_t *run, struct measure *out)
{
	const json_t *steps = json_object_get(run, "steps");

	for (size_t i = 0; i < json_array_size(steps); i++) {
		struct measure now = { 0 };

		measure_from_json(json_object_get(json_array_get(steps, i),
						  "world"),
				  &now);
		measure_most(out, &now);
	}
}

void lesson_ways_figures(const json_t *run, struct strs *cells)
{
	const json_t *author = json_object_get(run, "author");
	struct measure you = { 0 };
	/* Less than nothing: not known. */
	struct measure them = { -1, -1, -1, -1, -1 };
	int64_t commands = -1;
	int64_t ms = -1;

	most_of_run(run, &you);
	if (author) {
		measure_from_json(json_object_get(author, "world"), &them);
		commands = json_integer_value(
			json_object_get(author, "commands"));
		ms = json_integer_value(json_object_get(author, "ms"));
	}
	add_row(cells, _("commands"),
		(int64_t[]){ notebook_commands(run), commands }, UNIT_COUNT);
	add_row(cells, _("they ran for"), (int64_t[]){ notebook_ms(run), ms },
		UNIT_MS);
	add_row(cells, _("containers"),
		(int64_t[]){ you.containers, them.containers }, UNIT_COUNT);
	add_row(cells, _("written in them"),
		(int64_t[]){ you.written_bytes, them.written_bytes },
		UNIT_BYTES);
	add_row(cells, _("images made"),
		(int64_t[]){ you.images, them.images }, UNIT_COUNT);
	add_row(cells, _("their layers"),
		(int64_t[]){ you.layers, them.layers }, UNIT_COUNT);
	add_row(cells, _("bytes in them"),
		(int64_t[]){ you.layers_bytes, them.layers_bytes }, UNIT_BYTES);
}

/* What is the same on both sides needs no line of the end's page: the notebook has it.
 * The count of commands stays. */
static void drop_same(struct strs *cells, size_t from)
{
	for (size_t i = cells->count; i >= from + 3; i -= 3) {
		if (strcmp(cells->items[i - 2], cells->items[i - 1]) != 0)
			continue;
		for (int k = 1; k <= 3; k++)
			strs_remove(cells, i - (size_t)k);
	}
}

static void put_cell(FILE *to, const char *text, int columns, bool right)
{
	int pad = columns - style_width(text);

	if (pad < 0)
		pad = 0;
	if (right)
		fprintf(to, "%*s%s", pad, "", text);
	else
		fprintf(to, "%s%*s", text, pad, "");
}

void lesson_ways_all(struct shell *shell, FILE *to, const json_t *run)
{
	OWN_STRS struct strs cells = { 0 };
	int widths[3] = { 0 };

	strs_add(&cells, "");
	strs_add(&cells, _("you"));
	strs_add(&cells, _("the author"));
	lesson_ways_figures(run, &cells);
	drop_same(&cells, 6);
	for (size_t i = 0; i < cells.count; i++) {
		int width = style_width(cells.items[i]);

		widths[i % 3] = width > widths[i % 3] ? width : widths[i % 3];
	}
	fputc('\n', to);
	for (size_t i = 0; i < cells.count; i++) {
		if (i % 3 == 0)
			fprintf(to, "%*s%s", INDENT, "",
				i == 0 ? style_on(shell, STYLE_DIM) : "");
		put_cell(to, cells.items[i], widths[i % 3], i % 3 > 0);
		fputs(i % 3 < 2 ? "   " : i == 2 ? style_off(shell) : "", to);
		if (i % 3 == 2)
			fputc('\n', to);
	}
}
