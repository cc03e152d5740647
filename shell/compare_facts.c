/* shell/compare_facts.c - see compare_view.h */
#include "shell/compare_view.h"

#include <stdlib.h>
#include <string.h>

#include "images/layer.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"

void compare_done(struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++) {
		stack_done(&compare->sides[i].stack);
		free(compare->sides[i].base);
	}
	free(compare->files);
	*compare = (struct compare){ 0 };
}

const char *compare_cause_name(enum compare_cause cause)
{
	static const char *const names[COMPARE_CAUSES] = {
		[COMPARE_BASE] = "base",	 [COMPARE_RUN] = "run",
		[COMPARE_COPY] = "own_files",	 [COMPARE_OTHER] = "other",
		[COMPARE_WRITABLE] = "writable", [COMPARE_WASTE] = "waste",
	};

	return names[cause];
}

/* ---- one image ---- */

static enum compare_cause cause_of(const struct stack_layer *layer)
{
	OWN_FREE char *made_by = stack_view_instruction(layer->created_by);

	if (layer->writable)
		return COMPARE_WRITABLE;
	if (strncmp(made_by, "RUN ", 4) == 0)
		return COMPARE_RUN;
	if (strncmp(made_by, "COPY ", 5) == 0 ||
	    strncmp(made_by, "ADD ", 4) == 0)
		return COMPARE_COPY;
	return COMPARE_OTHER;
}

/* How many of its layers are its base: those up to the highest at which another image
 * that is not itself is complete; else the lowest, where nothing was copied or run to
 * make it. */
static size_t base_layers(const struct stack *stack)
{
	size_t layers = stack->layer_count - (stack->container != NULL);

	for (size_t i = layers; i-- > 0;) {
		/* A second name of the whole image is no base of it. */
		if (i + 1 == layers && layers > 1 && !stack->container)
			continue;
		if (stack->layers[i].ends.count)
			return i + 1;
	}
	return layers && cause_of(&stack->layers[0]) == COMPARE_OTHER;
}

static void sort_bytes(struct compare_side *side)
{
	const struct stack *stack = &side->stack;
	size_t base = base_layers(stack);
	int64_t noted = stack->size_bytes;

	if (base && stack->layers[base - 1].ends.count)
		side->base = mem_str(stack->layers[base - 1].ends.items[0]);
	for (size_t i = 0; i < stack->layer_count; i++) {
		const struct stack_layer *layer = &stack->layers[i];
		enum compare_cause cause =
			i < base ? COMPARE_BASE : cause_of(layer);

		side->causes[cause] +=
			layer->counted_bytes - layer->hidden.bytes;
		side->causes[COMPARE_WASTE] += layer->hidden.bytes;
		if (layer->writable)
			noted += layer->size_bytes;
	}
	for (size_t i = 0; i < COMPARE_CAUSES; i++)
		side->total += side->causes[i];
	side->adds_up = side->total == noted;
}

/* ---- what they share ---- */

static bool has_chain(const struct stack *stack, const char *chain)
{
	for (size_t i = 0; i < stack->layer_count; i++)
		if (strcmp(stack->layers[i].chain, chain) == 0)
			return true;
	return false;
}

/* How many of the sides from `first` to `end` stand on the layer. */
static size_t sides_on(const struct compare *compare,
		       const struct stack_layer *layer, size_t first,
		       size_t end)
{
	size_t count = 0;

	for (size_t s = first; s < end && layer->chain[0]; s++)
		count += has_chain(&compare->sides[s].stack, layer->chain);
	return count;
}

static void share(struct compare *compare)
{
	for (size_t s = 0; s < compare->count; s++) {
		const struct stack *stack = &compare->sides[s].stack;

		for (size_t i = 0; i < stack->layer_count; i++) {
			const struct stack_layer *layer = &stack->layers[i];

			if (sides_on(compare, layer, 0, s))
				continue; /* counted with the first */
			compare->disk_bytes += layer->size_bytes;
			if (!sides_on(compare, layer, s + 1, compare->count))
				continue;
			compare->shared_layers++;
			compare->shared_bytes += layer->size_bytes;
		}
	}
}

/* The tar's digest of a layer, "" where it is not to be had. */
static void diff_of(struct store *store, const struct stack_layer *layer,
		    char out[DIGEST_SIZE])
{
	struct layer facts = { 0 };
	struct err ignored = { 0 };

	out[0] = '\0';
	if (layer->chain[0] &&
	    store_layer(store, layer->chain, &facts, &ignored) == 0)
		memcpy(out, facts.diff, DIGEST_SIZE);
}

/* Tars and chains that were met. */
struct met {
	struct strs diffs;
	struct strs chains;
};

static void meet(struct store *store, struct compare *compare,
		 const struct stack_layer *layer, struct met *met)
{
	char diff[DIGEST_SIZE];

	diff_of(store, layer, diff);
	if (!diff[0] || !layer->size_bytes ||
	    strs_has(&met->chains, layer->chain))
		return;
	if (strs_has(&met->diffs, diff)) {
		compare->twins++;
		compare->twin_bytes += layer->size_bytes;
	}
	strs_add(&met->diffs, diff);
	strs_add(&met->chains, layer->chain);
}

/* Layers of another chain with the same tar. */
static void find_twins(struct store *store, struct compare *compare)
{
	struct met met = { 0 };

	for (size_t s = 0; s < compare->count; s++)
		for (size_t i = 0; i < compare->sides[s].stack.layer_count; i++)
			meet(store, compare, &compare->sides[s].stack.layers[i],
			     &met);
	strs_done(&met.diffs);
	strs_done(&met.chains);
}

int compare_read(struct shell *shell, char *const *names, size_t count,
		 struct compare *out, struct err *err)
{
	OWN_COMPARE struct compare compare = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct compare_side *side = &compare.sides[i];
		int r = stack_view_read(shell, names[i], &side->stack, err);

		if (r < 0)
			return r;
		compare.count = i + 1;
		sort_bytes(side);
	}
	share(&compare);
	find_twins(shell->store, &compare);
	*out = compare;
	compare = (struct compare){ 0 };
	return 0;
}

/* ---- files ---- */

static int64_t size_in(const struct stack *stack, const char *path)
{
	int32_t seen = stack_seen(stack, stack_find(stack, path));

	if (seen < 0 || stack->items[seen].kind == STACK_FOLDER)
		return -1;
	return stack->items[seen].size;
}

static void add_file(struct compare *compare, const char *path)
{
	struct compare_file file = { .path = path };
	bool differs = false;

	for (size_t s = 0; s < compare->count; s++) {
		file.sizes[s] = size_in(&compare->sides[s].stack, path);
		if (file.sizes[s] > file.weight)
			file.weight = file.sizes[s];
		if (file.sizes[s] != file.sizes[0])
			differs = true;
	}
	if (!differs)
		return;
	/* Room for a power of two. */
	if ((compare->file_count & (compare->file_count - 1)) == 0)
		compare->files = mem_grow(
			compare->files,
			compare->file_count ? compare->file_count * 2 : 1,
			sizeof(file));
	compare->files[compare->file_count++] = file;
}

static int compare_weights(const void *a, const void *b)
{
	const struct compare_file *x = a;
	const struct compare_file *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return strcmp(x->path, y->path);
}

static bool is_in_earlier(const struct compare *compare, size_t side,
			  const char *path)
{
	for (size_t s = 0; s < side; s++)
		if (size_in(&compare->sides[s].stack, path) >= 0)
			return true;
	return false;
}

void compare_files(struct compare *compare)
{
	for (size_t s = 0; s < compare->count; s++) {
		const struct stack *stack = &compare->sides[s].stack;

		for (size_t i = 0; i < stack->path_count; i++) {
			const char *path = stack->paths[i].path;

			if (size_in(stack, path) >= 0 &&
			    !is_in_earlier(compare, s, path))
				add_file(compare, path);
		}
	}
	if (compare->file_count)
		qsort(compare->files, compare->file_count,
		      sizeof(*compare->files), compare_weights);
}
