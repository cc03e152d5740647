/* images/build_dispatch.c - one instruction; see build_private.h */
#include <errno.h>
#include <string.h>

#include "images/build_private.h"
#include "images/changes.h"

static int arg_step(struct build *build, const struct instruction *instruction,
		    struct err *err)
{
	OWN_BUF struct buf comment = { 0 };

	buf_str(&comment, "ARG");
	for (size_t i = 0; i < instruction->args.count; i++) {
		OWN_FREE char *pair = NULL;
		OWN_FREE char *name = NULL;
		const char *equals;
		int r = build_expand(build, instruction->args.items[i], &pair,
				     err);

		if (r < 0)
			return r;
		equals = strchr(pair, '=');
		name = mem_strn(pair, strcspn(pair, "="));
		build_args_declare(&build->args, name,
				   equals ? equals + 1 : NULL);
		buf_fmt(&comment, " %s", pair);
	}
	return build_finish_config(build, buf_text(&comment), err);
}

int build_change(struct build *build, const struct instruction *instruction,
		 struct buf *comment, struct err *err)
{
	OWN_STRS struct strs args = { 0 };
	struct changes changes = {
		.config = &build->config,
		.args = &args,
		.escape = build->choice->file->escape,
		.author = &build->author,
		.cmd_given = build->cmd_given,
	};
	int r;

	build_args_list(&build->args, &build->config.env, &args);
	r = changes_apply(&changes, instruction, comment, err);
	build->cmd_given = changes.cmd_given;
	return r;
}

static void note_health(const struct build *build,
			const struct instruction *instruction)
{
	const struct strs *test = &build->config.health_test;
	OWN_FREE char *old = strs_join(test, " ");

	if (strcmp(instruction->name, "healthcheck") == 0 && test->count &&
	    strcmp(test->items[0], "NONE") != 0)
		fprintf(build->out,
			"Note: overriding previous HEALTHCHECK: [%s]\n", old);
}

static int config_step(struct build *build,
		       const struct instruction *instruction, struct err *err)
{
	OWN_BUF struct buf comment = { 0 };
	int r;

	note_health(build, instruction);
	r = build_change(build, instruction, &comment, err);
	return r < 0 ? r :
		       build_finish_config(build, buf_text(&comment), err);
}

int build_dispatch(struct build *build, const struct instruction *instruction,
		   struct err *err)
{
	static const struct {
		const char *name;
		int (*step)(struct build *build,
			    const struct instruction *instruction,
			    struct err *err);
	} steps[] = {
		{ "add", build_copy_step },  { "arg", arg_step },
		{ "copy", build_copy_step }, { "run", build_run_step },
		{ "workdir", build_workdir_step },
	};
	const struct build_choice *choice = build->choice;
	int r = 1;

	free(build->config.image);
	build->config.image = mem_str(build->image_id);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, instruction->name) == 0)
			r = steps[i].step(build, instruction, err);
	if (r == 1)
		r = config_step(build, instruction, err);
	for (size_t i = 0; i < build->leftovers.count; i++)
		if (choice->force_remove || (!choice->keep && r == 0))
			fprintf(build->out,
				"Removing intermediate container %.12s\n",
				build->leftovers.items[i]);
	strs_clear(&build->leftovers);
	return r;
}
