/* lessons/goal_file.c - goals about a file, as a container or an image shows
 * it. */
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
	return goal_text(goal, goal_has(goal, "image") ? "image" : "container");
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

static int file_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	bool in_image = goal_has(goal, "image");
	struct facts_path path = { in_image ? FACTS_IMAGE : FACTS_CONTAINER,
				   place(goal), goal_text(goal, "path") };
	struct facts_file file = { 0 };
	struct err missing = { 0 };
	int r;

	if (!in_image && !facts_container(facts, place(goal)))
		return goal_open(out, "none",
				 mem_fmt(_("no container '%s'"), place(goal)),
				 "ps -a");
	if (in_image) {
		OWN_IMAGE struct image image = { 0 };

		if (facts->image(facts->ctx, place(goal), &image, &missing) < 0)
			return goal_open(
				out, "no_image",
				mem_fmt(_("no image '%s'"), place(goal)),
				"images");
	}
	r = facts->file(facts->ctx, &path, &file, err);
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

static const char *const file_keys[] = { "container+", "image+",   "path!",
					 "exists",     "content",  "has",
					 "mode",       "max_size", NULL };
static const char *const file_messages[] = { "none",  "no_image", "missing",
					     "there", "content",  "mode",
					     "size",  NULL };

const struct goal_kind goal_kinds_file[] = {
	{ "file", file_keys, file_messages, file_describe, file_judge },
	{ .name = NULL },
};
