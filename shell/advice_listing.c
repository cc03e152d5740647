/* shell/advice_listing.c - see advice.h: how one sees which files there are inside.
 *
 * `ls` is a program like any other, and an image need not have it. Then the files are
 * packed from outside, which needs no program in there. */
#include "shell/advice.h"

#include <string.h>

#include "images/look.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"

static bool has_ls(const struct look_place *place, const struct strs *env)
{
	OWN_FREE struct look_program *ls = mem_zero(1, sizeof(*ls));
	struct err ignored = { 0 };
	const char *path = strs_get_env(env, "PATH");

	return look_for_program(place, "ls",
				path ? path : "/usr/bin:/bin:/usr/sbin:/sbin",
				ls, &ignored) == 0 &&
	       ls->file.code == 0 && ls->file.interp_code == 0;
}

static bool container_has_ls(const struct shell *shell, const char *name)
{
	OWN_CONTAINER struct container container = { 0 };
	struct look_place place = { .home = shell->home };
	struct err ignored = { 0 };

	if (container_find(shell->home, name, &container, &ignored) < 0)
		return false;
	place.container = container.spec.id;
	return has_ls(&place, &container.spec.env);
}

static bool image_has_ls(const struct shell *shell, const char *name)
{
	OWN_IMAGE struct image image = { 0 };
	struct look_place place = { .home = shell->home };
	struct err ignored = { 0 };

	if (!shell->store ||
	    image_find(shell->store, name, &image, &ignored) < 0)
		return false;
	place.links = &image.links;
	return has_ls(&place, &image.config.env);
}

char *advice_listing(const struct shell *shell, bool container,
		     const char *name)
{
	if (container)
		return container_has_ls(shell, name)
			       ? mem_fmt("exec %s ls /bin", name)
			       : mem_fmt("export %s | tar t", name);
	return image_has_ls(shell, name)
		       ? mem_fmt("run --rm %s ls /bin", name)
		       : mem_fmt("create --name look %s sh; export look | tar t",
				 name);
}
