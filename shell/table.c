/* shell/table.c - see table.h */
#include "shell/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/style.h"

void table_done(struct table *table)
{
	strs_done(&table->cells);
	*table = (struct table){ 0 };
}

void table_cell(struct table *table, const char *text)
{
	strs_add(&table->cells, text ? text : "");
}

void table_cellf(struct table *table, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	strs_take(&table->cells, buf_give(&text));
}

void table_cells(struct table *table, const char *text, ...)
{
	va_list args;

	va_start(args, text);
	for (; text; text = va_arg(args, const char *))
		table_cell(table, text);
	va_end(args);
}

void table_end_row(struct table *table)
{
	if (table->columns == 0)
		table->columns = table->cells.count;
	assert(table->columns > 0);
	assert(table->cells.count % table->columns == 0);
}

static int column_width(const struct table *table, size_t column)
{
	int padding = table->padding ? table->padding : 3;
	int width = table->min_width ? table->min_width : 10;

	for (size_t i = column; i < table->cells.count; i += table->columns) {
		int cell = style_width(table->cells.items[i]) + padding;

		if (cell > width)
			width = cell;
	}
	return width;
}

void table_print(const struct table *table, FILE *out)
{
	OWN_FREE int *widths = NULL;

	if (table->columns == 0)
		return;
	widths = mem_zero(table->columns, sizeof(*widths));
	for (size_t c = 0; c + 1 < table->columns; c++)
		widths[c] = column_width(table, c);
	for (size_t i = 0; i < table->cells.count; i++) {
		const char *cell = table->cells.items[i];
		size_t column = i % table->columns;

		fputs(cell, out);
		/* An empty last cell leaves the padding of the one before it,
		 * as in Docker: nothing is trimmed. */
		if (column + 1 < table->columns)
			fprintf(out, "%*s", widths[column] - style_width(cell),
				"");
		else
			fputc('\n', out);
	}
}
