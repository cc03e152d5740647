/* lessons/report_json.c - our own format: all that is known, to be read back; see
 * graded.h */
#include "lessons/report_parts.h"

static json_t *similar_to_json(const struct report_similar *similar)
{
	json_t *json = json_object();

	json_object_set_new(json, "a", report_string(similar->a));
	json_object_set_new(json, "b", report_string(similar->b));
	json_object_set_new(json, "percent", json_integer(similar->percent));
	json_object_set_new(json, "what", report_string(similar->what));
	return json;
}

int report_json(const struct report *report, struct buf *out, struct err *err)
{
	const struct report_env *env = report->env;
	json_t *json = json_object();
	json_t *list = json_array();
	json_t *pairs = json_array();

	json_object_set_new(json, "schema",
			    json_string("dockershell/graded/v1"));
	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(list, graded_to_json(&report->many[i]));
	json_object_set_new(json, "submissions", list);
	for (size_t i = 0; i < env->similar_count; i++)
		json_array_append_new(pairs, similar_to_json(&env->similar[i]));
	json_object_set_new(json, "similar", pairs);
	if (env->missing) {
		json_t *missing = json_array();

		for (size_t i = 0; i < env->missing->count; i++)
			json_array_append_new(
				missing, report_string(env->missing->items[i]));
		json_object_set_new(json, "missing", missing);
	}
	return report_dump(json, out, err);
}
