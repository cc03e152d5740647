/* shell/template.h - the templates of --format.
 *
 * Docker's --format and -f take Go's text/template. This is that language as far
 * as people use it: fields, pipes, if, range, with, variables and Docker's
 * functions, run on JSON values and printing them as Go prints its own.
 *
 *   {{range .Mounts}}{{.Source}} -> {{.Destination}}{{println}}{{end}}
 *
 * Left out: templates within templates (define, template, block) and `call`.
 * Source: pkg.go.dev/text/template; Docker's "Format command and log output". */
#ifndef SHELL_TEMPLATE_H
#define SHELL_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>

struct buf;
struct err;
struct template;

/* What Go's types say and JSON does not: whether an object was a struct (a field
 * that is not there is a failure) or a map (it is "<no value>"), and what a null
 * was. */
enum template_kind {
	TEMPLATE_STRUCT,
	TEMPLATE_MAP,
	TEMPLATE_LIST,
	TEMPLATE_POINTER,
	TEMPLATE_TEXT,
	TEMPLATE_DURATION, /* nanoseconds, read as "1m30s" */
};

/* A field that is no plain struct or scalar, by its name wherever it stands, or
 * "Parent.Field" where that is another one.
 * element     what a map's values are
 * omit_empty  left out of JSON while it is empty; a pointer is while it is null
 * omit_null   so is this field: elsewhere one of its name is shown empty */
struct template_type {
	const char *field;
	enum template_kind kind;
	enum template_kind element;
	bool omit_empty;
	bool omit_null;
};

/* How the values are to be seen.
 *
 * types      ends with an entry without a field; NULL: none
 * type_name  what Go calls the type of the whole value, for Docker's message
 * raw        every object is a map, and a missing key is a failure
 * header     the functions give their text back as it is (headings of a table)
 * row        the whole value is a row of a table: as JSON its keys are sorted
 *            and `Label`, an object, is a function of the row
 * document   what {{json .}} writes where its names are not those of the fields;
 *            borrowed; NULL: the whole value itself */
struct template_look {
	const struct template_type *types;
	const char *type_name;
	bool raw;
	bool header;
	bool row;
	const json_t *document;
};

/* Reads a template. -EINVAL with Go's bare sentence ("template: :1: unclosed
 * action"). *out is given, for template_free. */
int template_parse(const char *text, struct template **out, struct err *err);
void template_free(struct template *template);

/* Adds to `out` what the template makes of `data` (borrowed). -EINVAL with Go's
 * bare sentence; what was added until then stays. -EFBIG: more than 16 MB, or a
 * million steps. */
int template_run(const struct template *template,
		 const struct template_look *look, json_t *data,
		 struct buf *out, struct err *err);

/* Whether a field of that name stands in it. */
bool template_has_field(const struct template *template, const char *field);

/* Adds JSON as Go's encoder writes it: objects in their order, maps sorted.
 * indent  "" for one line, else what each level adds
 * html    < > & are escaped */
void template_json(const json_t *json, const struct template_look *look,
		   const char *indent, bool html, struct buf *out);

#endif
