/* shell/explain_plan_build.c - the steps of `build`, told beforehand; see
 * explain_plan.h.
 *
 * The Dockerfile says which. Which of them the cache has is known once the step before
 * has been done, so that is not told. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "images/dockerfile.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/build_opts.h"
#include "shell/explain_plan.h"

static bool is(const struct instruction *one, const char *name)
{
	return strcmp(one->name, name) == 0;
}

static void plan_instruction(struct explain *plan,
			     const struct dockerfile *file, size_t i)
{
	const struct instruction *one = &file->items[i];

	plan_add(plan, TRACE_PARENT, TRACE_INSTRUCTION, "Step %zu/%zu : %s",
		 i + 1, file->count, one->text);
	if (is(one, "from")) {
		plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP, "%s", one->rest);
		return;
	}
	plan_add(
		plan, TRACE_PARENT, TRACE_CACHE,
		_("is there an image made of the one before by just this? Then the rest of this step is left out"));
	if (is(one, "run"))
		plan_add(
			plan, TRACE_MONITOR, TRACE_CLONE,
			_("a container as of `run`, with the image before as its layers: %s"),
			one->rest);
	if (is(one, "copy") || is(one, "add"))
		plan_add(plan, TRACE_PARENT, TRACE_RESOLVE,
			 _("%s: looked for in the context alone"), one->rest);
	if (is(one, "run") || is(one, "copy") || is(one, "add"))
		plan_add(plan, TRACE_PARENT, TRACE_LAYER_COMMIT,
			 "syncfs(); rename(stage, layers/DIGEST)");
	plan_add(plan, TRACE_PARENT, TRACE_IMAGE,
		 "renameat(blobs/tmp, blobs/DIGEST)");
	plan_commit_store(plan);
	plan_add(plan, TRACE_PARENT, TRACE_IMAGE, "sha256:ID");
}

int plan_build(struct shell *shell, const struct args *args,
	       struct explain *plan, struct err *err)
{
	const struct build_opts *o = args->opts;
	const char *folder = args->words[0];
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *path = o->file && *o->file
				      ? mem_str(o->file)
				      : mem_fmt("%s/Dockerfile", folder);
	int r = build_opts_check(o, err);

	(void)shell;
	if (r == 0 && (strcmp(folder, "-") == 0 || strstr(folder, "://"))) {
		err_set(err, ENOTSUP,
			_("what comes through a pipe or a network is not read for a plan"));
		return err_hint(err,
				_("name a folder: explain --dry-run build ."));
	}
	if (r == 0)
		r = fs_read(AT_FDCWD, path, DOCKERFILE_MAX, &text, err);
	if (r == 0)
		r = dockerfile_parse(buf_text(&text), text.len, &file, err);
	if (r == 0)
		r = dockerfile_check(&file, err);
	if (r < 0)
		return r;
	plan_add(plan, TRACE_PARENT, TRACE_CONTEXT, "%s", folder);
	for (size_t i = 0; i < file.count; i++)
		plan_instruction(plan, &file, i);
	return 0;
}
