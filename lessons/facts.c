/* lessons/facts.c - see facts.h: what is the same for any facts. Those of a real
 * home are facts_real.c's. */
#include "lessons/facts.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

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
