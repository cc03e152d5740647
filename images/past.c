/* images/past.c - see past.h */
#include "images/past.h"

#include <errno.h>
#include <stdlib.h>

#include "images/manifest.h"
#include "images/store.h"
#include "images/usage.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

void past_done(struct past *past)
{
	for (size_t i = 0; i < past->count; i++) {
		free(past->steps[i].id);
		free(past->steps[i].created_by);
		free(past->steps[i].comment);
	}
	free(past->steps);
	*past = (struct past){ 0 };
}

/* Every step that is not empty made the next layer. */
static int fill_steps(struct store *store, const struct image *image,
		      const struct image_doc *doc, struct past *past,
		      struct err *err)
{
	size_t layer = 0;

	past->steps = mem_zero(doc->step_count + 1, sizeof(*past->steps));
	past->count = doc->step_count;
	for (size_t i = 0; i < doc->step_count; i++) {
		const struct image_step *step = &doc->steps[i];
		struct past_step *out = &past->steps[doc->step_count - 1 - i];
		const char *by = step->created_by;

		out->created_ns = step->created_ns;
		out->created_by = mem_str(by ? by : "");
		out->comment = mem_str(step->comment ? step->comment : "");
		out->empty = step->empty_layer;
		if (step->empty_layer)
			continue;
		if (layer == image->chains.count)
			return err_docker(err, ERR_DAEMON, EBADMSG,
					  "too many non-empty layers in History section");
		if (image_usage_layer(store, image->chains.items[layer++],
				      &out->size_bytes, err) < 0)
			return -err->code;
	}
	return 0;
}

/* One image a step, from the newest back, as long as there are parents. */
static int fill_ids(struct store *store, const struct image *image,
		    struct past *past, struct err *err)
{
	OWN_FREE char *id = mem_str(image->id);

	for (size_t i = 0; i < past->count && id; i++) {
		OWN_IMAGE struct image parent = { 0 };
		struct err gone = { 0 };
		int r;

		past->steps[i].id = mem_str(id);
		r = image_find(store, id, &parent, &gone);
		free(own_give_ptr(&id));
		if (r < 0 && r != -ENOENT) {
			*err = gone;
			return r;
		}
		if (r == 0)
			id = mem_str(parent.parent);
	}
	return 0;
}

int past_read(struct store *store, const char *name, struct past *out,
	      struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_DOC struct image_doc doc = { 0 };
	OWN_PAST struct past past = { 0 };
	int r = image_find(store, name, &image, err);

	if (r == 0)
		r = store_config(store, image.id, &text, err);
	if (r == 0)
		r = image_doc_read(buf_text(&text), text.len, &doc, err);
	if (r == 0)
		r = fill_steps(store, &image, &doc, &past, err);
	if (r == 0)
		r = fill_ids(store, &image, &past, err);
	if (r < 0)
		return r;
	*out = past;
	past = (struct past){ 0 };
	return 0;
}
