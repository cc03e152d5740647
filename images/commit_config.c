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

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/changes.h"
#include "images/commit.h"
#include "images/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/spec.h"

static void replace(char **where, const char *text)
{
	free(*where);
	*where = text && *text ? mem_str(text) : NULL;
}

/* How many of the container's words are the entrypoint: its image's, where they
 * begin with it. */
static size_t count_entrypoint(const struct spec *spec,
			       const struct image_config *image)
{
	size_t count = image->entrypoint.count;

	if (count > spec->args.count)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(spec->args.items[i], image->entrypoint.items[i]) !=
		    0)
			return 0;
	return count;
}

static void fill_command(struct image_config *config, const struct spec *spec,
			 size_t entrypoint)
{
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

/* A record knows the signal by its number; the default one was not asked for. */
static void fill_stop_signal(struct image_config *config,
			     const struct spec *spec)
{
	const char *name = sigabbrev_np(spec->stop_signal);

	if (config->stop_signal || !name || spec->stop_signal == SIGTERM)
		return;
	config->stop_signal = mem_fmt("SIG%s", name);
}

static void fill_from_container(struct image_config *config,
				const struct spec *spec)
{
	fill_command(config, spec, count_entrypoint(spec, config));
	strs_clear(&config->env);
	strs_copy(&config->env, &spec->env);
	strs_clear(&config->labels);
	strs_copy(&config->labels, &spec->labels);
	for (size_t i = 0; i < spec->exposed.count; i++)
		if (!strs_has(&config->exposed, spec->exposed.items[i]))
			strs_add(&config->exposed, spec->exposed.items[i]);
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
	fill_stop_signal(config, spec);
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
