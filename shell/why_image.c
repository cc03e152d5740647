/* shell/why_image.c - see why.h: images and their layers. */
#include <stdlib.h>
#include <string.h>

#include "images/stack.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/why.h"

enum { LARGEST = 3 };

static const char *name_of(const struct why *why)
{
	return why->image.tags.count ? why->image.tags.items[0] : why->word;
}

static const char *made_by(const struct stack_layer *layer)
{
	return layer->writable	      ? _("what the container wrote") :
	       *layer->created_by ? layer->created_by :
				    "?";
}

/* "6.0MB". Borrowed until the next call but two. */
static const char *size(int64_t bytes)
{
	static char texts[3][HUMAN_SIZE];
	static int turn;

	turn = (turn + 1) % 3;
	return human_size(texts[turn], (double)bytes, 3);
}

/* ---- the whole ---- */

static void fact_users(const struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	OWN_BUF struct buf users = { 0 };

	if (container_list(why->shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].spec.image_id &&
		    strcmp(all.items[i].spec.image_id, why->image.id) == 0) {
			OWN_FREE char *text = why_container_text(&all.items[i]);

			buf_fmt(&users, "%s%s", users.len ? ", " : "", text);
		}
	if (users.len)
		why_fact(f, WHY_FROM_RECORD, _("in use by: %s"),
			 buf_text(&users));
}

static enum why_answer dangling(struct why *why, struct why_finding *f)
{
	if (why->image.tags.count)
		return WHY_NOT;
	why_fact(f, WHY_FROM_IMAGE, _("%.19s has no name"), why->image.id);
	if (why->image.parent)
		why_fact(f, WHY_FROM_IMAGE, _("made from %.19s"),
			 why->image.parent);
	fact_users(why, f);
	why_fix(f, _("give it a name (tag), or let 'image prune' remove it"));
	why_next(f, "history %.12s", strchr(why->image.id, ':') + 1);
	return why_say(f, _("%s has no name: its name went to a newer image, or it is a step of a build; it stays until something removes it"),
		       why->word);
}

/* Indexes of the largest layers, largest first. */
static size_t find_largest(const struct stack *stack, size_t out[LARGEST])
{
	size_t count = 0;

	for (size_t n = 0; n < LARGEST && n < stack->layer_count; n++) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < stack->layer_count; i++) {
			bool used = false;

			for (size_t u = 0; u < count; u++)
				used |= out[u] == i;
			if (!used && (best == SIZE_MAX ||
				      stack->layers[i].size_bytes >
					      stack->layers[best].size_bytes))
				best = i;
		}
		if (stack->layers[best].size_bytes)
			out[count++] = best;
	}
	return count;
}

static enum why_answer image_size(struct why *why, struct why_finding *f)
{
	OWN_STACK struct stack stack = { 0 };
	struct err ignored = { 0 };
	size_t largest[LARGEST];
	size_t count;

	if (stack_read(why->shell->store, why->image.id, STACK_OF_IMAGE, &stack,
		       &ignored) < 0)
		return WHY_NOT;
	count = find_largest(&stack, largest);
	why_fact(f, WHY_FROM_IMAGE,
		 _("%s in all; layers: %zu"),
		 size(stack.size_bytes), stack.layer_count);
	for (size_t i = 0; i < count; i++)
		why_fact(f, WHY_FROM_IMAGE, _("layer %zu: %s, %.100s"),
			 largest[i] + 1,
			 size(stack.layers[largest[i]].size_bytes),
			 made_by(&stack.layers[largest[i]]));
	fact_users(why, f);
	why_next(f, "layers %s", name_of(why));
	if (stack.hidden_bytes) {
		why_fact(f, WHY_FROM_IMAGE, _("%s of it nobody sees: covered or deleted by a higher layer"),
			 size(stack.hidden_bytes));
		why_fix(f, _("what one RUN makes and the next deletes stays: do both in one"));
	}
	if (!count)
		return why_say(f, _("%s has no files of its own: it is only settings"),
			       name_of(why));
	if (stack.hidden_bytes > stack.size_bytes / 20) {
		f->id = "image_waste";
		return why_say(f, _("%s is %s large, and %s of that is waste that no one sees"),
			       name_of(why), size(stack.size_bytes),
			       size(stack.hidden_bytes));
	}
	return why_say(f, _("%s is %s large because of its layer %zu: %s"),
		       name_of(why), size(stack.size_bytes), largest[0] + 1,
		       size(stack.layers[largest[0]].size_bytes));
}

/* ---- one layer ---- */

static void fact_layer(struct why_finding *f, const struct stack_layer *l,
		       size_t number)
{
	why_fact(f, WHY_FROM_IMAGE, _("layer %zu: %s, %.150s"), number,
		 size(l->writable ? l->counted_bytes : l->size_bytes),
		 made_by(l));
	if (l->added.files)
		why_fact(f, WHY_FROM_IMAGE,
			 _("new files: %lld, %s"),
			 (long long)l->added.files, size(l->added.bytes));
	if (l->copied.files)
		why_fact(f, WHY_FROM_IMAGE,
			 _("files with the same content as below: %lld, %s"),
			 (long long)l->copied.files, size(l->copied.bytes));
	if (l->rewritten.files)
		why_fact(f, WHY_FROM_IMAGE,
			 _("files written anew: %lld, %s"),
			 (long long)l->rewritten.files,
			 size(l->rewritten.bytes));
	if (l->whiteouts || l->opaques)
		why_fact(f, WHY_FROM_IMAGE,
			 _("marks of a deletion: %lld, hiding %s below"),
			 (long long)l->whiteouts + l->opaques,
			 size(l->deletes.bytes));
}

static enum why_answer layer(struct why *why, struct why_finding *f)
{
	OWN_STACK struct stack stack = { 0 };
	struct err ignored = { 0 };
	const struct stack_layer *l;

	if (stack_read(why->shell->store,
		       why->container ? why->container->spec.id :
					why->image.id,
		       STACK_OF_EITHER, &stack, &ignored) < 0)
		return WHY_NOT;
	why_next(f, "layers %s", why->word);
	if ((size_t)why->layer > stack.layer_count) {
		f->id = "no_such_layer";
		why_fact(f, WHY_FROM_IMAGE,
			 _("layers: %zu"),
			 stack.layer_count);
		return why_say(f, _("%s has no layer %d"), why->word,
			       why->layer);
	}
	l = &stack.layers[why->layer - 1];
	fact_layer(f, l, (size_t)why->layer);
	if (l->copied.bytes &&
	    l->copied.bytes >= l->added.bytes + l->rewritten.bytes) {
		f->id = "layer_copies";
		why_fix(f, _("set owner and mode as the files come in: COPY --chown, or chown in the same RUN that makes them"));
		return why_say(f, _("layer %d of %s takes %s because a change of owner, mode or time copies whole files: their content lies in a lower layer as well"),
			       why->layer, why->word, size(l->copied.bytes));
	}
	if (l->deletes.bytes && l->deletes.bytes > l->added.bytes) {
		f->id = "layer_only_hides";
		why_fix(f, _("delete in the same RUN that made the files: then they are never in a layer"));
		return why_say(f, _("layer %d of %s deletes %s and saves nothing: it only hides them, their bytes stay in the layer below"),
			       why->layer, why->word, size(l->deletes.bytes));
	}
	f->id = "layer_adds";
	return why_say(f, _("layer %d of %s takes %s because it brings files that were not there before"),
		       why->layer, why->word,
		       size(l->writable ? l->counted_bytes : l->size_bytes));
}



const struct why_cause why_image_causes[] = {
	{ "layer", WHY_LAYER, false, layer },
	{ "dangling_image", WHY_IMAGE, false, dangling },
	{ "image_size", WHY_IMAGE, false, image_size },
	{ 0 },
};
