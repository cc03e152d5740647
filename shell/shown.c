/* shell/shown.c - see shown.h */
#include "shell/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/table.h"

enum { DEEPEST = 32 };

bool shown_otherwise(const struct shell *shell)
{
	return shell->json || shell->plain;
}

static void put_json(const struct shell *shell, const json_t *json,
		     size_t flags)
{
	OWN_FREE char *text = json_dumps(json, flags | JSON_ENCODE_ANY);

	fprintf(shell->out, "%s\n", text ? text : "null");
}

/* ---- one fact a line ---- */

/* A line break in a value would begin a line that is no fact. */
static void put_text(const struct shell *shell, const char *text)
{
	for (; *text; text++)
		fputc(*text == '\n' ? ' ' : *text, shell->out);
}

static void put_value(const struct shell *shell, const char *name,
		      const json_t *value)
{
	OWN_FREE char *number = NULL;

	fprintf(shell->out, "%s: ", name);
	if (json_is_string(value)) {
		put_text(shell, *json_string_value(value)
					? json_string_value(value)
					: "-");
	} else if (json_is_null(value) || json_is_object(value) ||
		   json_is_array(value)) {
		fputc('-', shell->out); /* nothing is in it */
	} else {
		number = json_dumps(value, JSON_ENCODE_ANY);
		fputs(number ? number : "-", shell->out);
	}
	fputc('\n', shell->out);
}

static void put_facts(const struct shell *shell, const char *name,
		      json_t *json, int depth)
{
	const char *key;
	json_t *value;
	size_t i;

	if (depth == 0 || (json_object_size(json) == 0 &&
			   json_array_size(json) == 0)) {
		put_value(shell, *name ? name : "-", json);
		return;
	}
	json_object_foreach(json, key, value)
	{
		OWN_FREE char *deeper =
			mem_fmt("%s%s%s", name, *name ? "." : "", key);

		put_facts(shell, deeper, value, depth - 1);
	}
	json_array_foreach(json, i, value)
	{
		OWN_FREE char *deeper = mem_fmt("%s.%zu", name, i + 1);

		put_facts(shell, *name ? deeper : deeper + 1, value,
			  depth - 1);
	}
}

/* ---- rows, things, tables ---- */

void shown_row(const struct shell *shell, json_t *row)
{
	if (shell->json) {
		put_json(shell, row, JSON_COMPACT);
	} else {
		put_facts(shell, "", row, DEEPEST);
		fputc('\n', shell->out);
	}
	json_decref(row);
}

void shown_object(const struct shell *shell, json_t *object)
{
	if (shell->json)
		put_json(shell, object, JSON_INDENT(2));
	else
		put_facts(shell, "", object, DEEPEST);
	json_decref(object);
}

void shown_table(const struct shell *shell, const struct table *table)
{
	const struct strs *cells = &table->cells;
	size_t columns = table->columns;

	for (size_t row = columns; columns && row < cells->count;
	     row += columns) {
		json_t *object = json_object();

		for (size_t c = 0; c < columns; c++)
			json_object_set_new(object, cells->items[c],
					    stack_view_text(cells->items[row + c]));
		shown_row(shell, object);
	}
}
