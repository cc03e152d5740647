/* shell/cmd_events.c - events: what happens to containers and images, as it
 * happens. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/events.h"
#include "shell/cmd.h"
#include "shell/event_view.h"
#include "shell/filter.h"
#include "shell/template.h"

struct events_opts {
	struct strs filter;
	const char *format;
	const char *since;
	const char *until;
};

#define AT(member) offsetof(struct events_opts, member)

static const struct opt opts[] = {
	{ "filter", 'f', OPT_LIST, "filter",
	  N_("Only those that fit: container=web, event=die, type=image ..."),
	  NULL, AT(filter), OPT_FILTER },
	{ "format", 0, OPT_TEXT, "string",
	  N_("Show each as a template says, or as json"), NULL, AT(format), 0,
	  .values = "json" },
	{ "since", 0, OPT_TEXT, "string",
	  N_("Begin with those since a time or an age (10m)"), NULL, AT(since),
	  0 },
	{ "until", 0, OPT_TEXT, "string",
	  N_("End at a time; without it they are shown until Ctrl-C"), NULL,
	  AT(until), 0 },
	{ 0 },
};

/* since, until  0: no bound */
struct show {
	struct shell *shell;
	struct filters filters;
	struct template *template;
	bool whole;
	int64_t since_ns;
	int64_t until_ns;
};

/* Events of the past, in the order of their times: several programs write them,
 * each when it has come to it. */
struct past {
	struct event *items;
	size_t count;
	struct strs lines; /* what their text is */
};

static int print_one(const struct show *show, const struct event *event,
		     struct err *err)
{
	FILE *out = show->shell->out;

	if (show->whole)
		fprintf(out, "%s\n", event->text);
	else if (show->template)
		return event_print_as(event, show->template, out, err);
	else
		event_print(event, out);
	return ferror(out) ? err_set(err, EIO, _("write the events")) : 0;
}

static bool wanted(const struct show *show, const struct event *event)
{
	return event->time_ns >= show->since_ns &&
	       (!show->until_ns || event->time_ns <= show->until_ns) &&
	       event_fits(event, &show->filters);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a;
	const struct event *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return 0;
}

static int print_past(const struct show *show, struct events_reader *reader,
		      struct err *err)
{
	struct past past = { 0 };
	const char *line;
	int r;

	while ((r = events_next(reader, &line, err)) > 0) {
		struct event event;

		if (interrupt_seen()) {
			r = interrupt_err(err);
			break;
		}
		if (!event_read(line, &event))
			continue;
		if (!wanted(show, &event)) {
			event_done(&event);
			continue;
		}
		strs_add(&past.lines, line);
		event.text = past.lines.items[past.lines.count - 1];
		past.items = mem_grow(past.items, past.count + 1,
				      sizeof(*past.items));
		past.items[past.count++] = event;
	}
	if (past.count)
		qsort(past.items, past.count, sizeof(*past.items), by_time);
	for (size_t i = 0; i < past.count; i++) {
		if (r == 0)
			r = print_one(show, &past.items[i], err);
		event_done(&past.items[i]);
	}
	free(past.items);
	strs_done(&past.lines);
	return r;
}

/* Waits for more. Returns 1, 0 when the time is over. */
static int wait_for_more(const struct show *show, int watch, struct err *err)
{
	struct pollfd news = { watch, POLLIN, 0 };
	int64_t left = show->until_ns ?
			       (show->until_ns - clock_now_ns()) / 1000000 + 1 :
			       -1;

	fflush(show->shell->out);
	if (interrupt_seen())
		return interrupt_err(err);
	if (show->until_ns && left <= 0)
		return 0;
	if (poll(&news, 1, left > INT_MAX ? INT_MAX : (int)left) < 0)
		return errno == EINTR ? interrupt_err(err) :
					err_errno(err, "poll");
	return 1;
}

static int print_coming(const struct show *show, struct events_reader *reader,
			struct err *err)
{
	const char *line;
	int r;

	while ((r = wait_for_more(show, reader->watch, err)) > 0) {
		while ((r = events_next(reader, &line, err)) > 0) {
			OWN_EVENT struct event event = { 0 };

			if (event_read(line, &event) && wanted(show, &event) &&
			    print_one(show, &event, err) < 0)
				return -err->code;
		}
		if (r < 0)
			return r;
	}
	return r;
}

/* A bound as Docker's client sends it: an age becomes a whole second. Given. */
static char *as_sent(const char *text, int64_t ns)
{
	struct err ignored = { 0 };
	int64_t age;

	if (parse_duration(text, &age, &ignored) == 0)
		return mem_fmt("%lld", (long long)(ns / 1000000000));
	return mem_fmt("%lld.%09lld", (long long)(ns / 1000000000),
		       (long long)(ns % 1000000000));
}

static int check_order(const struct events_opts *o, const struct show *show,
		       struct err *err)
{
	OWN_FREE char *since = NULL;
	OWN_FREE char *until = NULL;

	if (!show->until_ns || show->until_ns >= show->since_ns)
		return 0;
	since = as_sent(o->since ? o->since : "", show->since_ns);
	until = as_sent(o->until, show->until_ns);
	return err_docker(
		err, ERR_DAEMON, EINVAL,
		"`since` time (%s) cannot be after `until` time (%s)", since,
		until);
}

static int read_times(const struct events_opts *o, struct show *show,
		      struct err *err)
{
	int r = 0;

	if (o->since && *o->since)
		r = filter_time(o->since, &show->since_ns, err);
	if (r == 0 && o->until && *o->until)
		r = filter_time(o->until, &show->until_ns, err);
	if (r < 0) {
		err->voice = ERR_BARE; /* the client reads them, not a daemon */
		return r;
	}
	return check_order(o, show, err);
}

static int show_events(struct show *show, struct err *err)
{
	struct events_reader reader;
	bool past = show->since_ns || show->until_ns;
	int r = events_open(show->shell->home, past, &reader, err);

	if (r < 0)
		return r;
	if (past)
		r = print_past(show, &reader, err);
	if (r == 0)
		r = print_coming(show, &reader, err);
	events_close(&reader);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct events_opts *o = args->opts;
	struct show show = { .shell = shell };
	/* The plain form is Docker's own: one event a line. */
	const char *text = o->format || !shell->json ? o->format : "json";
	int r = event_template(text, &show.template, &show.whole, err);

	if (r == 0)
		r = filters_read(&show.filters, &o->filter, NULL, err);
	if (r == 0)
		r = read_times(o, &show, err);
	if (r == 0)
		r = show_events(&show, err);
	template_free(show.template);
	filters_done(&show.filters);
	return r;
}

static const char *const examples[] = {
	"run --rm busybox true",
	"events --since 10m --until 0s",
	NULL,
};
static const char *const aliases[] = { "system events", NULL };

const struct cmd cmd_events = {
	.name = "events",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Show what happens to containers and images, as it happens"),
	.docker_summary = "Get real time events from the server",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct events_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.filter_keys = event_keys,
	.shows = true,
};
