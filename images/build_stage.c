/* images/build_stage.c - FROM: what a stage is built upon; see build_private.h
 *
 *   a stage before    its image
 *   "scratch"         nothing
 *   else              an image of the store
 *
 * Triggers that the image was given by ONBUILD run first. */
#include <errno.h>
#include <string.h>

#include "images/build_private.h"
#include "images/words.h"

#define DEFAULT_PATH \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int build_expand(struct build *build, const char *word, char **out,
		 struct err *err)
{
	OWN_STRS struct strs args = { 0 };
	struct word_rules rules = {
		.env = &build->config.env,
		.args = &args,
		.escape = build->choice->file->escape,
	};

	build_args_list(&build->args, &build->config.env, &args);
	return words_expand_by(word, &rules, out, err);
}

static int expand_global(struct build *build, const char *word, char **out,
			 struct err *err)
{
	OWN_STRS struct strs args = { 0 };
	struct word_rules rules = {
		.env = &args,
		.escape = build->choice->file->escape,
	};

	build_args_list_global(&build->args, &args);
	return words_expand_by(word, &rules, out, err);
}

int build_find_image(struct build *build, const char *name, struct image *out,
		     struct err *err)
{
	int stage = build_plan_find(&build->plan, build->stage, name);

	if (stage < 0)
		return image_find(build->store, name, out, err);
	if (!*build->stage_ids.items[stage]) {
		out->id = NULL; /* FROM scratch, and nothing after it */
		return 0;
	}
	return image_find(build->store, build->stage_ids.items[stage], out,
			  err);
}

/* Docker asks a registry then; here nobody can. */
static int no_base(const char *name, struct err *err)
{
	err_docker(err, ERR_BARE, ENOENT,
		   "pull access denied for %s, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
		   name);
	return err_hint(err, _("'%s' is not here, and no registry is asked for it; 'images' shows what is here; busybox comes with the program"),
			name);
}

static int check_platform(struct build *build, const struct instruction *from,
			  struct err *err)
{
	const char *flag = instruction_flag(from, "platform");
	OWN_FREE char *platform = NULL;

	/* Accepted: images are for the machine they are on, whatever is said. */
	return flag ? expand_global(build, flag, &platform, err) : 0;
}

static int take_base(struct build *build, const char *name, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r;

	if (strcmp(name, "scratch") == 0 &&
	    build_plan_find(&build->plan, build->stage, name) < 0)
		return 0;
	r = build_find_image(build, name, &image, err);
	if (r == -ENOENT)
		return no_base(name, err);
	if (r < 0 || !image.id)
		return r;
	build->image_id = mem_str(image.id);
	build->config = image.config;
	image.config = (struct image_config){ 0 };
	free(build->good_id);
	build->good_id = mem_str(image.id);
	return 0;
}

static void forget_stage(struct build *build)
{
	image_config_done(&build->config);
	free(build->image_id);
	free(build->base);
	free(build->author);
	build->config = (struct image_config){ 0 };
	build->cmd_given = false;
	build->image_id = build->base = build->author = NULL;
	build->missed = false;
	build_sources_begin(build->sources);
	build_args_begin(&build->args);
}

static int run_triggers(struct build *build, struct err *err)
{
	OWN_STRS struct strs triggers = build->config.onbuild;
	int r = 0;

	build->config.onbuild = (struct strs){ 0 };
	if (!triggers.count)
		return 0;
	fprintf(build->out, "# Executing %zu build trigger%s\n",
		triggers.count, triggers.count > 1 ? "s" : "");
	for (size_t i = 0; i < triggers.count && r == 0; i++) {
		OWN_INSTRUCTION struct instruction instruction = { 0 };

		r = dockerfile_parse_trigger(triggers.items[i], &instruction,
					     err);
		if (r < 0)
			err_hint(err, _("the image %s has it as a trigger (ONBUILD %s)"),
				 build->base, triggers.items[i]);
		else
			r = build_dispatch(build, &instruction, err);
	}
	return r;
}

static int check_name(const struct build *build,
		      const struct build_stage *stage, struct err *err)
{
	for (size_t i = 0; i < build->stage && stage->name; i++)
		if (build->plan.stages[i].name &&
		    strcmp(build->plan.stages[i].name, stage->name) == 0)
			return err_docker(err, ERR_BARE, EINVAL,
					  "%s stage name already used",
					  stage->name);
	return 0;
}

int build_begin_stage(struct build *build, const struct build_stage *stage,
		      struct err *err)
{
	const struct instruction *from = stage->from;
	OWN_FREE char *name = NULL;
	int r;

	forget_stage(build);
	r = check_platform(build, from, err);
	if (r == 0)
		r = expand_global(build, from->args.items[0], &name, err);
	if (r == 0 && !*name)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "base name (%s) should not be blank",
			       from->args.items[0]);
	if (r == 0)
		r = check_name(build, stage, err);
	if (r == 0)
		r = take_base(build, name, err);
	if (r < 0)
		return r;
	build->base = own_give_ptr(&name);
	build->from_seen = true;
	if (!strs_get_env(&build->config.env, "PATH"))
		strs_add(&build->config.env, DEFAULT_PATH);
	return run_triggers(build, err);
}
