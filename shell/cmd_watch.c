/* shell/cmd_watch.c - watch: what a container does, line by line, as it happens.
 *
 * Four times a second it is looked at three things: the writable layer, the processes,
 * and (once a second) memory and processor. What lives for a shorter time may be
 * missed, and the last line says so. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "runtime/sides.h"
#include "runtime/upper_watch.h"
#include "shell/cmd.h"
#include "shell/running.h"
#include "shell/view.h"
#include "shell/watch_line.h"

enum {
	TICK_MS = 250,
	USAGE_TICKS = 4,
	MOST_LINES = 25, /* in one tick */
	LONGEST_S = 1000000000,
};

struct watch_opts {
	struct view_opts view;
	const char *time;
};

#define AT(member) offsetof(struct watch_opts, member)

static int check_time(const char *value, struct err *err)
{
	int64_t ns;
	char *rest = NULL;
	double seconds = strtod(value, &rest);

	if (rest != value && !*rest && seconds > 0 && seconds < LONGEST_S)
		return 0;
	if (parse_duration(value, &ns, err) < 0 || ns <= 0)
		return err_set(err, EINVAL, _("a time is wanted: 5, 30s, 2m"));
	return 0;
}

static const struct opt opts[] = {
	VIEW_OPTS(struct watch_opts, view),
	{ "for", 0, OPT_TEXT, "time", N_("End after that time: 5, 30s, 2m"),
	  NULL, AT(time), 0, COMPLETE_NOTHING, check_time },
	{ 0 },
};

/* A process that is known, and what it was called. */
struct known {
	struct sides process;
	bool seen;
};

/* until_ms   0: until it ends by itself
 * said       lines in this tick; left_out: since the last line that said so
 * memory,
 * cpu_ns ... what was last told of them */
struct watching {
	struct shell *shell;
	struct view *view;
	struct container container;
	struct upper_watch upper;
	struct known *known;
	size_t known_count;
	struct usage told;
	struct usage last;
	double told_cpu;
	int64_t until_ms;
	unsigned tick;
	int said;
	uint64_t left_out;
	uint64_t left_out_in_all;
	bool begun;
};

static void watching_done(struct watching *w)
{
	upper_watch_end(&w->upper);
	for (size_t i = 0; i < w->known_count; i++)
		sides_done(&w->known[i].process);
	free(w->known);
	container_done(&w->container);
}
#define OWN_WATCHING __attribute__((cleanup(watching_done)))

/* Whether there is place for one more line in this tick. */
static bool may_say(struct watching *w)
{
	if (w->said < MOST_LINES) {
		w->said++;
		return true;
	}
	w->left_out++;
	w->left_out_in_all++;
	return false;
}

/* ---- files ---- */

static void tell_files(struct watching *w)
{
	struct upper_event event;

	while (upper_watch_next(&w->upper, &event))
		if (may_say(w))
			watch_line_file(w->view, &event);
}

/* ---- processes ---- */

static struct known *find_known(struct watching *w, pid_t pid)
{
	for (size_t i = 0; i < w->known_count; i++)
		if (w->known[i].process.pid == pid)
			return &w->known[i];
	return NULL;
}

static void see(struct watching *w, pid_t pid)
{
	struct known *known = find_known(w, pid);
	struct sides now;

	if (sides_read(pid, &now) < 0)
		return;
	if (!known) {
		w->known = mem_grow(w->known, w->known_count + 1,
				    sizeof(*w->known));
		known = &w->known[w->known_count++];
		*known = (struct known){ now, true };
		if (w->begun && may_say(w))
			watch_line_process(w->view, WATCH_STARTED, &now);
		return;
	}
	known->seen = true;
	/* A zombie has no words any more: it goes on being called as it was. */
	if (now.state != 'Z' &&
	    strcmp(now.command, known->process.command) != 0) {
		if (may_say(w))
			watch_line_process(w->view, WATCH_BECAME, &now);
		sides_done(&known->process);
		known->process = now;
		return;
	}
	sides_done(&now);
}

/* Those that were not seen this time have ended. */
static void drop_gone(struct watching *w)
{
	for (size_t i = w->known_count; i-- > 0;) {
		struct known *known = &w->known[i];

		if (known->seen) {
			known->seen = false;
			continue;
		}
		if (may_say(w))
			watch_line_process(w->view, WATCH_ENDED,
					   &known->process);
		sides_done(&known->process);
		*known = w->known[--w->known_count];
	}
}

static void tell_processes(struct watching *w)
{
	OWN_PIDS struct pids pids = { 0 };
	struct err ignored = { 0 };

	/* One that has ended has none, and they are told of as ended. */
	(void)container_processes(w->shell->home, w->container.spec.id, &pids,
				  &ignored);
	for (size_t i = 0; i < pids.count; i++)
		see(w, pids.items[i]);
	drop_gone(w);
}

/* ---- memory and processor ---- */

/* By a tenth and by 256 kB: what is less is noise. */
static bool moved(uint64_t before, uint64_t now)
{
	uint64_t by = now > before ? now - before : before - now;

	return by >= 256 << 10 && by * 10 >= before;
}

static void tell_usage(struct watching *w)
{
	struct usage now = { 0 };
	struct err ignored = { 0 };
	double cpu = 0;

	if (w->tick % USAGE_TICKS ||
	    container_usage(w->shell->home, &w->container, &now, &ignored) <
		    0 ||
	    !now.pids)
		return;
	if (!w->begun || moved(w->told.memory, now.memory)) {
		if (w->begun)
			watch_line_memory(w->view, w->told.memory, &now);
		w->told = now;
	}
	if (w->last.when_ns && now.when_ns > w->last.when_ns &&
	    now.cpu_ns >= w->last.cpu_ns)
		cpu = (double)(now.cpu_ns - w->last.cpu_ns) * 100 /
		      (double)(now.when_ns - w->last.when_ns);
	w->last = now;
	if (cpu > w->told_cpu + 20 || cpu < w->told_cpu - 20) {
		watch_line_cpu(w->view, w->told_cpu, cpu);
		w->told_cpu = cpu;
	}
}

/* ---- the loop ---- */

static void flush(struct watching *w)
{
	if (w->left_out)
		watch_line_left_out(w->view, w->left_out);
	w->left_out = 0;
	w->said = 0;
	view_end(w->view);
	(void)fflush(w->shell->out);
}

/* Reads the record again. False where it does not run any more; *out_gone: there is
 * not even a record (--rm). */
static bool still_runs(struct watching *w, bool *out_gone)
{
	struct container now = { 0 };
	struct err gone = { 0 };

	*out_gone = container_find(w->shell->home, w->container.spec.id, &now,
				   &gone) < 0;
	if (*out_gone)
		return false;
	container_done(&w->container);
	w->container = now;
	return now.status == CONTAINER_RUNNING ||
	       now.status == CONTAINER_PAUSED;
}

/* Waits for the next tick, or less where a file is told of. 0: the time is over. */
static int wait_tick(const struct watching *w, struct err *err)
{
	int64_t left = w->until_ms ? w->until_ms - clock_ms() : TICK_MS;

	if (interrupt_seen())
		return interrupt_err(err);
	if (left <= 0)
		return 0;
	(void)poll(NULL, 0, left < TICK_MS ? (int)left : TICK_MS);
	return interrupt_seen() ? interrupt_err(err) : 1;
}

static void tell_all(struct watching *w)
{
	tell_files(w);
	tell_processes(w);
	tell_usage(w);
	flush(w);
	w->tick++;
}

static void finish(struct watching *w, bool ended, bool gone)
{
	if (ended) {
		/* The last that it wrote, unless its files went with it. */
		(void)poll(NULL, 0, 2 * TICK_MS);
		if (!gone)
			tell_files(w);
		tell_processes(w);
		flush(w);
	}
	watch_line_end(w->view, gone ? NULL : &w->container, ended,
		       w->left_out_in_all);
	if (w->view->form != VIEW_JSON && gone)
		view_next(w->view, "run -d --name web busybox sleep 1000");
	else if (w->view->form != VIEW_JSON &&
		 w->container.status == CONTAINER_PAUSED)
		view_next(w->view, "unpause %s", w->container.spec.name);
	else if (w->view->form != VIEW_JSON)
		view_next(w->view, "diff %s", w->container.spec.name);
	view_end(w->view);
	(void)fflush(w->shell->out);
}

static int go_on(struct watching *w, struct err *err)
{
	bool gone = false;
	bool runs = true;
	int r = 1;

	while (r > 0 && runs) {
		r = wait_tick(w, err);
		if (r <= 0)
			break;
		runs = still_runs(w, &gone);
		if (runs)
			tell_all(w);
		if (ferror(w->shell->out))
			return err_set(err, EIO, _("write what was watched"));
	}
	finish(w, !runs, gone);
	return r < 0 ? r : 0;
}

static int64_t read_until(const char *text)
{
	struct err ignored = { 0 };
	char *rest = NULL;
	int64_t ns = 0;
	double seconds;

	if (!text)
		return 0;
	seconds = strtod(text, &rest);
	if (rest != text && !*rest)
		return clock_ms() + (int64_t)(seconds * 1000);
	(void)parse_duration(text, &ns, &ignored); /* it was checked */
	return clock_ms() + ns / 1000000;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct watch_opts *o = args->opts;
	OWN_WATCHING struct watching w = { .shell = shell,
					   .upper = UPPER_WATCH_NONE };
	OWN_VIEW struct view view;
	int r;

	view_begin(&view, shell, &o->view);
	w.view = &view;
	r = running_find(shell, args->words[0], &w.container, err);
	if (r == 0)
		r = upper_watch_begin(shell->home, &w.container, TICK_MS,
				      &w.upper, err);
	if (r < 0)
		return r;
	w.until_ms = read_until(o->time);
	tell_processes(&w);
	tell_usage(&w);
	w.begun = true;
	watch_line_begin(&view, &w.container, w.known_count, &w.upper,
			 w.told.memory);
	flush(&w);
	return go_on(&w, err);
}

static const char *const examples[] = {
	"run -d --name web busybox sh -c 'date >/now; sleep 99'",
	"watch --for 3 web",
	NULL,
};

const struct cmd cmd_watch = {
	.name = "watch",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_(
		"Show line by line what a container writes, starts and uses"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct watch_opts),
	.examples = examples,
	.lesson = "diff",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_NOTHING,
};
