/* images/commit_config.c - see commit_config.h
 *
 * Which setting counts:
 *
 *   env, cmd, entrypoint, user, labels    the container's: `run` has laid them
 *                                         over the image's already
 *   folder, stop signal, health check     the container's where it has one
 *   exposed ports, volumes                of both
 *   onbuild, shell                        of neither: a container has none
 *
 * Source: Docker 20.10, daemon/commit.go, merge(). */
#include "images/commit_config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/changes.h"
#include "images/commit.h"
#include "images/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/mount_spec.h"
#include "runtime/spec.h"

static void replace(char **where, const char *text)
{
	free(*where);
	*where = text && *text ? mem_str(text) : NULL;
}

static void fill_command(struct image_config *config, const struct spec *spec)
{
	size_t entrypoint = (size_t)spec->entrypoint_count;

	strs_clear(&config->entrypoint);
	strs_clear(&config->cmd);
	for (size_t i = 0; i < spec->args.count; i++)
		strs_add(i < entrypoint ? &config->entrypoint : &config->cmd,
			 spec->args.items[i]);
	config->has_entrypoint = entrypoint > 0;
	config->has_cmd = config->cmd.count > 0;
}

static void fill_health(struct image_config *config, const struct spec *spec)
{
	if (!spec->health_test.count)
		return;
	strs_clear(&config->health_test);
	strs_copy(&config->health_test, &spec->health_test);
	config->health_interval_ns = spec->health_interval_ns;
	config->health_timeout_ns = spec->health_timeout_ns;
	config->health_start_ns = spec->health_start_period_ns;
	config->health_retries = spec->health_retries;
}

static void add_once(struct strs *list, const char *text)
{
	if (!strs_has(list, text))
		strs_add(list, text);
}

/* `run -v /path` is as good as a VOLUME of the image. */
static void add_volumes(struct image_config *config, const struct spec *spec)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    mount.anonymous)
			add_once(&config->volumes, mount.target);
	}
	strs_sort(&config->volumes);
}

static void fill_from_container(struct image_config *config,
				const struct spec *spec)
{
	fill_command(config, spec);
	strs_clear(&config->env);
	strs_copy(&config->env, &spec->env);
	strs_clear(&config->labels);
	strs_copy(&config->labels, &spec->labels);
	for (size_t i = 0; i < spec->exposed.count; i++)
		add_once(&config->exposed, spec->exposed.items[i]);
	strs_sort(&config->exposed);
	strs_clear(&config->onbuild);
	strs_clear(&config->shell);
	replace(&config->user, spec->user);
	/* "/" is where a container without a folder of its own begins. */
	if (config->working_dir || strcmp(spec->cwd, "/") != 0)
		replace(&config->working_dir, spec->cwd);
	replace(&config->hostname, spec->hostname);
	replace(&config->domainname, spec->domainname);
	replace(&config->image, spec->image);
	fill_health(config, spec);
	if (spec->stop_signal_text)
		replace(&config->stop_signal, spec->stop_signal_text);
	add_volumes(config, spec);
}

/* Nobody is connected to the image: only its container_config has this. */
static void fill_streams(struct image_config *config, const struct spec *spec)
{
	config->attach_stdin = spec->attach_stdin;
	config->attach_stdout = spec->attach_stdout;
	config->attach_stderr = spec->attach_stderr;
	config->tty = spec->tty;
	config->open_stdin = spec->open_stdin;
	config->stdin_once = spec->stdin_once;
}

int commit_config_fill(struct image_doc *doc, const struct spec *spec,
		       const struct commit_choice *choice, struct err *err)
{
	OWN_DOC struct image_doc ours = { 0 };

	image_doc_init(&ours);
	replace(&doc->docker_version, ours.docker_version);
	fill_from_container(&doc->config, spec);
	image_config_done(&doc->container_config);
	image_config_copy(&doc->container_config, &doc->config);
	fill_streams(&doc->container_config, spec);
	replace(&doc->container, spec->id);
	replace(&doc->author, choice->author);
	replace(&doc->comment, choice->message);
	return choice->changes ?
		       changes_apply_all(&doc->config, choice->changes, err) :
		       0;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void commit_config_step(struct image_doc *doc,
			const struct commit_choice *choice, bool empty_layer)
{
	struct image_step *step = image_doc_add_step(doc);
	const struct strs *cmd = &doc->container_config.cmd;
	struct buf line = { 0 };

	for (size_t i = 0; i < cmd->count; i++)
		buf_fmt(&line, "%s%s", i ? " " : "", cmd->items[i]);
	doc->created_ns = now_ns();
	step->created_ns = doc->created_ns;
	step->created_by = buf_give(&line);
	replace(&step->author, choice->author);
	replace(&step->comment, choice->message);
	step->empty_layer = empty_layer;
}
