/* shell/volume_row.c - see volume_row.h */
#include "shell/volume_row.h"

#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/home.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/gojson.h"

const struct format_field volume_fields[] = {
	{ "Name", "VOLUME NAME" },
	{ "Driver", "DRIVER" },
	{ "Scope", "SCOPE" },
	{ "Mountpoint", "MOUNTPOINT" },
	{ "Labels", "LABELS" },
	{ "Label", "" },
	{ "Links", "LINKS" },
	{ "Size", "SIZE" },
	{ NULL, NULL },
};

const struct format_kind volume_kind_of_ls = {
	.type_name = "*formatter.volumeContext",
	.fields = volume_fields,
	.table = "table {{.Driver}}\t{{.Name}}",
	.quiet = "{{.Name}}",
	.raw = "name: {{.Name}}\ndriver: {{.Driver}}\n",
};

static char *mount_point(const struct home *home, const struct volume *volume)
{
	return mem_fmt("%s/volumes/%s/_data", home->path, volume->name);
}

json_t *volume_row(const struct home *home, const struct volume *volume,
		   const struct volume_use *use)
{
	json_t *row = json_object();
	OWN_FREE char *path = mount_point(home, volume);
	OWN_FREE char *labels = NULL;
	OWN_FREE char *links = mem_fmt("%d", use->links);
	OWN_STRS struct strs sorted = { 0 };
	char size[HUMAN_SIZE];

	strs_copy(&sorted, &volume->labels);
	strs_sort(&sorted);
	labels = strs_join(&sorted, ",");
	human_size(size, (double)use->bytes, 4);
	gojson_put(row, "Name", volume->name);
	gojson_put(row, "Driver", "local");
	gojson_put(row, "Scope", "local");
	gojson_put(row, "Mountpoint", path);
	gojson_put(row, "Labels", labels);
	json_object_set_new(row, "Label", gojson_map(&volume->labels));
	gojson_put(row, "Links", use->links < 0 ? "N/A" : links);
	gojson_put(row, "Size", use->bytes < 0 ? "N/A" : size);
	return row;
}

/* Whole seconds, in the local zone: "2026-11-23T18:30:17Z". */
static void put_time(json_t *json, const char *key, int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm = { 0 };
	char text[40] = "";
	size_t len;

	(void)localtime_r(&seconds, &tm); /* the year 0: no one sees it */
	len = strftime(text, sizeof(text) - 1, "%Y-%m-%dT%H:%M:%S%z", &tm);
	if (len > 5 && strcmp(text + len - 5, "+0000") == 0) {
		text[len - 5] = 'Z';
		text[len - 4] = '\0';
	} else if (len > 5) { /* RFC 3339 has a colon there */
		memmove(text + len - 1, text + len - 2, 3);
		text[len - 2] = ':';
	}
	gojson_put(json, key, text);
}

static json_t *map_or_null(const struct volume *volume,
			   const struct strs *pairs)
{
	return volume->implied && pairs->count == 0 ? json_null() :
						      gojson_map(pairs);
}

json_t *volume_json(const struct home *home, const struct volume *volume)
{
	json_t *json = json_object();
	OWN_FREE char *path = mount_point(home, volume);

	put_time(json, "CreatedAt", volume->created_ns);
	gojson_put(json, "Driver", "local");
	json_object_set_new(json, "Labels",
			    map_or_null(volume, &volume->labels));
	gojson_put(json, "Mountpoint", path);
	gojson_put(json, "Name", volume->name);
	json_object_set_new(json, "Options",
			    map_or_null(volume, &volume->options));
	gojson_put(json, "Scope", "local");
	return json;
}

int volume_inspect(struct shell *shell, const char *name, void *arg,
		   json_t **out, struct err *err)
{
	OWN_VOLUME struct volume volume = { 0 };
	int r = volume_find(shell->home, name, &volume, err);

	(void)arg;
	if (r < 0)
		return r;
	*out = volume_json(shell->home, &volume);
	return 0;
}

void volume_pairs(const struct strs *given, struct strs *out)
{
	for (size_t i = 0; i < given->count; i++) {
		const char *text = given->items[i];
		OWN_FREE char *pair =
			mem_fmt("%s%s", text, strchr(text, '=') ? "" : "=");

		strs_set_env(out, pair);
	}
}
