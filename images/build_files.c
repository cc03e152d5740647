/* images/build_files.c - COPY, ADD and WORKDIR: files without a program.
 *
 * The sources, their checksum and the layer are build_copy.h's; here is what the
 * builder adds: variables, --from, the cache, the image. A WORKDIR that the image
 * has not is made in a container's writable layer, as Docker does. Source: Docker
 * 20.10, builder/dockerfile/internals.go, performCopy; dispatchers.go,
 * dispatchWorkdir. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_copy.h"
#include "images/build_private.h"
#include "images/stage.h"
#include "images/upper.h"
#include "images/words.h"
#include "runtime/base/amount.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/spec.h"

/* ---- COPY and ADD ---- */

/* One instruction with its variables put in. */
struct copying {
	struct build *build;
	const char *name; /* "COPY" */
	struct strs sources;
	char *dest;
	char *chown;
	char *chmod;
	struct heredoc *heredocs;
	size_t heredoc_count;
	struct image from;
	bool has_from;
};

static void copying_done(struct copying *copying)
{
	for (size_t i = 0; i < copying->heredoc_count; i++)
		free(copying->heredocs[i].body);
	free(copying->heredocs);
	strs_done(&copying->sources);
	free(copying->dest);
	free(copying->chown);
	free(copying->chmod);
	image_done(&copying->from);
}

static int take_words(struct copying *copying,
		      const struct instruction *instruction, struct err *err)
{
	OWN_STRS struct strs sources = { 0 };
	const char *dest = NULL;
	int r = 0;

	instruction_sources(instruction, &sources, &dest);
	for (size_t i = 0; i < sources.count && r == 0; i++) {
		char *word = NULL;

		r = build_expand(copying->build, sources.items[i], &word, err);
		if (r == 0)
			strs_take(&copying->sources, word);
	}
	return r < 0 ? r :
		       build_expand(copying->build, dest ? dest : "",
				    &copying->dest, err);
}

static int expand_body(struct build *build, const struct heredoc *heredoc,
		       char **out, struct err *err)
{
	OWN_FREE char *text = heredoc_text(heredoc);
	OWN_STRS struct strs args = { 0 };
	const struct word_rules rules = {
		.env = &build->config.env,
		.args = &args,
		.plain_quotes = true,
	};

	if (!heredoc->expand) {
		*out = own_give_ptr(&text);
		return 0;
	}
	build_args_list(&build->args, &build->config.env, &args);
	return words_expand_by(text, &rules, out, err);
}

static int take_heredocs(struct copying *copying,
			 const struct instruction *instruction,
			 struct err *err)
{
	size_t count = instruction->heredoc_count;

	copying->heredocs = mem_zero(count + 1, sizeof(struct heredoc));
	for (size_t i = 0; i < count; i++) {
		char *body;
		int r = expand_body(copying->build, &instruction->heredocs[i],
				    &body, err);

		if (r < 0)
			return r;
		copying->heredocs[i] = instruction->heredocs[i];
		copying->heredocs[i].body = body;
		copying->heredocs[i].strip_tabs = false; /* done */
		copying->heredoc_count++;
	}
	return 0;
}

static int take_flag(struct build *build,
		     const struct instruction *instruction, const char *name,
		     char **out, struct err *err)
{
	const char *value = instruction_flag(instruction, name);

	return value && *value ? build_expand(build, value, out, err) : 0;
}

/* A stage that is none yet may be a number: Docker says what is wrong with it. */
static int check_number(struct build *build, const char *from, struct err *err)
{
	struct err ignored = { 0 };
	int64_t number;

	if (parse_int(from, INT32_MIN, INT32_MAX, &number, &ignored) < 0)
		return 0;
	if (number == (int64_t)build->stage)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid from flag value %s: refers to current build stage",
				  from);
	if (number < 0 || number > (int64_t)build->stage)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid from flag value %s: index out of bounds",
				  from);
	return 0;
}

static int take_from(struct copying *copying,
		     const struct instruction *instruction, struct err *err)
{
	struct build *build = copying->build;
	const char *from = instruction_flag(instruction, "from");
	int r;

	if (!from || !*from)
		return 0;
	copying->has_from = true;
	r = check_number(build, from, err);
	if (r == 0)
		r = build_find_image(build, from, &copying->from, err);
	if (r == -ENOENT && strcmp(from, "scratch") == 0) {
		err_docker(err, ERR_BARE, EINVAL,
			   "invalid from flag value scratch: 'scratch' is a reserved name");
	} else if (r == -ENOENT) {
		err_docker(err, ERR_BARE, ENOENT,
			   "invalid from flag value %s: pull access denied for %s, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
			   from, from);
		err_hint(err, _("'%s' is neither a stage above nor an image that is here"),
			 from);
	} else if (r == -EINVAL && err->voice != ERR_BARE) {
		err->voice = ERR_BARE;
		err_wrap(err, "invalid from flag value %s", from);
	}
	return r;
}

static char *comment_of(const struct copying *copying, const char *sum)
{
	struct buf comment = { 0 };

	buf_fmt(&comment, "%s ", copying->name);
	if (copying->chown)
		buf_fmt(&comment, "--chown=%s", copying->chown);
	if (copying->chmod)
		buf_fmt(&comment, "--chmod=%s", copying->chmod);
	buf_fmt(&comment, "%s in %s ", sum, copying->dest);
	return buf_give(&comment);
}

/* As Docker's downloader leaves its line. */
static void end_downloads(struct build *build, const struct copy_found *found)
{
	for (int i = 0; i < copy_fetched(found); i++)
		fputc('\n', build->out);
}

/* What the cache is asked by, and the history shows. */
static void fill_step(const struct copying *copying,
		      const struct copy_found *found,
		      struct image_config *step)
{
	OWN_FREE char *comment = comment_of(copying, copy_checksum(found));

	build_nop(copying->build, comment, true, step);
}

/* step: as the cache was asked by it; filled now where it was not. */
static int make_copy(const struct copying *copying, struct copy_found *found,
		     struct image_config *step, struct err *err)
{
	struct build *build = copying->build;
	OWN_IMAGE struct image on = { 0 };
	struct build_result result = { .step = step, .layer = -1 };
	int r = build->image_id ?
			image_find(build->store, build->image_id, &on, err) :
			0;

	if (r == 0)
		r = stage_open(store_home(build->store), &result.stage, err);
	if (r == 0)
		r = copy_layer(build->store, found,
			       build->image_id ? &on : NULL, result.stage,
			       &result.layer, err);
	if (r == 0 && !step->has_cmd)
		fill_step(copying, found, step);
	if (r == 0)
		r = build_finish(build, &result, err);
	stage_close(result.stage);
	return r;
}

/* The files are read once for the checksum that the cache is asked by, and once for
 * the layer; or, where nobody asks, once for both. */
static int find_and_copy(struct copying *copying, struct err *err)
{
	struct build *build = copying->build;
	const struct build_choice *choice = build->choice;
	OWN_CONFIG struct image_config step = { 0 };
	struct copy_found *found = NULL;
	const struct copy_request request = {
		.add = strcmp(copying->name, "ADD") == 0,
		.sources = &copying->sources,
		.dest = copying->dest,
		.heredocs = copying->heredocs,
		.heredoc_count = copying->heredoc_count,
		.chown = copying->chown,
		.chmod = copying->chmod,
		.cwd = build->config.working_dir,
		.context = choice->context,
		.from = copying->has_from ? &copying->from : NULL,
		.late = (choice->no_cache || build->missed) && !choice->explain,
	};
	int r;

	amount_begin(N_("Reading the files to copy - "), 0);
	r = copy_find(build->store, &request, &found, err);
	amount_end();
	if (r < 0)
		return r;
	end_downloads(build, found);
	build->found = found;
	if (request.late) {
		build->missed = true;
	} else {
		fill_step(copying, found, &step);
		r = build_cache_use(build, &step, err);
	}
	if (r == 0)
		r = make_copy(copying, found, &step, err);
	build->found = NULL;
	copy_free(found);
	return r < 0 ? r : 0;
}

int build_copy_step(struct build *build, const struct instruction *instruction,
		    struct err *err)
{
	struct copying copying = {
		.build = build,
		.name = strcmp(instruction->name, "add") == 0 ? "ADD" : "COPY",
	};
	int r = take_words(&copying, instruction, err);

	if (r == 0)
		r = take_heredocs(&copying, instruction, err);
	if (r == 0)
		r = take_flag(build, instruction, "chown", &copying.chown, err);
	if (r == 0)
		r = take_flag(build, instruction, "chmod", &copying.chmod, err);
	if (r == 0)
		r = take_from(&copying, instruction, err);
	if (r == 0)
		r = find_and_copy(&copying, err);
	copying_done(&copying);
	return r;
}

/* ---- WORKDIR ---- */

static int make_layer(struct build *build, const struct spec *spec,
		      struct build_result *result, struct err *err)
{
	const struct upper upper = {
		store_home(build->store), spec->id,
		spec->layers.count ? spec->layers.items[0] : NULL
	};
	OWN_FREE char *folder = fs_clean_path(build->config.working_dir);
	char below[DIGEST_SIZE];
	int r = container_add_folder(store_home(build->store), spec, folder,
				     err);

	if (r == 0)
		r = upper_has_changes(&upper, err);
	if (r <= 0)
		return r;
	r = stage_open(store_home(build->store), &result->stage, err);
	if (r == 0)
		r = build_chain(build, below, err);
	if (r == 0)
		r = result->layer = upper_stage(&upper, result->stage,
						*below ? below : NULL, err);
	return r < 0 ? r : 0;
}

/* In a container of which nothing is kept; or, with --rm=false, in one that is. */
static int make_folder(struct build *build, struct image_config *step,
		       struct err *err)
{
	const struct home *home = store_home(build->store);
	struct build_result result = { .step = step, .layer = -1 };
	OWN_SPEC struct spec spec;
	int lock_fd = -1;
	int r;

	spec_init(&spec);
	r = build_fill_spec(build, step, &spec, err);
	if (r == 0 && build->choice->keep)
		r = container_create(home, &spec, err);
	else if (r == 0)
		r = lock_fd = container_make_for_layer(home, &spec, err);
	if (r < 0)
		return r;
	build_show_container(build, spec.id);
	result.container = spec.id;
	step->hostname = mem_strn(spec.id, 12);
	r = make_layer(build, &spec, &result, err);
	if (r == 0)
		r = build_finish(build, &result, err);
	stage_close(result.stage);
	if (lock_fd >= 0)
		container_clear(home, &spec, lock_fd);
	return r;
}

int build_workdir_step(struct build *build,
		       const struct instruction *instruction, struct err *err)
{
	OWN_CONFIG struct image_config step = { 0 };
	OWN_BUF struct buf comment = { 0 };
	int r = build_change(build, instruction, &comment, err);

	if (r < 0)
		return r;
	build_nop(build, buf_text(&comment), true, &step);
	r = build_cache_use(build, &step, err);
	if (r == 0)
		r = make_folder(build, &step, err);
	return r < 0 ? r : 0;
}
