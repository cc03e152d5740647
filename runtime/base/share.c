/* runtime/base/share.c - see share.h */
#include "runtime/base/share.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"

/* The folder of the running program, "" where /proc does not tell. */
static void find_program(char folder[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	folder[len > 0 ? len : 0] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
}

static bool has_base(const char *folder)
{
	OWN_FREE char *base = mem_fmt("%s/base", folder);

	return access(base, F_OK) == 0;
}

static char found[PATH_MAX]; /* asked for once, then remembered */

void share_move(const char *path)
{
	if (snprintf(found, sizeof(found), "%s", path) < 0)
		found[0] = '\0';
}

const char *share_path(void)
{
	static const char *const places[] = {
		"../share/dockershell",
		"build/share",
		"../share",
		"../../share",
	};
	char program[PATH_MAX];
	const char *chosen = getenv("DOCKERSHELL_SHARE");

	if (found[0])
		return found;
	if (chosen && *chosen) {
		snprintf(found, sizeof(found), "%s", chosen);
		return found;
	}
	find_program(program);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		OWN_FREE char *place = mem_fmt("%s/%s", program, places[i]);

		if (program[0] && has_base(place) && realpath(place, found))
			return found;
	}
	if (snprintf(found, sizeof(found), "%s/%s", program, places[0]) < 0)
		found[0] = '\0';
	return found;
}

char *share_file(const char *name)
{
	return mem_fmt("%s/%s", share_path(), name);
}
