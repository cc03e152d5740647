/* shell/cmd_images.c - images: which images there are. */
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/format.h"
#include "shell/image_filter.h"
#include "shell/image_row.h"

struct images_opts {
	bool all;
	bool quiet;
	bool no_trunc;
	bool digests;
	struct strs filter;
	const char *format;
};

#define AT(member) offsetof(struct images_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Those that others were only made from, too"), NULL, AT(all), 0 },
	{ "digests", 0, OPT_FLAG, NULL,
	  N_("The digests that registries know them by, too"), NULL,
	  AT(digests), 0 },
	{ "filter", 'f', OPT_LIST, "filter",
	  N_("Only those that fit: dangling=true, reference=busy*, label=x ..."),
	  NULL, AT(filter), OPT_FILTER },
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids in full length"), NULL,
	  AT(no_trunc), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their ids"), NULL, AT(quiet),
	  0 },
	{ 0 },
};

/* With --digests a table of one's own gets the column, too: given, else NULL. */
static char *text_of(const struct shell *shell,
		     const struct images_opts *o)
{
	const char *text = format_text(shell, o->format);

	if (o->digests && text && strncmp(text, "table ", 6) == 0 &&
	    !strstr(text, "{{.Digest}}"))
		return mem_fmt("%s\t{{.Digest}}", text);
	return NULL;
}

static int add_images(struct shell *shell, const struct images_opts *o,
		      const char *reference, struct format *format,
		      struct err *err)
{
	OWN_IMAGE_FILTER struct image_filter filter = { 0 };
	struct image_list list = { 0 };
	const struct image_look look = {
		.in_full = o->no_trunc,
		.digests = o->digests ||
			   (o->format && strstr(o->format, "{{.Digest}}")),
		.now_ns = container_now(),
	};
	int r = image_filter_read(&filter, &o->filter, reference, shell, err);

	if (r == 0)
		r = image_list(shell->store, o->all, &list, err);
	/* An id stands once a name, as in Docker: `rmi $(images -q)` takes names
	 * away one by one. */
	for (size_t i = 0; i < list.count && r == 0; i++)
		if (image_filter_fits(&filter, &list.items[i]))
			r = image_rows(format, &list.items[i], &look, err);
	image_list_done(&list);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct images_opts *o = args->opts;
	OWN_FORMAT struct format format = { 0 };
	OWN_FREE char *own = text_of(shell, o);
	int r = format_open(&format,
			    o->digests ? &image_kind_digests : &image_kind,
			    own ? own : format_text(shell, o->format),
			    o->quiet, err);

	if (r == 0)
		r = add_images(shell, o, args->count ? args->words[0] : NULL,
			       &format, err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static const char *const examples[] = { "images", "images busybox", NULL };
static const char *const aliases[] = { "image ls", "image list", NULL };

const struct cmd cmd_images = {
	.name = "images",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] [REPOSITORY[:TAG]]",
	.summary = N_("List images"),
	.min_args = 0,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct images_opts),
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.pages = true,
	.first = COMPLETE_IMAGES,
	.filter_keys = image_filter_keys,
	.rows = &image_kind,
};
