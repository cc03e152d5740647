/* images/build_note.c - what the last build did, step by step, for who asks later;
 * see build_private.h
 *
 * Kept in a lesson's world alone (runtime/notes.h), as notes/build.json:
 *
 *   {"number":3,"ok":true,"image":"sha256:...","steps":[
 *     {"text":"RUN make","hit":true,"ms":12,"image":"sha256:..."} ]}
 *
 * number counts the builds of this world, so that a lesson knows a new one. A step
 * that failed has no image; those behind it are not there. */
#include <jansson.h>
#include <time.h>

#include "images/build_private.h"
#include "runtime/notes.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void build_note_begin(struct build *build)
{
	if (notes_wanted(store_home(build->store)))
		build->note = json_array();
}

static json_t *last_step(const struct build *build)
{
	size_t count = json_array_size(build->note);

	return count ? json_array_get(build->note, count - 1) : NULL;
}

void build_note_step(struct build *build, const char *text)
{
	json_t *step;

	if (!build->note)
		return;
	build->note_ms = now_ms();
	step = json_pack("{s:b}", "hit", 0);
	/* A line that is no UTF-8 is noted without its text. */
	json_object_set_new(step, "text", json_string(text));
	json_array_append_new(build->note, step);
}

void build_note_hit(const struct build *build)
{
	json_object_set_new(last_step(build), "hit", json_true());
}

void build_note_image(const struct build *build)
{
	json_t *step = last_step(build);

	if (!step)
		return;
	json_object_set_new(step, "ms", json_integer(now_ms() - build->note_ms));
	if (build->image_id)
		json_object_set_new(step, "image",
				    json_string(build->image_id));
}

void build_note_end(struct build *build, bool ok)
{
	const struct home *home = store_home(build->store);
	json_t *before;
	json_int_t number;

	if (!build->note)
		return;
	before = notes_read(home, "build");
	number = json_integer_value(json_object_get(before, "number"));
	json_decref(before);
	notes_write(home, "build",
		    json_pack("{s:I,s:b,s:s*,s:o}", "number", number + 1, "ok",
			      ok, "image", ok ? build->image_id : NULL,
			      "steps", build->note));
	build->note = NULL; /* json_pack has taken it */
}
