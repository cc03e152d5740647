/* images/build_why.c - see build_why.h */
#include "images/build_why.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"
#include "runtime/base/clock.h"
#include "runtime/base/fs.h"
#include "runtime/home.h"

static const char file_name[] = "last-build.json";
enum { MAX_BYTES = 4 << 20 };

/* ---- writing ---- */

void build_why_note(struct build *build, const struct image_config *step,
		    bool found, const char *reason)
{
	OWN_FREE char *command = strs_join(&step->cmd, " ");
	const char *nop = strstr(command, "#(nop) ");
	json_t *one = json_pack("{s:i, s:b, s:s, s:s}", "number",
				(int)build->step, "cached", found, "text",
				nop ? nop + strlen("#(nop) ") : command,
				"reason", reason);

	if (!build->why)
		build->why = json_array();
	json_array_append_new(build->why, one); /* not UTF-8: it is left out */
}

void build_why_write(struct build *build, int r, const struct err *err)
{
	json_t *json = json_pack("{s:I, s:i, s:s*, s:o}", "ns",
				 (json_int_t)clock_now_ns(), "total",
				 (int)build->plan.steps, "failed",
				 r < 0 ? err->msg : NULL, "steps",
				 build->why ? build->why : json_array());
	OWN_FREE char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	struct err ignored = { 0 };

	build->why = NULL;
	json_decref(json);
	/* A full disk: the next `why` speaks of the build before. */
	if (text)
		(void)fs_replace(store_home(build->store)->fd, file_name, text,
				 strlen(text), 0600, false, &ignored);
}

/* ---- reading ---- */

void build_why_done(struct build_why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		free(why->steps[i].text);
		free(why->steps[i].reason);
	}
	free(why->steps);
	free(why->failed);
	*why = (struct build_why){ 0 };
}

static char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return mem_str(text ? text : "");
}

static void read_steps(const json_t *steps, struct build_why *out)
{
	size_t count = json_array_size(steps);

	out->steps = mem_zero(count + 1, sizeof(*out->steps));
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(steps, i);

		out->steps[out->count++] = (struct build_why_step){
			(int)json_integer_value(
				json_object_get(one, "number")),
			json_is_true(json_object_get(one, "cached")),
			text_of(one, "text"), text_of(one, "reason")
		};
	}
}

int build_why_read(const struct home *home, struct build_why *out,
		   struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err why = { 0 };
	json_t *json;

	if (fs_read(home->fd, file_name, MAX_BYTES, &text, &why) < 0) {
		if (why.code == ENOENT)
			return 0;
		*err = why;
		return -err->code;
	}
	json = json_loadb(text.data, text.len, 0, NULL);
	if (!json)
		return 0; /* somebody changed it */
	*out = (struct build_why){
		.ns = json_integer_value(json_object_get(json, "ns")),
		.total = (int)json_integer_value(
			json_object_get(json, "total")),
		.failed = mem_str(
			json_string_value(json_object_get(json, "failed"))),
	};
	read_steps(json_object_get(json, "steps"), out);
	json_decref(json);
	return 1;
}
