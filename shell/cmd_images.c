/* shell/cmd_images.c - images: which images there are. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/ref.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/table.h"

enum { ID_PREFIX = 7 /* "sha256:" */, SHORT_ID = 12 };

struct images_opts {
	bool all;
	bool quiet;
	bool no_trunc;
	bool digests;
};

#define AT(member) offsetof(struct images_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Those that others were only made from, too"), NULL, AT(all), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their ids"), NULL, AT(quiet),
	  0 },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids in full length"), NULL,
	  AT(no_trunc), 0 },
	{ "digests", 0, OPT_FLAG, NULL,
	  N_("The digests that registries know them by, too"), NULL,
	  AT(digests), 0 },
	{ 0 },
};

static void add_row(const struct images_opts *o, const struct image *image,
		    const char *repository, const char *tag,
		    struct table *table)
{
	struct timespec now;
	char size[HUMAN_SIZE];
	char age[HUMAN_SIZE];
	int64_t now_ns;

	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	table_cell(table, repository);
	table_cell(table, tag);
	if (o->digests)
		table_cell(table, "<none>");
	if (o->no_trunc)
		table_cell(table, image->id);
	else
		table_cellf(table, "%.*s", SHORT_ID, image->id + ID_PREFIX);
	table_cellf(table, "%s ago",
		    human_duration(age, now_ns - image->created_ns));
	table_cell(table,
		   human_size(size, (double)image->size_bytes, 3));
	table_end_row(table);
}

/* One row a name that fits; a nameless image is one row of <none>. Returns how
 * many. */
static int add_image(const struct images_opts *o, const struct image *image,
		     const char *pattern, struct table *table)
{
	int rows = 0;

	if (image->tags.count == 0 && !pattern) {
		add_row(o, image, "<none>", "<none>", table);
		return 1;
	}
	for (size_t i = 0; i < image->tags.count; i++) {
		OWN_REF struct ref ref = { 0 };
		OWN_FREE char *name = NULL;
		struct err ignored = { 0 };

		if (ref_parse(image->tags.items[i], &ref, &ignored) < 0 ||
		    (pattern && !ref_matches(&ref, pattern)))
			continue;
		name = ref_familiar_name(&ref);
		add_row(o, image, name, ref.tag ? ref.tag : "<none>", table);
		rows++;
	}
	return rows;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct images_opts *o = args->opts;
	const char *pattern = args->count ? args->words[0] : NULL;
	OWN_TABLE struct table table = { 0 };
	struct image_list list = { 0 };
	int r = image_list(shell->store, o->all, &list, err);

	if (r < 0)
		return r;
	if (o->digests)
		table_cells(&table, "REPOSITORY", "TAG", "DIGEST", "IMAGE ID",
			    "CREATED", "SIZE", NULL);
	else
		table_cells(&table, "REPOSITORY", "TAG", "IMAGE ID", "CREATED",
			    "SIZE", NULL);
	table_end_row(&table);
	for (size_t i = 0; i < list.count; i++) {
		const struct image *image = &list.items[i];

		/* An id stands once a name, as in Docker: `rmi $(images -q)`
		 * takes names away one by one. */
		int rows = add_image(o, image, pattern, &table);

		while (o->quiet && rows-- > 0)
			fprintf(shell->out, "%.*s\n",
				o->no_trunc ? ID_PREFIX + 64 : SHORT_ID,
				image->id + (o->no_trunc ? 0 : ID_PREFIX));
	}
	if (!o->quiet)
		table_print(&table, shell->out);
	image_list_done(&list);
	return 0;
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
	.first = COMPLETE_IMAGES,
};
