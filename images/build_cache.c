/* images/build_cache.c - has this step been built before; see build_private.h
 *
 * The images themselves are the cache: each knows the image that it was made upon
 * and the config of the container that it was made in, whose command is the
 * instruction with everything that counts: variables put in, the ARGs in use, the
 * checksum of what is copied.
 *
 *   images with the same parent  -->  the same command, environment, user,
 *                                     labels, ports, volumes  -->  the newest
 *
 * One miss in a stage, and the rest of it is built: what stands on a new image
 * cannot have been built before.
 *
 * Images that came from elsewhere count where --cache-from names them:
 * build_cache_from.c. Why a step was not found is build_explain.c's. Source: Docker
 * 20.10, image/cache. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"
#include "runtime/base/db.h"
#include "runtime/base/lang.h"
#include "runtime/base/trace.h"

/* ---- Docker's rule ---- */

static bool same_list(const struct strs *a, const struct strs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Somebody is connected to what `run` starts, unless -d is given; to a step nobody is.
 * So few containers that were committed pass for one. */
static bool same_streams(const struct image_config *a,
			 const struct image_config *b)
{
	return !a->open_stdin && !b->open_stdin && a->tty == b->tty &&
	       a->attach_stdout == b->attach_stdout &&
	       a->attach_stderr == b->attach_stderr;
}

/* Working directory, shell, health check ... are not looked at: each was set by a
 * step whose command says so, and that step is the parent or above it. */
static bool same_step(const struct image_config *a,
		      const struct image_config *b)
{
	return same_streams(a, b) && same_text(a->user, b->user) &&
	       same_list(&a->cmd, &b->cmd) && same_list(&a->env, &b->env) &&
	       same_list(&a->labels, &b->labels) &&
	       same_list(&a->exposed, &b->exposed) &&
	       same_list(&a->entrypoint, &b->entrypoint) &&
	       same_list(&a->volumes, &b->volumes);
}

int build_cache_each(struct build *build, build_each_cached *each, void *arg,
		     struct err *err)
{
	struct db *db = store_db(build->store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "SELECT id, config FROM images WHERE parent IS ?"
			      " ORDER BY created_ns DESC",
			      "s", build->image_id) :
		     NULL;
	bool more = true;
	int r = 0;

	if (!stmt)
		return -err->code;
	while (more && (r = db_next(db, stmt, err)) == 1) {
		OWN_DOC struct image_doc doc = { 0 };
		struct build_cached child = { .id = "" };
		struct err ignored = { 0 };
		const char *text = db_text(stmt, 1);

		if (image_doc_read(text, strlen(text), &doc, &ignored) < 0)
			continue;
		snprintf(child.id, sizeof(child.id), "%s", db_text(stmt, 0));
		child.config = doc.container_config; /* doc's still */
		more = each(&child, arg);
	}
	return r < 0 ? r : 0;
}

struct looking {
	const struct image_config *step;
	char id[DIGEST_SIZE];
};

static bool is_it(struct build_cached *child, void *arg)
{
	struct looking *looking = arg;

	if (!child->config.has_cmd || !same_step(&child->config, looking->step))
		return true;
	memcpy(looking->id, child->id, DIGEST_SIZE);
	return false;
}

int build_cache_find(struct build *build, const struct image_config *step,
		     char out_id[DIGEST_SIZE], struct err *err)
{
	struct looking looking = { step, "" };
	int r = build_cache_each(build, is_it, &looking, err);

	if (r == 0 && *looking.id)
		memcpy(out_id, looking.id, DIGEST_SIZE);
	return r;
}

/* ---- the step ---- */

static int look_up(struct build *build, const struct image_config *step,
		   char out_id[DIGEST_SIZE], struct err *err)
{
	if (build->choice->no_cache || build->missed)
		return 0;
	return build->sources ?
		       build_sources_find(build, step, out_id, err) :
		       build_cache_find(build, step, out_id, err);
}

int build_cache_use(struct build *build, const struct image_config *step,
		    struct err *err)
{
	char id[DIGEST_SIZE] = "";
	int r = look_up(build, step, id, err);

	if (r < 0)
		return r;
	trace_step(TRACE_CACHE, "%s",
		   *id			   ? _("found: this step is left out") :
		   build->choice->no_cache ? _("not asked: --no-cache") :
		   build->missed	   ? _("not asked: a step before it was done anew") :
					     _("not found: the step is done"));
	build_explain(build, step, *id != '\0');
	if (!*id) {
		build->missed = true;
		return 0;
	}
	fprintf(build->out, " ---> Using cache\n");
	build_note_hit(build);
	free(build->image_id);
	build->image_id = mem_str(id);
	free(build->good_id);
	build->good_id = mem_str(id);
	return 1;
}
