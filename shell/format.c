/* shell/format.c - see format.h */
#include "shell/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/tabs.h"
#include "shell/template.h"

static const struct template_type row_types[] = {
	{ "Label", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ NULL },
};

void format_done(struct format *format)
{
	template_free(format->template);
	buf_done(&format->text);
	*format = (struct format){ 0 };
}

/* ---- the text of --format ---- */

/* A backslash and a letter, as a shell's single quotes hand them over. */
static char *with_tabs(const char *text, size_t len)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < len; i++) {
		bool pair = text[i] == '\\' && i + 1 < len;

		if (pair && (text[i + 1] == 't' || text[i + 1] == 'n'))
			buf_char(&out, text[++i] == 't' ? '\t' : '\n');
		else
			buf_char(&out, text[i]);
	}
	return buf_give(&out);
}

/* What format_text gives for the plain form: known by its address, since a template
 * of these letters would be just that. */
static const char facts[] = "table";

const char *format_text(const struct shell *shell, const char *text)
{
	if (text && *text)
		return text;
	if (shell->json)
		return "json";
	return shell->plain ? facts : text;
}

/* What a format's name stands for. */
static const char *named(const struct format_kind *kind, const char *text,
			 bool quiet)
{
	if (!text || !*text || strcmp(text, "table") == 0) {
		if (!quiet)
			return kind->table;
		return kind->quiet ? kind->quiet : "{{.ID}}";
	}
	if (strcmp(text, "json") == 0)
		return "{{json .}}";
	if (strcmp(text, "raw") == 0 && kind->raw)
		return kind->raw;
	return text;
}

static char *template_text(const char *text, bool *out_table)
{
	size_t len;

	*out_table = strncmp(text, "table", 5) == 0;
	if (*out_table)
		text += 5;
	text += strspn(text, " ");
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	return with_tabs(text, len);
}

/* Docker's words in front of Go's. */
static int explain(const struct format *format, const char *what,
		   struct err *err)
{
	if (err->code == EFBIG)
		return -err->code; /* a bound of ours, in our words */
	err_wrap(err, "%s",
		 format->kind->tries_first ? what : "template parsing error");
	return err_status(err, 1);
}

static json_t *empty_row(const struct format_kind *kind, bool headings)
{
	json_t *row = json_object();

	for (const struct format_field *f = kind->fields; f->name; f++)
		gojson_put(row, f->name, headings ? f->heading : "");
	json_object_set_new(row, "Label", json_object());
	return row;
}

/* Docker's ps runs the template once on a container that has nothing, to learn
 * which fields it speaks of; by that a wrong one fails without any container. */
static int try_first(struct format *format, struct err *err)
{
	int r = format_row(format, empty_row(format->kind, false), err);

	buf_clear(&format->text);
	return r;
}

int format_open(struct format *format, const struct format_kind *kind,
		const char *text, bool quiet, struct err *err)
{
	const char *meant = named(kind, text, quiet);
	OWN_FREE char *plain = template_text(meant, &format->table);
	int r;

	format->kind = kind;
	format->facts = text == facts && !quiet;
	format->whole = strstr(plain, "json") != NULL;
	r = template_parse(plain, &format->template, err);
	if (r < 0)
		return explain(format, "failed to parse template", err);
	return kind->tries_first && meant == text ? try_first(format, err) : 0;
}

bool format_wants(const struct format *format, const char *field)
{
	return format->whole || template_has_field(format->template, field);
}

/* ---- rows ---- */

int format_row(struct format *format, json_t *row, struct err *err)
{
	const struct template_look look = {
		.types = row_types,
		.type_name = format->kind->type_name,
		.row = true,
	};
	int r = template_run(format->template, &look, row, &format->text, err);

	json_decref(row);
	if (r < 0)
		return explain(format, "failed to execute template", err);
	buf_char(&format->text, '\n');
	return 0;
}

/* A heading that the template cannot make is left out, as in Docker. */
static char *headings(const struct format *format)
{
	const struct template_look look = {
		.types = row_types,
		.type_name = format->kind->type_name,
		.row = true,
		.header = true,
	};
	json_t *row = empty_row(format->kind, true);
	struct buf line = { 0 };
	struct err ignored = { 0 };

	(void)template_run(format->template, &look, row, &line, &ignored);
	json_decref(row);
	buf_char(&line, '\n');
	return buf_give(&line);
}

/* "CONTAINER ID: 374946e4c2e3", a row's facts after each other. */
static void print_facts(const char *first, const char *rows, FILE *out)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *line = mem_strn(first, strcspn(first, "\n"));

	strs_split(&names, line, '\t');
	strs_split(&lines, rows, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		OWN_STRS struct strs cells = { 0 };

		if (!*lines.items[i])
			continue;
		strs_split(&cells, lines.items[i], '\t');
		if (i > 0)
			fputc('\n', out);
		for (size_t c = 0; c < names.count; c++)
			fprintf(out, "%s: %s\n", names.items[c],
				c < cells.count && *cells.items[c]
					? cells.items[c]
					: "-");
	}
}

int format_end(struct format *format, FILE *out, struct err *err)
{
	if (format->facts) {
		OWN_FREE char *first = headings(format);

		print_facts(first, buf_text(&format->text), out);
	} else if (format->table) {
		OWN_FREE char *first = headings(format);
		OWN_FREE char *all =
			mem_fmt("%s%s", first, buf_text(&format->text));

		tabs_print(all, out);
	} else {
		fputs(buf_text(&format->text), out);
	}
	buf_clear(&format->text);
	return ferror(out) ? err_set(err, EIO, _("write the list")) : 0;
}

char *format_take(struct format *format)
{
	return buf_give(&format->text);
}
