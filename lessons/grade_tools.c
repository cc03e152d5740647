/* lessons/grade_tools.c - see grade_tools.h */
#include "lessons/grade_tools.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/recipe.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

/* Without it bash complains at each start. */
#define LOCALE "/usr/lib/locale/C.utf8"

static void add(struct grade_tools *out, const char *path, const char *as)
{
	if (strs_has(&out->names, as))
		return;
	strs_add(&out->paths, path);
	strs_add(&out->names, as);
}

/* Where lines look for it. A name of the small system's own is not covered: many of them
 * are one file; what comes first on the PATH is used then. */
static void add_program(struct grade_tools *out, int root_fd,
			const struct recipe_program *program)
{
	static const char *const folders[] = { "bin", "usr/bin" };
	bool taken = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		OWN_FREE char *as =
			mem_fmt("/%s/%s", folders[i], program->name);

		if (faccessat(root_fd, as + 1, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			taken = true;
		else
			add(out, program->path, as);
	}
	if (taken) {
		OWN_FREE char *as = mem_fmt("/usr/local/bin/%s", program->name);

		add(out, program->path, as);
	}
}

static void find(struct grade_tools *out, int root_fd, const char *name)
{
	OWN_RECIPE struct recipe recipe = { 0 };
	OWN_STRS struct strs names = { 0 };
	struct err none = { 0 };

	strs_add(&names, name);
	if (recipe_find(&names, &recipe, &none) < 0 ||
	    recipe.program_count == 0)
		return;
	add_program(out, root_fd, &recipe.programs[0]);
	for (size_t k = 0; k < recipe.libraries.count; k++)
		add(out, recipe.libraries.items[k], recipe.libraries.items[k]);
}

void grade_tools_find(const struct strs *names, int root_fd,
		      struct grade_tools *out)
{
	*out = (struct grade_tools){ 0 };
	for (size_t i = 0; i < names->count; i++)
		find(out, root_fd, names->items[i]);
	if (out->paths.count > 0 && access(LOCALE, R_OK) == 0)
		add(out, LOCALE, LOCALE);
	out->show = mem_zero(out->paths.count + 1, sizeof(*out->show));
	for (; out->count < out->paths.count; out->count++)
		out->show[out->count] = (struct enclosure_show){
			out->paths.items[out->count],
			out->names.items[out->count],
		};
}

void grade_tools_done(struct grade_tools *found)
{
	strs_done(&found->paths);
	strs_done(&found->names);
	free(found->show);
	*found = (struct grade_tools){ 0 };
}
