/* shell/inspect_config.c - Config: what an image, or a container, is set to run.
 *
 * Source: Docker's api/types/container/config.go. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/gojson.h"
#include "shell/inspect_parts.h"
#include "shell/mount_view.h"

enum { DEFAULT_GRACE_S = 10 };

/* What both have, in the order in which it is shown. Lists are borrowed; texts
 * may be NULL. */
struct config_view {
	const char *hostname;
	const char *domainname;
	const char *user;
	bool attach_stdin;
	bool attach_stdout;
	bool attach_stderr;
	const struct strs *exposed;
	bool tty;
	bool open_stdin;
	bool stdin_once;
	const struct strs *env;
	json_t *cmd;
	json_t *healthcheck;
	bool args_escaped;
	const char *image;
	const struct strs *volumes;
	const char *working_dir;
	json_t *entrypoint;
	const char *mac; /* that was asked for */
	json_t *onbuild;
	json_t *labels;
	const char *stop_signal;
	json_t *stop_timeout;
	const struct strs *shell;
};

static const struct strs no_strs;

static json_t *config_json(const struct config_view *v)
{
	json_t *json = json_object();

	gojson_put(json, "Hostname", v->hostname);
	gojson_put(json, "Domainname", v->domainname);
	gojson_put(json, "User", v->user);
	inspect_put_bool(json, "AttachStdin", v->attach_stdin);
	inspect_put_bool(json, "AttachStdout", v->attach_stdout);
	inspect_put_bool(json, "AttachStderr", v->attach_stderr);
	inspect_put(json, "ExposedPorts", gojson_set(v->exposed));
	inspect_put_bool(json, "Tty", v->tty);
	inspect_put_bool(json, "OpenStdin", v->open_stdin);
	inspect_put_bool(json, "StdinOnce", v->stdin_once);
	inspect_put(json, "Env", gojson_list(v->env, true));
	inspect_put(json, "Cmd", v->cmd);
	inspect_put(json, "Healthcheck", v->healthcheck);
	inspect_put_bool(json, "ArgsEscaped", v->args_escaped);
	gojson_put(json, "Image", v->image);
	inspect_put(json, "Volumes", gojson_set(v->volumes));
	gojson_put(json, "WorkingDir", v->working_dir);
	inspect_put(json, "Entrypoint", v->entrypoint);
	inspect_put_bool(json, "NetworkDisabled", false);
	inspect_put(json, "MacAddress",
		    v->mac ? gojson_text(v->mac) : json_null());
	inspect_put(json, "OnBuild", v->onbuild);
	inspect_put(json, "Labels", v->labels);
	gojson_put(json, "StopSignal", v->stop_signal);
	inspect_put(json, "StopTimeout", v->stop_timeout);
	inspect_put(json, "Shell", gojson_list(v->shell, true));
	return json;
}

static json_t *health_json(const struct strs *test, const int64_t times_ns[3],
			   int retries)
{
	json_t *json;

	/* Times for the test of an image that has none are kept as well. */
	if (test->count == 0 && !times_ns[0] && !times_ns[1] && !times_ns[2] &&
	    !retries)
		return json_null();
	json = json_object();
	if (test->count)
		inspect_put(json, "Test", gojson_list(test, true));
	inspect_put_int(json, "Interval", times_ns[0]);
	inspect_put_int(json, "Timeout", times_ns[1]);
	inspect_put_int(json, "StartPeriod", times_ns[2]);
	inspect_put_int(json, "Retries", retries);
	return json;
}

json_t *inspect_image_config(const struct image_config *c)
{
	const int64_t times[] = { c->health_interval_ns, c->health_timeout_ns,
				  c->health_start_ns };
	const struct config_view view = {
		.hostname = c->hostname,
		.domainname = c->domainname,
		.user = c->user,
		.attach_stdin = c->attach_stdin,
		.attach_stdout = c->attach_stdout,
		.attach_stderr = c->attach_stderr,
		.exposed = &c->exposed,
		.tty = c->tty,
		.open_stdin = c->open_stdin,
		.stdin_once = c->stdin_once,
		.env = &c->env,
		.cmd = gojson_list(&c->cmd, !c->has_cmd),
		.healthcheck =
			health_json(&c->health_test, times, c->health_retries),
		.args_escaped = c->args_escaped,
		.image = c->image,
		.volumes = &c->volumes,
		.working_dir = c->working_dir,
		.entrypoint = gojson_list(&c->entrypoint, !c->has_entrypoint),
		.onbuild = gojson_list(&c->onbuild, true),
		.labels =
			c->labels.count ? gojson_map(&c->labels) : json_null(),
		.stop_signal = c->stop_signal,
		.stop_timeout = json_null(),
		.shell = &c->shell,
	};

	return config_json(&view);
}

/* ---- of a container ---- */

/* The words of args from `from` to before `to`; none of them is null. */
static json_t *some_args(const struct spec *spec, size_t from, size_t to)
{
	OWN_STRS struct strs some = { 0 };

	for (size_t i = from; i < to && i < spec->args.count; i++)
		strs_add(&some, spec->args.items[i]);
	return gojson_list(&some, true);
}

json_t *inspect_container_config(const struct container *container,
				 const struct image *image)
{
	const struct spec *s = &container->spec;
	const struct image_config *ic = image ? &image->config : NULL;
	const int64_t times[] = { s->health_interval_ns, s->health_timeout_ns,
				  s->health_start_period_ns };
	size_t entry = (size_t)s->entrypoint_count;
	/* "/" is what a container gets that was told nothing. */
	bool no_cwd = s->cwd && strcmp(s->cwd, "/") == 0 &&
		      !(ic && ic->working_dir && *ic->working_dir);
	OWN_STRS struct strs volumes = { 0 };

	if (ic)
		strs_copy(&volumes, &ic->volumes);
	mount_view_places(s, &volumes);
	strs_sort(&volumes);
	const struct config_view view = {
		.hostname = s->hostname,
		.domainname = s->domainname,
		.user = s->user,
		.attach_stdin = s->attach_stdin,
		.attach_stdout = s->attach_stdout,
		.attach_stderr = s->attach_stderr,
		.exposed = &s->exposed,
		.tty = s->tty,
		.open_stdin = s->open_stdin,
		.stdin_once = s->stdin_once,
		.env = &s->env,
		.cmd = some_args(s, entry, s->args.count),
		.healthcheck =
			health_json(&s->health_test, times, s->health_retries),
		.args_escaped = ic && ic->args_escaped,
		.image = s->image,
		.volumes = &volumes,
		.working_dir = no_cwd ? "" : s->cwd,
		.entrypoint = some_args(s, 0, entry),
		.mac = s->networks.count ? s->networks.items[0].want_mac :
					    NULL,
		.onbuild = ic ? gojson_list(&ic->onbuild, true) : json_null(),
		.labels = gojson_map(&s->labels),
		.stop_signal = s->stop_signal_text,
		.stop_timeout = s->stop_timeout_s == DEFAULT_GRACE_S
					? json_null()
					: json_integer(s->stop_timeout_s),
		.shell = &no_strs,
	};

	return config_json(&view);
}
