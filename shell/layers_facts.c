/* shell/layers_facts.c - what `layers` knows; see layers_view.h */
#include "shell/layers_view.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/mount_spec.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"

void layers_facts_done(struct layers_facts *facts)
{
	for (size_t i = 0; i < facts->mount_count; i++) {
		free(facts->mounts[i].type);
		free(facts->mounts[i].source);
		free(facts->mounts[i].target);
	}
	free(facts->mounts);
	free(facts->name);
	free(facts->largest);
	stack_done(&facts->stack);
	*facts = (struct layers_facts){ 0 };
}

/* ---- what lies over the layers ---- */

static void add_mount(struct layers_facts *facts, struct layers_mount mount)
{
	stack_count_seen(&facts->stack, stack_find(&facts->stack, mount.target),
			 &mount.hides);
	facts->mounts = mem_grow(facts->mounts, facts->mount_count + 1,
				 sizeof(mount));
	facts->mounts[facts->mount_count++] = mount;
}

static int read_mounts(struct shell *shell, struct layers_facts *facts,
		       struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = container_find(shell->home, facts->stack.container_id, &c, err);

	for (size_t i = 0; i < c.spec.mounts.count && r == 0; i++) {
		OWN_MOUNT_SPEC struct mount_spec m;

		r = mount_spec_read(c.spec.mounts.items[i], &m, err);
		if (r == 0)
			add_mount(facts, (struct layers_mount){
						 mem_str(m.type),
						 mem_str(m.source ? m.source : ""),
						 mem_str(m.target),
						 m.readonly,
						 { 0 } });
	}
	for (size_t i = 0; i < c.spec.tmpfs.count && r == 0; i++) {
		const char *text = c.spec.tmpfs.items[i];

		add_mount(facts, (struct layers_mount){
					 mem_str("tmpfs"), mem_str(""),
					 mem_strn(text, strcspn(text, ":")),
					 false,
					 { 0 } });
	}
	return r;
}

/* ---- sums ---- */

static void sum_up(struct layers_facts *facts)
{
	const struct stack *stack = &facts->stack;

	facts->adds_up = true;
	for (size_t i = 0; i < stack->layer_count; i++) {
		const struct stack_layer *layer = &stack->layers[i];

		if (layer->images.count)
			facts->shared_bytes += layer->size_bytes;
		if (layer->writable)
			continue;
		facts->counted_bytes += layer->counted_bytes;
		if (layer->counted_bytes != layer->size_bytes)
			facts->adds_up = false;
	}
}

static int compare_bytes(const void *a, const void *b, void *arg)
{
	const struct stack *stack = arg;
	int64_t x = stack->hidings[*(const size_t *)a].what.bytes;
	int64_t y = stack->hidings[*(const size_t *)b].what.bytes;

	return (x < y) - (x > y);
}

static void sort_waste(struct layers_facts *facts)
{
	struct stack *stack = &facts->stack;

	facts->largest =
		mem_zero(stack->hiding_count + 1, sizeof(*facts->largest));
	for (size_t i = 0; i < stack->hiding_count; i++) {
		facts->largest[i] = i;
		if (!stack->layers[stack->hidings[i].by].writable)
			facts->wasted_bytes += stack->hidings[i].what.bytes;
	}
	if (stack->hiding_count)
		qsort_r(facts->largest, stack->hiding_count,
			sizeof(*facts->largest), compare_bytes, stack);
}

/* The largest thing that is hidden, else the largest that is seen. */
static const char *path_to_try(const struct stack *stack)
{
	const struct stack_item *best = NULL;

	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];

		if (item->kind != STACK_FILE)
			continue;
		if (!best ||
		    (item->fate != STACK_SEEN) > (best->fate != STACK_SEEN) ||
		    ((item->fate != STACK_SEEN) == (best->fate != STACK_SEEN) &&
		     item->bytes > best->bytes))
			best = item;
	}
	return best ? stack->paths[best->path].path : "/";
}

int layers_facts_read(struct shell *shell, const char *name,
		      struct layers_facts *out, struct err *err)
{
	OWN_LAYERS_FACTS struct layers_facts facts = { 0 };
	int r = stack_view_read(shell, name, &facts.stack, err);

	if (r == 0 && facts.stack.container)
		r = read_mounts(shell, &facts, err);
	if (r < 0)
		return r;
	facts.name = mem_str(name);
	sum_up(&facts);
	sort_waste(&facts);
	facts.try_path = path_to_try(&facts.stack);
	*out = facts;
	facts = (struct layers_facts){ 0 };
	return 0;
}
