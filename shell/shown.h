/* shell/shown.h - the same facts as JSON, or one a line.
 *
 * Every command that shows something has three forms: its own, for eyes; --json, for
 * programs; --plain, one "name: value" a line, for a screen reader. What a command
 * shows otherwise it gives here as JSON, whose names are in no language. Lists are
 * one object a line, as Docker's `--format json` prints them, with an empty line
 * between rows in the plain form. */
#ifndef SHELL_SHOWN_H
#define SHELL_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

struct shell;
struct table;

/* Whether one of the two other forms is asked for. */
bool shown_otherwise(const struct shell *shell);

/* One row of a list. Takes it. */
void shown_row(const struct shell *shell, json_t *row);

/* One thing. Takes it. What lies deeper is "State.Status: running" in the plain
 * form. */
void shown_object(const struct shell *shell, json_t *object);

/* A table whose first row has the names. */
void shown_table(const struct shell *shell, const struct table *table);

#endif
