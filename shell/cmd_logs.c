/* shell/cmd_logs.c - logs: what a container printed. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/log_read.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "shell/cmd.h"
#include "shell/filter.h"
#include "shell/report.h"

struct logs_opts {
	bool details;
	bool follow;
	bool timestamps;
	const char *tail;
	const char *since;
	const char *until;
};

#define AT(member) offsetof(struct logs_opts, member)

static const struct opt opts[] = {
	{ "details", 0, OPT_FLAG, NULL,
	  N_("Each line with the labels and variables that --log-opt chose"),
	  NULL, AT(details), 0 },
	{ "follow", 'f', OPT_FLAG, NULL,
	  N_("Go on with what it prints from now on, until it ends"), NULL,
	  AT(follow), 0 },
	{ "since", 0, OPT_TEXT, "string",
	  N_("Only since a time (2026-01-02T13:23:37Z) or an age (42m)"), NULL,
	  AT(since), 0 },
	{ "tail", 'n', OPT_TEXT, "string",
	  N_("Only this many lines from the end (\"all\")"), NULL, AT(tail),
	  0,
	  .values = "all" },
	{ "timestamps", 't', OPT_FLAG, NULL, N_("Each line with its time"),
	  NULL, AT(timestamps), 0 },
	{ "until", 0, OPT_TEXT, "string",
	  N_("Only until a time or an age"), NULL, AT(until), 0 },
	{ 0 },
};

/* last  the stream that was written to last: what stands in the other one's
 *       buffer comes first */
struct printer {
	struct shell *shell;
	const struct logs_opts *opts;
	FILE *last;
};

/* As Go's url.QueryEscape: Docker joins names and values by = and , */
static void add_escaped(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_.~";

	for (; *text; text++) {
		if (*text == ' ')
			buf_char(out, '+');
		else if (strchr(plain, *text))
			buf_char(out, *text);
		else
			buf_fmt(out, "%%%02X", (unsigned char)*text);
	}
}

/* "env=prod,tier=1 "; a lone blank where a line has nothing beside it. */
static void print_details(FILE *out, const char *attrs)
{
	OWN_BUF struct buf text = { 0 };
	json_t *map = attrs ? json_loads(attrs, 0, NULL) : NULL;
	const char *name;
	json_t *value;

	json_object_foreach(map, name, value) {
		if (text.len)
			buf_char(&text, ',');
		add_escaped(&text, name);
		buf_char(&text, '=');
		add_escaped(&text, json_string_value(value));
	}
	json_decref(map);
	fprintf(out, "%s ", buf_text(&text));
}

static void say_missing(struct shell *shell)
{
	fflush(shell->out);
	report_line(shell, "%s", _("lines are missing here: the container printed faster than they could be shown, and its log is bounded"));
}

/* Where a line goes; what stands in the other stream's buffer goes before it. */
static FILE *stream_of(struct printer *printer, enum log_stream stream)
{
	FILE *out = stream == LOG_STDERR ? printer->shell->err_out :
					   printer->shell->out;

	if (printer->last && printer->last != out)
		fflush(printer->last);
	printer->last = out;
	return out;
}

static int print_entry(void *arg, const struct log_entry *entry)
{
	struct printer *printer = arg;
	FILE *out;

	if (!entry) {
		say_missing(printer->shell);
		return 0;
	}
	out = stream_of(printer, entry->stream);
	if (printer->opts->timestamps)
		fprintf(out, "%s ", entry->time);
	if (printer->opts->details)
		print_details(out, entry->attrs);
	(void)fwrite_unlocked(entry->text, 1, entry->len, out);
	return ferror_unlocked(out) ? 1 : 0;
}

static void show(void *arg)
{
	const struct printer *printer = arg;

	fflush(printer->shell->out);
	fflush(printer->shell->err_out);
}

/* Follows one that runs. One that has no monitor any more has printed all that it
 * ever will. */
static int follow(struct printer *printer, const struct container *c,
		  int folder_fd, const struct log_choice *choice,
		  struct err *err)
{
	const struct log_sink sink = { print_entry, show, printer };
	struct err gone = { 0 };
	OWN_FD int monitor_fd = -1;

	if (c->status == CONTAINER_RUNNING || c->status == CONTAINER_PAUSED)
		monitor_fd = monitor_connect(printer->shell->home, c->spec.id,
					     &gone);
	return monitor_fd < 0 ?
		       log_read(folder_fd, choice, print_entry, printer, err) :
		       log_follow(folder_fd, monitor_fd, choice, &sink, err);
}

static int read_choice(const struct logs_opts *o, struct log_choice *choice,
		       struct err *err)
{
	struct err bad = { 0 };
	int64_t tail;
	int r = 0;

	/* What is no number means all, as in Docker. */
	if (o->tail && parse_int(o->tail, 0, INT64_MAX, &tail, &bad) == 0)
		choice->tail = tail;
	if (o->since && *o->since &&
	    filter_time(o->since, &choice->since_ns, &bad) < 0)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "invalid value for \"since\": %s", bad.msg);
	if (r == 0 && o->until && *o->until &&
	    filter_time(o->until, &choice->until_ns, &bad) < 0)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "invalid value for \"until\": %s", bad.msg);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct logs_opts *o = args->opts;
	struct printer printer = { shell, o, NULL };
	struct log_choice choice = { .tail = -1 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder_fd = -1;
	int r = container_find(shell->home, args->words[0], &c, err);

	if (r == 0)
		r = read_choice(o, &choice, err);
	if (r < 0)
		return r;
	if (c.spec.log_driver) /* "none" is the only other one */
		return err_docker(err, ERR_DAEMON, ENOTSUP,
				  "configured logging driver does not support reading");
	folder_fd = state_open_folder(shell->home, c.spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	return o->follow ?
		       follow(&printer, &c, folder_fd, &choice, err) :
		       log_read(folder_fd, &choice, print_entry, &printer,
				err);
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
	.docker_summary = "Fetch the logs of a container",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct logs_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.pages = true,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
};
