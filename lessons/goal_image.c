/* lessons/goal_image.c - goals about images and their layers: image, layer. */
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

static void image_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *details = NULL;

	buf_fmt(out, _("an image '%s'"), goal_text(goal, "tag"));
	if (goal_has(goal, "base"))
		strs_addf(&parts, _("built on: %s"), goal_text(goal, "base"));
	if (goal_has(goal, "min_layers"))
		strs_addf(&parts, _("layers, at least: %lld"),
			  goal_number(goal, "min_layers", 0));
	if (goal_has(goal, "max_layers"))
		strs_addf(&parts, _("layers, at most: %lld"),
			  goal_number(goal, "max_layers", 0));
	if (goal_has(goal, "max_size"))
		strs_addf(&parts, _("bytes, at most: %lld"),
			  goal_number(goal, "max_size", 0));
	if (goal_has(goal, "user"))
		strs_addf(&parts, _("user: %s"), goal_text(goal, "user"));
	if (goal_has(goal, "cwd"))
		strs_addf(&parts, _("working directory: %s"),
			  goal_text(goal, "cwd"));
	if (goal_has(goal, "env_has"))
		strs_addf(&parts, "ENV %s", goal_text(goal, "env_has"));
	if (goal_has(goal, "exposes"))
		strs_addf(&parts, "EXPOSE %s", goal_text(goal, "exposes"));
	details = strs_join(&parts, ", ");
	if (parts.count > 0)
		buf_fmt(out, " (%s)", details);
}

static bool is_same(const char *there, const char *wanted)
{
	return strcmp(there ? there : "", wanted) == 0;
}

/* What its config says: the key that differs and the value instead. */
static const char *config_differs(const struct goal *goal,
				  const struct image_config *config,
				  char **there_is)
{
	OWN_STRS struct strs cmd = { 0 };
	OWN_FREE char *wanted = NULL;
	OWN_FREE char *there = strs_join(&config->cmd, " ");

	goal_strs(goal, "cmd", &cmd);
	wanted = strs_join(&cmd, " ");
	if (goal_has(goal, "user") &&
	    !is_same(config->user, goal_text(goal, "user"))) {
		*there_is = mem_fmt(_("user: %s"),
				    config->user ? config->user : "root");
		return "user";
	}
	if (goal_has(goal, "cwd") &&
	    !is_same(config->working_dir, goal_text(goal, "cwd"))) {
		*there_is = mem_fmt(_("working directory: %s"),
				    config->working_dir ? config->working_dir
							: "/");
		return "cwd";
	}
	if (goal_has(goal, "cmd") && strcmp(there, wanted) != 0) {
		*there_is = mem_fmt("CMD %s", there);
		return "cmd";
	}
	if (goal_has(goal, "env_has") &&
	    !strs_has(&config->env, goal_text(goal, "env_has"))) {
		*there_is = strs_join(&config->env, ", ");
		return "env";
	}
	if (goal_has(goal, "exposes") &&
	    !strs_has(&config->exposed, goal_text(goal, "exposes"))) {
		*there_is = strs_join(&config->exposed, ", ");
		return "exposes";
	}
	return NULL;
}

static const char *layers_differ(const struct goal *goal,
				 const struct image *image, char **there_is)
{
	long long layers = (long long)image->layers.count;

	if (layers < goal_number(goal, "min_layers", 0)) {
		*there_is = mem_fmt(_("layers: %lld"), layers);
		return "few_layers";
	}
	if (layers > goal_number(goal, "max_layers", layers)) {
		*there_is = mem_fmt(_("layers: %lld"), layers);
		return "many_layers";
	}
	if (image->size_bytes >
	    goal_number(goal, "max_size", image->size_bytes)) {
		*there_is =
			mem_fmt(_("%lld bytes"), (long long)image->size_bytes);
		return "size";
	}
	return NULL;
}

/* Whether the lowest layers are those of the image `base`. */
static bool stands_on(const struct image *image, const struct image *base)
{
	if (base->layers.count > image->layers.count)
		return false;
	for (size_t i = 0; i < base->layers.count; i++) {
		if (strcmp(base->layers.items[i], image->layers.items[i]) != 0)
			return false;
	}
	return true;
}

static int find(const struct facts *facts, const char *name,
		struct image *image, struct verdict *out, struct err *err)
{
	int r = facts->image(facts->ctx, name, image, err);

	if (r == -ENOENT)
		goal_open(out, "none", mem_fmt(_("no image '%s'"), name),
			  "images");
	return r;
}

static int image_judge(const struct goal *goal, const struct facts *facts,
		       struct verdict *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	OWN_IMAGE struct image base = { 0 };
	OWN_FREE char *there_is = NULL;
	const char *message;
	int r = find(facts, goal_text(goal, "tag"), &image, out, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (goal_has(goal, "base")) {
		r = find(facts, goal_text(goal, "base"), &base, out, err);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		if (!stands_on(&image, &base))
			return goal_open(out, "base",
					 mem_fmt(_("its lowest layers are "
						   "others")),
					 "images");
	}
	message = layers_differ(goal, &image, &there_is);
	if (!message)
		message = config_differs(goal, &image.config, &there_is);
	if (!message)
		return goal_met(out);
	return goal_open(out, message, own_give_ptr(&there_is), "images");
}

static void layer_describe(const struct goal *goal, struct buf *out)
{
	const char *image = goal_text(goal, "image");

	if (goal_has(goal, "count"))
		buf_fmt(out, _("layers of '%s': %lld"), image,
			goal_number(goal, "count", 0));
	else
		buf_fmt(out, _("layers of '%s': from %lld to %lld"), image,
			goal_number(goal, "min", 1),
			goal_number(goal, "max", 127));
}

static int layer_judge(const struct goal *goal, const struct facts *facts,
		       struct verdict *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	long long count;
	int r = find(facts, goal_text(goal, "image"), &image, out, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	count = (long long)image.layers.count;
	if (count < goal_number(goal, "min", goal_number(goal, "count", 0)))
		return goal_open(out, "few", mem_fmt(_("layers: %lld"), count),
				 "images");
	if (count > goal_number(goal, "max", goal_number(goal, "count", count)))
		return goal_open(out, "many", mem_fmt(_("layers: %lld"), count),
				 "images");
	return goal_met(out);
}

static const char *const image_keys[] = {
	"tag!", "base", "min_layers", "max_layers", "max_size", "user",
	"cwd",  "cmd",  "env_has",    "exposes",    NULL
};
static const char *const image_messages[] = {
	"none", "base", "few_layers", "many_layers", "size", "user",
	"cwd",  "cmd",  "env",        "exposes",     NULL
};
static const char *const layer_keys[] = { "image!", "count+", "min+", "max+",
					  NULL };
static const char *const layer_messages[] = { "none", "few", "many", NULL };

const struct goal_kind goal_kinds_image[] = {
	{ "image", image_keys, image_messages, image_describe, image_judge },
	{ "layer", layer_keys, layer_messages, layer_describe, layer_judge },
	{ .name = NULL },
};
