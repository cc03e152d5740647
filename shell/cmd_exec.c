/* shell/cmd_exec.c - exec: a further program in a running container. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/join.h"
#include "shell/cmd.h"
#include "shell/env_file.h"
#include "shell/run_checks.h"

struct exec_opts {
	bool detach;
	bool interactive;
	bool tty;
	bool privileged;
	const char *detach_keys;
	const char *user;
	const char *workdir;
	struct strs env;
	struct strs env_files;
};

#define AT(member) offsetof(struct exec_opts, member)

static const struct opt opts[] = {
	{ "detach", 'd', OPT_FLAG, NULL,
	  N_("Start it and do not wait for its end"), NULL, AT(detach), 0 },
	{ "detach-keys", 0, OPT_TEXT, "string",
	  N_("Keys that leave it running (ctrl-p,ctrl-q)"), NULL,
	  AT(detach_keys), 0 },
	{ "env", 'e', OPT_LIST, "list",
	  N_("Set an environment variable: NAME=value"), NULL, AT(env), 0,
	  COMPLETE_VARIABLES, run_check_env },
	{ "env-file", 0, OPT_LIST, "list",
	  N_("Read environment variables from a file"), NULL, AT(env_files),
	  0, COMPLETE_FILES },
	{ "interactive", 'i', OPT_FLAG, NULL,
	  N_("Keep standard input open: what you type reaches the program"),
	  NULL, AT(interactive), 0 },
	{ "privileged", 0, OPT_FLAG, NULL, N_("Give it all capabilities"),
	  NULL, AT(privileged), 0 },
	{ "tty", 't', OPT_FLAG, NULL,
	  N_("Give it a terminal of its own (with -i: a shell to work in)"),
	  NULL, AT(tty), 0 },
	{ "user", 'u', OPT_TEXT, "string",
	  N_("Who the program runs as: name or number, with :group"), NULL,
	  AT(user), 0 },
	{ "workdir", 'w', OPT_TEXT, "string",
	  N_("The folder that the program starts in"), NULL, AT(workdir), 0 },
	{ 0 },
};

static int exec_attached(struct shell *shell, const char *name,
			 const struct exec_opts *o, const struct join *join,
			 struct err *err)
{
	bool typed = o->interactive && isatty(shell->in_fd);
	struct attach attach = {
		.in_fd = o->interactive ? shell->in_fd : -1,
		.out_fd = fileno(shell->out),
		.err_fd = fileno(shell->err_out),
		.raw_terminal = o->tty && typed,
		.pass_signals = !(o->tty && typed),
		.detach_keys = o->detach_keys,
		.further = true,
	};
	struct attach_end end;
	int r;

	if (o->tty && o->interactive && !typed)
		return err_status(err, (err_docker(err, ERR_BARE, ENOTTY,
						   "the input device is not a TTY"),
					1));
	/* The program writes to the same places, past our buffers. */
	fflush(shell->out);
	fflush(shell->err_out);
	r = join_run(shell->home, name, join, &attach, &end, err);
	if (r < 0)
		return r;
	if (end.detached)
		return err_status(err, (err_docker(err, ERR_BARE, EINTR,
						   "read escape sequence"),
					1));
	return end.exit_code;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct exec_opts *o = args->opts;
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs env = { 0 };
	struct join join = {
		.args = &words,
		.env = &env,
		.user = o->user && *o->user ? o->user : NULL,
		.cwd = o->workdir,
		.tty = o->tty,
		.open_stdin = o->interactive,
		.privileged = o->privileged,
	};
	struct attach_end end;
	int r = env_file_collect(&o->env_files, &o->env, &env, err);

	if (r < 0) {
		err->voice = ERR_BARE;
		return err_status(err, 1);
	}
	if (!o->detach && attach_check_keys(o->detach_keys, err) < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid escape keys (%s) provided",
				  o->detach_keys);
	for (int i = 1; i < args->count; i++)
		strs_add(&words, args->words[i]);
	if (!o->detach)
		return exec_attached(shell, args->words[0], o, &join, err);
	r = join_run(shell->home, args->words[0], &join, NULL, &end, err);
	/* Nobody is joined who could be shown it: the daemon answers instead. */
	if (r < 0 && err->status) {
		err->voice = ERR_DAEMON;
		err_status(err, 1);
	}
	return r;
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"exec web ps",
	NULL,
};
static const char *const aliases[] = { "container exec", NULL };

const struct cmd cmd_exec = {
	.name = "exec",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER COMMAND [ARG...]",
	.summary = N_("Run a further program in a running container"),
	.docker_summary = "Run a command in a running container",
	.min_args = 2,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct exec_opts),
	.stop_at_first_word = true,
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_PROGRAMS,
};
