/* runtime/state_json.c - see state_json.h */
#include "runtime/state_json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"
#include "runtime/endpoint.h"

/* ---- texts and lists ---- */

/* U+10FFxx, F4 8F BC.. as bytes, stands for the byte xx. */
static bool is_stand_in(const unsigned char *at)
{
	return at[0] == 0xF4 && at[1] == 0x8F && (at[2] & 0xFC) == 0xBC;
}

json_t *state_json_text(const char *text)
{
	OWN_BUF struct buf out = { 0 };
	const unsigned char *at = (const unsigned char *)text;
	json_t *whole;

	while (*at) {
		size_t len = utf8_len((const char *)at, UTF8_MOST);

		/* A text that has such a character itself is taken byte by byte. */
		if (len && !is_stand_in(at)) {
			buf_add(&out, at, len);
			at += len;
			continue;
		}
		buf_char(&out, (char)0xF4);
		buf_char(&out, (char)0x8F);
		buf_char(&out, (char)(0x80 | 0x3C | (*at >> 6)));
		buf_char(&out, (char)(0x80 | (*at & 0x3F)));
		at++;
	}
	whole = json_string(buf_text(&out));
	return whole ? whole : json_string("");
}

char *state_text_of_json(const json_t *value)
{
	const char *at = json_string_value(value);
	struct buf out = { 0 };

	while (at && *at) {
		const unsigned char *u = (const unsigned char *)at;

		if (is_stand_in(u)) {
			buf_char(&out, (char)(((u[2] & 3) << 6) |
					      (u[3] & 0x3F)));
			at += 4;
		} else {
			buf_char(&out, *at++);
		}
	}
	return buf_give(&out);
}

json_t *state_json_list(const struct strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, state_json_text(list->items[i]));
	return array;
}

void state_list_of_json(const json_t *array, struct strs *out)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		strs_take(out, state_text_of_json(json_array_get(array, i)));
}

/* ---- networks ---- */

enum kind { TEXT, LIST, INT };

#define AT(kind, key, member) { key, kind, offsetof(struct endpoint, member) }

static const struct field {
	const char *key;
	enum kind kind;
	size_t offset;
} fields[] = {
	AT(TEXT, "network", network),
	AT(TEXT, "networkId", network_id),
	AT(LIST, "aliases", aliases),
	AT(LIST, "links", links),
	AT(TEXT, "wantIp", want_ip),
	AT(TEXT, "wantIp6", want_ip6),
	AT(TEXT, "wantMac", want_mac),
	AT(TEXT, "id", id),
	AT(TEXT, "device", device),
	AT(TEXT, "ip", ip),
	AT(TEXT, "gateway", gateway),
	AT(TEXT, "ip6", ip6),
	AT(TEXT, "gateway6", gateway6),
	AT(TEXT, "mac", mac),
	AT(INT, "prefix", prefix),
	AT(INT, "prefix6", prefix6),
};

static json_t *field_to_json(enum kind kind, const void *at)
{
	switch (kind) {
	case TEXT:
		return *(char *const *)at ?
			       state_json_text(*(char *const *)at) :
			       NULL;
	case LIST:
		return ((const struct strs *)at)->count ? state_json_list(at) :
							  NULL;
	case INT:
		return *(const int *)at ? json_integer(*(const int *)at) : NULL;
	}
	return NULL;
}

static void field_from_json(enum kind kind, const json_t *value, void *at)
{
	switch (kind) {
	case TEXT:
		if (json_is_string(value))
			*(char **)at = state_text_of_json(value);
		break;
	case LIST:
		state_list_of_json(value, at);
		break;
	case INT:
		*(int *)at = (int)json_integer_value(value);
		break;
	}
}

json_t *state_json_endpoints(const struct endpoints *endpoints)
{
	json_t *array = json_array();

	for (size_t i = 0; i < endpoints->count; i++) {
		const char *base = (const char *)&endpoints->items[i];
		json_t *object = json_object();

		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
			json_t *value = field_to_json(fields[f].kind,
						      base + fields[f].offset);

			if (value)
				json_object_set_new_nocheck(
					object, fields[f].key, value);
		}
		json_array_append_new(array, object);
	}
	return array;
}

void state_endpoints_of_json(const json_t *array, struct endpoints *out)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *object = json_array_get(array, i);
		char *base = (char *)endpoints_add(out, NULL);

		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
			field_from_json(fields[f].kind,
					json_object_get(object, fields[f].key),
					base + fields[f].offset);
	}
}
