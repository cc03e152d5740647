/* shell/mount_view.c - see mount_view.h
 *
 * Source: Docker's api/types/mount/mount.go, daemon/inspect.go. */
#include "shell/mount_view.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/spec.h"
#include "shell/gojson.h"
#include "shell/style.h"

enum { NAME_WIDTH = 15 };

static bool read_one(const struct spec *spec, size_t i, struct mount_spec *out)
{
	struct err ignored = { 0 };

	return mount_spec_read(spec->mounts.items[i], out, &ignored) == 0;
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

static bool is_volume(const struct mount_spec *m)
{
	return mount_spec_is(m, "volume");
}

/* ---- Mounts ---- */

/* Docker marks a volume that was named without words as one that containers
 * share. */
static const char *words_of(const struct mount_spec *m)
{
	if (m->words)
		return m->words;
	return is_volume(m) && m->by != MOUNT_BY_PLACE && m->by != MOUNT_BY_FROM
		       ? "z"
		       : "";
}

static json_t *one_json(const struct home *home, const struct mount_spec *m)
{
	json_t *json = json_object();
	OWN_FREE char *path = mem_fmt("%s/volumes/%s/_data", home->path,
				      text_of(m->source));

	gojson_put(json, "Type", m->type);
	json_object_set_new(json, "Name",
		    is_volume(m) ? gojson_text(m->source) : json_null());
	gojson_put(json, "Source", is_volume(m) ? path : m->source);
	gojson_put(json, "Destination", m->target);
	json_object_set_new(json, "Driver",
		    is_volume(m) ? gojson_text("local") : json_null());
	gojson_put(json, "Mode", words_of(m));
	json_object_set_new(json, "RW", json_boolean(!m->readonly));
	gojson_put(json, "Propagation",
		   m->propagation && *m->propagation ? m->propagation :
		   mount_spec_is(m, "bind")	     ? "rprivate" :
						       "");
	return json;
}

json_t *mount_view_json(const struct home *home, const struct spec *spec)
{
	json_t *all = json_array();

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		if (read_one(spec, i, &m))
			json_array_append_new(all, one_json(home, &m));
	}
	return all;
}

/* ---- HostConfig, Config ---- */

json_t *mount_view_binds(const struct spec *spec)
{
	OWN_STRS struct strs list = { 0 };

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		if (!read_one(spec, i, &m) || m.by != MOUNT_BY_V)
			continue;
		strs_addf(&list, "%s:%s%s%s", text_of(m.source), m.target,
			  m.words ? ":" : "", text_of(m.words));
	}
	return gojson_list(&list, true);
}

static void put_true(json_t *json, const char *key, bool value)
{
	if (value)
		json_object_set_new(json, key, json_true());
}

static void put_text(json_t *json, const char *key, const char *text)
{
	if (text && *text)
		gojson_put(json, key, text);
}

static json_t *volume_options(const struct mount_spec *m)
{
	json_t *json = json_object();
	json_t *driver = json_object();

	put_true(json, "NoCopy", m->no_copy);
	if (m->labels.count)
		json_object_set_new(json, "Labels", gojson_map(&m->labels));
	put_text(driver, "Name", m->driver);
	if (m->driver_options.count)
		json_object_set_new(driver, "Options",
				    gojson_map(&m->driver_options));
	if (json_object_size(driver))
		json_object_set(json, "DriverConfig", driver);
	json_decref(driver);
	return json;
}

static json_t *bind_options(const struct mount_spec *m)
{
	json_t *json = json_object();

	put_text(json, "Propagation", m->propagation);
	put_true(json, "NonRecursive", m->nonrecursive);
	return json;
}

static json_t *tmpfs_options(const struct mount_spec *m)
{
	json_t *json = json_object();

	if (m->size_bytes)
		json_object_set_new(json, "SizeBytes",
				    json_integer(m->size_bytes));
	if (m->mode > 0)
		json_object_set_new(json, "Mode", json_integer(m->mode));
	return json;
}

static json_t *as_asked(const struct mount_spec *m)
{
	json_t *json = json_object();

	gojson_put(json, "Type", m->type);
	if (!m->anonymous)
		put_text(json, "Source", m->source);
	gojson_put(json, "Target", m->target);
	put_true(json, "ReadOnly", m->readonly);
	if (m->bind_options)
		json_object_set_new(json, "BindOptions", bind_options(m));
	if (m->volume_options)
		json_object_set_new(json, "VolumeOptions", volume_options(m));
	if (m->tmpfs_options)
		json_object_set_new(json, "TmpfsOptions", tmpfs_options(m));
	return json;
}

json_t *mount_view_mounts(const struct spec *spec)
{
	json_t *all = NULL;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		if (!read_one(spec, i, &m) || m.by != MOUNT_BY_MOUNT)
			continue;
		if (!all)
			all = json_array();
		json_array_append_new(all, as_asked(&m));
	}
	return all;
}

void mount_view_places(const struct spec *spec, struct strs *out)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		if (read_one(spec, i, &m) && m.by == MOUNT_BY_PLACE &&
		    !strs_has(out, m.target))
			strs_add(out, m.target);
	}
}

/* ---- ps ---- */

char *mount_view_names(const struct spec *spec, bool in_full)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };
		const char *name;

		if (!read_one(spec, i, &m))
			continue;
		name = text_of(m.source);
		if (out.len)
			buf_char(&out, ',');
		if (in_full || !name[style_fit(name, NAME_WIDTH)])
			buf_str(&out, name);
		else
			buf_fmt(&out, "%.*s…",
				(int)style_fit(name, NAME_WIDTH - 1), name);
	}
	return buf_give(&out);
}

int mount_view_volumes(const struct spec *spec)
{
	int count = 0;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		count += read_one(spec, i, &m) && is_volume(&m);
	}
	return count;
}

bool mount_view_has(const struct spec *spec, const char *name_or_target)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec m = { 0 };

		if (!read_one(spec, i, &m))
			continue;
		if (strcmp(m.target, name_or_target) == 0 ||
		    (is_volume(&m) &&
		     strcmp(text_of(m.source), name_or_target) == 0))
			return true;
	}
	return false;
}
