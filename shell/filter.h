/* shell/filter.h - --filter: which of a list's things are shown.
 *
 * A command names the keys that it has; what was typed is read once, and each
 * thing is then asked about:
 *
 *	static const char *const keys[] = { "id", "label", "name", NULL };
 *
 *	OWN_FILTERS struct filters filters = { 0 };
 *
 *	r = filters_read(&filters, &opts->filter, keys, err);
 *	...
 *	if (filters_prefix(&filters, "id", c->spec.id) &&
 *	    filters_match(&filters, "name", c->spec.name) &&
 *	    filters_labels(&filters, &c->spec.labels))
 *		...
 *
 * Different keys must all agree; of several values of one key one is enough,
 * except labels, which must all be there. A key that was not typed agrees with
 * everything.
 * Source: docker's api/types/filters (Args) and opts (FilterOpt). */
#ifndef SHELL_FILTER_H
#define SHELL_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;

/* items  "key=value", in the order typed, keys in lower case */
struct filters {
	struct strs items;
};

void filters_done(struct filters *filters);
#define OWN_FILTERS __attribute__((cleanup(filters_done)))

/* Reads what --filter (and -f) was given. In the table of options it is an OPT_LIST
 * with the flag OPT_FILTER, so that one without '=' was refused before.
 *
 * keys  what the command knows, ends with NULL; "label!" is a key of its own.
 *       NULL: any
 *
 * -EINVAL with Docker's "Error response from daemon: Invalid filter 'foo'" for an
 * unknown key (status 1). */
int filters_read(struct filters *filters, const struct strs *given,
		 const char *const *keys, struct err *err);

/* Whether that key was typed. */
bool filters_has(const struct filters *filters, const char *key);

/* The value of that key at `index` (0, 1 ...), or NULL behind the last. Borrowed. */
const char *filters_value(const struct filters *filters, const char *key,
			  size_t index);

/* One of the key's values is `text` itself. */
bool filters_exact(const struct filters *filters, const char *key,
		   const char *text);

/* One is the beginning of `text`. */
bool filters_prefix(const struct filters *filters, const char *key,
		    const char *text);

/* One is found somewhere in `text`; values are regular expressions ("^web$").
 * One that is none is compared as it stands. */
bool filters_match(const struct filters *filters, const char *key,
		   const char *text);

/* All of "label" ("name" or "name=value") are among labels ("name=value"), and
 * none of "label!" is. */
bool filters_labels(const struct filters *filters, const struct strs *labels);

/* A key whose value is "true" or "false": *out is left alone where it was not
 * typed. -EINVAL: "Error response from daemon: Invalid filter 'dangling=[x]'". */
int filters_bool(const struct filters *filters, const char *key, bool *out,
		 struct err *err);

/* "until", "since" of pruning and events: "10m" before now, a time of RFC 3339
 * with or without its end, or seconds since 1970. *out_ns is left alone where
 * it was not typed. -EINVAL where it is none of them. */
int filters_time(const struct filters *filters, const char *key,
		 int64_t *out_ns, struct err *err);

/* The same for any text: what `logs --since` and `events --until` take. */
int filter_time(const char *text, int64_t *out_ns, struct err *err);

#endif
