/* lessons/made.c - see made.h */
#include "lessons/made.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

enum { SHORTEST_ID = 4 };

/* ---- what is there ---- */

struct thing {
	int64_t created_ns;
	char *text;
};

static int by_age(const void *a, const void *b)
{
	const struct thing *x = a;
	const struct thing *y = b;

	if (x->created_ns != y->created_ns)
		return x->created_ns < y->created_ns ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int add_images(struct store *store, struct thing **things,
		      size_t *count, struct err *err)
{
	struct image_list images = { 0 };
	int r = image_list(store, true, &images, err);

	for (size_t i = 0; i < images.count; i++) {
		*things = mem_grow(*things, *count + 1, sizeof(**things));
		(*things)[(*count)++] = (struct thing){
			images.items[i].created_ns,
			mem_fmt("image %s", digest_hex(images.items[i].id)),
		};
	}
	image_list_done(&images);
	return r;
}

static int add_containers(const struct home *home, struct thing **things,
			  size_t *count, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(home, &all, err);

	for (size_t i = 0; i < all.count; i++) {
		*things = mem_grow(*things, *count + 1, sizeof(**things));
		(*things)[(*count)++] = (struct thing){
			all.items[i].created_ns,
			mem_fmt("container %s %s", all.items[i].spec.id,
				all.items[i].spec.name),
		};
	}
	return r;
}

/* A container may be renamed: its id is what it is known by. */
static bool is_known(const struct strs *known, const char *text)
{
	size_t len = strcspn(text, " ") + 1 + DIGEST_HEX;

	for (size_t i = 0; i < known->count; i++) {
		if (strncmp(known->items[i], text, len) == 0)
			return true;
	}
	return false;
}

int made_look(const struct home *home, struct store *store,
	      const struct strs *known, struct strs *out, struct err *err)
{
	struct thing *things = NULL;
	size_t count = 0;
	int r = add_images(store, &things, &count, err);

	if (r == 0)
		r = add_containers(home, &things, &count, err);
	if (count > 0)
		qsort(things, count, sizeof(*things), by_age);
	for (size_t i = 0; i < count; i++) {
		if (r == 0 && !is_known(known, things[i].text))
			strs_add(out, things[i].text);
		free(things[i].text);
	}
	free(things);
	return r;
}

/* ---- then and now ---- */

bool made_same_kind(const char *a, const char *b)
{
	return *a && *a == *b;
}

void made_pair(struct made_pairs *pairs, const char *then, const char *now)
{
	strs_add(&pairs->then, then);
	strs_add(&pairs->now, now);
}

void made_pairs_done(struct made_pairs *pairs)
{
	strs_done(&pairs->then);
	strs_done(&pairs->now);
}

/* Of "container ID NAME", "image ID": the id and what stands behind it. */
static const char *id_of(const char *text)
{
	return text + strcspn(text, " ") + 1;
}

static const char *name_of(const char *text)
{
	const char *id = id_of(text);

	return strlen(id) > DIGEST_HEX ? id + DIGEST_HEX + 1 : "";
}

static bool is_id(const char *word, size_t len)
{
	return len >= SHORTEST_ID && len <= DIGEST_HEX &&
	       strspn(word, "0123456789abcdef") >= len;
}

/* Those made last are looked at first. */
static void add_word(const struct made_pairs *pairs, const char *word,
		     size_t len, struct buf *out)
{
	for (size_t i = pairs->then.count; i-- > 0;) {
		const char *then = pairs->then.items[i];
		const char *now = pairs->now.items[i];
		const char *name = name_of(then);

		if (is_id(word, len) && strncmp(id_of(then), word, len) == 0 &&
		    strlen(id_of(now)) >= len) {
			buf_add(out, id_of(now), len);
			return;
		}
		if (*name && strlen(name) == len &&
		    strncmp(name, word, len) == 0) {
			buf_str(out, name_of(now));
			return;
		}
	}
	buf_add(out, word, len);
}

static size_t word_len(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

char *made_translate(const struct made_pairs *pairs, const char *line)
{
	OWN_BUF struct buf out = { 0 };

	while (*line) {
		size_t len = word_len(line);

		if (len > 0)
			add_word(pairs, line, len, &out);
		else
			buf_char(&out, *line);
		line += len > 0 ? len : 1;
	}
	return buf_give(&out);
}
