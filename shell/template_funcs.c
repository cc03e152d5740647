/* shell/template_funcs.c - the functions of templates.
 *
 * Go's own (len, index, slice, print ..., eq and its kin, html, js, urlquery); Docker's
 * are template_docker.c's. One table says what there is; `and` and `or` are
 * template_exec.c's, since they do not look at all their arguments. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/own.h"
#include "shell/template_call.h"

int call_not_a(const struct call *c, size_t arg, const char *wanted)
{
	return run_fail(c->run, c->at,
			"wrong type for value; expected %s; got %s", wanted,
			value_type_name(c->run, &c->args[arg]));
}

int call_want_text(const struct call *c, size_t arg, const char **out)
{
	if (c->args[arg].kind != VALUE_TEXT)
		return call_not_a(c, arg, "string");
	*out = c->args[arg].text;
	return 0;
}

int call_want_int(const struct call *c, size_t arg, json_int_t *out)
{
	if (c->args[arg].kind != VALUE_INT)
		return call_not_a(c, arg, "int");
	*out = c->args[arg].number;
	return 0;
}

int call_give(const struct call *c, struct buf *text)
{
	*c->out = value_text(c->run, buf_give(text));
	return 0;
}

/* ---- Go's ---- */

static int call_len(const struct call *c)
{
	const struct value *v = &c->args[0];

	if (v->kind == VALUE_NONE || v->kind == VALUE_NIL)
		return run_fail(c->run, c->at,
				CALL_FAILS "len of nil pointer", c->name);
	if (v->kind != VALUE_TEXT && v->kind != VALUE_LIST &&
	    v->kind != VALUE_MAP)
		return run_fail(c->run, c->at, CALL_FAILS "len of type %s",
				c->name, value_type_name(c->run, v));
	*c->out = value_int((json_int_t)value_len(v));
	return 0;
}

/* What a map of that type gives for a key that it has not. */
static struct value missing_value(const struct run *run, const struct value *v)
{
	static const struct template_type any = { "", TEMPLATE_MAP,
						  TEMPLATE_STRUCT };

	if (run->look->raw)
		return (struct value){ VALUE_NONE };
	return value_of(run->look, NULL, v->type ? v->type : &any, true);
}

static int index_one(const struct call *c, struct value *v,
		     const struct value *key)
{
	struct value found = { VALUE_NONE };
	json_int_t at = key->number;

	if (v->kind == VALUE_MAP) {
		if (key->kind != VALUE_TEXT)
			return run_fail(c->run, c->at, CALL_FAILS "value has type %s; should be string",
					c->name, value_type_name(c->run, key));
		if (!value_field(c->run->look, v, key->text, &found))
			found = missing_value(c->run, v);
	} else if (v->kind == VALUE_LIST || v->kind == VALUE_TEXT) {
		if (key->kind != VALUE_INT)
			return run_fail(c->run, c->at, CALL_FAILS "cannot index slice/array with type %s",
					c->name, value_type_name(c->run, key));
		if (at < 0 || (size_t)at >= value_len(v))
			return run_fail(c->run, c->at, CALL_FAILS "index out of range: %" JSON_INTEGER_FORMAT,
					c->name, at);
		found = v->kind == VALUE_TEXT ?
				value_int((unsigned char)v->text[at]) :
				value_of(c->run->look,
					 json_array_get(v->json, (size_t)at),
					 v->type, true);
	} else if (v->kind == VALUE_NONE) {
		return run_fail(c->run, c->at, CALL_FAILS "index of untyped nil",
				c->name);
	} else if (v->kind == VALUE_NIL) {
		return run_fail(c->run, c->at, CALL_FAILS "index of nil pointer",
				c->name);
	} else {
		return run_fail(c->run, c->at,
				CALL_FAILS "can't index item of type %s",
				c->name, value_type_name(c->run, v));
	}
	*v = found;
	return 0;
}

static int call_index(const struct call *c)
{
	struct value v = c->args[0];
	int r = 0;

	for (size_t i = 1; i < c->count && r == 0; i++)
		r = index_one(c, &v, &c->args[i]);
	if (r < 0)
		return r;
	*c->out = v;
	return 0;
}

static int call_slice(const struct call *c)
{
	const struct value *v = &c->args[0];
	json_int_t ends[2] = { 0, 0 };
	json_t *list;

	if (v->kind != VALUE_TEXT && v->kind != VALUE_LIST)
		return run_fail(c->run, c->at,
				CALL_FAILS "can't slice item of type %s",
				c->name, value_type_name(c->run, v));
	ends[1] = (json_int_t)value_len(v);
	for (size_t i = 1; i < c->count; i++) {
		int r = call_want_int(c, i, &ends[i - 1]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < 2; i++)
		if (ends[i] < 0 || (size_t)ends[i] > value_len(v))
			return run_fail(c->run, c->at, CALL_FAILS "index out of range: %" JSON_INTEGER_FORMAT,
					c->name, ends[i]);
	if (ends[0] > ends[1])
		return run_fail(c->run, c->at, CALL_FAILS "invalid slice index: %" JSON_INTEGER_FORMAT " > %" JSON_INTEGER_FORMAT,
				c->name, ends[0], ends[1]);
	if (v->kind == VALUE_TEXT) {
		*c->out = value_text(c->run,
				     mem_strn(v->text + ends[0],
					      (size_t)(ends[1] - ends[0])));
		return 0;
	}
	list = json_array();
	for (json_int_t i = ends[0]; i < ends[1]; i++)
		json_array_append(list, json_array_get(v->json, (size_t)i));
	*c->out = value_list(c->run, list);
	c->out->type = v->type;
	c->run->text_bytes += 16 * json_array_size(list);
	return 0;
}

/* print sets spaces between two that are no text; println everywhere. */
static int call_print(const struct call *c)
{
	struct buf text = { 0 };
	bool line = strcmp(c->name, "println") == 0;

	for (size_t i = 0; i < c->count; i++) {
		if (i && (line || (c->args[i].kind != VALUE_TEXT &&
				   c->args[i - 1].kind != VALUE_TEXT)))
			buf_char(&text, ' ');
		if (c->args[i].kind == VALUE_NONE)
			buf_str(&text, "<nil>");
		else
			value_print(c->run->look, &c->args[i], &text);
	}
	if (line)
		buf_char(&text, '\n');
	return call_give(c, &text);
}

static int call_printf(const struct call *c)
{
	struct buf text = { 0 };
	const char *format = "";
	int r = call_want_text(c, 0, &format);

	if (r < 0)
		return r;
	go_printf(c->run->look, c->args, c->count, &text);
	return call_give(c, &text);
}

static int call_not(const struct call *c)
{
	*c->out = value_bool(!value_true(&c->args[0]));
	return 0;
}

/* ---- comparisons ---- */

/* Below, at or above 0. Numbers of both kinds compare only with their own, as in
 * Go. */
static int compare(const struct call *c, const struct value *a,
		   const struct value *b, int *out)
{
	if (a->kind != b->kind)
		return run_fail(c->run, c->at, CALL_FAILS "incompatible types for comparison",
				c->name);
	if (a->kind == VALUE_TEXT)
		*out = strcmp(a->text, b->text);
	else if (a->kind == VALUE_INT || a->kind == VALUE_BOOL)
		*out = (a->number > b->number) - (a->number < b->number);
	else if (a->kind == VALUE_REAL)
		*out = (a->real > b->real) - (a->real < b->real);
	else if (a->kind == VALUE_NIL || a->kind == VALUE_NONE)
		*out = 0;
	else
		return run_fail(c->run, c->at, CALL_FAILS "invalid type for comparison",
				c->name);
	return 0;
}

static bool is_nil(const struct value *v)
{
	return v->kind == VALUE_NIL || v->kind == VALUE_NONE;
}

static int call_equal(const struct call *c)
{
	bool want = strcmp(c->name, "eq") == 0;

	for (size_t i = 1; i < c->count; i++) {
		int order = 1;
		/* Whatever is there is not nil. */
		int r = is_nil(&c->args[0]) != is_nil(&c->args[i]) ?
				0 :
				compare(c, &c->args[0], &c->args[i], &order);

		if (r < 0)
			return r;
		*c->out = value_bool((order == 0) == want);
		if (order == 0)
			break;
	}
	return 0;
}

static int call_order(const struct call *c)
{
	int order = 0;
	int r = compare(c, &c->args[0], &c->args[1], &order);

	if (r < 0)
		return r;
	if (c->args[0].kind == VALUE_BOOL || is_nil(&c->args[0]))
		return run_fail(c->run, c->at, CALL_FAILS "invalid type for comparison",
				c->name);
	*c->out = value_bool((c->name[0] == 'l' ? order < 0 : order > 0) ||
			     (c->name[1] == 'e' && order == 0));
	return 0;
}

/* ---- escapes ---- */

static void escape_html(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_str(out, "&amp;");
		break;
	case '<':
		buf_str(out, "&lt;");
		break;
	case '>':
		buf_str(out, "&gt;");
		break;
	case '"':
		buf_str(out, "&#34;");
		break;
	case '\'':
		buf_str(out, "&#39;");
		break;
	default:
		buf_char(out, c);
	}
}

static void escape_js(struct buf *out, char c)
{
	if (c == '\\' || c == '\'' || c == '"')
		buf_fmt(out, "\\%c", c);
	else if (strchr("<>&=", c) || (unsigned char)c < 0x20)
		buf_fmt(out, "\\u%04X", (unsigned)c);
	else
		buf_char(out, c);
}

static void escape_url(struct buf *out, char c)
{
	if (isalnum((unsigned char)c) || strchr("-_.~", c))
		buf_char(out, c);
	else if (c == ' ')
		buf_char(out, '+');
	else
		buf_fmt(out, "%%%02X", (unsigned char)c);
}

static int call_escape(const struct call *c)
{
	OWN_BUF struct buf plain = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < c->count; i++)
		value_print(c->run->look, &c->args[i], &plain);
	for (const char *at = buf_text(&plain); *at; at++) {
		if (*c->name == 'h')
			escape_html(&text, *at);
		else if (*c->name == 'j')
			escape_js(&text, *at);
		else
			escape_url(&text, *at);
	}
	return call_give(c, &text);
}

/* `call` calls a function that is a value: there is none among Docker's. */
static int call_call(const struct call *c)
{
	return run_fail(c->run, c->at, CALL_FAILS "non-function of type %s",
			c->name, value_type_name(c->run, &c->args[0]));
}

/* `and`, `or` are here for their names. */
static int call_logic(const struct call *c)
{
	*c->out = c->args[0];
	return 0;
}

static const struct function {
	const char *name;
	int least;
	int most;
	int (*call)(const struct call *c);
} functions[] = {
	{ "and", 1, MOST_ARGS, call_logic },
	{ "call", 1, MOST_ARGS, call_call },
	{ "eq", 2, MOST_ARGS, call_equal },
	{ "ge", 2, 2, call_order },
	{ "gt", 2, 2, call_order },
	{ "html", 0, MOST_ARGS, call_escape },
	{ "index", 1, MOST_ARGS, call_index },
	{ "join", 2, 2, call_join },
	{ "js", 0, MOST_ARGS, call_escape },
	{ "json", 1, 1, call_json },
	{ "le", 2, 2, call_order },
	{ "len", 1, 1, call_len },
	{ "lower", 1, 1, call_case },
	{ "lt", 2, 2, call_order },
	{ "ne", 2, 2, call_equal },
	{ "not", 1, 1, call_not },
	{ "or", 1, MOST_ARGS, call_logic },
	{ "pad", 3, 3, call_pad },
	{ "print", 0, MOST_ARGS, call_print },
	{ "printf", 1, MOST_ARGS, call_printf },
	{ "println", 0, MOST_ARGS, call_print },
	{ "slice", 1, 3, call_slice },
	{ "split", 2, 2, call_split },
	{ "title", 1, 1, call_case },
	{ "truncate", 2, 2, call_truncate },
	{ "upper", 1, 1, call_case },
	{ "urlquery", 0, MOST_ARGS, call_escape },
};

static const struct function *find(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

bool function_known(const char *name)
{
	return find(name) != NULL;
}

int function_call(struct run *run, const struct node *at, const char *name,
		  const struct value *args, size_t count, struct value *out)
{
	const struct function *f = find(name);
	struct call call = { run, at, name, args, count, out };

	assert(f); /* the parser lets no other name through */
	if (count < (size_t)f->least || count > (size_t)f->most)
		return run_fail(run, at,
				"wrong number of args for %s: want %s%d got %zu",
				name, f->least == f->most ? "" : "at least ",
				f->least, count);
	return f->call(&call);
}
