/* images/build.c - see build.h */
#include "images/build.h"

#include <errno.h>
#include <string.h>

#include "images/build_private.h"
#include "images/ref.h"
#include "images/words.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/trace.h"

/* ---- steps ---- */

static void show_step(struct build *build, const char *text)
{
	build->step++;
	trace_step(TRACE_INSTRUCTION, "Step %zu/%zu : %s", build->step,
		   build->plan.steps, text);
	fprintf(build->out, "Step %zu/%zu : %s\n", build->step,
		build->plan.steps, text);
	fflush(build->out);
	build_note_step(build, text);
}

static void show_image(struct build *build)
{
	fprintf(build->out, " ---> %.12s\n",
		build->image_id ? digest_hex(build->image_id) : "");
	fflush(build->out);
	build_note_image(build);
	build_past_note(build);
}

static int global_arg(struct build *build,
		      const struct instruction *instruction, struct err *err)
{
	OWN_STRS struct strs known = { 0 };
	const struct word_rules rules = {
		.env = &known,
		.escape = build->choice->file->escape,
	};

	show_step(build, instruction->text);
	for (size_t i = 0; i < instruction->args.count; i++) {
		OWN_FREE char *pair = NULL;
		OWN_FREE char *name = NULL;
		const char *equals;
		int r;

		strs_clear(&known);
		build_args_list_global(&build->args, &known);
		r = words_expand_by(instruction->args.items[i], &rules, &pair,
				    err);
		if (r < 0)
			return r;
		equals = strchr(pair, '=');
		name = mem_strn(pair, strcspn(pair, "="));
		build_args_declare_global(&build->args, name,
					  equals ? equals + 1 : NULL);
	}
	return 0;
}

static int one_step(struct build *build, const struct instruction *instruction,
		    struct err *err)
{
	int r;

	if (interrupt_seen())
		return interrupt_err(err);
	show_step(build, instruction->text);
	r = build_dispatch(build, instruction, err);
	if (r == 0)
		show_image(build);
	return r;
}

/* --label a=1: as if LABEL a=1 stood at the end, with nothing put in. */
static int add_label(struct build *build, const char *label, struct err *err)
{
	OWN_FREE char *pair =
		mem_fmt("%s%s", label, strchr(label, '=') ? "" : "=");
	OWN_FREE char *text = mem_fmt("LABEL %s", pair);
	int r;

	show_step(build, text);
	free(build->config.image);
	build->config.image = mem_str(build->image_id);
	strs_set_env(&build->config.labels, pair);
	strs_sort(&build->config.labels);
	r = build_finish_config(build, text, err);
	for (size_t i = 0; i < build->leftovers.count && r == 0; i++)
		if (!build->choice->keep)
			fprintf(build->out,
				"Removing intermediate container %.12s\n",
				build->leftovers.items[i]);
	strs_clear(&build->leftovers);
	if (r == 0)
		show_image(build);
	return r;
}

static int add_labels(struct build *build, struct err *err)
{
	OWN_STRS struct strs labels = { 0 };
	int r = 0;

	if (build->choice->labels)
		strs_copy(&labels, build->choice->labels);
	strs_sort(&labels);
	for (size_t i = 0; i < labels.count && r == 0; i++)
		r = add_label(build, labels.items[i], err);
	return r;
}

static int build_stage(struct build *build, const struct build_stage *stage,
		       bool last, struct err *err)
{
	const struct dockerfile *file = build->choice->file;
	int r;

	show_step(build, stage->from->text);
	trace_begin();
	r = build_begin_stage(build, stage, err);
	if (r == 0)
		trace_step(TRACE_LOOK_UP, "%s -> %.19s", stage->from->rest,
			   build->image_id ? build->image_id : "scratch");
	if (r == 0)
		show_image(build);
	for (size_t i = stage->first + 1; i < stage->end && r == 0; i++)
		r = one_step(build, &file->items[i], err);
	if (r == 0 && last)
		r = add_labels(build, err);
	strs_add(&build->stage_ids, build->image_id ? build->image_id : "");
	return r;
}

static int build_all(struct build *build, struct err *err)
{
	const struct dockerfile *file = build->choice->file;
	int r = 0;

	for (size_t i = 0; i < build->plan.globals && r == 0; i++)
		r = global_arg(build, &file->items[i], err);
	for (; build->stage < build->plan.count && r == 0; build->stage++)
		r = build_stage(build, &build->plan.stages[build->stage],
				build->stage + 1 == build->plan.count, err);
	if (r == 0 && !build->image_id)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "No image was generated. Is your Dockerfile empty?");
	return r;
}

/* ---- names ---- */

int build_check_tag(const char *tag, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	int r = ref_parse(tag, &ref, err);

	if (r == 0 && ref.digest)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "refusing to create a tag with a digest reference");
	return r;
}

/* Within a transaction. */
static int give_name(struct build *build, const char *tag, struct strs *shown,
		     struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *name = NULL;
	int r = ref_parse(tag, &ref, err);

	if (r < 0)
		return r;
	ref_tag_latest(&ref);
	name = ref_familiar(&ref);
	if (strs_has(shown, name))
		return 0;
	strs_add(shown, name);
	return store_set_tag(build->store, &ref, build->image_id, err);
}

/* shown: each name once, in the order of the line. */
struct naming {
	struct build *build;
	struct strs shown;
};

static int give_names(void *arg, struct err *err)
{
	struct naming *naming = arg;
	const struct strs *tags = naming->build->choice->tags;
	int r = 0;

	for (size_t i = 0; i < tags->count && r == 0; i++)
		r = give_name(naming->build, tags->items[i], &naming->shown,
			      err);
	return r;
}

static void show_end(struct build *build, const struct strs *names)
{
	OWN_STRS struct strs unused = { 0 };
	OWN_FREE char *list = NULL;

	build_args_unused(&build->args, &unused);
	list = strs_join(&unused, " ");
	if (unused.count)
		fprintf(build->out,
			"[Warning] One or more build-args [%s] were not consumed\n",
			list);
	fprintf(build->out, "Successfully built %.12s\n",
		digest_hex(build->image_id));
	for (size_t i = 0; i < names->count; i++) {
		store_note_event(build->store, "tag", build->image_id,
				 names->items[i]);
		fprintf(build->out, "Successfully tagged %s\n",
			names->items[i]);
	}
}

/* ---- the whole ---- */

/* Before anything is called done it is on the disk; what was finished before a
 * failure as well. */
static int end(struct build *build, int r, struct err *err)
{
	const struct strs *tags = build->choice->tags;
	bool named = r == 0 && tags && tags->count;
	struct naming naming = { .build = build };
	struct err ours = { 0 };
	int ended = store_end_unsynced(build->store, named ? give_names : NULL,
				       &naming, &ours);

	if (ended < 0 && r == 0)
		*err = ours;
	if (ended == 0 && r == 0)
		show_end(build, &naming.shown);
	strs_done(&naming.shown);
	return r < 0 ? r : ended;
}

static void build_done(struct build *build)
{
	build_plan_done(&build->plan);
	build_args_done(&build->args);
	image_config_done(&build->config);
	free(build->image_id);
	free(build->base);
	free(build->author);
	free(build->good_id);
	strs_done(&build->stage_ids);
	strs_done(&build->leftovers);
	build_sources_free(build->sources);
}

/* Once something was shown, Docker's client prints failures bare. */
static int bare(struct build *build, struct err *err)
{
	if (build->step && err->voice != ERR_OURS)
		err->voice = ERR_BARE;
	return -err->code;
}

static int prepare(struct build *build, struct err *err)
{
	int r = build_plan_make(build->choice, &build->plan, err);

	if (r == 0)
		r = build_sources_open(build, err);
	/* It opens the database, so that the steps find it open. */
	return r < 0 ? r : store_begin_unsynced(build->store, err);
}

int build_run(struct store *store, const struct build_choice *choice,
	      char out_id[DIGEST_SIZE], struct err *err)
{
	struct build build = {
		.store = store,
		.choice = choice,
		.out = choice->out,
	};
	int r;

	build_args_init(&build.args, choice->args);
	build_note_begin(&build);
	r = prepare(&build, err);
	if (r == 0)
		r = end(&build, build_all(&build, err), err);
	build_note_end(&build, r == 0);
	if (r == 0)
		memcpy(out_id, build.image_id, DIGEST_SIZE);
	if (r < 0)
		r = bare(&build, err);
	build_why_write(&build, r, err);
	build_past_write(&build, r == 0);
	build_past_done(&build);
	build_done(&build);
	return r;
}
