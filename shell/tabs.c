/* shell/tabs.c - see tabs.h
 *
 * A column is found line by line as Go does it: from the first line that has a
 * cell there down to the last that follows without a gap. Within these lines the
 * next column is looked for, so one long line widens its neighbours only. */
#include "shell/tabs.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/style.h"

enum { MIN_WIDTH = 10, PADDING = 3, MOST_COLUMNS = 64 };

/* cells   of a line, without their tabs
 * widths  of its columns: one less than it has cells */
struct tab_line {
	struct strs cells;
	int widths[MOST_COLUMNS];
};

/* As strs_split, but what stands behind the last mark counts, empty or not. */
static void split(struct strs *out, const char *text, char at)
{
	const char *end = strchrnul(text, at);

	for (; *end; text = end + 1, end = strchrnul(text, at))
		strs_take(out, mem_strn(text, (size_t)(end - text)));
	strs_add(out, text);
}

static bool has_column(const struct tab_line *line, size_t column)
{
	return column + 1 < line->cells.count && column < MOST_COLUMNS;
}

static void set_column(struct tab_line *lines, size_t first, size_t end,
		       size_t column)
{
	int width = MIN_WIDTH;

	for (size_t i = first; i < end; i++) {
		int cell = style_width(lines[i].cells.items[column]) + PADDING;

		if (cell > width)
			width = cell;
	}
	for (size_t i = first; i < end; i++)
		lines[i].widths[column] = width;
}

static void set_columns(struct tab_line *lines, size_t first, size_t end,
			size_t column)
{
	for (size_t i = first, last; i < end; i = last + 1) {
		for (last = i; last < end && has_column(&lines[last], column);)
			last++;
		if (last == i)
			continue; /* this line has no such cell */
		set_column(lines, i, last, column);
		set_columns(lines, i, last, column + 1);
	}
}

static void print_line(const struct tab_line *line, FILE *out)
{
	for (size_t c = 0; c < line->cells.count; c++) {
		const char *cell = line->cells.items[c];

		fputs(cell, out);
		if (has_column(line, c))
			fprintf(out, "%*s", line->widths[c] - style_width(cell),
				"");
	}
	fputc('\n', out);
}

void tabs_print(const char *text, FILE *out)
{
	OWN_STRS struct strs rows = { 0 };
	OWN_FREE struct tab_line *lines = NULL;

	split(&rows, text, '\n');
	if (!*rows.items[rows.count - 1])
		strs_remove(&rows,
			    rows.count - 1); /* behind the last newline */
	if (rows.count == 0)
		return;
	lines = mem_zero(rows.count, sizeof(*lines));
	for (size_t i = 0; i < rows.count; i++)
		split(&lines[i].cells, rows.items[i], '\t');
	set_columns(lines, 0, rows.count, 0);
	for (size_t i = 0; i < rows.count; i++) {
		print_line(&lines[i], out);
		strs_done(&lines[i].cells);
	}
}
