/* shell/image_row.c - see image_row.h
 *
 * Source of the fields: Docker's cli/command/formatter/image.go. */
#include "shell/image_row.h"

#include <string.h>

#include "images/ref.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/gojson.h"

enum { SHORT_ID = 12 };

static const struct format_field fields[] = {
	{ "ID", "IMAGE ID" },
	{ "Repository", "REPOSITORY" },
	{ "Tag", "TAG" },
	{ "Digest", "DIGEST" },
	{ "CreatedSince", "CREATED" },
	{ "CreatedAt", "CREATED AT" },
	{ "Size", "SIZE" },
	{ "Containers", "CONTAINERS" },
	{ "VirtualSize", "SIZE" },
	{ "SharedSize", "SHARED SIZE" },
	{ "UniqueSize", "UNIQUE SIZE" },
	{ NULL, NULL },
};

#define SINCE "{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}"

const struct format_kind image_kind = {
	.type_name = "*formatter.imageContext",
	.fields = fields,
	.table = "table {{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t" SINCE
		 "\\t{{.Size}}",
	.raw = "repository: {{ .Repository }}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
};

const struct format_kind image_kind_digests = {
	.type_name = "*formatter.imageContext",
	.fields = fields,
	.table =
		"table {{.Repository}}\\t{{.Tag}}\\t{{.Digest}}\\t{{.ID}}\\t" SINCE
		"\\t{{.Size}}",
	.raw = "repository: {{ .Repository }}\ntag: {{.Tag}}\ndigest: {{.Digest}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
};

/* ---- one row ---- */

static void put_sizes(json_t *row, int64_t bytes,
		      const struct image_share *share)
{
	char text[HUMAN_SIZE];
	OWN_FREE char *containers = NULL;

	gojson_put(row, "Size", human_size(text, (double)bytes, 3));
	gojson_put(row, "VirtualSize", human_size(text, (double)bytes, 4));
	if (!share) {
		gojson_put(row, "Containers", "N/A");
		gojson_put(row, "SharedSize", "N/A");
		gojson_put(row, "UniqueSize", "N/A");
		return;
	}
	containers = mem_fmt("%d", share->containers);
	gojson_put(row, "Containers", containers);
	gojson_put(row, "SharedSize",
		   human_size(text, (double)share->shared_bytes, 4));
	gojson_put(row, "UniqueSize",
		   human_size(text, (double)(bytes - share->shared_bytes), 4));
}

static json_t *named_row(const struct image *image,
			 const struct image_look *look, const char *repository,
			 const char *tag, const char *digest)
{
	json_t *row = json_object();
	char age[HUMAN_SIZE];
	char made[GOJSON_TIME];
	OWN_FREE char *since = NULL;
	OWN_FREE char *id = look->in_full ? mem_str(image->id)
					  : mem_fmt("%.*s", SHORT_ID,
						    digest_hex(image->id));

	if (image->created_ns)
		since = mem_fmt(
			"%s ago",
			human_duration(age, look->now_ns - image->created_ns));
	gojson_put(row, "ID", id);
	gojson_put(row, "Repository", repository);
	gojson_put(row, "Tag", tag);
	gojson_put(row, "Digest", digest);
	gojson_put(row, "CreatedSince", since);
	gojson_put(row, "CreatedAt", gojson_clock(made, image->created_ns));
	return row;
}

json_t *image_row(const struct image *image, const struct image_look *look,
		  const struct image_share *share)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *name = NULL;
	struct err ignored = { 0 };
	json_t *row;

	if (image->tags.count &&
	    ref_parse(image->tags.items[0], &ref, &ignored) == 0)
		name = ref_familiar_name(&ref);
	row = named_row(image, look, name ? name : "<none>",
			ref.tag ? ref.tag : "<none>", "<none>");
	put_sizes(row, image->size_bytes, share);
	return row;
}

/* ---- all rows of one ---- */

/* What rows of one image have in common. */
struct rows {
	struct format *format;
	const struct image *image;
	const struct image_look *look;
	int count;
};

static int add(struct rows *rows, const char *repository, const char *tag,
	       const char *digest, struct err *err)
{
	json_t *row =
		named_row(rows->image, rows->look, repository, tag, digest);

	put_sizes(row, rows->image->size_bytes, NULL);
	rows->count++;
	return format_row(rows->format, row, err);
}

/* The digests that registries gave to that repository. */
static void digests_of(const struct image *image, const char *repository,
		       struct strs *out)
{
	for (size_t i = 0; i < image->digests.count; i++) {
		OWN_REF struct ref ref = { 0 };
		OWN_FREE char *name = NULL;
		struct err ignored = { 0 };

		if (ref_parse(image->digests.items[i], &ref, &ignored) < 0)
			continue;
		name = ref_familiar_name(&ref);
		if (strcmp(name, repository) == 0 && ref.digest)
			strs_add(out, ref.digest);
	}
}

static int add_tag(struct rows *rows, const char *tag, struct strs *seen,
		   struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *name = NULL;
	OWN_STRS struct strs digests = { 0 };
	struct err ignored = { 0 };
	int r = 0;

	if (ref_parse(tag, &ref, &ignored) < 0)
		return 0;
	name = ref_familiar_name(&ref);
	strs_add(seen, name);
	if (rows->look->digests)
		digests_of(rows->image, name, &digests);
	if (digests.count == 0)
		return add(rows, name, ref.tag ? ref.tag : "<none>", "<none>",
			   err);
	for (size_t i = 0; i < digests.count && r == 0; i++)
		r = add(rows, name, ref.tag ? ref.tag : "<none>",
			digests.items[i], err);
	return r;
}

/* A digest of a repository none of whose tags is left. */
static int add_digest(struct rows *rows, const char *text, struct strs *seen,
		      struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *name = NULL;
	struct err ignored = { 0 };

	if (ref_parse(text, &ref, &ignored) < 0)
		return 0;
	name = ref_familiar_name(&ref);
	if (strs_has(seen, name))
		return 0;
	if (!rows->look->digests)
		strs_add(seen, name); /* one row for all of them */
	return add(rows, name, "<none>", rows->look->digests ? ref.digest : "",
		   err);
}

int image_rows(struct format *format, const struct image *image,
	       const struct image_look *look, struct err *err)
{
	struct rows rows = { .format = format, .image = image, .look = look };
	OWN_STRS struct strs seen = { 0 };
	int r = 0;

	for (size_t i = 0; i < image->tags.count && r == 0; i++)
		r = add_tag(&rows, image->tags.items[i], &seen, err);
	for (size_t i = 0; i < image->digests.count && r == 0; i++)
		r = add_digest(&rows, image->digests.items[i], &seen, err);
	if (r == 0 && rows.count == 0)
		r = add(&rows, "<none>", "<none>", "<none>", err);
	return r;
}
