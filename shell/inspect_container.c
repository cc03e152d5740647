/* shell/inspect_container.c - a container, as inspect shows it.
 *
 * Source: Docker's api/types (ContainerJSON), as of 20.10. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/exec_ids.h"
#include "runtime/home.h"
#include "runtime/state.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/gojson.h"
#include "shell/inspect.h"
#include "shell/inspect_parts.h"
#include "shell/mount_view.h"

#define MOST_HEALTH ((size_t)1 << 20)

void inspect_put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

void inspect_put_int(json_t *object, const char *key, int64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

void inspect_put_bool(json_t *object, const char *key, int value)
{
	json_object_set_new(object, key, json_boolean(value));
}

/* ---- State ---- */

/* health.json beside the record: what the last checks said. */
static json_t *health_log(const struct home *home, const char *id)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 }; /* no check has run yet */
	OWN_FD int fd = state_open_folder(home, id, &ignored);
	json_t *log = NULL;

	if (fd >= 0 &&
	    fs_read(fd, "health.json", MOST_HEALTH, &text, &ignored) == 0)
		log = json_loadb(text.data, text.len, 0, NULL);
	if (json_is_array(log))
		return log;
	json_decref(log);
	return json_array();
}

static json_t *health(const struct home *home, const struct container *c)
{
	json_t *json;

	if (c->health == HEALTH_NONE)
		return json_null();
	json = json_object();
	gojson_put(json, "Status", container_health_name(c));
	inspect_put_int(json, "FailingStreak", c->health_failing);
	inspect_put(json, "Log", health_log(home, c->spec.id));
	return json;
}

static json_t *state(const struct home *home, const struct container *c)
{
	json_t *json = json_object();

	gojson_put(json, "Status", container_status_name(c->status));
	inspect_put_bool(json, "Running", container_is_up(c));
	inspect_put_bool(json, "Paused", c->status == CONTAINER_PAUSED);
	inspect_put_bool(json, "Restarting", c->status == CONTAINER_RESTARTING);
	inspect_put_bool(json, "OOMKilled", c->oom_killed);
	inspect_put_bool(json, "Dead", c->status == CONTAINER_DEAD);
	inspect_put_int(json, "Pid", c->pid);
	inspect_put_int(json, "ExitCode", c->exit_code);
	gojson_put(json, "Error", c->error);
	inspect_put(json, "StartedAt", gojson_time(c->started_ns));
	inspect_put(json, "FinishedAt", gojson_time(c->finished_ns));
	inspect_put(json, "Health", health(home, c));
	return json;
}

/* ---- where its files are ---- */

static void put_path(json_t *json, const char *key, const struct home *home,
		     const struct container *c, const char *name)
{
	OWN_FREE char *path =
		mem_fmt("%s/containers/%s/%s", home->path, c->spec.id,
			name ? name : "");

	/* The three files of /etc and the log are made at the first start. */
	gojson_put(json, key, name && c->started_ns ? path : "");
}

char *inspect_real_path(const struct home *home, const char *name)
{
	OWN_FREE char *path = mem_fmt("%s/%s", home->path, name);
	char *real = realpath(path, NULL);

	return real ? real : mem_str(path);
}

json_t *inspect_graph(const struct home *home, const struct inspect_overlay *o)
{
	json_t *data = json_object();
	json_t *json = json_object();
	OWN_STRS struct strs lower = { 0 };
	OWN_FREE char *joined = NULL;

	if (o->init)
		strs_take(&lower, inspect_real_path(home, o->init));
	for (size_t i = o->from; i < o->links->count; i++)
		strs_take(&lower, inspect_real_path(home, o->links->items[i]));
	joined = strs_join(&lower, ":");
	if (lower.count)
		gojson_put(data, "LowerDir", joined);
	gojson_put(data, "MergedDir", o->merged);
	gojson_put(data, "UpperDir", o->upper);
	gojson_put(data, "WorkDir", o->work);
	inspect_put(json, "Data", data);
	gojson_put(json, "Name", "overlay2");
	return json;
}

/* Its / is mounted in a mount namespace of its own: while it runs, the kernel
 * shows it under the number of its process 1. */
static json_t *graph(const struct home *home, const struct container *c)
{
	OWN_FREE char *upper =
		mem_fmt("%s/containers/%s/upper", home->path, c->spec.id);
	OWN_FREE char *work =
		mem_fmt("%s/containers/%s/work", home->path, c->spec.id);
	OWN_FREE char *merged =
		c->pid ? mem_fmt("/proc/%d/root", (int)c->pid) : mem_str("");
	OWN_FREE char *init =
		c->spec.layers.count
			? mem_fmt("%s/../init", c->spec.layers.items[0])
			: NULL;
	const struct inspect_overlay overlay = {
		.links = &c->spec.layers,
		.init = init && fs_exists(home->fd, init) ? init : NULL,
		.upper = upper,
		.work = work,
		.merged = merged,
	};

	return inspect_graph(home, &overlay);
}

/* ---- all of it ---- */

static int put_sizes(json_t *json, struct shell *shell,
		     const struct container *c, const struct image *image,
		     struct err *err)
{
	int64_t bytes = 0;
	int r = container_size(shell->home, c->spec.id, &bytes, err);

	if (r < 0)
		return r;
	inspect_put_int(json, "SizeRw", bytes);
	inspect_put_int(json, "SizeRootFs",
			bytes + (image ? image->size_bytes : 0));
	return 0;
}

static void put_head(json_t *json, const struct home *home,
		     const struct container *c)
{
	OWN_STRS struct strs rest = { 0 };
	OWN_STRS struct strs execs = { 0 };
	OWN_FREE char *name = mem_fmt("/%s", c->spec.name);

	exec_ids_list(home, c->spec.id, &execs);
	for (size_t i = 1; i < c->spec.args.count; i++)
		strs_add(&rest, c->spec.args.items[i]);
	gojson_put(json, "Id", c->spec.id);
	inspect_put(json, "Created", gojson_time(c->created_ns));
	gojson_put(json, "Path",
		   c->spec.args.count ? c->spec.args.items[0] : "");
	inspect_put(json, "Args", gojson_list(&rest, false));
	inspect_put(json, "State", state(home, c));
	gojson_put(json, "Image", c->spec.image_id);
	put_path(json, "ResolvConfPath", home, c, "resolv.conf");
	put_path(json, "HostnamePath", home, c, "hostname");
	put_path(json, "HostsPath", home, c, "hosts");
	put_path(json, "LogPath", home, c, c->spec.log_driver ? NULL : "log");
	gojson_put(json, "Name", name);
	inspect_put_int(json, "RestartCount", c->restart_count);
	gojson_put(json, "Driver", "overlay2");
	gojson_put(json, "Platform", "linux");
	gojson_put(json, "MountLabel", "");
	gojson_put(json, "ProcessLabel", "");
	gojson_put(json, "AppArmorProfile", "");
	inspect_put(json, "ExecIDs", gojson_list(&execs, true));
}

int inspect_container(struct shell *shell, const struct container *c, bool size,
		      json_t **out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 }; /* what is known without it is shown */
	bool has_image =
		c->spec.image_id && image_find(shell->store, c->spec.image_id,
					       &image, &ignored) == 0;
	json_t *json = json_object();
	int r = 0;

	put_head(json, shell->home, c);
	inspect_put(json, "HostConfig", inspect_host_config(shell->home, c));
	inspect_put(json, "GraphDriver", graph(shell->home, c));
	inspect_put(json, "SizeRw", json_null());
	inspect_put(json, "SizeRootFs", json_null());
	if (size)
		r = put_sizes(json, shell, c, has_image ? &image : NULL, err);
	if (r < 0) {
		json_decref(json);
		return r;
	}
	inspect_put(json, "Mounts", mount_view_json(shell->home, &c->spec));
	inspect_put(json, "Config",
		    inspect_container_config(c, has_image ? &image : NULL));
	inspect_put(json, "NetworkSettings",
		    inspect_network_settings(shell->home, c));
	*out = json;
	return 0;
}
