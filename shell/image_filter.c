/* shell/image_filter.c - see image_filter.h */
#include "shell/image_filter.h"

#include <errno.h>

#include "images/go_match.h"
#include "images/ref.h"
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"

const char *const image_filter_keys[] = { "before", "dangling", "label",
					   "label!", "reference", "since",
					   "until",  NULL };

void image_filter_done(struct image_filter *filter)
{
	filters_done(&filter->filters);
}

/* "before=x": images older than x; *out is its age. */
static int age_of(const struct filters *filters, const char *key,
		  struct shell *shell, int64_t *out, struct err *err)
{
	const char *name = filters_value(filters, key, 0);
	OWN_IMAGE struct image image = { 0 };
	int r;

	if (!name)
		return 0;
	r = image_find(shell->store, name, &image, err);
	if (r == 0)
		*out = image.created_ns;
	return r;
}

static int check_patterns(const struct filters *filters, struct err *err)
{
	const char *pattern;

	for (size_t i = 0; (pattern = filters_value(filters, "reference", i));
	     i++)
		if (go_match(pattern, "") < 0)
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "syntax error in pattern");
	return 0;
}

int image_filter_read(struct image_filter *filter, const struct strs *given,
		      const char *reference, struct shell *shell,
		      struct err *err)
{
	struct filters *filters = &filter->filters;
	int64_t until = INT64_MAX;
	int r = filters_read(filters, given, image_filter_keys, err);

	filter->after_ns = INT64_MIN;
	filter->before_ns = INT64_MAX;
	if (r == 0 && reference)
		strs_addf(&filters->items, "reference=%s", reference);
	if (r == 0)
		r = check_patterns(filters, err);
	if (r == 0)
		r = filters_bool(filters, "dangling", &filter->dangling, err);
	if (r == 0)
		r = age_of(filters, "before", shell, &filter->before_ns, err);
	if (r == 0)
		r = age_of(filters, "since", shell, &filter->after_ns, err);
	if (r == 0)
		r = filters_time(filters, "until", &until, err);
	if (until < filter->before_ns)
		filter->before_ns = until;
	return r;
}

static bool name_fits(const struct filters *filters, const char *name)
{
	OWN_REF struct ref ref = { 0 };
	struct err ignored = { 0 };
	const char *pattern;

	if (ref_parse(name, &ref, &ignored) < 0)
		return false;
	for (size_t i = 0; (pattern = filters_value(filters, "reference", i));
	     i++)
		if (ref_matches(&ref, pattern))
			return true;
	return false;
}

static void keep_fitting(const struct filters *filters, struct strs *names)
{
	for (size_t i = names->count; i-- > 0;)
		if (!name_fits(filters, names->items[i]))
			strs_remove(names, i);
}

bool image_filter_fits(const struct image_filter *filter, struct image *image)
{
	const struct filters *filters = &filter->filters;
	bool dangling;

	if (image->created_ns >= filter->before_ns ||
	    image->created_ns <= filter->after_ns ||
	    !filters_labels(filters, &image->config.labels))
		return false;
	if (filters_has(filters, "reference")) {
		keep_fitting(filters, &image->tags);
		keep_fitting(filters, &image->digests);
		if (image->tags.count + image->digests.count == 0)
			return false;
	}
	dangling = image->tags.count == 0;
	if (!filters_has(filters, "dangling"))
		return true;
	/* dangling=false leaves those that only a digest names. */
	return filter->dangling ? dangling : !dangling || image->digests.count;
}
