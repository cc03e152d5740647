/* lessons/goal_file.c - goals about a file, as a container, an image, one layer of
 * an image or a volume holds it.
 *
 *     file{ id = "conf", container = "web", path = "/etc/motd", has = "hello" }
 *     file{ id = "gone", image = "site:1", path = "/key", exists = false }
 *     file{ id = "still", image = "site:1", layer = 2, path = "/key" }
 *     file{ id = "none", image = "site:1", layer = "any", path = "/key",
 *           exists = false }
 *     file{ id = "log", volume = "data", path = "/log" }
 *     file{ id = "own", work = true, path = "Dockerfile", has = "USER" }
 *
 * work: in the learner's own folder. */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static bool must_exist(const struct goal *goal)
{
	return !json_is_false(json_object_get(goal->want, "exists"));
}

static const char *place(const struct goal *goal)
{
	if (goal_has(goal, "work"))
		return _("your folder");
	return goal_text(goal, goal_has(goal, "image")	  ? "image"
			       : goal_has(goal, "volume") ? "volume"
							  : "container");
}

static void file_describe(const struct goal *goal, struct buf *out)
{
	const char *path = goal_text(goal, "path");

	if (!must_exist(goal))
		buf_fmt(out, _("%s is not in '%s'"), path, place(goal));
	else if (goal_has(goal, "content"))
		buf_fmt(out, _("%s in '%s' holds exactly: %s"), path,
			place(goal), goal_text(goal, "content"));
	else if (goal_has(goal, "has"))
		buf_fmt(out, _("%s in '%s' holds: %s"), path, place(goal),
			goal_text(goal, "has"));
	else
		buf_fmt(out, _("%s is in '%s'"), path, place(goal));
	if (strcmp(goal_text(goal, "layer"), "any") == 0)
		buf_str(out, _(" (in any of its layers)"));
	else if (goal_has(goal, "layer"))
		buf_fmt(out, _(" (in its layer %lld, the lowest being 1)"),
			goal_number(goal, "layer", 1));
	if (goal_has(goal, "mode"))
		buf_fmt(out, _(" (mode: %s)"), goal_text(goal, "mode"));
	if (goal_has(goal, "max_size"))
		buf_fmt(out, _(" (at most %lld bytes)"),
			goal_number(goal, "max_size", 0));
}

/* A trailing line end is nobody's mistake. */
static bool same_content(const char *text, const char *wanted)
{
	size_t len = strlen(text);
	size_t wanted_len = strlen(wanted);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	while (wanted_len > 0 && wanted[wanted_len - 1] == '\n')
		wanted_len--;
	return len == wanted_len && memcmp(text, wanted, len) == 0;
}

/* The first line, short: what is there instead. */
static char *first_line(const char *text)
{
	size_t len = strcspn(text, "\n");

	return len > 60 ? mem_fmt("%.57s...", text)
			: mem_fmt("%.*s", (int)len, text);
}

static int file_differs(const struct goal *goal, const struct facts_file *file,
			struct verdict *out)
{
	const char *text = file->text ? file->text : "";
	OWN_FREE char *line = first_line(text);
	unsigned mode = (unsigned)strtoul(goal_text(goal, "mode"), NULL, 8);

	if (goal_has(goal, "content") &&
	    !same_content(text, goal_text(goal, "content")))
		return goal_open(out, "content",
				 mem_fmt(_("it begins: %s"), line), "");
	if (goal_has(goal, "has") && !strstr(text, goal_text(goal, "has")))
		return goal_open(out, "content",
				 mem_fmt(_("it begins: %s"), line), "");
	if (goal_has(goal, "mode") && file->mode != mode)
		return goal_open(out, "mode",
				 mem_fmt(_("mode: %04o"), file->mode), "");
	if (goal_has(goal, "max_size") &&
	    file->size_bytes > goal_number(goal, "max_size", 0))
		return goal_open(out, "size",
				 mem_fmt(_("%lld bytes"), file->size_bytes),
				 "");
	return goal_met(out);
}

/* Whether what holds the file is there; *out_layers: how many an image has. */
static bool place_is_there(const struct goal *goal, const struct facts *facts,
			   int *out_layers, struct verdict *out)
{
	const char *name = place(goal);
	struct err missing = { 0 };

	if (goal_has(goal, "image")) {
		OWN_IMAGE struct image image = { 0 };

		if (facts->image(facts->ctx, name, &image, &missing) == 0) {
			*out_layers = (int)image.layers.count;
			return true;
		}
		goal_open(out, "no_image", mem_fmt(_("no image '%s'"), name),
			  "images");
		return false;
	}
	if (goal_has(goal, "volume")) {
		OWN_VOLUME struct volume volume = { 0 };

		if (facts->volume(facts->ctx, name, &volume, &missing) == 0)
			return true;
		goal_open(out, "no_volume", mem_fmt(_("no volume '%s'"), name),
			  "volume ls");
		return false;
	}
	return goal_has(goal, "work") ||
	       goal_container(goal, "container", facts, out) != NULL;
}

/* The file itself; of "any" layer the highest that has it. */
static int find_file(const struct goal *goal, const struct facts *facts,
		     int layers, struct facts_file *out, struct err *err)
{
	struct facts_path path = { .name = place(goal),
				   .path = goal_text(goal, "path") };
	bool any = strcmp(goal_text(goal, "layer"), "any") == 0;
	int r = -ENOENT;

	if (goal_has(goal, "image"))
		path.where = goal_has(goal, "layer") ? FACTS_LAYER
						     : FACTS_IMAGE;
	if (goal_has(goal, "volume"))
		path.where = FACTS_VOLUME;
	if (goal_has(goal, "work"))
		path.where = FACTS_WORK;
	if (!any) {
		path.layer = (int)goal_number(goal, "layer", 0);
		return facts->file(facts->ctx, &path, out, err);
	}
	for (path.layer = layers; path.layer > 0 && r == -ENOENT; path.layer--)
		r = facts->file(facts->ctx, &path, out, err);
	return r;
}

static int file_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	struct facts_file file = { 0 };
	int layers = 0;
	int r;

	if (!place_is_there(goal, facts, &layers, out))
		return 0;
	r = find_file(goal, facts, layers, &file, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT && must_exist(goal))
		return goal_open(out, "missing", mem_fmt(_("it is not there")),
				 "");
	if (r == -ENOENT)
		return goal_met(out);
	if (!must_exist(goal))
		r = goal_open(out, "there", mem_fmt(_("it is there")), "");
	else
		r = file_differs(goal, &file, out);
	facts_file_done(&file);
	return r;
}

static const char *const file_keys[] = { "container+", "image+",   "volume+",
					 "work+",      "layer",	   "path!",
					 "exists",     "content",  "has",
					 "mode",       "max_size", NULL };
static const char *const file_messages[] = { "none",	  "no_image",
					     "no_volume", "missing",
					     "there",	  "content",
					     "mode",	  "size",
					     NULL };

const struct goal_kind goal_kinds_file[] = {
	{ "file", file_keys, file_messages, file_describe, file_judge },
	{ .name = NULL },
};
