/* shell/container_row.c - see container_row.h
 *
 * Source of the fields: Docker's cli/command/formatter/container.go. */
#include "shell/container_row.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/links.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/mount_view.h"
#include "shell/network_view.h"
#include "shell/platform.h"
#include "shell/ports.h"
#include "shell/style.h"
#include "shell/template.h"

enum { COMMAND_WIDTH = 20, SHORT_ID = 12 };

static const struct format_field fields[] = {
	{ "ID", "CONTAINER ID" },
	{ "Names", "NAMES" },
	{ "Image", "IMAGE" },
	{ "Command", "COMMAND" },
	{ "CreatedAt", "CREATED AT" },
	{ "RunningFor", "CREATED" },
	{ "Ports", "PORTS" },
	{ "State", "STATE" },
	{ "Status", "STATUS" },
	{ "Size", "SIZE" },
	{ "Labels", "LABELS" },
	{ "Mounts", "MOUNTS" },
	{ "LocalVolumes", "LOCAL VOLUMES" },
	{ "Networks", "NETWORKS" },
	{ "Platform", "PLATFORM" },
	{ NULL, NULL },
};

#define COLUMNS \
	"table {{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.RunningFor}}\\t" \
	"{{.Status}}\\t{{.Ports}}\\t{{.Names}}"
#define RAW \
	"container_id: {{.ID}}\nimage: {{.Image}}\ncommand: " \
	"{{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: " \
	"{{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\n" \
	"names: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: " \
	"{{- pad .Ports 1 0}}\n"

const struct format_kind container_kind = {
	.type_name = "*formatter.ContainerContext",
	.fields = fields,
	.table = COLUMNS,
	.raw = RAW,
	.tries_first = true,
};

const struct format_kind container_kind_sized = {
	.type_name = "*formatter.ContainerContext",
	.fields = fields,
	.table = COLUMNS "\\t{{.Size}}",
	.raw = RAW "size: {{.Size}}\n",
	.tries_first = true,
};

int64_t container_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool container_is_up(const struct container *container)
{
	return container->status == CONTAINER_RUNNING ||
	       container->status == CONTAINER_PAUSED ||
	       container->status == CONTAINER_RESTARTING;
}

/* ---- STATUS ---- */

const char *container_health_name(const struct container *container)
{
	switch (container->health) {
	case HEALTH_STARTING:
		return "starting";
	case HEALTH_HEALTHY:
		return "healthy";
	case HEALTH_UNHEALTHY:
		return "unhealthy";
	case HEALTH_NONE:
		break;
	}
	return "none";
}

static char *up_shown(const struct container *c, const char *age)
{
	if (c->health == HEALTH_NONE)
		return mem_fmt("Up %s", age);
	return mem_fmt("Up %s (%s%s)", age,
		       c->health == HEALTH_STARTING ? "health: " : "",
		       container_health_name(c));
}

char *container_status_shown(const struct container *c, int64_t now_ns)
{
	char up[HUMAN_SIZE];
	char ended[HUMAN_SIZE];

	human_duration(up, now_ns - c->started_ns);
	human_duration(ended, now_ns - c->finished_ns);
	switch (c->status) {
	case CONTAINER_CREATED:
		return mem_str("Created");
	case CONTAINER_RUNNING:
		return up_shown(c, up);
	case CONTAINER_PAUSED:
		return mem_fmt("Up %s (Paused)", up);
	case CONTAINER_RESTARTING:
		return mem_fmt("Restarting (%d) %s ago", c->exit_code, ended);
	case CONTAINER_REMOVING:
		return mem_str("Removal In Progress");
	case CONTAINER_EXITED:
		return mem_fmt("Exited (%d) %s ago", c->exit_code, ended);
	case CONTAINER_DEAD:
		break;
	}
	return mem_str("Dead");
}

/* ---- the other fields ---- */

/* An argument with a blank in it stands in single quotes; nothing else is
 * escaped, so this is for the eye and not for a shell. Docker's rule. */
static void put_command(json_t *row, const struct shell *shell,
			const struct spec *spec, bool in_full)
{
	OWN_BUF struct buf line = { 0 };
	OWN_BUF struct buf out = { 0 };
	OWN_FREE char *cut = NULL;

	for (size_t i = 0; i < spec->args.count; i++) {
		const char *arg = spec->args.items[i];
		const char *quote = i > 0 && strchr(arg, ' ') ? "'" : "";

		buf_fmt(&line, "%s%s%s%s", i ? " " : "", quote, arg, quote);
	}
	cut = in_full ? mem_str(buf_text(&line))
		      : style_cut(shell, buf_text(&line), COMMAND_WIDTH);
	go_quote(&out, cut);
	gojson_put(row, "Command", buf_text(&out));
}

/* The name it was given, as long as that is still this image's; an id in full is
 * cut. */
static void put_image(json_t *row, struct shell *shell, const struct spec *spec,
		      bool in_full)
{
	OWN_FREE char *shown =
		image_shown_as(shell->store, spec->image, spec->image_id);
	bool moved = !spec->image || strcmp(shown, spec->image) != 0;

	if (in_full && moved && spec->image_id) {
		gojson_put(row, "Image", spec->image_id);
		return;
	}
	if (!in_full && digest_is_valid(shown)) {
		OWN_FREE char *cut =
			mem_fmt("%.*s", SHORT_ID, digest_hex(shown));

		gojson_put(row, "Image", cut);
		return;
	}
	/* The step of a build, FROM scratch. */
	gojson_put(row, "Image", *shown ? shown : "<no image>");
}

static void put_size(json_t *row, struct shell *shell,
		     const struct container *c,
		     const struct container_look *look)
{
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 }; /* a list says what it can */
	char wrote[HUMAN_SIZE];
	char all[HUMAN_SIZE];
	char both[2 * HUMAN_SIZE + 16];
	int64_t bytes = 0;

	if (look->size)
		(void)container_size(shell->home, c->spec.id, &bytes, &ignored);
	human_size(wrote, (double)bytes, 3);
	if (!look->size || !look->with_image || !c->spec.image_id ||
	    image_find(shell->store, c->spec.image_id, &image, &ignored) < 0) {
		gojson_put(row, "Size", wrote);
		return;
	}
	human_size(all, (double)(image.size_bytes + bytes), 3);
	snprintf(both, sizeof(both), "%s (virtual %s)", wrote, all);
	gojson_put(row, "Size", both);
}

static void put_labels(json_t *row, const struct spec *spec)
{
	OWN_STRS struct strs labels = { 0 };
	OWN_FREE char *joined = NULL;

	strs_copy(&labels, &spec->labels);
	strs_sort(&labels);
	joined = strs_join(&labels, ",");
	gojson_put(row, "Labels", joined);
	json_object_set_new(row, "Label", gojson_map(&spec->labels));
}

static void put_mounts(json_t *row, const struct spec *spec, bool in_full)
{
	OWN_FREE char *names = mount_view_names(spec, in_full);
	OWN_FREE char *volumes = mem_fmt("%d", mount_view_volumes(spec));

	gojson_put(row, "Mounts", names);
	gojson_put(row, "LocalVolumes", volumes);
}

static void put_networks(json_t *row, const struct container *c)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *joined = NULL;

	network_view_names(c, &names);
	joined = strs_join(&names, ",");
	gojson_put(row, "Networks", joined);
}

/* "me/db,web": a link to it from `me` gives it a name, too. */
static void put_names(json_t *row, const struct container *c,
		      const struct containers *linking)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *joined = NULL;

	strs_add(&names, c->spec.name);
	for (size_t i = 0; linking && i < linking->count; i++) {
		const struct spec *other = &linking->items[i].spec;
		const struct strs *links = links_of(other);
		size_t len = strlen(c->spec.id);

		for (size_t j = 0; j < links->count; j++)
			if (strncmp(links->items[j], c->spec.id, len) == 0 &&
			    links->items[j][len] == ':')
				strs_addf(&names, "%s/%s", other->name,
					  links->items[j] + len + 1);
	}
	strs_sort(&names);
	joined = strs_join(&names, ",");
	gojson_put(row, "Names", joined);
}

json_t *container_row(struct shell *shell, const struct container *c,
		      const struct container_look *look)
{
	json_t *row = json_object();
	OWN_FREE char *status = container_status_shown(c, look->now_ns);
	OWN_FREE char *ports = ports_shown(c);
	OWN_FREE char *id =
		mem_fmt("%.*s", look->in_full ? 64 : SHORT_ID, c->spec.id);
	char age[HUMAN_SIZE];
	char made[GOJSON_TIME];
	OWN_FREE char *ago = mem_fmt(
		"%s ago", human_duration(age, look->now_ns - c->created_ns));

	gojson_put(row, "ID", id);
	put_names(row, c, look->linking);
	put_image(row, shell, &c->spec, look->in_full);
	put_command(row, shell, &c->spec, look->in_full);
	gojson_put(row, "CreatedAt", gojson_clock(made, c->created_ns));
	gojson_put(row, "RunningFor", ago);
	/* A container that does not run has no ports, only settings of them. */
	gojson_put(row, "Ports", container_is_up(c) ? ports : "");
	gojson_put(row, "State", container_status_name(c->status));
	gojson_put(row, "Status", status);
	put_size(row, shell, c, look);
	put_labels(row, &c->spec);
	put_mounts(row, &c->spec, look->in_full);
	put_networks(row, c);
	gojson_put(row, "Platform", platform_name());
	return row;
}
