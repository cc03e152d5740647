/* runtime/base/list.c - see list.h */
#include "runtime/base/list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"

void strs_clear(struct strs *strs)
{
	for (size_t i = 0; i < strs->count; i++)
		free(strs->items[i]);
	strs->count = 0;
	if (strs->items)
		strs->items[0] = NULL;
}

void strs_done(struct strs *strs)
{
	strs_clear(strs);
	free(strs->items);
	*strs = (struct strs){ 0 };
}

void strs_take(struct strs *strs, char *text)
{
	if (strs->count + 2 > strs->size) {
		strs->size = strs->size ? strs->size * 2 : 8;
		strs->items = mem_grow(strs->items, strs->size, sizeof(char *));
	}
	strs->items[strs->count++] = text;
	strs->items[strs->count] = NULL;
}

void strs_add(struct strs *strs, const char *text)
{
	strs_take(strs, mem_str(text));
}

void strs_addf(struct strs *strs, const char *format, ...)
{
	struct buf buf = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&buf, format, args);
	va_end(args);
	strs_take(strs, buf_give(&buf));
}

void strs_copy(struct strs *to, const struct strs *from)
{
	for (size_t i = 0; i < from->count; i++)
		strs_add(to, from->items[i]);
}

void strs_remove(struct strs *strs, size_t index)
{
	free(strs->items[index]);
	/* One more than the strings behind it: the closing NULL moves too. */
	memmove(&strs->items[index], &strs->items[index + 1],
		(strs->count - index) * sizeof(char *));
	strs->count--;
}

bool strs_has(const struct strs *strs, const char *text)
{
	for (size_t i = 0; i < strs->count; i++)
		if (strcmp(strs->items[i], text) == 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strs_sort(struct strs *strs)
{
	if (strs->count)
		qsort(strs->items, strs->count, sizeof(char *), by_text);
}

void strs_set_env(struct strs *strs, const char *assignment)
{
	size_t name = strcspn(assignment, "=");

	for (size_t i = 0; i < strs->count; i++) {
		const char *old = strs->items[i];

		if (strcspn(old, "=") == name &&
		    strncmp(old, assignment, name) == 0) {
			free(strs->items[i]);
			strs->items[i] = mem_str(assignment);
			return;
		}
	}
	strs_add(strs, assignment);
}

const char *strs_get_env(const struct strs *strs, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < strs->count; i++)
		if (strncmp(strs->items[i], name, len) == 0 &&
		    strs->items[i][len] == '=')
			return strs->items[i] + len + 1;
	return NULL;
}

char *strs_join(const struct strs *strs, const char *between)
{
	struct buf buf = { 0 };

	for (size_t i = 0; i < strs->count; i++) {
		if (i)
			buf_str(&buf, between);
		buf_str(&buf, strs->items[i]);
	}
	return buf_give(&buf);
}

void strs_split(struct strs *strs, const char *text, char at)
{
	while (*text) {
		const char *end = strchrnul(text, at);

		strs_take(strs, mem_strn(text, (size_t)(end - text)));
		text = *end ? end + 1 : end;
	}
}

char *const *strs_vector(const struct strs *strs)
{
	static char *const none[] = { NULL };

	return strs->count ? strs->items : none;
}
