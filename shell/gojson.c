/* shell/gojson.c - see gojson.h */
#include "shell/gojson.h"

#include <string.h>
#include <time.h>

#include "images/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

json_t *gojson_text(const char *text)
{
	json_t *whole = json_string(text ? text : "");
	OWN_BUF struct buf spelled = { 0 };

	if (whole)
		return whole;
	/* Not UTF-8. The writer of image documents knows what Go makes of that;
	 * reading its spelling back gives the text. */
	manifest_add_string(&spelled, text);
	whole = json_loadb(spelled.data, spelled.len, JSON_DECODE_ANY, NULL);
	return whole ? whole : json_string("");
}

json_t *gojson_list(const struct strs *list, bool or_null)
{
	json_t *array;

	if (list->count == 0 && or_null)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, gojson_text(list->items[i]));
	return array;
}

/* Keys must be UTF-8 as well: they go the same way. */
static void put_value(json_t *object, const char *key, json_t *value)
{
	json_t *name = gojson_text(key);

	json_object_set_new(object, json_string_value(name), value);
	json_decref(name);
}

json_t *gojson_map(const struct strs *pairs)
{
	json_t *map = json_object();

	for (size_t i = 0; i < pairs->count; i++) {
		const char *pair = pairs->items[i];
		size_t len = strcspn(pair, "=");
		OWN_FREE char *name = mem_strn(pair, len);

		put_value(map, name,
			  gojson_text(pair[len] ? pair + len + 1 : ""));
	}
	return map;
}

json_t *gojson_set(const struct strs *names)
{
	json_t *set;

	if (names->count == 0)
		return json_null();
	set = json_object();
	for (size_t i = 0; i < names->count; i++)
		put_value(set, names->items[i], json_object());
	return set;
}

json_t *gojson_time(int64_t ns)
{
	char text[HUMAN_TIME];

	return json_string(ns ? human_time(text, ns) : "0001-01-01T00:00:00Z");
}

char *gojson_clock(char out[GOJSON_TIME], int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(out, GOJSON_TIME, "%Y-%m-%d %H:%M:%S %z %Z", &tm);
	return out;
}

void gojson_put(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, gojson_text(text));
}
