/* shell/template_json.c - values of templates as JSON, in the form of Go's encoding/json:
 * structs in their order without what is empty, maps sorted, "<" as \u003c. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/own.h"
#include "runtime/base/unconst.h"
#include "runtime/base/utf8.h"
#include "shell/template_parts.h"

/* ---- quoted text ---- */

static void json_text(struct buf *out, const char *text, bool html)
{
	static const char named[] = "\n\r\t\\\"";
	static const char names[] = "nrt\\\"";

	buf_char(out, '"');
	while (*text) {
		const char *found = strchr(named, *text);
		size_t len = utf8_len(text, UTF8_MOST);

		if (found)
			buf_fmt(out, "\\%c", names[found - named]);
		else if (len == 0)
			buf_str(out, "\\ufffd");
		else if ((unsigned char)*text < 0x20 ||
			 (html && strchr("<>&", *text)))
			buf_fmt(out, "\\u%04x", (unsigned)*text);
		else if (strncmp(text, "\xe2\x80\xa8", 3) == 0 ||
			 strncmp(text, "\xe2\x80\xa9", 3) == 0)
			buf_fmt(out, "\\u202%x", text[2] & 0xf);
		else
			buf_add(out, text, len);
		text += len ? len : 1;
	}
	buf_char(out, '"');
}

/* ---- JSON ---- */

struct writer {
	const struct template_look *look;
	const char *indent;
	bool html;
	struct buf *out;
};

static void json_line(const struct writer *w, int depth)
{
	if (!*w->indent)
		return;
	buf_char(w->out, '\n');
	while (depth-- > 0)
		buf_str(w->out, w->indent);
}

static void write_value(const struct writer *w, const json_t *json,
			const struct template_type *type, int depth);

static void write_list(const struct writer *w, const json_t *json, int depth)
{
	size_t i;
	json_t *item;

	buf_char(w->out, '[');
	json_array_foreach(json, i, item) {
		if (i)
			buf_char(w->out, ',');
		json_line(w, depth + 1);
		write_value(w, item, NULL, depth + 1);
	}
	if (json_array_size(json))
		json_line(w, depth);
	buf_char(w->out, ']');
}

/* The keys in the order in which they are written; given. */
static const char **written_keys(const struct writer *w, json_t *json,
				 bool sorted, size_t *out_count)
{
	const char **keys =
		mem_zero(json_object_size(json) + 1, sizeof(*keys));
	const char *key;
	json_t *item;
	size_t count = 0;

	json_object_foreach(json, key, item) {
		if (!sorted &&
		    value_is_left_out(value_type_of(w->look, key), item))
			continue;
		if (w->look->row && strcmp(key, "Label") == 0)
			continue; /* a function of the row */
		keys[count++] = key;
	}
	if (sorted || w->look->row)
		qsort(keys, count, sizeof(*keys), value_compare_keys);
	*out_count = count;
	return keys;
}

static void write_object(const struct writer *w, json_t *json, bool map,
			 int depth)
{
	size_t count;
	OWN_FREE const char **keys = written_keys(w, json, map, &count);

	buf_char(w->out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(w->out, ',');
		json_line(w, depth + 1);
		json_text(w->out, keys[i], w->html);
		buf_str(w->out, *w->indent ? ": " : ":");
		write_value(w, json_object_get(json, keys[i]),
			    map ? NULL : value_type_of(w->look, keys[i]),
			    depth + 1);
	}
	if (count)
		json_line(w, depth);
	buf_char(w->out, '}');
}

static void write_value(const struct writer *w, const json_t *json,
			const struct template_type *type, int depth)
{
	struct value v;

	if (!json || json_is_null(json)) {
		buf_str(w->out, "null");
	} else if (json_is_string(json)) {
		json_text(w->out, json_string_value(json), w->html);
	} else if (json_is_array(json)) {
		write_list(w, json, depth);
	} else if (json_is_object(json)) {
		/* jansson reads only through pointers that are not const. */
		json_t *object = json_incref(unconst(json));

		write_object(w, object, type && type->kind == TEMPLATE_MAP,
			     depth);
		json_decref(object);
	} else {
		v = value_of(w->look, json_incref(unconst(json)),
			     NULL, false);
		value_print(w->look, &v, w->out);
		json_decref(v.json);
	}
}

void template_json(const json_t *json, const struct template_look *look,
		   const char *indent, bool html, struct buf *out)
{
	struct writer w = { look, indent, html, out };

	write_value(&w, json, NULL, 0);
}

void value_json(const struct template_look *look, const struct value *v,
		bool html, struct buf *out)
{
	struct writer w = { look, "", html, out };

	switch (v->kind) {
	case VALUE_NONE:
	case VALUE_NIL:
		buf_str(out, "null");
		break;
	case VALUE_TEXT:
		json_text(out, v->text, html);
		break;
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_STRUCT:
		write_value(&w, v->json, v->type, 0);
		break;
	case VALUE_INT:
		buf_fmt(out, "%" JSON_INTEGER_FORMAT, v->number);
		break;
	case VALUE_REAL:
	case VALUE_BOOL:
		value_print(look, v, out);
		break;
	}
}
