/* images/stack.c - see stack.h
 *
 * Order of the file: which layers there are, which step made each, who else stands on
 * them, the sums. */
#include "images/stack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/layer.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/stack_private.h"
#include "images/store.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"

static void layer_done(struct stack_layer *layer)
{
	free(layer->folder);
	free(layer->created_by);
	strs_done(&layer->images);
	strs_done(&layer->ends);
	strs_done(&layer->containers);
}

static void memory_done(struct stack *stack)
{
	struct stack_memory *memory = stack->memory;

	if (!memory)
		return;
	for (size_t i = 0; memory->walks && i < stack->layer_count; i++)
		buf_done(&memory->walks[i]);
	free(memory->walks);
	free(memory->slots);
	free(memory);
}

void stack_done(struct stack *stack)
{
	memory_done(stack);
	for (size_t i = 0; i < stack->layer_count; i++)
		layer_done(&stack->layers[i]);
	for (size_t i = 0; i < stack->step_count; i++)
		free(stack->steps[i].created_by);
	free(stack->name);
	free(stack->image_id);
	free(stack->container);
	free(stack->container_id);
	free(stack->layers);
	free(stack->steps);
	free(stack->paths);
	free(stack->items);
	free(stack->hidings);
	*stack = (struct stack){ 0 };
}

/* ---- which layers ---- */

static struct stack_layer *add_layer(struct stack *stack)
{
	stack->layers = mem_grow(stack->layers, stack->layer_count + 1,
				 sizeof(*stack->layers));
	stack->layers[stack->layer_count] = (struct stack_layer){
		.created_by = mem_str(""),
	};
	return &stack->layers[stack->layer_count++];
}

static int add_image_layer(struct store *store, struct stack *stack,
			   const char *chain, struct err *err)
{
	struct stack_layer *out = add_layer(stack);
	struct db *db = store_db(store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "SELECT size_bytes FROM layers WHERE chain = ?",
			      "s", chain) :
		     NULL;
	int r = stmt ? db_next(db, stmt, err) : -err->code;

	if (r < 0)
		return r;
	snprintf(out->chain, sizeof(out->chain), "%s", chain);
	out->folder = mem_fmt("layers/%s/diff", digest_hex(chain));
	out->size_bytes = r == 1 ? db_int(stmt, 0) : 0;
	stack->size_bytes += out->size_bytes;
	return 0;
}

static void name_image(struct stack *stack, const struct image *image)
{
	free(stack->name);
	free(stack->image_id);
	stack->image_id = mem_str(image->id);
	stack->name = image->tags.count ?
			      mem_str(image->tags.items[0]) :
			      mem_fmt("%.12s", digest_hex(image->id));
}

/* Of an image with several names, the one it was asked for by. */
static void name_as_asked(struct stack *stack, const struct image *image,
			  const char *asked)
{
	OWN_REF struct ref ref = { 0 };
	struct err no_name = { 0 };
	OWN_FREE char *tag = NULL;

	if (ref_parse(asked, &ref, &no_name) < 0)
		return;
	ref_tag_latest(&ref);
	tag = ref_familiar(&ref);
	if (!strs_has(&image->tags, tag))
		return;
	free(stack->name);
	stack->name = mem_str(tag);
}

static int take_image(struct store *store, const char *name,
		      struct stack *stack, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(store, name, &image, err);

	for (size_t i = 0; i < image.chains.count && r == 0; i++)
		r = add_image_layer(store, stack, image.chains.items[i], err);
	if (r == 0) {
		name_image(stack, &image);
		name_as_asked(stack, &image, name);
	}
	return r;
}

/* "l/3f2a9" is a link to "../layers/<hex>/diff". False for what stands for the layers
 * of an image without any. */
static bool chain_of_link(const struct home *home, const char *link,
			  char out[DIGEST_SIZE])
{
	char target[256];
	ssize_t len = readlinkat(home->fd, link, target, sizeof(target) - 1);
	const char *hex;

	target[len < 0 ? 0 : len] = '\0';
	hex = strstr(target, "layers/");
	if (!hex)
		return false;
	snprintf(out, DIGEST_SIZE, "sha256:%.64s", hex + 7);
	return digest_is_valid(out);
}

/* The image may be gone by now; its layers stay as long as the container does. */
static void name_of_image(struct store *store, const struct container *c,
			  struct stack *stack)
{
	OWN_IMAGE struct image image = { 0 };
	struct err gone = { 0 };

	stack->name = mem_str(c->spec.image ? c->spec.image : "");
	if (!c->spec.image_id ||
	    image_find(store, c->spec.image_id, &image, &gone) < 0)
		return;
	name_image(stack, &image);
	if (c->spec.image)
		name_as_asked(stack, &image, c->spec.image);
}

static int take_container(struct store *store, const struct container *c,
			  struct stack *stack, struct err *err)
{
	const struct home *home = store_home(store);
	struct stack_layer *own;

	for (size_t i = c->spec.layers.count; i-- > 0;) {
		char chain[DIGEST_SIZE];

		if (chain_of_link(home, c->spec.layers.items[i], chain) &&
		    add_image_layer(store, stack, chain, err) < 0)
			return -err->code;
	}
	own = add_layer(stack);
	own->folder = mem_fmt("containers/%s/upper", c->spec.id);
	own->writable = true;
	own->created_ns = c->created_ns;
	stack->container = mem_str(c->spec.name);
	stack->container_id = mem_str(c->spec.id);
	name_of_image(store, c, stack);
	return 0;
}

static int take_either(struct store *store, const char *name, enum stack_of of,
		       struct stack *stack, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err why = { 0 };
	int r;

	if (of == STACK_OF_IMAGE)
		return take_image(store, name, stack, err);
	r = container_find(store_home(store), name, &c, &why);
	if (r == 0)
		return take_container(store, &c, stack, err);
	if (r == -ENOENT && of == STACK_OF_EITHER) {
		why = (struct err){ 0 };
		r = take_image(store, name, stack, &why);
		if (r == -ENOENT)
			return err_docker(err, ERR_CLIENT, ENOENT,
					  "No such object: %s", name);
	}
	if (r < 0)
		*err = why;
	return r;
}

/* ---- which step made each ---- */

static int read_steps(struct store *store, struct stack *stack, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_DOC struct image_doc doc = { 0 };
	size_t layers = stack->layer_count - (stack->container != NULL);
	size_t layer = 0;
	int r = stack->image_id ?
			store_config(store, stack->image_id, &text, err) :
			0;

	if (r == 0 && text.len)
		r = image_doc_read(buf_text(&text), text.len, &doc, err);
	if (r < 0)
		return r;
	stack->steps = mem_zero(doc.step_count + 1, sizeof(*stack->steps));
	for (size_t i = 0; i < doc.step_count; i++) {
		const struct image_step *step = &doc.steps[i];
		struct stack_step *out = &stack->steps[stack->step_count++];

		out->created_by = mem_str(step->created_by ? step->created_by :
					  step->comment	   ? step->comment :
							     "");
		out->created_ns = step->created_ns;
		out->layer = -1;
		if (step->empty_layer || layer >= layers)
			continue;
		out->layer = (int)layer;
		free(stack->layers[layer].created_by);
		stack->layers[layer].created_by = mem_str(out->created_by);
		stack->layers[layer++].created_ns = step->created_ns;
	}
	return 0;
}

/* ---- who else stands on them ---- */

static int share_images(struct store *store, struct stack_layer *layer,
			const char *own_id, struct err *err)
{
	struct db *db = store_db(store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "SELECT o.image, NOT EXISTS (SELECT 1 FROM image_layers"
			      " WHERE image = o.image AND place > o.place)"
			      " FROM image_layers o WHERE o.chain = ? AND o.image <> ?"
			      " AND (EXISTS (SELECT 1 FROM tags WHERE image = o.image)"
			      " OR NOT EXISTS (SELECT 1 FROM images WHERE parent = o.image))"
			      " ORDER BY (SELECT created_ns FROM images WHERE id = o.image)",
			      "ss", layer->chain, own_id ? own_id : "") :
		     NULL;
	int r = stmt ? 0 : -err->code;

	while (stmt && (r = db_next(db, stmt, err)) == 1)
		strs_add(db_int(stmt, 1) ? &layer->ends : &layer->images,
			 db_text(stmt, 0));
	return r;
}

/* Ids become names: of an image with several, the first. Their order stays: what was
 * there first is what others were made from. */
static int name_images(struct store *store, struct strs *images,
		       struct err *err)
{
	for (size_t i = 0; i < images->count; i++) {
		OWN_IMAGE struct image image = { 0 };

		if (image_find(store, images->items[i], &image, err) < 0)
			return -err->code;
		free(images->items[i]);
		images->items[i] =
			image.tags.count ?
				mem_str(image.tags.items[0]) :
				mem_fmt("%.12s", digest_hex(image.id));
	}
	return 0;
}

static int name_shares(struct store *store, struct stack_layer *layer,
		       struct err *err)
{
	int r = name_images(store, &layer->images, err);

	strs_sort(&layer->images);
	if (r == 0)
		r = name_images(store, &layer->ends, err);
	strs_copy(&layer->images, &layer->ends);
	return r;
}

static bool stands_on(const struct home *home, const struct container *c,
		      const char *chain)
{
	for (size_t i = 0; i < c->spec.layers.count; i++) {
		char here[DIGEST_SIZE];

		if (chain_of_link(home, c->spec.layers.items[i], here) &&
		    strcmp(here, chain) == 0)
			return true;
	}
	return false;
}

static int share_containers(struct store *store, struct stack *stack,
			    struct err *err)
{
	const struct home *home = store_home(store);
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(home, &all, err);

	for (size_t c = 0; c < all.count && r == 0; c++) {
		const struct spec *spec = &all.items[c].spec;

		if (stack->container_id &&
		    strcmp(spec->id, stack->container_id) == 0)
			continue;
		for (size_t i = 0; i < stack->layer_count; i++)
			if (stack->layers[i].chain[0] &&
			    stands_on(home, &all.items[c],
				      stack->layers[i].chain))
				strs_add(&stack->layers[i].containers,
					 spec->name);
	}
	return r;
}

static int read_shares(struct store *store, struct stack *stack,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < stack->layer_count && r == 0; i++) {
		struct stack_layer *layer = &stack->layers[i];

		if (!layer->chain[0])
			continue;
		r = share_images(store, layer, stack->image_id, err);
		if (r == 0)
			r = name_shares(store, layer, err);
	}
	return r < 0 ? r : share_containers(store, stack, err);
}

/* ---- all of it ---- */

int stack_read(struct store *store, const char *name, enum stack_of of,
	       struct stack *out, struct err *err)
{
	OWN_STACK struct stack stack = { .watch = out->watch };
	const struct home *home = store_home(store);
	int r = take_either(store, name, of, &stack, err);

	if (r < 0)
		return r;
	stack.memory = mem_zero(1, sizeof(*stack.memory));
	stack.memory->walks =
		mem_zero(stack.layer_count + 1, sizeof(struct buf));
	r = read_steps(store, &stack, err);
	if (r == 0)
		r = read_shares(store, &stack, err);
	if (r == 0)
		r = stack_walk(home, &stack, err);
	if (r < 0)
		return r;
	stack_merge(&stack);
	r = stack_compare(home, &stack, err);
	if (r < 0)
		return r;
	stack_count(&stack);
	*out = stack;
	stack = (struct stack){ 0 };
	return 0;
}
