/* images/commit.c - see commit.h; the config is commit_config.c's
 *
 *   what it wrote       upper.h       layers/tmp-*, blob
 *   its config          commit_config a blob
 *   both                stage.h       on the disk
 *   the image           store.h       in the database */
#include "images/commit.h"

#include <errno.h>
#include <string.h>

#include "images/commit_config.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "images/upper.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/container_control.h"
#include "runtime/events.h"
#include "runtime/home.h"

/* All that a commit works with.
 *
 * doc    its image's document at first, then the new one's
 * chain  chain id of the image's layers */
struct commit {
	struct store *store;
	const struct commit_choice *choice;
	struct container container;
	struct image_doc doc;
	struct ref name;
	char chain[DIGEST_SIZE];
};

/* ---- the layer ---- */

static struct upper upper_of(const struct commit *commit)
{
	const struct spec *spec = &commit->container.spec;
	struct upper upper = { store_home(commit->store), spec->id,
			       spec->layers.items[0] };

	return upper;
}

/* ---- standing still ---- */

/* Whether it is to be let go again. A pause that was asked for when Ctrl-C came
 * may still come about. */
static bool hold(const struct commit *commit)
{
	struct err ignored = { 0 };
	int r;

	if (!commit->choice->pause ||
	    commit->container.status != CONTAINER_RUNNING)
		return false;
	r = container_pause(store_home(commit->store),
			    commit->container.spec.id, &ignored);
	return r == 0 || r == -EINTR;
}

static void let_go(const struct commit *commit)
{
	struct err ignored = { 0 };

	/* Once more where a Ctrl-C came between question and answer; one that
	 * has ended is fine. */
	for (int tries = 0; tries < 2; tries++)
		if (container_unpause(store_home(commit->store),
				      commit->container.spec.id,
				      &ignored) != -EINTR)
			return;
}

static int stage_upper_at_rest(struct commit *commit, struct stage *stage,
			       struct err *err)
{
	bool held = hold(commit);
	const struct upper upper = upper_of(commit);
	int place = upper_stage(&upper, stage,
				commit->chain[0] ? commit->chain : NULL, err);

	if (held)
		let_go(commit);
	return place;
}

/* ---- the image ---- */

static void note_events(const struct commit *commit, const char *id)
{
	const struct home *home = store_home(commit->store);
	const char *message = commit->choice->message;
	OWN_FREE char *name =
		commit->name.path ? ref_familiar(&commit->name) : mem_str("");
	OWN_STRS struct strs pairs = { 0 };
	OWN_BUF struct buf line = { 0 };

	if (*name)
		store_note_event(commit->store, "tag", id, name);
	strs_addf(&pairs, "comment=%s", message ? message : "");
	strs_addf(&pairs, "imageID=%s", id);
	strs_addf(&pairs, "imageRef=%s", name);
	events_add_container(&line, 0, &commit->container.spec, "commit",
			     &pairs);
	events_write(home, &line);
}

static int enter(struct commit *commit, const struct buf *config,
		 char out_id[DIGEST_SIZE], struct err *err)
{
	char id[DIGEST_SIZE];
	int r = store_begin(commit->store, err);

	if (r < 0)
		return r;
	r = store_add_image(commit->store, config->data, config->len,
			    commit->container.spec.image_id, id, err);
	if (r == 0 && commit->name.path)
		r = store_set_tag(commit->store, &commit->name, id, err);
	r = store_end(commit->store, r, err);
	if (r < 0)
		return r;
	memcpy(out_id, id, DIGEST_SIZE);
	note_events(commit, id);
	return 0;
}

static int make_image(struct commit *commit, struct stage *stage,
		      bool with_layer, char out_id[DIGEST_SIZE],
		      struct err *err)
{
	OWN_BUF struct buf config = { 0 };
	char digest[DIGEST_SIZE];
	int r = 0;

	if (with_layer) {
		int place = stage_upper_at_rest(commit, stage, err);

		if (place < 0)
			return place;
		strs_add(&commit->doc.diffs,
			 stage_layer_at(stage, place)->diff);
	}
	commit_config_step(&commit->doc, commit->choice, !with_layer);
	image_doc_write(&commit->doc, &config);
	r = stage_blob(stage, config.data, config.len, digest, err);
	if (r == 0)
		r = stage_commit(stage, err);
	if (r == 0)
		r = enter(commit, &config, out_id, err);
	if (r == 0)
		trace_step(TRACE_IMAGE, "%.19s: %zu layers, config of %zu bytes",
			   out_id, commit->doc.diffs.count, config.len);
	return r;
}

/* ---- before ---- */

/* The client's work in Docker, so the sentences stand alone. */
static int parse_name(const char *text, struct ref *out, struct err *err)
{
	int r = ref_parse(text, out, err);

	if (r == 0 && out->digest)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "refusing to create a tag with a digest reference");
	if (r == 0)
		ref_tag_latest(out);
	else
		err->voice = ERR_BARE;
	return r;
}

static int read_image(struct commit *commit, struct err *err)
{
	const char *id = commit->container.spec.image_id;
	OWN_BUF struct buf text = { 0 };
	struct err lost = { 0 };
	char chain[DIGEST_SIZE] = "";
	int r = store_config(commit->store, id, &text, &lost);

	if (r < 0) {
		err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s", id);
		return err_hint(err, "%s", lost.msg);
	}
	r = image_doc_read(text.data, text.len, &commit->doc, err);
	if (r < 0)
		return err_wrap(err, _("the config of %.19s"), id);
	for (size_t i = 0; i < commit->doc.diffs.count; i++) {
		digest_chain(i ? chain : NULL, commit->doc.diffs.items[i],
			     commit->chain);
		memcpy(chain, commit->chain, DIGEST_SIZE);
	}
	return 0;
}

static int prepare(struct commit *commit, struct err *err)
{
	const struct commit_choice *choice = commit->choice;
	int r = choice->name ? parse_name(choice->name, &commit->name, err) : 0;

	if (r == 0)
		r = container_find(store_home(commit->store),
				   choice->container, &commit->container, err);
	if (r < 0) {
		err->voice = err->voice == ERR_CLIENT ? ERR_DAEMON :
							err->voice;
		return r;
	}
	r = read_image(commit, err);
	return r < 0 ? r :
		       commit_config_fill(&commit->doc, &commit->container.spec,
					  choice, err);
}

int commit_container(struct store *store, const struct commit_choice *choice,
		     char out_id[DIGEST_SIZE], struct err *err)
{
	struct commit commit = { .store = store, .choice = choice };
	struct upper upper;
	struct stage *stage = NULL;
	struct err ignored = { 0 };
	int changed = 0;
	int r = prepare(&commit, err);

	if (r == 0 && !store_db(store, err))
		r = -err->code;
	if (r == 0) {
		upper = upper_of(&commit);
		r = changed = upper_has_changes(&upper, err);
		trace_step(TRACE_WALK, "containers/%.12s/upper: %s",
			   commit.container.spec.id,
			   changed > 0 ? _("holds changes") :
					 _("is as it was made: no layer of its own"));
	}
	if (r >= 0)
		r = stage_open(store_home(store), &stage, err);
	if (r >= 0)
		r = make_image(&commit, stage, changed > 0, out_id, err);
	stage_close(stage);
	/* What gave way to it, or was left by a failure. */
	if (r == 0 && commit.name.path)
		(void)store_clear_away(store, &ignored);
	image_doc_done(&commit.doc);
	ref_done(&commit.name);
	container_done(&commit.container);
	return r < 0 ? r : 0;
}
