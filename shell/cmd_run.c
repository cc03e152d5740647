/* shell/cmd_run.c - run: a new container, and the program in it.
 *
 * Joins the terminal; how the options become a spec is run_fill.h's, how a
 * container comes to be runtime/container.h's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/spec.h"
#include "shell/cidfile.h"
#include "shell/cmd.h"
#include "shell/run_fill.h"

/* With something to be done between making and starting: the id is written down
 * or shown before the program can run. */
static int make_then_start(struct shell *shell, const struct run_opts *o,
			   struct spec *spec, const struct attach *attach,
			   int *out_exit, struct err *err)
{
	bool shows_id = attach && attach->out_fd < 0 && attach->err_fd < 0;
	struct err ignored = { 0 };
	int fd = cidfile_open(o->cidfile, err);
	int r;

	/* Docker's client reads the words: what is not found is 127. */
	if (fd < 0 && err->code)
		return err->code == ENOENT ? err_status(err, 127) : -err->code;
	r = container_create(shell->home, spec, err);
	if (r < 0) {
		(void)cidfile_close(fd, o->cidfile, NULL, &ignored);
		return r;
	}
	r = cidfile_close(fd, o->cidfile, spec->id, err);
	if (shows_id) {
		fprintf(shell->out, "%s\n", spec->id);
		fflush(shell->out);
	}
	if (r == 0)
		r = container_start(shell->home, spec->id, attach, out_exit,
				    err);
	return r;
}

static int start(struct shell *shell, const struct run_opts *o,
		 struct spec *spec, const struct attach *attach, int *out_exit,
		 struct err *err)
{
	bool no_output = attach && attach->out_fd < 0 && attach->err_fd < 0;
	int r;

	if (!o->cidfile && !no_output)
		return container_run(shell->home, spec, attach, out_exit, err);
	r = make_then_start(shell, o, spec, attach, out_exit, err);
	if (no_output && r == 0)
		*out_exit = 0; /* Docker has not waited for it */
	return r;
}

static int bare(struct err *err, const char *message)
{
	err_docker(err, ERR_BARE, EINVAL, "%s", message);
	return err_status(err, 1);
}

/* Nobody asked for a network, so its lack is no failure; but it may surprise. */
static void say_why_alone(struct shell *shell, const struct spec *spec)
{
	if (spec->network_why && isatty(fileno(shell->err_out)))
		fprintf(shell->err_out,
			_("The container had only lo, for this machine gave it no network: %s\n"),
			spec->network_why);
}

static int run_attached(struct shell *shell, const struct run_opts *o,
			struct spec *spec, struct err *err)
{
	bool input = spec->attach_stdin && spec->open_stdin;
	bool typed = input && isatty(shell->in_fd);
	struct attach attach = {
		.in_fd = input ? shell->in_fd : -1,
		.out_fd = spec->attach_stdout ? fileno(shell->out) : -1,
		.err_fd = spec->attach_stderr ? fileno(shell->err_out) : -1,
		.raw_terminal = o->tty && typed,
		.pass_signals = o->sig_proxy && !(o->tty && typed),
		.detach_keys = o->detach_keys,
	};
	int code = 0;
	int r;

	if (o->tty && input && !typed)
		return bare(err, "the input device is not a TTY");
	r = attach_check_keys(o->detach_keys, err);
	if (r < 0)
		return r;
	/* The program writes to the same places, past our buffers. */
	fflush(shell->out);
	fflush(shell->err_out);
	r = start(shell, o, spec, &attach, &code, err);
	say_why_alone(shell, spec);
	return r < 0 ? r : code;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_SPEC struct spec spec;
	int r;

	spec_init(&spec);
	if (o->detach && o->attach.count)
		return bare(err, "Conflicting options: -a and -d");
	r = run_fill(shell, args, &spec, err);
	if (r < 0)
		return r;
	if (!o->detach)
		return run_attached(shell, o, &spec, err);
	r = start(shell, o, &spec, NULL, NULL, err);
	say_why_alone(shell, &spec);
	/* Docker has printed the id by the time the start fails. */
	if (spec.id && (r == 0 || err->begun))
		fprintf(shell->out, "%s\n", spec.id);
	return r;
}

static const char *const examples[] = {
	"run --name hoge busybox touch /tmp/hoge.txt",
	"run --rm -it busybox sh",
	NULL,
};
static const char *const aliases[] = { "container run", NULL };

const struct cmd cmd_container_run = {
	.name = "run",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = N_("Start a program in a new container"),
	.docker_summary = "Run a command in a new container",
	.min_args = 1,
	.max_args = -1,
	.opts = run_options,
	.opts_size = sizeof(struct run_opts),
	.stop_at_first_word = true,
	.own_failure_is_125 = true,
	.examples = examples,
	.lesson = "hello",
	.run = run,
	.job = true,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_PROGRAMS,
};
