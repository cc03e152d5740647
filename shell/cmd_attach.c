/* shell/cmd_attach.c - attach: the keyboard and the screen of a running container. */
#include <errno.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"

struct attach_opts {
	const char *detach_keys;
	bool sig_proxy;
	bool no_stdin;
};

#define AT(member) offsetof(struct attach_opts, member)

static const struct opt opts[] = {
	{ "detach-keys", 0, OPT_TEXT, "string",
	  N_("Keys that leave it running (ctrl-p,ctrl-q)"), NULL,
	  AT(detach_keys), 0 },
	{ "no-stdin", 0, OPT_FLAG, NULL, N_("Do not give it what you type"),
	  NULL, AT(no_stdin), 0 },
	{ "sig-proxy", 0, OPT_FLAG, NULL,
	  N_("Signals that you get go to its program (true)"), NULL,
	  AT(sig_proxy), OPT_ON },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct attach_opts *o = args->opts;
	OWN_CONTAINER struct container c = { 0 };
	struct attach attach = {
		.in_fd = -1,
		.out_fd = fileno(shell->out),
		.err_fd = fileno(shell->err_out),
		.detach_keys = o->detach_keys && *o->detach_keys ?
				       o->detach_keys :
				       NULL,
	};
	struct attach_end end = { 0 };
	int r = container_find(shell->home, args->words[0], &c, err);

	if (r == 0)
		r = attach_check_keys(attach.detach_keys, err);
	if (r < 0)
		return r;
	if (c.spec.open_stdin && !o->no_stdin)
		attach.in_fd = shell->in_fd;
	attach.raw_terminal = c.spec.tty && attach.in_fd >= 0 &&
			      isatty(attach.in_fd);
	attach.pass_signals = o->sig_proxy && !c.spec.tty;
	attach.joined = c.status == CONTAINER_RUNNING;
	if (c.status == CONTAINER_RUNNING && c.spec.tty && !o->no_stdin &&
	    !isatty(shell->in_fd))
		return err_docker(err, ERR_BARE, ENOTTY,
				  "the input device is not a TTY");
	/* The program writes to the same places, past our buffers. */
	fflush(shell->out);
	fflush(shell->err_out);
	r = container_attach(shell->home, c.spec.id, &attach, &end, err);
	if (r < 0)
		return r;
	if (end.detached)
		return err_docker(err, ERR_BARE, ECANCELED,
				  "read escape sequence");
	return end.exit_code;
}

static const char *const examples[] = {
	"run -dit --name box busybox sh",
	"attach box",
	NULL,
};
static const char *const aliases[] = { "container attach", NULL };

const struct cmd cmd_attach = {
	.name = "attach",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_("Join your keyboard and screen to a running container"),
	.docker_summary =
		"Attach local standard input, output, and error streams to a running container",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct attach_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
};
