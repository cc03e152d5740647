/* lessons/facts.c - see facts.h: what is the same for any facts. Those of a real
 * home are facts_real.c's. */
#include "lessons/facts.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

const struct container *facts_container(const struct facts *facts,
					const char *name)
{
	const struct containers *all = NULL;
	struct err ignored = { 0 };
	size_t len = strlen(name);

	if (len == 0 || facts->containers(facts->ctx, &all, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		const struct spec *spec = &all->items[i].spec;

		if (spec->name && strcmp(spec->name, name) == 0)
			return &all->items[i];
	}
	for (size_t i = 0; i < all->count; i++) {
		if (strncmp(all->items[i].spec.id, name, len) == 0)
			return &all->items[i];
	}
	return NULL;
}

bool facts_saw(const struct facts *facts, const char *kind, const char *name)
{
	OWN_FREE char *seen = mem_fmt("%s %s", kind, name);
	OWN_FREE char *latest = mem_fmt("%s %s:latest", kind, name);

	return facts->seen && (strs_has(facts->seen, seen) ||
			       (strcmp(kind, "image") == 0 &&
				strs_has(facts->seen, latest)));
}

void facts_container_names(const struct facts *facts, struct buf *out)
{
	const struct containers *all = NULL;
	struct err ignored = { 0 };
	size_t shown;

	if (facts->containers(facts->ctx, &all, &ignored) < 0)
		return;
	shown = all->count > 4 ? 3 : all->count;
	for (size_t i = 0; i < shown; i++)
		buf_fmt(out, "%s%s", i > 0 ? ", " : "",
			all->items[i].spec.name);
	if (shown < all->count)
		buf_fmt(out, _(" and %zu more"), all->count - shown);
}

void facts_file_done(struct facts_file *file)
{
	free(file->text);
	*file = (struct facts_file){ 0 };
}

void facts_ran_done(struct facts_ran *ran)
{
	free(ran->output);
	free(ran->failed);
	*ran = (struct facts_ran){ 0 };
}

void facts_page_done(struct facts_page *page)
{
	free(page->body);
	*page = (struct facts_page){ 0 };
}

bool facts_is_on(const struct container *container,
		 const struct network *network)
{
	const struct spec *spec = &container->spec;
	const char *mode = network_of_mode(spec);

	for (size_t i = 0; i < spec->networks.count; i++) {
		if (network_has(network, &spec->networks.items[i]))
			return true;
	}
	/* The entry of its first network may be left out. */
	return !spec->parted && mode && strcmp(mode, network->name) == 0;
}

const struct network *facts_network(const struct facts *facts,
				    const char *name)
{
	const struct networks *all = NULL;
	struct err ignored = { 0 };

	if (facts->networks(facts->ctx, &all, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->items[i].name, name) == 0)
			return &all->items[i];
	}
	return NULL;
}
