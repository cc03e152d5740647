/* shell/explain_plan_program.c - the program of a container to come, told beforehand; see
 * explain_plan.h. */
#include <errno.h>
#include <string.h>

#include "images/look.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/exec.h"
#include "runtime/process.h"
#include "runtime/spec.h"
#include "runtime/user.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"
#include "shell/shell.h"

static void environment(const struct spec *spec, struct strs *out)
{
	static const struct user root = { .home = "/root" };
	struct spec named = *spec;
	char any[] = "ID";

	if (!named.hostname)
		named.hostname = any;
	process_environment(&named, spec->tty, NULL, &root, out);
}

size_t plan_env_count(const struct spec *spec)
{
	OWN_STRS struct strs env = { 0 };

	environment(spec, &env);
	return env.count;
}

/* What a mount would cover is not looked for. */
static int find_program(struct shell *shell, const struct spec *spec,
			const char *path, struct err *err)
{
	const struct look_place place = { .home = shell->home,
					  .container = spec->id,
					  .links = &spec->layers };
	const char *name = spec->args.items[0];
	OWN_FREE struct look_program *found = mem_zero(1, sizeof(*found));
	struct err none = { 0 };

	if (spec->mounts.count || spec->tmpfs.count ||
	    look_for_program(&place, name, path, found, &none) < 0 ||
	    found->file.code != ENOENT)
		return 0;
	return strchr(name, '/') ?
		       exec_failed(EXEC_START, err, ENOENT,
				   "exec: \"%s\": stat %s: %s", name, name,
				   exec_reason(ENOENT)) :
		       exec_failed(
			       EXEC_START, err, ENOENT,
			       "exec: \"%s\": executable file not found in $PATH",
			       name);
}

int plan_program(struct shell *shell, const struct spec *spec,
		 struct explain *plan, struct err *err)
{
	OWN_STRS struct strs env = { 0 };
	OWN_BUF struct buf call = { 0 };

	environment(spec, &env);
	call_text_execve(&call, spec->args.items[0], strs_vector(&spec->args),
			 env.count);
	plan_add(plan, TRACE_CHILD, TRACE_EXEC, "%s", buf_text(&call));
	return find_program(shell, spec, strs_get_env(&env, "PATH"), err);
}
