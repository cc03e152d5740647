/* images/stack_count.c - the sums of a stack; see stack_private.h
 *
 * A file with several names in one layer lies there once: its bytes are hidden when the
 * last of its names is. */
#include "images/stack_private.h"

#include <stdlib.h>

static void add(struct stack_count *count, int64_t bytes)
{
	count->files++;
	count->bytes += bytes;
}

/* What an item did to what was seen at its path before. */
static void count_brought(struct stack *stack, const struct stack_item *item)
{
	struct stack_layer *layer = &stack->layers[item->layer];
	const struct stack_item *below =
		item->below < 0 ? NULL : &stack->items[item->below];
	bool met = below && below->kind != STACK_WHITEOUT &&
		   below->fate != STACK_SEEN && below->by == item->layer &&
		   below->by_path == item->path;

	layer->counted_bytes += item->bytes;
	if (item->kind == STACK_WHITEOUT) {
		layer->whiteouts++;
		layer->counted_bytes -= item->bytes; /* a mark, no file */
	} else if (item->kind == STACK_FOLDER) {
		bool kept = below && below->kind == STACK_FOLDER &&
			    (below->fate == STACK_SEEN ||
			     below->by > item->layer || met);

		layer->opaques += item->opaque;
		if (kept)
			layer->kept_folders++;
		else
			layer->folders++;
	} else if (met && below->fate == STACK_COPIED) {
		add(&layer->copied, item->bytes);
	} else if (met) {
		add(&layer->rewritten, item->bytes);
	} else {
		add(&layer->added, item->bytes);
	}
}

static struct stack_hiding *hiding_of(struct stack *stack,
				      const struct stack_item *item)
{
	struct stack_hiding *hiding;

	/* Newest first: neighbours are hidden by the same. */
	for (size_t i = stack->hiding_count; i-- > 0;) {
		hiding = &stack->hidings[i];
		if (hiding->layer == item->layer && hiding->by == item->by &&
		    hiding->fate == item->fate)
			return hiding;
	}
	stack->hidings = mem_grow(stack->hidings, stack->hiding_count + 1,
				  sizeof(*hiding));
	hiding = &stack->hidings[stack->hiding_count++];
	*hiding = (struct stack_hiding){ .layer = item->layer,
					 .by = item->by,
					 .fate = item->fate };
	return hiding;
}

/* bytes: what this name takes along, 0 where the file has others. */
static void count_hidden(struct stack *stack, const struct stack_item *item,
			 int64_t bytes)
{
	struct stack_hiding *hiding = hiding_of(stack, item);

	hiding->change |= item->change;
	add(&hiding->what, bytes);
	add(&stack->layers[item->layer].hidden, bytes);
	if (item->fate != STACK_COPIED && item->fate != STACK_REWRITTEN)
		add(&stack->layers[item->by].deletes, bytes);
	stack->hidden_bytes += bytes;
}

static bool is_counted(const struct stack_item *item)
{
	return item->kind != STACK_FOLDER && item->kind != STACK_WHITEOUT;
}

/* last: of each file (by its first name) the name that was hidden last, as index + 1; 0
 * where one is still seen. */
static uint32_t *last_names(const struct stack *stack)
{
	uint32_t *last = mem_zero(stack->item_count + 1, sizeof(*last));
	OWN_BUF struct buf seen = { 0 };
	char *is_seen = buf_room(&seen, stack->item_count + 1);

	for (size_t i = 0; i <= stack->item_count; i++)
		is_seen[i] = 0;
	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];
		uint32_t *of = &last[item->first];

		if (item->fate == STACK_SEEN)
			is_seen[item->first] = 1;
		else if (!*of || stack->items[*of - 1].by <= item->by)
			*of = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < stack->item_count; i++)
		if (is_seen[i])
			last[i] = 0;
	return last;
}

static int compare_hidings(const void *a, const void *b)
{
	const struct stack_hiding *x = a;
	const struct stack_hiding *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	return (x->fate > y->fate) - (x->fate < y->fate);
}

void stack_count(struct stack *stack)
{
	uint32_t *last = last_names(stack);

	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];

		count_brought(stack, item);
		if (item->fate != STACK_SEEN && is_counted(item))
			count_hidden(stack, item,
				     last[item->first] == i + 1 ?
					     stack->items[item->first].bytes :
					     0);
	}
	free(last);
	if (stack->hiding_count)
		qsort(stack->hidings, stack->hiding_count,
		      sizeof(*stack->hidings), compare_hidings);
	for (size_t i = 0; i < stack->layer_count; i++)
		if (stack->layers[i].writable)
			stack->layers[i].size_bytes =
				stack->layers[i].counted_bytes;
}
