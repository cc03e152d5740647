/* images/build_cache_from.c - --cache-from: steps that were built elsewhere; see
 * build_private.h
 *
 * The cache finds what was built here, by the parents of images. An image that was
 * loaded has none. What tells of its steps are the lines of its history and its
 * layers; and where --cache-from names it (it is a "source" then), the build so far
 * is laid beside them:
 *
 *   the build so far    busybox's lines, layer   COPY file:1.., layer   RUN make ?
 *                                =                         =               =
 *   the source          busybox's lines, layer   COPY file:1.., layer   RUN make   CMD
 *
 * It goes on from the build so far if it begins with all of its lines, times
 * included, and all of its layers. If its next line is the command of the step, the
 * step need not be done: its image is the source cut off behind this line, or, at the
 * last line, the source itself.
 *
 * What the cache finds counts as well, but only where a source stands on it: who
 * names sources gets nothing else. A source that was cut off is the only one to be
 * asked for the rest of the stage.
 *
 * Source: Docker 20.10, image/cache/cache.go; daemon/images/cache.go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"
#include "runtime/base/db.h"
#include "runtime/base/lang.h"

/* ---- the images that are named ---- */

/* name: as given, borrowed. */
struct source {
	const char *name;
	char id[DIGEST_SIZE];
	struct image_doc doc;
};

/* only   the one that was cut off in this stage, or NULL
 * giver  the one that has the step which was found last, or NULL */
struct build_sources {
	struct source *items;
	size_t count;
	const struct source *only;
	const struct source *giver;
};

static int read_source(struct build *build, const char *name,
		       struct source *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	OWN_BUF struct buf text = { 0 };
	int r = image_find(build->store, name, &image, err);

	if (r == 0)
		r = store_config(build->store, image.id, &text, err);
	if (r == 0)
		r = image_doc_read(buf_text(&text), text.len, &out->doc, err);
	if (r < 0)
		return r;
	out->name = name;
	memcpy(out->id, image.id, DIGEST_SIZE);
	return 0;
}

/* Docker tells nobody but its daemon's log. */
static void tell_left_out(const struct build *build, const char *name)
{
	FILE *to = build->choice->notes;

	if (!to)
		return;
	fprintf(to,
		_("dockershell: --cache-from: there is no image '%s' here; the build goes on without it\n"),
		name);
	fflush(to);
}

static int add_source(struct build *build, const char *name, struct err *err)
{
	struct build_sources *sources = build->sources;
	struct err why = { 0 };
	int r = read_source(build, name, &sources->items[sources->count], &why);

	if (r == 0)
		sources->count++;
	else if (r == -ENOENT || r == -EINVAL)
		tell_left_out(build, name);
	else
		*err = why;
	return err->code ? r : 0;
}

int build_sources_open(struct build *build, struct err *err)
{
	const struct strs *names = build->choice->cache_from;
	int r = 0;

	if (!names || !names->count || build->choice->no_cache)
		return 0;
	build->sources = mem_zero(1, sizeof(*build->sources));
	build->sources->items =
		mem_zero(names->count, sizeof(*build->sources->items));
	for (size_t i = 0; i < names->count && r == 0; i++)
		r = add_source(build, names->items[i], err);
	return r;
}

void build_sources_free(struct build_sources *sources)
{
	if (!sources)
		return;
	for (size_t i = 0; i < sources->count; i++)
		image_doc_done(&sources->items[i].doc);
	free(sources->items);
	free(sources);
}

void build_sources_begin(struct build_sources *sources)
{
	if (sources)
		sources->only = NULL;
}

const char *build_sources_giver(const struct build_sources *sources)
{
	return sources && sources->giver ? sources->giver->name : NULL;
}

static bool is_asked(const struct build_sources *sources, size_t i)
{
	return !sources->only || sources->only == &sources->items[i];
}

/* ---- what was built here ---- */

/* Whether one image was made from the other, at whatever distance: 1 or 0. */
static int stands_on(struct build *build, const char *id, const char *below,
		     struct err *err)
{
	struct db *db = store_db(build->store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "WITH RECURSIVE below(id) AS ("
			      " SELECT parent FROM images WHERE id = ?"
			      " UNION SELECT i.parent FROM below b"
			      " JOIN images i ON i.id = b.id)"
			      " SELECT 1 FROM below WHERE id = ?",
			      "ss", id, below)
		   : NULL;

	return stmt ? db_next(db, stmt, err) : -err->code;
}

/* *out stays where there is none. */
static int find_source_upon(struct build *build, const char *id,
			    const struct source **out, struct err *err)
{
	const struct build_sources *sources = build->sources;
	int r = 0;

	for (size_t i = 0; i < sources->count && r == 0; i++) {
		if (!is_asked(sources, i))
			continue;
		r = stands_on(build, sources->items[i].id, id, err);
		if (r == 1)
			*out = &sources->items[i];
	}
	return r < 0 ? r : 0;
}

/* What the cache finds, where a source stands on it: 1 or 0. */
static int ask_cache(struct build *build, const struct image_config *step,
		     char out_id[DIGEST_SIZE], struct err *err)
{
	char id[DIGEST_SIZE] = "";
	const struct source *giver = NULL;
	int r = build_cache_find(build, step, id, err);

	if (r == 0 && *id)
		r = find_source_upon(build, id, &giver, err);
	if (r < 0 || !giver)
		return r;
	build->sources->giver = giver;
	memcpy(out_id, id, DIGEST_SIZE);
	return 1;
}

/* ---- what the sources tell ---- */

/* A step that is looked for. so_far: the document of the image before it. */
struct wanted {
	const struct image_config *step;
	struct image_doc so_far;
	char *command;
};

static int want(struct build *build, const struct image_config *step,
		struct wanted *out, struct err *err)
{
	int r = build_read_parent(build, &out->so_far, err);

	if (r < 0)
		return r;
	out->step = step;
	out->command = strs_join(&step->cmd, " ");
	return 0;
}

static void wanted_done(struct wanted *wanted)
{
	image_doc_done(&wanted->so_far);
	free(wanted->command);
}

static bool same_layers(const struct image_doc *a, const struct image_doc *b,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a->diffs.items[i], b->diffs.items[i]) != 0)
			return false;
	return true;
}

static bool goes_on_from(const struct image_doc *source,
			 const struct image_doc *so_far)
{
	return source->step_count > so_far->step_count &&
	       source->diffs.count >= so_far->diffs.count &&
	       image_doc_same_steps(source, so_far, so_far->step_count) &&
	       same_layers(source, so_far, so_far->diffs.count);
}

/* A document from elsewhere may tell of more layers than it has. */
static bool has_step(const struct image_doc *source,
		     const struct wanted *wanted)
{
	const struct image_step *next =
		&source->steps[wanted->so_far.step_count];

	return next->created_by &&
	       strcmp(next->created_by, wanted->command) == 0 &&
	       (next->empty_layer ||
		source->diffs.count > wanted->so_far.diffs.count);
}

static const struct source *
source_with_step(const struct build_sources *sources,
		 const struct wanted *wanted)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct image_doc *doc = &sources->items[i].doc;

		if (is_asked(sources, i) &&
		    goes_on_from(doc, &wanted->so_far) && has_step(doc, wanted))
			return &sources->items[i];
	}
	return NULL;
}

/* ---- the image of the step ---- */

/* The source's document up to the step's line. As in Docker its config is that of
 * the step's container, so that its Cmd is the step's command. */
static void cut_off(const struct image_doc *source, const struct wanted *wanted,
		    struct image_doc *out)
{
	size_t last = wanted->so_far.step_count;
	size_t layers =
		wanted->so_far.diffs.count + !source->steps[last].empty_layer;

	image_doc_init(out);
	free(out->architecture);
	free(out->os);
	out->architecture = mem_str(source->architecture);
	out->os = mem_str(source->os);
	out->author = mem_str(source->author);
	out->created_ns = source->steps[last].created_ns;
	image_config_copy(&out->config, wanted->step);
	for (size_t i = 0; i <= last; i++)
		image_doc_copy_step(out, &source->steps[i]);
	for (size_t i = 0; i < layers; i++)
		strs_add(&out->diffs, source->diffs.items[i]);
}

/* At its last line the source itself, of which it is known from now on what it was
 * made from. */
static int take_whole(struct build *build, const struct source *source,
		      char out_id[DIGEST_SIZE], struct err *err)
{
	int r = build->image_id ? store_begin(build->store, err) : 0;

	if (build->image_id && r == 0)
		r = store_end(build->store,
			      store_set_parent(build->store, source->id,
					       build->image_id, err),
			      err);
	if (r == 0)
		memcpy(out_id, source->id, DIGEST_SIZE);
	return r;
}

static int take_step(struct build *build, const struct source *source,
		     const struct wanted *wanted, char out_id[DIGEST_SIZE],
		     struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };

	if (source->doc.step_count == wanted->so_far.step_count + 1)
		return take_whole(build, source, out_id, err);
	build->sources->only = source;
	cut_off(&source->doc, wanted, &doc);
	return build_enter(build, &doc, NULL, out_id, err);
}

/* ---- one step ---- */

/* What the history of a source has. */
static int ask_sources(struct build *build, const struct image_config *step,
		       char out_id[DIGEST_SIZE], struct err *err)
{
	struct wanted wanted = { 0 };
	const struct source *source;
	int r = want(build, step, &wanted, err);

	if (r < 0)
		return r;
	source = source_with_step(build->sources, &wanted);
	build->sources->giver = source;
	if (source)
		r = take_step(build, source, &wanted, out_id, err);
	wanted_done(&wanted);
	return r;
}

int build_sources_find(struct build *build, const struct image_config *step,
		       char out_id[DIGEST_SIZE], struct err *err)
{
	int r = ask_cache(build, step, out_id, err);

	if (r == 0)
		r = ask_sources(build, step, out_id, err);
	return r < 0 ? r : 0;
}

/* ---- why none has it ---- */

/* "COPY file:1 in /x" of "/bin/sh -c #(nop) COPY file:1 in /x " */
static char *words_of(const char *line)
{
	const char *nop = strstr(line, "#(nop) ");
	const char *words = nop ? nop + strlen("#(nop) ") : line;
	size_t len;

	words += strspn(words, " ");
	len = strlen(words);
	while (len && words[len - 1] == ' ')
		len--;
	return mem_strn(words, len);
}

static void explain_next(const struct build_sources *sources,
			 const struct wanted *wanted, struct buf *out)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		const struct image_step *next;
		OWN_FREE char *words = NULL;

		if (!is_asked(sources, i) ||
		    !goes_on_from(&source->doc, &wanted->so_far))
			continue;
		next = &source->doc.steps[wanted->so_far.step_count];
		words = words_of(next->created_by ? next->created_by : "");
		buf_fmt(out,
			_("in '%s', which --cache-from names, it is '%.200s'"),
			source->name, words);
		return;
	}
	buf_str(out,
		_("no image that --cache-from names goes on from the step before it"));
}

void build_sources_explain(struct build *build, const struct image_config *step,
			   struct buf *out)
{
	struct wanted wanted = { 0 };
	char local[DIGEST_SIZE] = "";
	struct err ignored = { 0 };

	(void)build_cache_find(build, step, local, &ignored);
	if (*local)
		buf_str(out,
			_("it was built here before, but no image that --cache-from names was made from it"));
	else if (!build->sources->count)
		buf_str(out,
			_("none of the images that --cache-from names is here"));
	else if (want(build, step, &wanted, &ignored) == 0)
		explain_next(build->sources, &wanted, out);
	wanted_done(&wanted);
}
