/* shell/template_value.c - what templates work on, and how Go prints it.
 *
 * JSON has objects, arrays and null where Go had structs, maps, slices and typed
 * nils; struct template_type brings back what people can see of that. As JSON they are
 * printed by template_json.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/own.h"
#include "shell/template_parts.h"

const struct template_type *value_type_of(const struct template_look *look,
					  const char *field)
{
	for (const struct template_type *t = look->types; t && t->field; t++)
		if (strcmp(t->field, field) == 0)
			return t;
	return NULL;
}

/* The type of a field of `object`, which may be another than elsewhere. */
static const struct template_type *
value_type_in(const struct template_look *look, const struct value *object,
	      const char *field)
{
	const struct template_type *type = NULL;
	char both[64];

	if (object->type) {
		snprintf(both, sizeof(both), "%s.%s", object->type->field,
			 field);
		type = value_type_of(look, both);
	}
	return type ? type : value_type_of(look, field);
}

/* False, 0, "", null and what holds nothing. */
static bool is_empty(const json_t *json)
{
	return !json || json_is_null(json) || json_is_false(json) ||
	       (json_is_string(json) && !json_string_length(json)) ||
	       (json_is_integer(json) && !json_integer_value(json)) ||
	       (json_is_array(json) && !json_array_size(json)) ||
	       (json_is_object(json) && !json_object_size(json));
}

bool value_is_left_out(const struct template_type *type, const json_t *json)
{
	if (!type || !(type->omit_empty || type->omit_null))
		return false;
	if (type->omit_null || type->kind == TEMPLATE_POINTER)
		return !json || json_is_null(json);
	return is_empty(json);
}

static enum value_kind kind_of_object(const struct template_look *look,
				      enum template_kind kind)
{
	return look->raw || kind == TEMPLATE_MAP ? VALUE_MAP : VALUE_STRUCT;
}

/* What a null was before it was JSON. */
static struct value value_null(const struct template_look *look,
			       enum template_kind kind)
{
	if (look->raw)
		return (struct value){ VALUE_NONE };
	if (kind == TEMPLATE_MAP)
		return (struct value){ VALUE_MAP };
	if (kind == TEMPLATE_LIST)
		return (struct value){ VALUE_LIST };
	if (kind == TEMPLATE_TEXT)
		return (struct value){ VALUE_TEXT, .text = "" };
	return (struct value){ VALUE_NIL };
}

struct value value_of(const struct template_look *look, json_t *json,
		      const struct template_type *type, bool element)
{
	enum template_kind kind = !type	  ? TEMPLATE_STRUCT :
				  element ? type->element :
					    type->kind;
	struct value v = { .type = element ? NULL : type, .json = json };

	if (!json || json_is_null(json))
		return value_null(look, type ? kind : TEMPLATE_POINTER);
	switch (json_typeof(json)) {
	case JSON_STRING:
		v.kind = VALUE_TEXT;
		v.text = json_string_value(json);
		break;
	case JSON_INTEGER:
		v.kind = VALUE_INT;
		v.number = json_integer_value(json);
		break;
	case JSON_REAL:
		v.kind = VALUE_REAL;
		v.real = json_real_value(json);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		v.kind = VALUE_BOOL;
		v.number = json_is_true(json);
		break;
	case JSON_ARRAY:
		v.kind = VALUE_LIST;
		break;
	case JSON_OBJECT:
		v.kind = kind_of_object(look, kind);
		break;
	case JSON_NULL:
		break;
	}
	return v;
}

bool value_field(const struct template_look *look, const struct value *object,
		 const char *name, struct value *out)
{
	json_t *json = object->json ? json_object_get(object->json, name) :
				      NULL;
	const struct template_type *type;

	if (!json)
		return false;
	if (object->kind == VALUE_MAP && !look->raw) {
		*out = value_of(look, json, object->type, true);
		return true;
	}
	type = value_type_in(look, object, name);
	if (look->raw && value_is_left_out(type, json))
		return false;
	*out = value_of(look, json, type, false);
	return true;
}

struct value value_text(struct run *run, char *text)
{
	strs_take(&run->texts, text);
	run->text_bytes += strlen(text);
	return (struct value){ VALUE_TEXT, .text = text };
}

struct value value_int(json_int_t number)
{
	return (struct value){ VALUE_INT, .number = number };
}

struct value value_bool(bool flag)
{
	return (struct value){ VALUE_BOOL, .number = flag };
}

struct value value_list(struct run *run, json_t *list)
{
	json_array_append_new(run->made, list);
	return (struct value){ VALUE_LIST, .json = list };
}

bool value_true(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NONE:
	case VALUE_NIL:
		return false;
	case VALUE_TEXT:
		return *v->text;
	case VALUE_INT:
	case VALUE_BOOL:
		return v->number != 0;
	case VALUE_REAL:
		return v->real < 0 || v->real > 0;
	case VALUE_LIST:
	case VALUE_MAP:
		return value_len(v) > 0;
	case VALUE_STRUCT:
		break;
	}
	return true;
}

size_t value_len(const struct value *v)
{
	if (v->kind == VALUE_TEXT)
		return strlen(v->text);
	if (v->kind == VALUE_LIST)
		return json_array_size(v->json);
	return json_object_size(v->json);
}

const char *value_type_name(const struct run *run, const struct value *v)
{
	const json_t *first;

	switch (v->kind) {
	case VALUE_NONE:
	case VALUE_NIL:
		return "<nil>";
	case VALUE_TEXT:
		return "string";
	case VALUE_INT:
		return "int";
	case VALUE_REAL:
		return "float64";
	case VALUE_BOOL:
		return "bool";
	case VALUE_LIST:
		first = json_array_get(v->json, 0);
		return json_is_string(first) && !run->look->raw ?
			       "[]string" :
			       "[]interface {}";
	case VALUE_MAP:
		return v->type && v->type->element == TEMPLATE_TEXT ?
			       "map[string]string" :
			       "map[string]interface {}";
	case VALUE_STRUCT:
		break;
	}
	return v->json == run->data && run->look->type_name ?
		       run->look->type_name :
		       "struct";
}

int value_compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **value_keys(const struct template_look *look,
			const struct value *map, size_t *out_count)
{
	const char **keys =
		mem_zero(json_object_size(map->json) + 1, sizeof(*keys));
	size_t count = 0;
	const char *key;
	json_t *item;

	json_object_foreach(map->json, key, item) {
		if (look->raw &&
		    value_is_left_out(value_type_of(look, key), item))
			continue;
		keys[count++] = key;
	}
	qsort(keys, count, sizeof(*keys), value_compare_keys);
	*out_count = count;
	return keys;
}

static void print_list(const struct template_look *look,
		       const struct value *v, struct buf *out)
{
	size_t i;
	json_t *item;

	buf_char(out, '[');
	json_array_foreach(v->json, i, item) {
		struct value element = value_of(look, item, v->type, true);

		if (i)
			buf_char(out, ' ');
		value_print(look, &element, out);
	}
	buf_char(out, ']');
}

static void print_map(const struct template_look *look, const struct value *v,
		      struct buf *out)
{
	size_t count;
	OWN_FREE const char **keys = value_keys(look, v, &count);

	buf_str(out, "map[");
	for (size_t i = 0; i < count; i++) {
		struct value element = { VALUE_NIL };

		(void)value_field(look, v, keys[i], &element); /* it is there */
		buf_fmt(out, "%s%s:", i ? " " : "", keys[i]);
		if (element.kind == VALUE_NONE)
			buf_str(out, "<nil>");
		else
			value_print(look, &element, out);
	}
	buf_char(out, ']');
}

/* "nofile=100:200": the one struct of Docker's that prints itself. */
static bool print_ulimit(const json_t *json, struct buf *out)
{
	const json_t *soft = json_object_get(json, "Soft");
	const json_t *hard = json_object_get(json, "Hard");
	const char *name = json_string_value(json_object_get(json, "Name"));

	if (!soft || !hard || !name)
		return false;
	buf_fmt(out, "%s=%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, name,
		json_integer_value(soft), json_integer_value(hard));
	return true;
}

static void print_struct(const struct template_look *look,
			 const struct value *v, struct buf *out)
{
	const char *key;
	json_t *item;
	bool first = true;

	if (print_ulimit(v->json, out))
		return;
	buf_char(out, '{');
	json_object_foreach(v->json, key, item) {
		struct value element = value_of(
			look, item, value_type_in(look, v, key), false);

		if (!first)
			buf_char(out, ' ');
		first = false;
		value_print(look, &element, out);
	}
	buf_char(out, '}');
}

static void print_real(double real, struct buf *out)
{
	/* Go's %v is the shortest text that reads back as the same number. */
	for (int digits = 1; digits <= 17; digits++) {
		char text[40];

		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (digits == 17 || !isfinite(real) ||
		    fabs(strtod(text, NULL) - real) <= 0) {
			buf_str(out, text);
			return;
		}
	}
}

/* As Go's time.Duration is printed: "1h0m0.5s", "500ms", "20µs", "0s". */
static void print_duration(json_int_t ns, struct buf *out)
{
	static const char *const small[] = { "ns", "µs", "ms" };
	long long left = ns < 0 ? -(long long)ns : (long long)ns;
	double part = (double)left;
	size_t unit = 0;

	if (ns < 0)
		buf_char(out, '-');
	if (left > 0 && left < 1000000000) {
		for (; part >= 1000; part /= 1000)
			unit++;
		print_real(part, out);
		buf_str(out, small[unit]);
		return;
	}
	if (left >= 3600000000000)
		buf_fmt(out, "%lldh", left / 3600000000000);
	if (left >= 60000000000)
		buf_fmt(out, "%lldm", left / 60000000000 % 60);
	print_real((double)(left % 60000000000) / 1e9, out);
	buf_char(out, 's');
}

bool value_is_duration(const struct template_look *look, const struct value *v)
{
	return v->kind == VALUE_INT && !look->raw && v->type &&
	       v->type->kind == TEMPLATE_DURATION;
}

void value_print(const struct template_look *look, const struct value *v,
		 struct buf *out)
{
	switch (v->kind) {
	case VALUE_NONE:
		buf_str(out, "<no value>");
		break;
	case VALUE_NIL:
		buf_str(out, "<nil>");
		break;
	case VALUE_TEXT:
		buf_str(out, v->text);
		break;
	case VALUE_INT:
		if (value_is_duration(look, v))
			print_duration(v->number, out);
		else
			buf_fmt(out, "%" JSON_INTEGER_FORMAT, v->number);
		break;
	case VALUE_REAL:
		print_real(v->real, out);
		break;
	case VALUE_BOOL:
		buf_str(out, v->number ? "true" : "false");
		break;
	case VALUE_LIST:
		print_list(look, v, out);
		break;
	case VALUE_MAP:
		print_map(look, v, out);
		break;
	case VALUE_STRUCT:
		print_struct(look, v, out);
		break;
	}
}
