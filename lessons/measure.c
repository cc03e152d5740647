/* lessons/measure.c - see measure.h */
#include "lessons/measure.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "images/base.h"
#include "images/store.h"
#include "images/usage.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

/* ---- containers ---- */

static int measure_containers(const struct home *home, struct measure *out,
			      struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(home, &all, err);

	for (size_t i = 0; i < all.count && r == 0; i++) {
		struct err gone = { 0 }; /* it ended meanwhile */
		int64_t bytes = 0;

		if (container_size(home, all.items[i].spec.id, &bytes, &gone) <
		    0)
			continue;
		out->containers++;
		out->written_bytes += bytes;
	}
	return r;
}

/* ---- images ---- */

/* "busybox:latest" for "docker.io/library/busybox:latest". */
static bool is_bundled(const struct image *image, const struct strs *base)
{
	static const char prefix[] = "docker.io/library/";

	for (size_t i = 0; i < base->count; i++) {
		const char *name = base->items[i];

		if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
			name += sizeof(prefix) - 1;
		if (strs_has(&image->tags, name))
			return true;
	}
	return false;
}

/* The chain ids of layers that came with the program. */
static void base_chains(const struct image_list *images,
			const struct strs *base, struct strs *out)
{
	for (size_t i = 0; i < images->count; i++) {
		if (is_bundled(&images->items[i], base))
			strs_copy(out, &images->items[i].chains);
	}
}

static int add_layers(struct store *store, const struct image *image,
		      struct strs *counted, struct measure *out,
		      struct err *err)
{
	for (size_t i = 0; i < image->chains.count; i++) {
		const char *chain = image->chains.items[i];
		int64_t bytes = 0;
		int r;

		if (strs_has(counted, chain))
			continue;
		strs_add(counted, chain);
		r = image_usage_layer(store, chain, &bytes, err);
		if (r < 0)
			return r;
		out->layers++;
		out->layers_bytes += bytes;
	}
	return 0;
}

static int measure_images(struct store *store, struct measure *out,
			  struct err *err)
{
	OWN_STRS struct strs base = { 0 };
	OWN_STRS struct strs counted = { 0 };
	struct image_list images = { 0 };
	int r = image_list(store, false, &images, err);

	if (r < 0)
		return r;
	base_names(&base);
	base_chains(&images, &base, &counted);
	for (size_t i = 0; i < images.count && r == 0; i++) {
		const struct image *image = &images.items[i];

		if (image->tags.count == 0 || is_bundled(image, &base))
			continue;
		out->images++;
		r = add_layers(store, image, &counted, out, err);
	}
	image_list_done(&images);
	return r;
}

int measure_world(const struct home *home, struct store *store,
		  struct measure *out, struct err *err)
{
	struct measure measure = { 0 };
	int r = measure_containers(home, &measure, err);

	if (r == 0)
		r = measure_images(store, &measure, err);
	if (r == 0)
		*out = measure;
	return r;
}

/* ---- as data ---- */

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "containers", offsetof(struct measure, containers) },
	{ "written_bytes", offsetof(struct measure, written_bytes) },
	{ "images", offsetof(struct measure, images) },
	{ "layers", offsetof(struct measure, layers) },
	{ "layers_bytes", offsetof(struct measure, layers_bytes) },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static int64_t *field_of(struct measure *measure, size_t i)
{
	return (int64_t *)(void *)((char *)measure + fields[i].offset);
}

void measure_most(struct measure *most, const struct measure *now)
{
	struct measure copy = *now;

	for (size_t i = 0; i < FIELDS; i++) {
		if (*field_of(&copy, i) > *field_of(most, i))
			*field_of(most, i) = *field_of(&copy, i);
	}
}

json_t *measure_to_json(const struct measure *measure)
{
	struct measure copy = *measure;
	json_t *json = json_object();

	for (size_t i = 0; i < FIELDS; i++)
		json_object_set_new(json, fields[i].name,
				    json_integer(*field_of(&copy, i)));
	return json;
}

void measure_from_json(const json_t *json, struct measure *out)
{
	for (size_t i = 0; i < FIELDS; i++)
		*field_of(out, i) = json_integer_value(
			json_object_get(json, fields[i].name));
}
