/* images/build_image.c - the image of one step; see build_private.h
 *
 *   parent's document     architecture, history, layers so far
 *   build->config         how a container of it would run
 *   the step's container  container_config: what the cache is asked by
 *
 * Each is in the database as soon as it is whole, so that a build that is killed
 * leaves steps that the next one finds. The disk is waited for once, at the end
 * (store_sync.c).
 *
 * Source: Docker 20.10, builder/dockerfile/internals.go, image/image.go. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "images/build_private.h"
#include "images/stage.h"
#include "runtime/base/digest.h"
#include "runtime/base/trace.h"
#include "runtime/names.h"

static void replace(char **where, const char *text)
{
	free(*where);
	*where = mem_str(text);
}

/* ---- what the step's container is like ---- */

void build_nop(const struct build *build, const char *comment, bool glued,
	       struct image_config *out)
{
	image_config_copy(out, &build->config);
	strs_clear(&out->cmd);
	if (out->shell.count) {
		strs_copy(&out->cmd, &out->shell);
	} else {
		strs_add(&out->cmd, "/bin/sh");
		strs_add(&out->cmd, "-c");
	}
	if (glued) {
		strs_addf(&out->cmd, "#(nop) %s", comment);
	} else {
		strs_add(&out->cmd, "#(nop) ");
		strs_add(&out->cmd, comment);
	}
	out->has_cmd = true;
}

void build_show_container(struct build *build, const char *id)
{
	fprintf(build->out, " ---> Running in %.12s\n", id);
	fflush(build->out);
	strs_add(&build->leftovers, id);
}

/* ---- the document ---- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int build_read_parent(struct build *build, struct image_doc *out,
		      struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	if (!build->image_id) {
		image_doc_init(out);
		return 0;
	}
	r = store_config(build->store, build->image_id, &text, err);
	return r < 0 ? r : image_doc_read(text.data, text.len, out, err);
}

static void add_step(const struct build *build,
		     const struct build_result *result, struct image_doc *doc)
{
	struct image_step *step = image_doc_add_step(doc);

	doc->created_ns = now_ns();
	step->created_ns = doc->created_ns;
	step->created_by = strs_join(&result->step->cmd, " ");
	step->author = mem_str(build->author);
	step->empty_layer = result->layer < 0;
}

static void fill(const struct build *build, const struct build_result *result,
		 struct image_doc *doc)
{
	OWN_DOC struct image_doc ours = { 0 };

	image_doc_init(&ours);
	replace(&doc->docker_version, ours.docker_version);
	replace(&doc->author, build->author);
	replace(&doc->comment, NULL);
	replace(&doc->container, result->container);
	image_config_done(&doc->container_config);
	image_config_copy(&doc->container_config, result->step);
	image_config_done(&doc->config);
	image_config_copy(&doc->config, &build->config);
	if (result->layer >= 0)
		strs_add(&doc->diffs,
			 stage_layer_at(result->stage, result->layer)->diff);
	add_step(build, result, doc);
}

int build_chain(struct build *build, char out[DIGEST_SIZE], struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	int r = build_read_parent(build, &doc, err);

	out[0] = '\0';
	for (size_t i = 0; i < doc.diffs.count && r == 0; i++) {
		char below[DIGEST_SIZE];

		memcpy(below, out, DIGEST_SIZE);
		digest_chain(i ? below : NULL, doc.diffs.items[i], out);
	}
	return r;
}

/* ---- the image ---- */

static int enter(struct build *build, const struct buf *config,
		 char out_id[DIGEST_SIZE], struct err *err)
{
	int r = store_begin(build->store, err);

	if (r < 0)
		return r;
	r = store_add_image(build->store, config->data, config->len,
			    build->image_id, out_id, err);
	if (r == 0)
		r = store_note_unsynced(build->store, out_id, err);
	if (r == 0 && build->found)
		r = build_explain_keep(build, out_id, err);
	return store_end(build->store, r, err);
}

/* The layer, if there is one, and the document. */
static int write_down(struct build *build, struct stage *stage,
		      const struct buf *config, char out_id[DIGEST_SIZE],
		      struct err *err)
{
	char digest[DIGEST_SIZE];
	int r = stage_blob(stage, config->data, config->len, digest, err);

	if (r == 0)
		r = stage_commit_unsynced(stage, err);
	if (r == 0)
		r = enter(build, config, out_id, err);
	if (r == 0)
		trace_step(TRACE_IMAGE, "%.19s: config of %zu bytes", out_id,
			   config->len);
	return r;
}

int build_enter(struct build *build, const struct image_doc *doc,
		struct stage *layer, char out_id[DIGEST_SIZE], struct err *err)
{
	OWN_BUF struct buf config = { 0 };
	struct stage *stage = NULL;
	int r = 0;

	image_doc_write(doc, &config);
	if (!layer)
		r = stage_open(store_home(build->store), &stage, err);
	if (r == 0)
		r = write_down(build, layer ? layer : stage, &config, out_id,
			       err);
	stage_close(stage);
	return r;
}

static void go_on_from(struct build *build, const char *id)
{
	replace(&build->image_id, id);
	replace(&build->good_id, id);
}

int build_finish(struct build *build, const struct build_result *result,
		 struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	char id[DIGEST_SIZE];
	int r = build_read_parent(build, &doc, err);

	if (r < 0)
		return r;
	fill(build, result, &doc);
	r = build_enter(build, &doc, result->stage, id, err);
	if (r == 0)
		go_on_from(build, id);
	return r;
}

int build_finish_config(struct build *build, const char *comment,
			struct err *err)
{
	OWN_CONFIG struct image_config step = { 0 };
	OWN_FREE char *id = NULL;
	struct build_result result = { .step = &step, .layer = -1 };
	int r;

	build_nop(build, comment, false, &step);
	r = build_cache_use(build, &step, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = build_make_container(build, &step, &id, err);
	if (r < 0)
		return r;
	build_show_container(build, id);
	result.container = id;
	step.hostname = mem_strn(id, SHORT_ID_LEN);
	return build_finish(build, &result, err);
}
