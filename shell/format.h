/* shell/format.h - --format: rows of a list, shown as Docker's templates ask.
 *
 * A command that lists things describes its rows once (struct format_kind), makes
 * one JSON object a row and gives it to format_row; format_end prints them:
 *
 *	OWN_FORMAT struct format format = { 0 };
 *
 *	r = format_open(&format, &kind, opts->format, opts->quiet, err);
 *	for (each thing; r == 0)
 *		r = format_row(&format, json_pack(...), err);
 *	return r < 0 ? r : format_end(&format, shell->out, err);
 *
 * The text of --format is a template ("{{.ID}} {{.Names}}", one line a row),
 * "table" (Docker's own columns), "table {{.ID}}\t{{.Names}}" (columns with
 * headings), "json" (one JSON object a row), "raw" where the kind has one.
 * A literal \t or \n in it becomes a tab or a newline, as in Docker. Nothing is
 * printed when a row fails. Both failures are Docker's: "template parsing error:
 * template: :1: unclosed action", "failed to execute template: ...".
 *
 * A row has every field of the kind, in text as a listing shows it ("3 minutes
 * ago"). A row's "Label" is no text but an object (label name to value): it
 * serves {{.Label "name"}}.
 *
 * A stream that has no end (events, stats) calls format_take after each row. */
#ifndef SHELL_FORMAT_H
#define SHELL_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/base/buf.h"

struct err;
struct shell;
struct template;

/* One field of a row and what stands over its column. */
struct format_field {
	const char *name;
	const char *heading;
};

/* type_name  what Docker calls the row in "can't evaluate field Nosuch in type
 *            *formatter.ContainerContext"
 * fields     ends with an entry without a name
 * table      what is shown without --format: "table {{.ID}}\t{{.Names}}", with
 *            real tabs or \\t
 * quiet      the same under -q; NULL means "{{.ID}}"
 * raw        what `--format raw` means, or NULL
 * tries_first  a field that is not there is a failure without any row, too
 *            (`ps` alone does that) */
struct format_kind {
	const char *type_name;
	const struct format_field *fields;
	const char *table;
	const char *quiet;
	const char *raw;
	bool tries_first;
};

struct format {
	const struct format_kind *kind;
	struct template *template;
	bool table;
	bool facts;      /* a heading and its value a line */
	bool whole;      /* a row may be shown as a whole: every field counts */
	struct buf text; /* the rows so far, a newline after each */
};

void format_done(struct format *format);
#define OWN_FORMAT __attribute__((cleanup(format_done)))

/* Reads what --format was given. `text` NULL or "" is none; it wins over
 * `quiet`, as in Docker. -EINVAL: what Go says of the template. */
int format_open(struct format *format, const struct format_kind *kind,
		const char *text, bool quiet, struct err *err);

/* The text for format_open where a command was given `text` (may be NULL): without
 * one, that of the form that is asked for, JSON or one fact a line. */
const char *format_text(const struct shell *shell, const char *text);

/* Whether rows will show that field: what costs time to find out is found out
 * only then, and may be left out of the row as "". */
bool format_wants(const struct format *format, const char *field);

/* Adds a row; takes it. */
int format_row(struct format *format, json_t *row, struct err *err);

/* Prints the rows; of a table its headings first, and all columns aligned. */
int format_end(struct format *format, FILE *out, struct err *err);

/* The rows so far, without headings or alignment; given, to be freed. */
char *format_take(struct format *format);

#endif
