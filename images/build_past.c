/* images/build_past.c - which images the last build of the same Dockerfile left; see
 * build_private.h
 *
 * Why a step was not in the cache can only be said by comparing it with what it was.
 * Many Dockerfiles begin with the same FROM, so an image that was built upon the same
 * parent may be another Dockerfile's. Hence <home>/past-builds.json:
 *
 *   {"builds":[{"place":"/home/me/site/Dockerfile","images":["sha256:...", ...]}, ...]}
 *
 * The last built is the last in the list, and the list is bounded. It serves words
 * only: where it is lost or old, no build is another one. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"
#include "runtime/base/fs.h"
#include "runtime/home.h"

static const char file_name[] = "past-builds.json";
enum { MAX_BYTES = 4 << 20, MAX_PLACES = 64, MAX_IMAGES = 200 };

/* The whole list; given. */
static json_t *read_all(const struct build *build)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	json_t *list = NULL;
	json_t *json;

	if (fs_read(store_home(build->store)->fd, file_name, MAX_BYTES, &text,
		    &ignored) < 0)
		return json_array();
	json = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (json_is_array(json_object_get(json, "builds")))
		list = json_incref(json_object_get(json, "builds"));
	json_decref(json);
	return list ? list : json_array();
}

/* Where in the list this Dockerfile is; the count where it is not. */
static size_t find(const struct build *build, const json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		const char *place = json_string_value(
			json_object_get(json_array_get(list, i), "place"));

		if (place && strcmp(place, build->choice->place) == 0)
			return i;
	}
	return count;
}

static const json_t *past_of(struct build *build)
{
	if (!build->past) {
		json_t *list = read_all(build);
		const json_t *one = json_array_get(list, find(build, list));

		build->past = json_incref(json_object_get(one, "images"));
		if (!build->past)
			build->past = json_null();
		json_decref(list);
	}
	return build->past;
}

bool build_past_known(struct build *build)
{
	return !build->choice->place || json_is_array(past_of(build));
}

bool build_past_has(struct build *build, const char *id)
{
	const json_t *past;

	if (!build->choice->place)
		return true; /* it came by a pipe: nobody knows from where */
	past = past_of(build);
	for (size_t i = 0; i < json_array_size(past); i++) {
		const char *one = json_string_value(json_array_get(past, i));

		if (one && strcmp(one, id) == 0)
			return true;
	}
	return false;
}

void build_past_note(struct build *build)
{
	if (build->choice->place && build->image_id &&
	    build->made.count < MAX_IMAGES)
		strs_add(&build->made, build->image_id);
}

/* A build that failed came not as far as an earlier one may have: what that left is
 * still what the steps behind were. */
static json_t *images_of(struct build *build, bool ok)
{
	const json_t *past = past_of(build);
	json_t *images = json_array();

	for (size_t i = 0; i < build->made.count; i++)
		json_array_append_new(images,
				      json_string(build->made.items[i]));
	for (size_t i = 0; !ok && i < json_array_size(past) &&
			   json_array_size(images) < MAX_IMAGES;
	     i++)
		json_array_append(images, json_array_get(past, i));
	return images;
}

void build_past_write(struct build *build, bool ok)
{
	json_t *list;
	json_t *one;
	json_t *whole;
	OWN_FREE char *text = NULL;
	struct err ignored = { 0 };

	if (!build->choice->place || build->made.count == 0)
		return;
	one = json_pack("{s:s, s:o}", "place", build->choice->place, "images",
			images_of(build, ok));
	if (!one)
		return; /* a path that is not UTF-8 */
	list = read_all(build);
	(void)json_array_remove(list, find(build, list));
	while (json_array_size(list) >= MAX_PLACES)
		(void)json_array_remove(list, 0);
	json_array_append_new(list, one);
	whole = json_pack("{s:o}", "builds", list);
	text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
	json_decref(whole);
	if (text) /* a full disk: the next build is told less */
		(void)fs_replace(store_home(build->store)->fd, file_name, text,
				 strlen(text), 0600, false, &ignored);
}

void build_past_done(struct build *build)
{
	json_decref(build->past);
	strs_done(&build->made);
}
