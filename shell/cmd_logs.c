/* shell/cmd_logs.c - logs: what a container printed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/log_read.h"
#include "runtime/state.h"
#include "shell/cmd.h"

struct logs_opts {
	bool timestamps;
	const char *tail;
	const char *since;
	const char *until;
};

#define AT(member) offsetof(struct logs_opts, member)

static const struct opt opts[] = {
	{ "timestamps", 't', OPT_FLAG, NULL, N_("Each line with its time"),
	  NULL, AT(timestamps), 0 },
	{ "tail", 'n', OPT_TEXT, "string",
	  N_("Only this many lines from the end (\"all\")"), NULL, AT(tail),
	  0 },
	{ "since", 0, OPT_TEXT, "string",
	  N_("Only since a time (2026-01-02T13:23:37Z) or an age (42m)"), NULL,
	  AT(since), 0 },
	{ "until", 0, OPT_TEXT, "string",
	  N_("Only until a time or an age"), NULL, AT(until), 0 },
	{ 0 },
};

/* A time, a number of seconds since 1970, or an age ("42m"). */
static int read_time(const char *text, int64_t *out_ns, struct err *err)
{
	struct timespec now;
	int64_t value;

	if (!text || parse_time(text, out_ns, err) == 0)
		return 0;
	if (parse_int(text, 0, INT64_MAX / 1000000000, &value, err) == 0) {
		*out_ns = value * 1000000000;
		return 0;
	}
	if (parse_duration(text, &value, err) < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid value for \"since\": failed to parse value as time or duration: \"%s\"",
				  text);
	clock_gettime(CLOCK_REALTIME, &now);
	*out_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - value;
	return 0;
}

struct printer {
	struct shell *shell;
	bool timestamps;
};

static int print_entry(void *arg, const struct log_entry *entry)
{
	const struct printer *printer = arg;
	FILE *out = entry->stream == LOG_STDERR ? printer->shell->err_out :
						  printer->shell->out;

	if (printer->timestamps)
		fprintf(out, "%s ", entry->time);
	(void)fwrite(entry->text, 1, entry->len, out);
	return ferror(out) ? 1 : 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct logs_opts *o = args->opts;
	struct printer printer = { shell, o->timestamps };
	struct log_choice choice = { .tail = -1 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder_fd = -1;
	struct err bad = { 0 };
	int64_t tail;
	int r;

	/* What is no number means all, as in Docker. */
	if (o->tail && parse_int(o->tail, 0, INT64_MAX, &tail, &bad) == 0)
		choice.tail = tail;
	r = read_time(o->since, &choice.since_ns, err);
	if (r == 0)
		r = read_time(o->until, &choice.until_ns, err);
	if (r == 0)
		r = container_find(shell->home, args->words[0], &c, err);
	if (r < 0)
		return r;
	folder_fd = state_open_folder(shell->home, c.spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	return log_read(folder_fd, &choice, print_entry, &printer, err);
}

static const char *const examples[] = {
	"run --name talk busybox echo hello",
	"logs talk",
	NULL,
};
static const char *const aliases[] = { "container logs", NULL };

const struct cmd cmd_logs = {
	.name = "logs",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_("Show what a container printed"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct logs_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
};
