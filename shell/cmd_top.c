/* shell/cmd_top.c - top: the processes of a container, as the machine sees them.
 */
#include <errno.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "shell/cmd.h"
#include "shell/ps_view.h"
#include "shell/shown.h"
#include "shell/table.h"

enum { TOP_WIDTH = 20 };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_PS_VIEW struct ps_view view = { 0 };
	OWN_TABLE struct table table = { .min_width = TOP_WIDTH };
	OWN_PIDS struct pids pids = { 0 };
	int r = ps_view_read(&view, args->count - 1, args->words + 1, err);

	if (r == 0)
		r = container_processes(shell->home, args->words[0], &pids,
					err);
	if (r < 0) {
		if (err->voice == ERR_CLIENT)
			err->voice = ERR_DAEMON;
		return r;
	}
	if (!ps_view_has(&view, "PID"))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Couldn't find PID field in ps output");
	ps_view_head(&view, &table);
	for (size_t i = 0; i < pids.count; i++)
		(void)ps_view_row(&view, pids.items[i], &table);
	if (shown_otherwise(shell))
		shown_table(shell, &table);
	else
		table_print(&table, shell->out);
	return 0;
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"top web -o user,pid,etime,args",
	NULL,
};
static const char *const aliases[] = { "container top", NULL };

const struct cmd cmd_top = {
	.name = "top",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [ps OPTIONS]",
	.summary = N_("Show a container's processes, seen from outside"),
	.docker_summary = "Display the running processes of a container",
	.min_args = 1,
	.max_args = -1,
	.stop_at_first_word = true,
	.examples = examples,
	.lesson = "views",
	.run = run,
	.pages = true,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.shows = true,
};
