/* shell/cmd_explain.c - explain: runs a command, and tells what was done, step by step.
 *
 * The command runs as it always does, with its own streams; the steps come after it.
 * With --json the standard output is the JSON alone, and what the command prints goes
 * to standard error. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/tracer.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/explain.h"
#include "shell/explain_docker.h"
#include "shell/explain_plan.h"
#include "shell/explain_view.h"
#include "shell/shell.h"
#include "shell/view.h"

struct explain_opts {
	struct view_opts view;
	bool all;
	bool docker;
	bool dry_run;
	bool verify;
};

#define AT(member) offsetof(struct explain_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Show every call, however many a step has, and all of its text"),
	  NULL, AT(all), 0 },
	{ "docker", 0, OPT_FLAG, NULL,
	  N_("Say what one would type in Docker; nothing is done"), NULL,
	  AT(docker), 0 },
	{ "dry-run", 0, OPT_FLAG, NULL,
	  N_("Say what would be done; nothing is"), NULL, AT(dry_run), 0 },
	VIEW_OPTS(struct explain_opts, view),
	{ "verify", 0, OPT_FLAG, NULL,
	  N_("Watch with ptrace, and show whether the kernel saw the same calls"),
	  NULL, AT(verify), 0 },
	{ 0 },
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A word as one would type it for a shell. */
static void add_word(struct buf *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:=,@%+";

	if (line->len)
		buf_char(line, ' ');
	if (*word && word[strspn(word, plain)] == '\0') {
		buf_str(line, word);
		return;
	}
	buf_char(line, '\'');
	for (; *word; word++)
		buf_str(line,
			*word == '\'' ? "'\\''" : (char[]){ *word, '\0' });
	buf_char(line, '\'');
}

/* ---- the command runs ---- */

/* dispatch() wants words that it may write to. */
static int run_words(struct shell *shell, const struct args *args)
{
	OWN_STRS struct strs words = { 0 };

	for (int i = 0; i < args->count; i++)
		strs_add(&words, args->words[i]);
	return dispatch(shell, (int)words.count, words.items);
}

static void watch(struct shell *shell, const struct args *args, bool verify,
		  struct explain *explain)
{
	struct tracer tracer = { -1, -1 };
	struct err why = { 0 };
	bool watched = verify && tracer_begin(&tracer, &why) == 0;
	uint64_t end_ns;

	if (trace_add_sink(explain_keep, explain) < 0)
		return; /* cannot be: nobody else listens in here */
	trace_as(TRACE_PARENT);
	explain->begin_ns = now_ns();
	explain->status = run_words(shell, args);
	end_ns = now_ns();
	trace_remove_sink(explain_keep, explain);
	explain_settle(explain, end_ns);
	if (watched && tracer_end(&tracer, &explain->report, &why) == 0)
		explain_verify(explain);
	else if (verify)
		snprintf(explain->why_not, sizeof(explain->why_not),
			 *why.hint ? "%.250s: %.700s" : "%.250s%.0s", why.msg,
			 why.hint);
}

/* Whether the same line can be run once more: not where it took something away, or
 * took a name or a port that is in use by now. */
static bool can_repeat(const struct args *args, int first)
{
	static const char *const once[] = {
		"rm",	      "rmi",	       "rename",       "kill",
		"pause",      "unpause",       "network create",
		"network rm", "network connect", "network disconnect",
		"volume rm",  "volume create", "start",	       "stop",
	};
	int used = 0;
	const struct cmd *cmd = command_find(args->words + first, &used);

	for (size_t i = 0; cmd && i < sizeof(once) / sizeof(*once); i++)
		if (strcmp(cmd->name, once[i]) == 0)
			return false;
	for (int i = first + used; cmd && i < args->count; i++)
		if (strncmp(args->words[i], "--name", 6) == 0 ||
		    strncmp(args->words[i], "--publish", 9) == 0 ||
		    strncmp(args->words[i], "-p", 2) == 0)
			return false;
	return cmd;
}

static int run_and_tell(struct shell *shell, const struct args *args,
			const char *line, struct err *err)
{
	const struct explain_opts *o = args->opts;
	bool docker = strcmp(args->words[0], "docker") == 0;
	const struct explain_wish wish = { .line = line,
					   .again = can_repeat(args, docker),
					   .all = o->all };
	OWN_EXPLAIN struct explain explain = { 0 };
	OWN_VIEW struct view view = { 0 };
	FILE *out = shell->out;

	view_begin(&view, shell, &o->view);
	if (view.form == VIEW_JSON)
		shell->out = shell->err_out;
	watch(shell, args, o->verify, &explain);
	fflush(shell->out);
	shell->out = out;
	if (view.form == VIEW_DRAWN && explain.step_count)
		fprintf(out, "\n");
	explain_view(&view, &explain, &wish);
	(void)err;
	return explain.status;
}

/* ---- nothing is done ---- */

static int plan(struct shell *shell, const struct args *args, const char *line,
		struct err *err)
{
	const struct explain_opts *o = args->opts;
	const struct explain_wish wish = { .line = line,
					   .all = o->all,
					   .planned = true };
	OWN_EXPLAIN struct explain explain = { 0 };
	OWN_VIEW struct view view = { 0 };
	int r = explain_plan(shell, args->count, args->words, &explain, err);

	if (r < 0)
		return r;
	view_begin(&view, shell, &o->view);
	explain_view(&view, &explain, &wish);
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct explain_opts *o = args->opts;
	OWN_BUF struct buf line = { 0 };
	bool docker = strcmp(args->words[0], "docker") == 0;
	int used = 0;

	for (int i = docker; i < args->count; i++)
		add_word(&line, args->words[i]);
	if (args->count == docker)
		return err_set(err, EINVAL,
			       _("which command is to be explained?"));
	if (strcmp(args->words[docker], "explain") == 0) {
		err_set(err, EINVAL,
			_("'explain' explains another command, not itself"));
		return err_hint(err, _("try: explain run --rm busybox true"));
	}
	if (o->docker + o->dry_run + o->verify > 1)
		return err_set(
			err, EINVAL,
			_("--docker, --dry-run and --verify ask for three different things: choose one"));
	if (o->docker)
		return explain_docker(shell, &o->view, args->count - docker,
				      args->words + docker);
	if (o->dry_run)
		return plan(shell, args, buf_text(&line), err);
	/* What is no command says so, and there is nothing to tell. */
	if (!command_find(args->words + docker, &used))
		return run_words(shell, args);
	return run_and_tell(shell, args, buf_text(&line), err);
}

static const char *const examples[] = {
	"explain run --rm busybox true",
	"explain --dry-run run --rm busybox true",
	NULL,
};

const struct cmd cmd_explain = {
	.name = "explain",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] COMMAND [ARG...]",
	.summary = N_(
		"Run a command and tell what was done: each system call, and why"),
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct explain_opts),
	.stop_at_first_word = true,
	.examples = examples,
	.lesson = "views",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_COMMANDS,
};
