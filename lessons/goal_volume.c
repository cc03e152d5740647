/* lessons/goal_volume.c - goals about volumes: volume.
 *
 *     volume{ id = "kept", name = "data", path = "/log", has = "%{token}",
 *             survives = "writer" }
 *     volume{ id = "used", name = "data", used_by = "web", at = "/var/log" } */
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
#include "runtime/mount_spec.h"

static void volume_describe(const struct goal *goal, struct buf *out)
{
	const char *name = goal_text(goal, "name");
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *details = NULL;

	if (goal_has(goal, "path") && goal_has(goal, "has"))
		strs_addf(&parts, _("%s in it holds: %s"),
			  goal_text(goal, "path"), goal_text(goal, "has"));
	else if (goal_has(goal, "path"))
		strs_addf(&parts, _("%s is in it"), goal_text(goal, "path"));
	if (goal_has(goal, "used_by") && goal_has(goal, "at"))
		strs_addf(&parts, _("'%s' has it at: %s"),
			  goal_text(goal, "used_by"), goal_text(goal, "at"));
	else if (goal_has(goal, "used_by"))
		strs_addf(&parts, _("'%s' uses it"),
			  goal_text(goal, "used_by"));
	if (goal_has(goal, "survives"))
		strs_addf(&parts, _("the container '%s' is gone"),
			  goal_text(goal, "survives"));
	details = strs_join(&parts, ", ");
	buf_fmt(out, _("a volume '%s'"), name);
	if (parts.count > 0)
		buf_fmt(out, " (%s)", details);
}

/* Where a container has the volume; given, NULL: nowhere. */
static char *mounted_at(const struct container *one, const char *volume)
{
	for (size_t i = 0; i < one->spec.mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(one->spec.mounts.items[i], &mount,
				    &ignored) == 0 &&
		    mount_spec_is(&mount, "volume") && mount.source &&
		    strcmp(mount.source, volume) == 0)
			return mem_str(mount.target);
	}
	return NULL;
}

static bool judge_use(const struct goal *goal, const struct facts *facts,
		      struct verdict *out)
{
	const char *name = goal_text(goal, "name");
	const char *user = goal_text(goal, "used_by");
	OWN_FREE char *at = NULL;
	const struct container *one;

	if (!*user)
		return true;
	one = goal_container(goal, "used_by", facts, out);
	if (!one)
		return false;
	at = mounted_at(one, name);
	if (!at)
		goal_open_look(out, "not_used",
			       mem_fmt(_("'%s' has no volume '%s'"), user,
				       name),
			       mem_fmt("inspect -f '{{json .Mounts}}' %s",
				       user));
	else if (goal_has(goal, "at") && strcmp(at, goal_text(goal, "at")) != 0)
		goal_open_look(out, "other_place",
			       mem_fmt(_("'%s' has it at: %s"), user, at),
			       mem_fmt("inspect -f '{{json .Mounts}}' %s",
				       user));
	else
		return true;
	return false;
}

static int judge_file(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	const char *name = goal_text(goal, "name");
	struct facts_path path = { .where = FACTS_VOLUME,
				   .name = name,
				   .path = goal_text(goal, "path") };
	struct facts_file file = { 0 };
	int r = facts->file(facts->ctx, &path, &file, err);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT)
		return goal_open(out, "missing",
				 mem_fmt(_("%s is not in '%s'"), path.path,
					 name),
				 "volume ls");
	if (goal_has(goal, "has") &&
	    !strstr(file.text ? file.text : "", goal_text(goal, "has")))
		r = goal_open(out, "content",
			      mem_fmt(_("%s in '%s' does not hold it"),
				      path.path, name),
			      "");
	else
		r = goal_met(out);
	facts_file_done(&file);
	return r;
}

/* Its data outlived a container: that one was there, and is no more. */
static bool judge_survival(const struct goal *goal, const struct facts *facts,
			   struct verdict *out)
{
	const char *name = goal_text(goal, "survives");
	OWN_FREE char *seen = mem_fmt("container %s", name);

	if (!*name)
		return true;
	if (facts_container(facts, name))
		goal_open(out, "container_there",
			  mem_fmt(_("'%s' is there"), name), "ps -a");
	else if (!facts->seen || !strs_has(facts->seen, seen))
		goal_open(out, "never",
			  mem_fmt(_("'%s' has not been there yet"), name),
			  "ps -a");
	else
		return true;
	return false;
}

static int volume_judge(const struct goal *goal, const struct facts *facts,
			struct verdict *out, struct err *err)
{
	const char *name = goal_text(goal, "name");
	OWN_VOLUME struct volume volume = { 0 };
	int r = facts->volume(facts->ctx, name, &volume, err);

	if (r == -ENOENT)
		return goal_open(out, "none",
				 mem_fmt(_("no volume '%s'"), name),
				 "volume ls");
	if (r < 0)
		return r;
	if (!judge_use(goal, facts, out))
		return 0;
	if (goal_has(goal, "path")) {
		r = judge_file(goal, facts, out, err);
		if (r < 0 || out->state != VERDICT_MET)
			return r;
	}
	if (!judge_survival(goal, facts, out))
		return 0;
	return goal_met(out);
}

static const char *const volume_keys[] = { "name!", "path", "has", "used_by",
					   "at",    "survives", NULL };
static const char *const volume_messages[] = {
	"none",	   "not_used",	      "other_place", "missing",
	"content", "container_there", "never",	     NULL
};

const struct goal_kind goal_kinds_volume[] = {
	{ "volume", volume_keys, volume_messages, volume_describe,
	  volume_judge },
	{ .name = NULL },
};
