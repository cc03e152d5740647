/* shell/cmd_start.c - start: run a container's program once more. */
#include <errno.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/each.h"

struct start_opts {
	bool attach;
	bool interactive;
	const char *detach_keys;
};

static const struct opt opts[] = {
	{ "attach", 'a', OPT_FLAG, NULL,
	  N_("Show what it prints and wait for its end"), NULL,
	  offsetof(struct start_opts, attach), 0 },
	{ "interactive", 'i', OPT_FLAG, NULL,
	  N_("Give it what you type"), NULL,
	  offsetof(struct start_opts, interactive), 0 },
	{ "detach-keys", 0, OPT_TEXT, "string",
	  N_("Keys that leave it running (ctrl-p,ctrl-q)"), NULL,
	  offsetof(struct start_opts, detach_keys), 0 },
	{ 0 },
};

static int start_attached(struct shell *shell, const struct args *args,
			  struct err *err)
{
	const struct start_opts *o = args->opts;
	OWN_CONTAINER struct container c = { 0 };
	struct attach attach = {
		.in_fd = -1,
		.out_fd = fileno(shell->out),
		.err_fd = fileno(shell->err_out),
		.pass_signals = true,
		.detach_keys = o->detach_keys && *o->detach_keys ?
				       o->detach_keys :
				       NULL,
	};
	int code = 0;
	int r;

	if (args->count > 1)
		return err_docker(err, ERR_BARE, EINVAL,
				  "you cannot start and attach multiple containers at once");
	r = container_find(shell->home, args->words[0], &c, err);
	if (r == 0)
		r = attach_check_keys(attach.detach_keys, err);
	if (r < 0)
		return r;
	if (o->interactive && c.spec.open_stdin)
		attach.in_fd = shell->in_fd;
	attach.raw_terminal = c.spec.tty && attach.in_fd >= 0 &&
			      isatty(attach.in_fd);
	attach.pass_signals = !attach.raw_terminal;
	fflush(shell->out);
	r = container_start(shell->home, c.spec.id, &attach, &code, err);
	/* Only `run` answers 126 or 127 for a program that cannot be started. */
	return r < 0 ? err_status(err, 1) : code;
}

static int start_one(struct shell *shell, const char *name, void *arg,
		     struct err *err)
{
	struct buf *failed = arg;
	int r = container_start(shell->home, name, NULL, NULL, err);

	if (r < 0)
		buf_fmt(failed, "%s%s", failed->len ? ", " : "", name);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct start_opts *o = args->opts;
	OWN_BUF struct buf failed = { 0 };
	int r;

	if (o->attach || o->interactive)
		return start_attached(shell, args, err);
	r = each_container(shell, args, start_one, &failed, true, NULL);
	if (r != 1)
		return r;
	err_docker(err, ERR_CLIENT, ENOENT, "failed to start containers: %s",
		   buf_text(&failed));
	return err_status(err, 1);
}

static const char *const examples[] = {
	"run --name hoge busybox date",
	"start -a hoge",
	NULL,
};
static const char *const aliases[] = { "container start", NULL };

const struct cmd cmd_start = {
	.name = "start",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Run the program of stopped containers again"),
	.docker_summary = "Start one or more stopped containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct start_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_STOPPED,
	.rest = COMPLETE_STOPPED,
};
