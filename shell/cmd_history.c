/* shell/cmd_history.c - history: how an image came to be.
 *
 * Source of the fields: Docker's cli/command/image/formatter_history.go. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "images/past.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/format.h"
#include "shell/gojson.h"
#include "shell/style.h"

enum { COMMAND_WIDTH = 45 };

struct history_opts {
	bool human;
	bool no_trunc;
	bool quiet;
	const char *format;
};

#define AT(member) offsetof(struct history_opts, member)

static const struct opt opts[] = {
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "human", 'H', OPT_FLAG, NULL,
	  N_("Ages and sizes for people to read (default true)"), NULL,
	  AT(human), OPT_ON },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids and commands in full length"),
	  NULL, AT(no_trunc), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only the images' ids"), NULL,
	  AT(quiet), 0 },
	{ 0 },
};

static const struct format_field fields[] = {
	{ "ID", "IMAGE" },
	{ "CreatedSince", "CREATED" },
	{ "CreatedAt", "CREATED AT" },
	{ "CreatedBy", "CREATED BY" },
	{ "Size", "SIZE" },
	{ "Comment", "COMMENT" },
	{ NULL, NULL },
};

#define TABLE(created)                                                         \
	"table {{.ID}}\\t{{." created                                          \
	"}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}"

static const struct format_kind kind = {
	.type_name = "*image.historyContext",
	.fields = fields,
	.table = TABLE("CreatedSince"),
};

static const struct format_kind kind_exact = {
	.type_name = "*image.historyContext",
	.fields = fields,
	.table = TABLE("CreatedAt"),
};

/* "2026-11-23T18:44:36Z": RFC 3339 in the local zone, as Go writes it. */
static char *local_time(int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[GOJSON_TIME];
	struct tm tm;

	localtime_r(&seconds, &tm);
	if (tm.tm_gmtoff == 0) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		return mem_str(text);
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &tm);
	/* "+0900", with the colon that strftime(3) has no letter for. */
	return mem_fmt("%.*s:%s", (int)strlen(text) - 2, text,
		       text + strlen(text) - 2);
}

static char *shown_id(const struct history_opts *o, const char *id)
{
	if (!id)
		return mem_str("<missing>");
	return o->no_trunc ? mem_str(id) : mem_fmt("%.12s", digest_hex(id));
}

static char *shown_command(const struct shell *shell,
			   const struct history_opts *o, const char *command)
{
	OWN_FREE char *line = mem_str(command);

	for (char *c = line; *c; c++)
		if (*c == '\t')
			*c = ' ';
	return o->no_trunc ? own_give_ptr(&line)
			   : style_cut(shell, line, COMMAND_WIDTH);
}

static json_t *step_row(const struct shell *shell,
			const struct history_opts *o,
			const struct past_step *step)
{
	json_t *row = json_object();
	char text[HUMAN_SIZE];
	OWN_FREE char *id = shown_id(o, step->id);
	OWN_FREE char *made = local_time(step->created_ns);
	OWN_FREE char *age =
		mem_fmt("%s ago", human_duration(text, container_now() -
							       step->created_ns));
	OWN_FREE char *command = shown_command(shell, o, step->created_by);
	OWN_FREE char *size =
		o->human ? mem_str(human_size(text, (double)step->size_bytes, 3))
			 : mem_fmt("%" PRId64, step->size_bytes);

	gojson_put(row, "ID", id);
	gojson_put(row, "CreatedSince", o->human ? age : made);
	gojson_put(row, "CreatedAt", made);
	gojson_put(row, "CreatedBy", command);
	gojson_put(row, "Size", size);
	gojson_put(row, "Comment", step->comment);
	return row;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct history_opts *o = args->opts;
	OWN_FORMAT struct format format = { 0 };
	OWN_PAST struct past past = { 0 };
	int r = past_read(shell->store, args->words[0], &past, err);

	if (r == 0)
		r = format_open(&format, o->human ? &kind : &kind_exact,
				format_text(shell, o->format), o->quiet,
			    err);
	for (size_t i = 0; i < past.count && r == 0; i++)
		r = format_row(&format, step_row(shell, o, &past.steps[i]),
			       err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static const char *const examples[] = {
	"history busybox",
	"history --no-trunc --format '{{.CreatedBy}}' busybox",
	NULL,
};
static const char *const aliases[] = { "image history", NULL };

const struct cmd cmd_history = {
	.name = "history",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] IMAGE",
	.summary = N_("Show how an image came to be"),
	.docker_summary = "Show the history of an image",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct history_opts),
	.examples = examples,
	.lesson = "intermediate",
	.run = run,
	.pages = true,
	.first = COMPLETE_IMAGES,
	.rows = &kind,
};
