/* shell/cmd_system_df.c - system df: how much room everything takes.
 *
 * Source: Docker's cli/command/formatter/disk_usage.go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "images/usage.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/volume.h"
#include "shell/answer.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/format.h"
#include "shell/gojson.h"
#include "shell/image_row.h"
#include "shell/volume_row.h"

struct df_opts {
	const char *format;
	bool verbose;
};

#define AT(member) offsetof(struct df_opts, member)

static const struct opt opts[] = {
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "verbose", 'v', OPT_FLAG, NULL, N_("Each thing on its own"), NULL,
	  AT(verbose), 0 },
	{ 0 },
};

static const struct format_field fields[] = {
	{ "Type", "TYPE" },
	{ "TotalCount", "TOTAL" },
	{ "Active", "ACTIVE" },
	{ "Size", "SIZE" },
	{ "Reclaimable", "RECLAIMABLE" },
	{ NULL, NULL },
};

static const struct format_kind kind = {
	.type_name = "*formatter.diskUsageImagesContext",
	.fields = fields,
	.table =
		"table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
	.raw = "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
};

/* ---- what there is ---- */

/* users, shared  one for each image; wrote: one for each container; uses: one for
 * each volume */
struct usage {
	struct containers containers;
	struct image_list images;
	struct volumes volumes;
	struct image_share *shares;
	struct volume_use *uses;
	int64_t *wrote;
	int64_t layer_bytes;
};

static void usage_done(struct usage *usage)
{
	containers_done(&usage->containers);
	image_list_done(&usage->images);
	volumes_done(&usage->volumes);
	free(usage->shares);
	free(usage->uses);
	free(usage->wrote);
}

static int read_image(struct shell *shell, struct usage *u, size_t i,
		      struct err *err)
{
	const struct image *image = &u->images.items[i];

	for (size_t c = 0; c < u->containers.count; c++) {
		const char *id = u->containers.items[c].spec.image_id;

		u->shares[i].containers += id && strcmp(id, image->id) == 0;
	}
	return image_usage_shared(shell->store, image->id,
				  &u->shares[i].shared_bytes, err);
}

static int read_volume(struct shell *shell, struct usage *u, size_t i,
		       struct err *err)
{
	const char *name = u->volumes.items[i].name;
	OWN_STRS struct strs users = { 0 };
	int r;

	volume_users(&u->containers, name, &users);
	u->uses[i].links = (int)users.count;
	r = volume_size(shell->home, name, &u->uses[i].bytes, err);
	return r == -ENOENT ? 0 : r; /* it was removed just now */
}

static int usage_read(struct shell *shell, struct usage *u, struct err *err)
{
	int r = container_list(shell->home, &u->containers, err);

	if (r == 0)
		r = image_list(shell->store, false, &u->images, err);
	if (r == 0)
		r = image_usage_total(shell->store, &u->layer_bytes, err);
	if (r == 0)
		r = volume_list(shell->home, &u->volumes, err);
	u->uses = mem_zero(u->volumes.count + 1, sizeof(*u->uses));
	u->shares = mem_zero(u->images.count + 1, sizeof(*u->shares));
	u->wrote = mem_zero(u->containers.count + 1, sizeof(*u->wrote));
	for (size_t i = 0; i < u->images.count && r == 0; i++)
		r = read_image(shell, u, i, err);
	for (size_t i = 0; i < u->containers.count && r == 0; i++)
		r = container_size(shell->home, u->containers.items[i].spec.id,
				   &u->wrote[i], err);
	for (size_t i = 0; i < u->volumes.count && r == 0; i++)
		r = read_volume(shell, u, i, err);
	return r;
}

/* ---- one row a kind of thing ---- */

static int add_row(struct format *format, const char *type, const int64_t n[4],
		   bool percent, struct err *err)
{
	json_t *row = json_object();
	char size[HUMAN_SIZE];
	char free_text[HUMAN_SIZE];
	OWN_FREE char *total = mem_fmt("%lld", (long long)n[0]);
	OWN_FREE char *active = mem_fmt("%lld", (long long)n[1]);
	OWN_FREE char *reclaimable = NULL;

	human_size(size, (double)n[2], 4);
	human_size(free_text, (double)n[3], 4);
	reclaimable = percent && n[2] > 0
			      ? mem_fmt("%s (%lld%%)", free_text,
					(long long)(n[3] * 100 / n[2]))
			      : mem_str(free_text);
	gojson_put(row, "Type", type);
	gojson_put(row, "TotalCount", total);
	gojson_put(row, "Active", active);
	gojson_put(row, "Size", size);
	gojson_put(row, "Reclaimable", reclaimable);
	return format_row(format, row, err);
}

static int add_images(struct format *format, const struct usage *u,
		      struct err *err)
{
	int64_t n[4] = { (int64_t)u->images.count, 0, u->layer_bytes,
			 u->layer_bytes };

	for (size_t i = 0; i < u->images.count; i++) {
		if (u->shares[i].containers == 0)
			continue;
		n[1]++;
		n[3] -= u->images.items[i].size_bytes -
			u->shares[i].shared_bytes;
	}
	return add_row(format, "Images", n, true, err);
}

static int add_containers(struct format *format, const struct usage *u,
			  struct err *err)
{
	int64_t n[4] = { (int64_t)u->containers.count, 0, 0, 0 };

	for (size_t i = 0; i < u->containers.count; i++) {
		bool up = container_is_up(&u->containers.items[i]);

		n[1] += up;
		n[2] += u->wrote[i];
		n[3] += up ? 0 : u->wrote[i];
	}
	return add_row(format, "Containers", n, true, err);
}

static int add_volumes(struct format *format, const struct usage *u,
		       struct err *err)
{
	int64_t n[4] = { (int64_t)u->volumes.count, 0, 0, 0 };

	for (size_t i = 0; i < u->volumes.count; i++) {
		const struct volume_use *use = &u->uses[i];

		n[1] += use->links > 0;
		n[2] += use->bytes;
		n[3] += use->links > 0 ? 0 : use->bytes;
	}
	return add_row(format, "Local Volumes", n, true, err);
}

/* ---- each thing on its own ---- */

static const struct format_kind image_table = {
	.type_name = "*formatter.imageContext",
	.table =
		"table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
};
static const struct format_kind container_table = {
	.type_name = "*formatter.ContainerContext",
	.table =
		"table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
};
static const struct format_kind volume_table = {
	.type_name = "*formatter.volumeContext",
	.table = "table {{.Name}}\t{{.Links}}\t{{.Size}}",
};
static const struct format_field cache_fields[] = {
	{ "ID", "CACHE ID" },
	{ "CacheType", "CACHE TYPE" },
	{ "Size", "SIZE" },
	{ "CreatedSince", "CREATED" },
	{ "LastUsedSince", "LAST USED" },
	{ "UsageCount", "USAGE" },
	{ "Shared", "SHARED" },
	{ NULL, NULL },
};
static const struct format_kind cache_table = {
	.type_name = "*formatter.buildCacheContext",
	.fields = cache_fields,
	.table =
		"table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
};

static json_t *image_rows_of(const struct usage *u, bool in_full)
{
	const struct image_look look = { .in_full = in_full,
					 .now_ns = container_now() };
	json_t *rows = json_array();

	for (size_t i = 0; i < u->images.count; i++)
		json_array_append_new(rows, image_row(&u->images.items[i],
						      &look, &u->shares[i]));
	return rows;
}

static json_t *container_rows_of(struct shell *shell, const struct usage *u,
				 bool in_full)
{
	const struct container_look look = { .in_full = in_full,
					     .size = true,
					     .now_ns = container_now() };
	json_t *rows = json_array();

	for (size_t i = 0; i < u->containers.count; i++)
		json_array_append_new(
			rows,
			container_row(shell, &u->containers.items[i], &look));
	return rows;
}

static json_t *volume_rows_of(struct shell *shell, const struct usage *u)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < u->volumes.count; i++)
		json_array_append_new(rows, volume_row(shell->home,
						       &u->volumes.items[i],
						       &u->uses[i]));
	return rows;
}

/* A heading and a table. Takes the rows. */
static int print_part(struct shell *shell, const char *heading,
		      const struct format_kind *table,
		      const struct format_field *names, json_t *rows)
{
	struct format_kind with_fields = *table;
	OWN_FORMAT struct format format = { 0 };
	struct err err = { 0 }; /* our own template and rows: it cannot fail */
	size_t i;
	json_t *row;
	int r;

	if (!with_fields.fields)
		with_fields.fields = names;
	r = format_open(&format, &with_fields, format_text(shell, NULL), false,
			&err);
	json_array_foreach(rows, i, row) if (r == 0) r =
		format_row(&format, json_incref(row), &err);
	json_decref(rows);
	fputs(heading, shell->out);
	return r < 0 ? r : format_end(&format, shell->out, &err);
}

static void print_parts(struct shell *shell, const struct usage *u)
{
	(void)print_part(shell, "Images space usage:\n\n", &image_table,
			 image_kind.fields, image_rows_of(u, false));
	(void)print_part(shell, "\nContainers space usage:\n\n",
			 &container_table, container_kind.fields,
			 container_rows_of(shell, u, false));
	(void)print_part(shell, "\nLocal Volumes space usage:\n\n",
			 &volume_table, volume_fields,
			 volume_rows_of(shell, u));
	(void)print_part(shell, "\nBuild cache usage: 0B\n\n", &cache_table,
			 NULL, json_array());
}

/* ---- the command ---- */

static int in_short(struct shell *shell, const struct df_opts *o,
		    const struct usage *u, struct err *err)
{
	static const int64_t none[4] = { 0 };
	OWN_FORMAT struct format format = { 0 };
	int r = format_open(&format, &kind, format_text(shell, o->format),
			    false, err);

	if (r == 0)
		r = add_images(&format, u, err);
	if (r == 0)
		r = add_containers(&format, u, err);
	if (r == 0)
		r = add_volumes(&format, u, err);
	if (r == 0)
		r = add_row(&format, "Build Cache", none, false, err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static int in_full(struct shell *shell, const struct df_opts *o,
		   const struct usage *u, struct err *err)
{
	const char *format = format_text(shell, o->format);
	json_t *all;

	if (!format || !*format || strcmp(format, "table") == 0) {
		print_parts(shell, u);
		return 0;
	}
	all = json_pack("{s:o, s:o, s:o, s:[]}", "Images",
			image_rows_of(u, true), "Containers",
			container_rows_of(shell, u, true), "Volumes",
			volume_rows_of(shell, u), "BuildCache");
	return answer_with(shell, format, "*formatter.diskUsageContext", all,
			   err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct df_opts *o = args->opts;
	struct usage usage = { 0 };
	int r = usage_read(shell, &usage, err);

	if (r == 0)
		r = o->verbose ? in_full(shell, o, &usage, err)
			       : in_short(shell, o, &usage, err);
	usage_done(&usage);
	return r;
}

static const char *const examples[] = { "system df", "system df -v", NULL };

const struct cmd cmd_system_df = {
	.name = "system df",
	.group = N_("Shell"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Show how much room everything takes"),
	.docker_summary = "Show docker disk usage",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct df_opts),
	.examples = examples,
	.lesson = "waste",
	.run = run,
	.pages = true,
	.job = true,
	.rows = &kind,
};
