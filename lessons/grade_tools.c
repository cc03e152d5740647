/* lessons/grade_tools.c - see grade_tools.h */
#include "lessons/grade_tools.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/recipe.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

/* as: where it is found; in front of the base image's on the PATH, or where lines name
 * it. No name of the base image's is covered: many are one file. Its own sh would not
 * look for seq on the PATH, but be it. */
static const struct {
	const char *name;
	const char *as;
} tools[] = {
	{ "seq", "/usr/local/bin/seq" },     { "split", "/usr/local/bin/split" },
	{ "tar", "/usr/local/bin/tar" },     { "ldd", "/usr/local/bin/ldd" },
	{ "bash", "/bin/bash" },	     { "bash", "/usr/bin/bash" },
	{ "sh", "/usr/local/bin/sh" },	     { "perl", "/usr/bin/perl" },
	{ "apt-get", "/usr/bin/apt-get" },
};

/* Without it bash complains at each start. */
#define LOCALE "/usr/lib/locale/C.utf8"

static void add(struct grade_tools *out, const char *path, const char *as)
{
	if (strs_has(&out->names, as))
		return;
	strs_add(&out->paths, path);
	strs_add(&out->names, as);
}

static void find(struct grade_tools *out, size_t i)
{
	OWN_RECIPE struct recipe recipe = { 0 };
	OWN_STRS struct strs names = { 0 };
	struct err none = { 0 };

	strs_add(&names, tools[i].name);
	if (recipe_find(&names, &recipe, &none) < 0 ||
	    recipe.program_count == 0)
		return;
	add(out, recipe.programs[0].path, tools[i].as);
	for (size_t k = 0; k < recipe.libraries.count; k++)
		add(out, recipe.libraries.items[k], recipe.libraries.items[k]);
}

void grade_tools_find(struct grade_tools *out)
{
	*out = (struct grade_tools){ 0 };
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		find(out, i);
	if (access(LOCALE, R_OK) == 0)
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
