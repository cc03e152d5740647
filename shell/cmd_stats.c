/* shell/cmd_stats.c - stats: what containers use of the machine, as it changes.
 *
 * The share of the processors is what lies between two readings; everything else
 * is in one. Where the numbers come from: runtime/container_usage.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "shell/cmd.h"
#include "shell/format.h"

enum { FIRST_MS = 500, NEXT_MS = 1000, SHORT_ID = 12 };

struct stats_opts {
	bool all;
	bool no_stream;
	bool no_trunc;
	const char *format;
};

#define AT(member) offsetof(struct stats_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL, N_("Those that do not run, too"), NULL,
	  AT(all), 0 },
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "no-stream", 0, OPT_FLAG, NULL,
	  N_("Show the numbers once and end"), NULL, AT(no_stream), 0 },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids in full length"), NULL,
	  AT(no_trunc), 0 },
	{ 0 },
};

static const struct format_field fields[] = {
	{ "BlockIO", "BLOCK I/O" },   { "CPUPerc", "CPU %" },
	{ "Container", "CONTAINER" }, { "ID", "CONTAINER ID" },
	{ "MemPerc", "MEM %" },	      { "MemUsage", "MEM USAGE / LIMIT" },
	{ "Name", "NAME" },	      { "NetIO", "NET I/O" },
	{ "PIDs", "PIDS" },	      { 0 },
};

static const struct format_kind kind = {
	.type_name = "*container.statsContext",
	.fields = fields,
	.table = "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
};

/* One container that is watched.
 *
 * given   as it was called, NULL: found by listing
 * before  the reading before the last one; when_ns 0: none yet */
struct watched {
	char *given;
	char *id;
	char *name;
	struct usage before;
	struct usage now;
	bool seen;
};

struct board {
	struct watched *items;
	size_t count;
};

static void board_done(struct board *board)
{
	for (size_t i = 0; i < board->count; i++) {
		free(board->items[i].given);
		free(board->items[i].id);
		free(board->items[i].name);
	}
	free(board->items);
	*board = (struct board){ 0 };
}
#define OWN_BOARD __attribute__((cleanup(board_done)))

static struct watched *add(struct board *board, const char *given,
			   const struct container *c)
{
	struct watched *w;

	board->items = mem_grow(board->items, board->count + 1,
				sizeof(*board->items));
	w = &board->items[board->count++];
	*w = (struct watched){
		.given = mem_str(given),
		.id = mem_str(c->spec.id),
	};
	return w;
}

static void drop(struct board *board, size_t index)
{
	struct board gone = { &board->items[index], 1 };

	free(gone.items->given);
	free(gone.items->id);
	free(gone.items->name);
	memmove(gone.items, gone.items + 1,
		(board->count - index - 1) * sizeof(*board->items));
	board->count--;
}

/* ---- reading ---- */

/* One that ends while it is read, or is gone, uses nothing. */
static void read_one(struct shell *shell, struct watched *w,
		     const struct container *c)
{
	struct usage now = { 0 };
	struct err ignored = { 0 };

	(void)container_usage(shell->home, c, &now, &ignored);
	/* It began anew, or ended: its sums did too. */
	w->before = now.cpu_ns < w->now.cpu_ns ? (struct usage){ 0 } : w->now;
	w->now = now;
	w->seen = true;
	free(w->name);
	w->name = mem_str(c->spec.name);
}

static void read_named(struct shell *shell, struct board *board)
{
	for (size_t i = board->count; i-- > 0;) {
		OWN_CONTAINER struct container c = { 0 };
		struct err gone = { 0 };

		if (container_find(shell->home, board->items[i].id, &c, &gone) <
		    0)
			drop(board, i);
		else
			read_one(shell, &board->items[i], &c);
	}
}

static struct watched *find(struct board *board, const char *id)
{
	for (size_t i = 0; i < board->count; i++)
		if (strcmp(board->items[i].id, id) == 0)
			return &board->items[i];
	return NULL;
}

static int read_all(struct shell *shell, struct board *board, bool all,
		    struct err *err)
{
	OWN_CONTAINERS struct containers list = { 0 };
	struct board next = { 0 };
	int r = container_list(shell->home, &list, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++) {
		const struct container *c = &list.items[i];
		const struct watched *old = find(board, c->spec.id);
		struct watched *w;

		if (!all && c->status != CONTAINER_RUNNING &&
		    c->status != CONTAINER_PAUSED)
			continue;
		w = add(&next, NULL, c);
		if (old)
			w->now = old->now;
		read_one(shell, w, c);
	}
	board_done(board);
	*board = next;
	return 0;
}

/* Docker names every one that is not there, each on a line, and shows nothing. */
static int find_named(struct shell *shell, const struct args *args,
		      struct board *board, struct err *err)
{
	OWN_BUF struct buf missing = { 0 };

	for (int i = 0; i < args->count; i++) {
		OWN_CONTAINER struct container c = { 0 };
		struct err why = { 0 };

		if (container_find(shell->home, args->words[i], &c, &why) == 0)
			(void)add(board, args->words[i], &c);
		else
			buf_fmt(&missing, "%sError response from daemon: %s",
				missing.len ? "\n" : "", why.msg);
	}
	return missing.len ? err_docker(err, ERR_BARE, ENOENT, "%s",
					buf_text(&missing)) :
			     0;
}

/* ---- showing ---- */

static double percent_cpu(const struct watched *w)
{
	uint64_t time_ns = w->now.when_ns - w->before.when_ns;

	if (!w->before.when_ns || time_ns == 0)
		return 0;
	return (double)(w->now.cpu_ns - w->before.cpu_ns) * 100 /
	       (double)time_ns;
}

static json_t *row_of(const struct watched *w, bool in_full)
{
	const struct usage *u = &w->now;
	char a[HUMAN_SIZE];
	char b[HUMAN_SIZE];
	OWN_FREE char *id = mem_strn(w->id, in_full ? strlen(w->id) : SHORT_ID);
	OWN_FREE char *cpu = mem_fmt("%.2f%%", percent_cpu(w));
	OWN_FREE char *share =
		mem_fmt("%.2f%%", u->memory_limit ? (double)u->memory * 100 /
						  (double)u->memory_limit :
						    0);
	OWN_FREE char *memory =
		mem_fmt("%s / %s", human_bytes(a, (double)u->memory),
			human_bytes(b, (double)u->memory_limit));
	OWN_FREE char *network =
		mem_fmt("%s / %s", human_size(a, (double)u->received, 3),
			human_size(b, (double)u->sent, 3));
	OWN_FREE char *disks =
		mem_fmt("%s / %s", human_size(a, (double)u->read, 3),
			human_size(b, (double)u->written, 3));
	OWN_FREE char *pids = mem_fmt("%" PRIu64, u->pids);

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
			 "BlockIO", disks, "CPUPerc", cpu, "Container",
			 w->given ? w->given : id, "ID", id, "MemPerc", share,
			 "MemUsage", memory, "Name", w->name ? w->name : "--",
			 "NetIO", network, "PIDs", pids);
}

/* On a terminal each table is drawn over the one before it, without a moment of
 * an empty screen: home, each line to its end, then what is left below. */
static void draw_over(FILE *out, const char *text)
{
	fputs("\033[H", out);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\033[K", out);
		fputc(*text, out);
	}
	fputs("\033[J", out);
}

static int show(struct shell *shell, const struct stats_opts *o,
		const struct board *board, struct err *err)
{
	OWN_FORMAT struct format format = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *memory;
	int r = format_open(&format, &kind, format_text(shell, o->format),
			    false, err);

	for (size_t i = 0; i < board->count && r == 0; i++)
		r = format_row(&format, row_of(&board->items[i], o->no_trunc),
			       err);
	if (r < 0)
		return r;
	if (o->no_stream || !isatty(fileno(shell->out)))
		return format_end(&format, shell->out, err);
	memory = open_memstream(&text, &size);
	if (!memory)
		return err_errno(err, "open_memstream");
	r = format_end(&format, memory, err);
	(void)fclose(memory); /* memory */
	if (r == 0)
		draw_over(shell->out, text);
	free(text);
	return r;
}

/* ---- the loop ---- */

static int read_board(struct shell *shell, const struct args *args,
		      struct board *board, struct err *err)
{
	const struct stats_opts *o = args->opts;

	if (args->count == 0)
		return read_all(shell, board, o->all, err);
	read_named(shell, board);
	return 0;
}

/* Ctrl-C ends the waiting at once. */
static int wait_ms(int ms, struct err *err)
{
	(void)poll(NULL, 0, ms);
	return interrupt_seen() ? interrupt_err(err) : 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct stats_opts *o = args->opts;
	OWN_BOARD struct board board = { 0 };
	OWN_FORMAT struct format tried = { 0 };
	int r = format_open(&tried, &kind, format_text(shell, o->format),
			    false, err);

	if (r == 0)
		r = find_named(shell, args, &board, err);
	if (r == 0)
		r = read_board(shell, args, &board, err);
	if (r == 0)
		r = wait_ms(FIRST_MS, err);
	if (r == 0 && !o->no_stream && isatty(fileno(shell->out)))
		fputs("\033[2J", shell->out);
	while (r == 0) {
		r = read_board(shell, args, &board, err);
		if (r == 0)
			r = show(shell, o, &board, err);
		if (r < 0 || fflush(shell->out) != 0 || o->no_stream ||
		    (args->count > 0 && board.count == 0))
			break;
		r = wait_ms(NEXT_MS, err);
	}
	return r;
}

static const char *const examples[] = {
	"stats --no-stream",
	"stats --no-stream --format '{{.Name}}: {{.CPUPerc}}'",
	NULL,
};
static const char *const aliases[] = { "container stats", NULL };

const struct cmd cmd_stats = {
	.name = "stats",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] [CONTAINER...]",
	.summary = N_("Show what containers use of the machine, as it changes"),
	.docker_summary =
		"Display a live stream of container(s) resource usage statistics",
	.min_args = 0,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct stats_opts),
	.examples = examples,
	.lesson = "safety",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
	.rows = &kind,
};
