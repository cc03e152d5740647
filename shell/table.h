/* shell/table.h - columns of text, set as Docker sets them.
 *
 * Docker prints its lists with Go's text/tabwriter (minimal width 10, padding
 * 3): every column is as wide as its widest cell and three spaces more, at least
 * ten, and the last cell of a row is not padded. Widths are columns of the
 * terminal, so that Japanese names line up. */
#ifndef SHELL_TABLE_H
#define SHELL_TABLE_H

#include <stdio.h>

#include "runtime/base/list.h"

/* min_width  0 means 10; `top` has 20
 * padding    0 means 3
 * columns    of the first row; every row must have as many */
struct table {
	struct strs cells;
	size_t columns;
	int min_width;
	int padding;
};

/* OWN_TABLE struct table t = { 0 }; is freed at scope end. */
void table_done(struct table *table);
#define OWN_TABLE __attribute__((cleanup(table_done)))

/* Adds cells, left to right; the text is copied. */
void table_cell(struct table *table, const char *text);
void table_cellf(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds several at once: the arguments end with NULL. */
void table_cells(struct table *table, const char *text, ...)
	__attribute__((sentinel));

/* Ends a row. The first one decides how many columns there are. */
void table_end_row(struct table *table);

/* Prints all rows. */
void table_print(const struct table *table, FILE *out);

#endif
