/* runtime/base/list.h - growable lists of strings.
 *
 * A struct strs owns its strings. `items` is always NULL-terminated once
 * something was added, so that it can be handed to execve(2). */
#ifndef RUNTIME_BASE_LIST_H
#define RUNTIME_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct strs {
	char **items;
	size_t count;
	size_t size;
};

/* OWN_STRS struct strs s = { 0 }; is freed at scope end. */
void strs_done(struct strs *strs);
#define OWN_STRS __attribute__((cleanup(strs_done)))

void strs_add(struct strs *strs, const char *text);       /* copies */
void strs_take(struct strs *strs, char *text);            /* takes */
void strs_addf(struct strs *strs, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void strs_copy(struct strs *to, const struct strs *from); /* adds all */
void strs_remove(struct strs *strs, size_t index);
void strs_clear(struct strs *strs);
bool strs_has(const struct strs *strs, const char *text);
void strs_sort(struct strs *strs); /* by strcmp */

/* "A=1": adds it, or replaces the entry of the same name where it stands. The
 * rule of environments and labels. */
void strs_set_env(struct strs *strs, const char *assignment);

/* The value behind "NAME=", or NULL. Borrowed. */
const char *strs_get_env(const struct strs *strs, const char *name);

/* All joined by `between`; given to the caller, to be freed. */
char *strs_join(const struct strs *strs, const char *between);

/* Cuts `text` at each `at`; "" gives no string. */
void strs_split(struct strs *strs, const char *text, char at);

/* items, or a list with just the closing NULL where nothing was added. */
char *const *strs_vector(const struct strs *strs);

#endif
