/* shell/tabs.h - text with tabs in it, set in columns.
 *
 * Docker hands what a "table" template makes to Go's text/tabwriter (minimal
 * width 10, padding 3): a cell is what a tab ends, so the last one of a line is in
 * no column, and a column is as wide as the widest cell among lines that follow
 * each other and have it. Widths are columns of the terminal. */
#ifndef SHELL_TABS_H
#define SHELL_TABS_H

#include <stdio.h>

/* Prints the text; each line of it ends with a newline. */
void tabs_print(const char *text, FILE *out);

#endif
