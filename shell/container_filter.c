/* shell/container_filter.c - see container_filter.h */
#include "shell/container_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/port_spec.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/mount_view.h"
#include "shell/network_view.h"
#include "shell/ports.h"

const char *const container_filter_keys[] = {
	"ancestor", "before", "exited", "expose", "health",  "id",
	"isolation", "is-task", "label", "label!", "name", "network",
	"publish",   "since",	"status", "volume", NULL,
};

void container_filter_done(struct container_filter *filter)
{
	filters_done(&filter->filters);
	strs_done(&filter->ancestors);
	*filter = (struct container_filter){ 0 };
}

/* ---- reading ---- */

/* Each value of the key is one of the words. */
static int check_words(const struct filters *filters, const char *key,
		       const char *const *words, const char *refusal,
		       struct err *err)
{
	const char *value;

	for (size_t i = 0; (value = filters_value(filters, key, i)); i++) {
		size_t n = 0;

		while (words[n] && strcmp(words[n], value) != 0)
			n++;
		if (words[n])
			continue;
		err_docker(err, ERR_DAEMON, EINVAL, "%s%s%s", refusal, value,
			   strchr(refusal, '\'') ? "'" : "");
		return err_status(err, 1);
	}
	return 0;
}

static int check_numbers(const struct filters *filters, struct err *err)
{
	struct err ignored = { 0 };
	const char *value;
	int64_t number;

	for (size_t i = 0; (value = filters_value(filters, "exited", i)); i++) {
		if (parse_int(value, INT32_MIN, INT32_MAX, &number, &ignored) ==
		    0)
			continue;
		err_docker(err, ERR_DAEMON, EINVAL,
			   "strconv.Atoi: parsing \"%s\": invalid syntax", value);
		return err_status(err, 1);
	}
	return 0;
}

/* Ports are looked at once, so that a wrong one is said before any row. */
static int check_ports(const struct filters *filters, const char *key,
		       struct err *err)
{
	static const struct strs none = { 0 };
	const char *value;
	int r = 0;

	for (size_t i = 0; r >= 0 && (value = filters_value(filters, key, i));
	     i++)
		r = ports_fit(&none, value, err);
	if (r >= 0)
		return 0;
	err_wrap(err, "error while looking up for %s %s", key, value);
	return err_status(err, 1);
}

/* "before" and "since" name a container; its place in the list. Nothing is named:
 * *out is left alone. */
static int find_place(struct shell *shell, const char *name,
		      const struct containers *all, size_t *out,
		      struct err *err)
{
	OWN_CONTAINER struct container found = { 0 };
	int r = name ? container_find(shell->home, name, &found, err) : 0;

	if (r < 0) {
		if (r == -ENOENT)
			return err_docker(err, ERR_DAEMON, ENOENT,
					  "no such container %s", name);
		err->voice = ERR_DAEMON;
		return r;
	}
	for (size_t i = 0; name && i < all->count; i++)
		if (strcmp(all->items[i].spec.id, found.spec.id) == 0)
			*out = i;
	return 0;
}

/* Adds the image and all that were made from it. */
static void add_family(const struct image_list *images, const char *id,
		       struct strs *out)
{
	if (strs_has(out, id))
		return;
	strs_add(out, id);
	for (size_t i = 0; i < images->count; i++)
		if (images->items[i].parent &&
		    strcmp(images->items[i].parent, id) == 0)
			add_family(images, images->items[i].id, out);
}

/* An ancestor that is not there has no containers, and that is no failure. */
static int read_ancestors(struct container_filter *filter, struct shell *shell,
			  struct err *err)
{
	struct image_list images = { 0 };
	const char *name;
	int r;

	if (!filters_has(&filter->filters, "ancestor"))
		return 0;
	r = image_list(shell->store, true, &images, err);
	if (r < 0)
		return r;
	for (size_t i = 0;
	     (name = filters_value(&filter->filters, "ancestor", i)); i++) {
		OWN_IMAGE struct image image = { 0 };
		struct err ignored = { 0 };

		if (image_find(shell->store, name, &image, &ignored) == 0)
			add_family(&images, image.id, &filter->ancestors);
	}
	image_list_done(&images);
	return 0;
}

static int check_values(struct container_filter *filter, struct err *err)
{
	static const char *const states[] = { "created",  "running",
					      "paused",   "restarting",
					      "removing", "exited",
					      "dead",     NULL };
	static const char *const healths[] = { "none", "starting", "healthy",
					       "unhealthy", NULL };
	const struct filters *filters = &filter->filters;
	bool task = false;
	int r = check_words(filters, "status", states,
			    "Invalid filter 'status=", err);

	if (r == 0)
		r = check_words(filters, "health", healths,
				"Unrecognised filter value for health: ", err);
	if (r == 0)
		r = check_numbers(filters, err);
	if (r == 0)
		r = check_ports(filters, "publish", err);
	if (r == 0)
		r = check_ports(filters, "expose", err);
	if (r == 0)
		r = filters_bool(filters, "is-task", &task, err);
	/* Tasks belong to swarm: no container here is one. */
	if (r == 0 && task)
		filter->end = 0;
	return r;
}

int container_filter_read(struct container_filter *filter,
			  const struct strs *given, struct shell *shell,
			  const struct containers *all, struct err *err)
{
	size_t before = all->count;
	int r = filters_read(&filter->filters, given, container_filter_keys, err);

	filter->end = all->count;
	if (r == 0)
		r = check_values(filter, err);
	if (r == 0)
		r = find_place(shell,
			       filters_value(&filter->filters, "before", 0),
			       all, &before, err);
	if (r == 0 && filter->end)
		r = find_place(shell,
			       filters_value(&filter->filters, "since", 0),
			       all, &filter->end, err);
	if (r == 0)
		r = read_ancestors(filter, shell, err);
	filter->first = before < all->count ? before + 1 : 0;
	filter->all = filters_has(&filter->filters, "status");
	return r;
}

/* ---- asking ---- */

static bool exit_fits(const struct filters *filters, const struct container *c)
{
	const char *value = filters_value(filters, "exited", 0);

	if (!value)
		return true;
	for (size_t i = 0; value; value = filters_value(filters, "exited", ++i))
		if (strtol(value, NULL, 10) == c->exit_code &&
		    !container_is_up(c) && c->started_ns)
			return true;
	return false;
}

static bool ports_of(const struct filters *filters, const char *key,
		     const struct strs *ports)
{
	const char *value = filters_value(filters, key, 0);
	struct err ignored = { 0 };
	bool fits = !value;

	for (size_t i = 0; value; value = filters_value(filters, key, ++i))
		fits = fits || ports_fit(ports, value, &ignored) > 0;
	return fits;
}

/* By the port of the machine that listens for it, while it runs: Docker's rule. */
static bool published_fits(const struct filters *filters,
			   const struct container *c)
{
	OWN_STRS struct strs outside = { 0 };
	struct port_spec port;

	for (size_t i = 0; i < c->published.count; i++)
		if (port_spec_read(c->published.items[i], &port))
			strs_addf(&outside, "%d/%s", port.first, port.proto);
	return ports_of(filters, "publish", &outside);
}

static bool volume_fits(const struct filters *filters,
			const struct container *c)
{
	const char *value = filters_value(filters, "volume", 0);
	bool fits = !value;

	for (size_t i = 0; value; value = filters_value(filters, "volume", ++i))
		fits = fits || mount_view_has(&c->spec, value);
	return fits;
}

/* A name may be asked for as `inspect` shows it, with a slash in front. */
static bool name_fits(const struct filters *filters, const char *name)
{
	char with_slash[300];

	snprintf(with_slash, sizeof(with_slash), "/%s", name);
	return filters_match(filters, "name", name) ||
	       filters_match(filters, "name", with_slash);
}

bool container_filter_fits(const struct container_filter *filter,
			   const struct containers *all, size_t index)
{
	const struct filters *f = &filter->filters;
	const struct container *c = &all->items[index];

	if (index < filter->first || index >= filter->end)
		return false;
	if (filters_has(f, "ancestor") &&
	    (!c->spec.image_id ||
	     !strs_has(&filter->ancestors, c->spec.image_id)))
		return false;
	return filters_prefix(f, "id", c->spec.id) &&
	       name_fits(f, c->spec.name) &&
	       filters_labels(f, &c->spec.labels) &&
	       filters_exact(f, "status", container_status_name(c->status)) &&
	       filters_exact(f, "health", container_health_name(c)) &&
	       network_view_fits(c, f) &&
	       exit_fits(f, c) && volume_fits(f, c) &&
	       ports_of(f, "expose", &c->spec.exposed) && published_fits(f, c);
}
