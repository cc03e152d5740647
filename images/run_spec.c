/* images/run_spec.c - see run_spec.h
 *
 * Which command runs:
 *
 *   given            image has          argv
 *   -                CMD                CMD
 *   -                ENTRYPOINT + CMD   ENTRYPOINT CMD
 *   words            either             ENTRYPOINT words   (CMD falls away)
 *   --entrypoint x   either             x words            (both fall away)
 *   --entrypoint ""  either             words
 *
 * Source: Docker's runconfig merge, as of 20.10. */
#include "images/run_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/spec.h"

static void replace(char **where, const char *text)
{
	free(*where);
	*where = mem_str(text);
}

static int fill_args(struct spec *spec, const struct image_config *config,
		     const struct run_choice *choice, struct err *err)
{
	bool words = choice->args && choice->args->count;

	if (!choice->entrypoint_given)
		strs_copy(&spec->args, &config->entrypoint);
	else if (choice->entrypoint && *choice->entrypoint)
		strs_add(&spec->args, choice->entrypoint);
	spec->entrypoint_count = (int)spec->args.count;
	if (words)
		strs_copy(&spec->args, choice->args);
	else if (!choice->entrypoint_given)
		strs_copy(&spec->args, &config->cmd);
	if (spec->args.count == 0) {
		err_docker(err, ERR_DAEMON, EINVAL, "No command specified");
		return err_hint(err, _("the image does not say what to run: the "
				       "program stands behind it, as in 'run "
				       "IMAGE PROGRAM'"));
	}
	return 0;
}

/* "NAME=value" as it is; "NAME" takes the caller's own value. */
static void fill_env(struct spec *spec, const struct image_config *config,
		     const struct run_choice *choice)
{
	for (size_t i = 0; choice->env && i < choice->env->count; i++) {
		const char *item = choice->env->items[i];
		const char *value;

		if (strchr(item, '=')) {
			strs_set_env(&spec->env, item);
			continue;
		}
		value = getenv(item);
		if (value) {
			OWN_STRS struct strs one = { 0 };

			strs_addf(&one, "%s=%s", item, value);
			strs_set_env(&spec->env, one.items[0]);
		}
	}
	for (size_t i = 0; i < config->env.count; i++) {
		const char *item = config->env.items[i];
		OWN_STRS struct strs name = { 0 };

		strs_take(&name, mem_strn(item, strcspn(item, "=")));
		if (!strs_get_env(&spec->env, name.items[0]))
			strs_add(&spec->env, item);
	}
}

static void fill_labels(struct spec *spec, const struct image_config *config,
			const struct run_choice *choice)
{
	strs_copy(&spec->labels, &config->labels);
	for (size_t i = 0; choice->labels && i < choice->labels->count; i++) {
		const char *item = choice->labels->items[i];
		OWN_STRS struct strs one = { 0 };

		strs_addf(&one, "%s%s", item, strchr(item, '=') ? "" : "=");
		strs_set_env(&spec->labels, one.items[0]);
	}
	strs_sort(&spec->labels);
}

static int fill_cwd(struct spec *spec, const struct image_config *config,
		    const struct run_choice *choice, struct err *err)
{
	const char *cwd = choice->cwd && *choice->cwd ? choice->cwd :
							config->working_dir;
	OWN_FREE char *clean = NULL;

	if (!cwd || !*cwd)
		return 0; /* spec_init's "/" */
	if (cwd[0] != '/')
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "the working directory '%s' is invalid, it needs to be an absolute path",
				  cwd);
	/* "/a/../b//c" is /b/c, as in Docker; of links the kernel knows. */
	clean = fs_clean_path(cwd);
	replace(&spec->cwd, clean);
	return 0;
}

static int fill_stop_signal(struct spec *spec,
			    const struct image_config *config,
			    const struct run_choice *choice, struct err *err)
{
	const char *name = choice->stop_signal && *choice->stop_signal ?
				   choice->stop_signal :
				   config->stop_signal;

	if (!name || !*name)
		return 0;
	replace(&spec->stop_signal_text, name);
	return parse_signal(name, &spec->stop_signal, err);
}

/* Docker's merge: the image's check where the user gave none, and its times where
 * the user gave only some. */
static void fill_health(struct spec *spec, const struct image_config *config)
{
	if (spec->health_test.count == 0)
		strs_copy(&spec->health_test, &config->health_test);
	if (!spec->health_interval_ns)
		spec->health_interval_ns = config->health_interval_ns;
	if (!spec->health_timeout_ns)
		spec->health_timeout_ns = config->health_timeout_ns;
	if (!spec->health_start_period_ns)
		spec->health_start_period_ns = config->health_start_ns;
	if (!spec->health_retries)
		spec->health_retries = config->health_retries;
}

static void fill_exposed(struct spec *spec, const struct image_config *config)
{
	for (size_t i = 0; i < config->exposed.count; i++)
		if (!strs_has(&spec->exposed, config->exposed.items[i]))
			strs_add(&spec->exposed, config->exposed.items[i]);
	strs_sort(&spec->exposed);
}

int run_spec_fill(struct spec *spec, const struct image *image,
		  const struct run_choice *choice, struct err *err)
{
	const struct image_config *config = &image->config;
	int r = fill_args(spec, config, choice, err);

	if (r == 0)
		r = fill_cwd(spec, config, choice, err);
	if (r == 0)
		r = fill_stop_signal(spec, config, choice, err);
	if (r < 0)
		return r;
	replace(&spec->image, choice->image);
	replace(&spec->image_id, image->id);
	replace(&spec->user, choice->user && *choice->user ? choice->user :
							     config->user);
	strs_copy(&spec->layers, &image->links);
	fill_env(spec, config, choice);
	fill_labels(spec, config, choice);
	fill_health(spec, config);
	fill_exposed(spec, config);
	return 0;
}
