/* shell/mount_view.c - see mount_view.h */
#include "shell/mount_view.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "shell/gojson.h"
#include "shell/style.h"

enum { NAME_WIDTH = 15 };

void mount_view_done(struct mount_view *view)
{
	free(view->type);
	free(view->source);
	free(view->target);
	free(view->propagation);
	*view = (struct mount_view){ 0 };
}

/* ---- one value of --mount ---- */

/* The next field of a line of comma-separated values: quotes enclose a comma,
 * two of them are one. Returns what follows, or NULL at the end. */
static const char *next_field(const char *at, struct buf *out)
{
	bool quoted = false;

	for (; *at && (quoted || *at != ','); at++) {
		if (*at != '"')
			buf_char(out, *at);
		else if (quoted && at[1] == '"')
			buf_char(out, *at++);
		else
			quoted = !quoted;
	}
	return *at ? at + 1 : NULL;
}

static bool is_one_of(const char *key, const char *a, const char *b,
		      const char *c)
{
	return strcmp(key, a) == 0 || strcmp(key, b) == 0 ||
	       strcmp(key, c) == 0;
}

static void replace(char **where, const char *text)
{
	free(*where);
	*where = mem_str(text);
}

static void take_field(struct mount_view *out, const char *field)
{
	size_t len = strcspn(field, "=");
	OWN_FREE char *key = mem_strn(field, len);
	const char *value = field[len] ? field + len + 1 : "true";

	if (strcmp(key, "type") == 0)
		replace(&out->type, value);
	else if (is_one_of(key, "source", "src", "src"))
		replace(&out->source, value);
	else if (is_one_of(key, "target", "dst", "destination"))
		replace(&out->target, value);
	else if (strcmp(key, "bind-propagation") == 0)
		replace(&out->propagation, value);
	else if (is_one_of(key, "readonly", "ro", "ro"))
		out->read_only =
			strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

void mount_view_read(const char *text, struct mount_view *out)
{
	*out = (struct mount_view){ 0 };
	for (const char *at = text; at;) {
		OWN_BUF struct buf field = { 0 };

		at = next_field(at, &field);
		take_field(out, buf_text(&field));
	}
	if (!out->type)
		out->type = mem_str("volume"); /* Docker's default */
	if (!out->source)
		out->source = mem_str("");
	if (!out->target)
		out->target = mem_str("");
}

/* ---- all of a container's ---- */

static bool is_volume(const struct mount_view *m)
{
	return strcmp(m->type, "volume") == 0;
}

static bool is_bind(const struct mount_view *m)
{
	return strcmp(m->type, "bind") == 0;
}

static json_t *one_json(const struct home *home, const struct mount_view *m)
{
	json_t *json = json_object();

	gojson_put(json, "Type", m->type);
	if (is_volume(m)) {
		OWN_FREE char *path =
			mem_fmt("%s/volumes/%s/_data", home->path, m->source);

		gojson_put(json, "Name", m->source);
		gojson_put(json, "Source", path);
	} else {
		gojson_put(json, "Source", m->source);
	}
	gojson_put(json, "Destination", m->target);
	if (is_volume(m))
		gojson_put(json, "Driver", "local");
	gojson_put(json, "Mode", m->read_only ? "ro" : is_volume(m) ? "z" : "");
	json_object_set_new(json, "RW", json_boolean(!m->read_only));
	gojson_put(json, "Propagation",
		   m->propagation ? m->propagation
		   : is_bind(m)   ? "rprivate"
				  : "");
	return json;
}

json_t *mount_view_json(const struct home *home, const struct spec *spec)
{
	json_t *all = json_array();

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_VIEW struct mount_view m = { 0 };

		mount_view_read(spec->mounts.items[i], &m);
		json_array_append_new(all, one_json(home, &m));
	}
	return all;
}

char *mount_view_names(const struct spec *spec, bool in_full)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_VIEW struct mount_view m = { 0 };
		size_t fits;

		mount_view_read(spec->mounts.items[i], &m);
		if (i)
			buf_char(&out, ',');
		fits = style_fit(m.source, NAME_WIDTH);
		if (in_full || !m.source[fits])
			buf_str(&out, m.source);
		else
			buf_fmt(&out, "%.*s…",
				(int)style_fit(m.source, NAME_WIDTH - 1),
				m.source);
	}
	return buf_give(&out);
}

int mount_view_volumes(const struct spec *spec)
{
	int count = 0;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_VIEW struct mount_view m = { 0 };

		mount_view_read(spec->mounts.items[i], &m);
		count += is_volume(&m);
	}
	return count;
}

bool mount_view_has(const struct spec *spec, const char *name_or_target)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_VIEW struct mount_view m = { 0 };

		mount_view_read(spec->mounts.items[i], &m);
		if (strcmp(m.target, name_or_target) == 0 ||
		    (is_volume(&m) && strcmp(m.source, name_or_target) == 0))
			return true;
	}
	return false;
}
