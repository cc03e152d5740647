/* shell/layers_json.c - `layers` for programs; see layers_view.h */
#include <string.h>

#include "runtime/base/own.h"
#include "shell/layers_view.h"
#include "shell/stack_view.h"

static json_t *layer_json(const struct stack *stack, size_t number)
{
	const struct stack_layer *layer = &stack->layers[number];
	OWN_FREE char *made_by = stack_view_instruction(layer->created_by);

	return json_pack(
		"{s:i,s:b,s:s*,s:s,s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o}",
		"number", (int)number + 1, "writable", layer->writable,
		"chain_id", layer->chain[0] ? layer->chain : NULL, "instruction",
		made_by, "folder", layer->folder, "size_bytes",
		(json_int_t)layer->size_bytes, "counted_bytes",
		(json_int_t)layer->counted_bytes, "seen_bytes",
		(json_int_t)(layer->counted_bytes - layer->hidden.bytes),
		"added", stack_view_count(&layer->added), "copied",
		stack_view_count(&layer->copied), "rewritten",
		stack_view_count(&layer->rewritten), "new_folders",
		(json_int_t)layer->folders, "kept_folders",
		(json_int_t)layer->kept_folders, "whiteouts",
		(json_int_t)layer->whiteouts, "opaque_folders",
		(json_int_t)layer->opaques, "hides",
		stack_view_count(&layer->deletes), "hidden",
		stack_view_count(&layer->hidden), "shared_with",
		stack_view_strs(&layer->images), "base_of_this",
		stack_view_strs(&layer->ends), "containers",
		stack_view_strs(&layer->containers));
}

static json_t *waste_json(const struct stack *stack)
{
	json_t *list = json_array();

	for (size_t i = 0; i < stack->hiding_count; i++) {
		const struct stack_hiding *h = &stack->hidings[i];

		json_array_append_new(
			list,
			json_pack("{s:i,s:i,s:s,s:I,s:I,s:o}", "layer",
				  (int)h->layer + 1, "hidden_by",
				  (int)h->by + 1, "why",
				  stack_fate_name(h->fate), "files",
				  (json_int_t)h->what.files, "bytes",
				  (json_int_t)h->what.bytes, "changed",
				  stack_view_changes_json(h->change)));
	}
	return list;
}

static json_t *config_json(const struct stack *stack)
{
	json_t *list = json_array();

	for (size_t i = 0; i < stack->step_count; i++) {
		const struct stack_step *step = &stack->steps[i];
		OWN_FREE char *text = stack_view_instruction(step->created_by);

		if (step->layer < 0)
			json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *mounts_json(const struct layers_facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->mount_count; i++) {
		const struct layers_mount *m = &facts->mounts[i];

		json_array_append_new(
			list, json_pack("{s:s,s:o,s:o,s:b,s:o}", "type",
					m->type, "source",
					stack_view_text(m->source), "target",
					stack_view_text(m->target),
					"read_only", m->readonly,
					"hides", stack_view_count(&m->hides)));
	}
	return list;
}

json_t *layers_json(const struct layers_facts *facts)
{
	const struct stack *stack = &facts->stack;
	json_t *layers = json_array();

	for (size_t i = 0; i < stack->layer_count; i++)
		json_array_append_new(layers, layer_json(stack, i));
	return json_pack(
		"{s:s,s:s?,s:s?,s:I,s:I,s:I,s:I,s:I,s:b,s:o,s:o,s:o,s:o}", "image",
		stack->name, "image_id", stack->image_id, "container",
		stack->container, "size_bytes", (json_int_t)stack->size_bytes,
		"counted_bytes", (json_int_t)facts->counted_bytes,
		"shared_bytes", (json_int_t)facts->shared_bytes,
		"wasted_bytes", (json_int_t)facts->wasted_bytes,
		"hidden_bytes", (json_int_t)stack->hidden_bytes, "adds_up",
		facts->adds_up, "layers", layers, "config_only",
		config_json(stack), "waste", waste_json(stack), "mounts",
		mounts_json(facts));
}
