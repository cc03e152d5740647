/* shell/cmd_diff.c - diff: what a container changed. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/shown.h"

/* Names may be of any bytes; those of JSON are UTF-8. */
static void print_change(struct shell *shell, char kind, const char *path)
{
	const char letter[] = { kind, '\0' };
	json_t *row;

	if (!shown_otherwise(shell)) {
		fprintf(shell->out, "%c %s\n", kind, path);
		return;
	}
	row = json_pack("{s:s}", "Kind", letter);
	gojson_put(row, "Path", path);
	shown_row(shell, row);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_CHANGES struct changes changes = { 0 };
	int r = container_diff(shell->home, args->words[0], &changes, err);

	if (r < 0) {
		err->voice = err->voice == ERR_CLIENT ? ERR_DAEMON :
							err->voice;
		return r;
	}
	for (size_t i = 0; i < changes.count; i++)
		print_change(shell, (char)changes.items[i].kind,
			     changes.items[i].path);
	return 0;
}

static const char *const examples[] = {
	"run --name hoge busybox touch /tmp/hoge.txt",
	"diff hoge",
	NULL,
};
static const char *const aliases[] = { "container diff", NULL };

const struct cmd cmd_diff = {
	.name = "diff",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER",
	.summary = N_("Show what a container changed in its files"),
	.docker_summary =
		"Inspect changes to files or directories on a container's filesystem",
	.min_args = 1,
	.max_args = 1,
	.examples = examples,
	.lesson = "diff",
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.shows = true,
};
