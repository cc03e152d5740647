/* shell/cmd_ports.c - ports: the way from a visitor to the program inside, hop by hop.
 *
 * What is found on the way is runtime/hops.h's. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/hops.h"
#include "runtime/namespaces.h"
#include "shell/cmd.h"
#include "shell/view.h"

enum { MARK_COLUMNS = 8, KIND_COLUMNS = 11, INDENT = 2 };

struct ports_opts {
	struct view_opts view;
	bool no_try;
};

#define AT(member) offsetof(struct ports_opts, member)

static const struct opt opts[] = {
	VIEW_OPTS(struct ports_opts, view),
	{ "no-try", 0, OPT_FLAG, NULL,
	  N_("Look only; without it one connection is opened to each published TCP port, and closed without a word"),
	  NULL, AT(no_try), 0 },
	{ 0 },
};

/* ---- words ---- */

static const char *kind_text(enum hop_kind kind)
{
	static const char *const texts[HOP_KINDS] = {
		N_("container"), N_("network"), N_("published"), N_("machine"),
		N_("forwarder"), N_("address"), N_("socket"),    N_("try"),
	};

	return _(texts[kind]);
}

static const char *state_text(enum hop_state state)
{
	static const char *const texts[] = { N_("ok"), N_("FAILS"),
					     N_("unknown"), N_("not reached") };

	return _(texts[state]);
}

static enum style state_style(enum hop_state state)
{
	static const enum style styles[] = { STYLE_GOOD, STYLE_BAD, STYLE_NOTE,
					     STYLE_DIM };

	return styles[state];
}

/* ---- the answer ---- */

struct tally {
	size_t published;
	size_t failed;
	const struct port_way
		*first; /* that fails, published ones before others */
};

static struct tally count_ways(const struct port_ways *ways)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < ways->count; i++) {
		const struct port_way *way = &ways->items[i];

		tally.published += way->published;
		if (way->failed < 0)
			continue;
		tally.failed += way->published;
		if (!tally.first)
			tally.first = way;
	}
	return tally;
}

static const char *proto(const struct port_way *way)
{
	return way->udp ? "udp" : "tcp";
}

static void say_reached(struct view *view, const struct container *c,
			const struct port_ways *ways, const struct tally *tally)
{
	const struct port_way *way = &ways->items[0]; /* published ones first */

	if (tally->published == 1)
		view_answer(view,
			    _("%s is reached: %s leads to its port %u/%s."),
			    c->spec.name, way->outside.items[0], way->port,
			    proto(way));
	else
		view_answer(
			view,
			_("%s is reached: all of its %zu published ports lead through."),
			c->spec.name, tally->published);
}

/* donor  name of the container whose network it shares, or NULL */
static void say_answer(struct view *view, const struct container *c,
		       const char *donor, const struct port_ways *ways,
		       const struct tally *tally)
{
	const char *name = c->spec.name;
	const struct port_way *first = tally->first;

	if (!ways->count && donor)
		view_answer(
			view,
			_("%s has no ports of its own: its network is that of the container %s."),
			name, donor);
	else if (!ways->count)
		view_answer(
			view,
			_("%s has no ports: none is published or exposed, and nothing inside listens."),
			name);
	else if (tally->failed && first)
		view_answer(view, _("%s: port %u/%s is not reached: %s."), name,
			    first->port, proto(first),
			    first->hops[first->failed].found);
	else if (tally->published)
		say_reached(view, c, ways, tally);
	else if (first)
		view_answer(view,
			    _("%s: no port of this machine leads into it."),
			    name);
	else
		view_answer(view, _("%s: %s."), name,
			    ways->items[0].hops[1].found);
}

/* ---- drawn ---- */

/* The stations of the way, as far as it leads: "80/tcp: 0.0.0.0:8080 -> dsh-forward
 * -> 172.17.0.2 -X- 80/tcp". */
static void draw_map(struct view *view, const struct port_way *way)
{
	const char *arrow = view->ascii ? " -> " : " → ";
	const char *cut = view->ascii ? " -X- " : " ✗ ";
	OWN_BUF struct buf line = { 0 };
	size_t end = way->failed < 0 ? way->count : (size_t)way->failed + 1;

	buf_fmt(&line, _("%u/%s: visitor"), way->port, proto(way));
	for (size_t i = 0; i < end; i++) {
		const struct hop *hop = &way->hops[i];
		bool fails = (int)i == way->failed;

		if (!fails && hop->kind != HOP_MACHINE &&
		    hop->kind != HOP_FORWARDER && hop->kind != HOP_ADDRESS &&
		    hop->kind != HOP_SOCKET)
			continue;
		buf_fmt(&line, "%s%s", fails ? cut : arrow,
			hop->kind == HOP_FORWARDER ? "dsh-forward"
			: hop->where[0]            ? hop->where
						   : kind_text(hop->kind));
	}
	view_say(view, INDENT, "%s", buf_text(&line));
}

static void draw_hop(struct view *view, const struct hop *hop)
{
	int at = INDENT + MARK_COLUMNS + KIND_COLUMNS + 2;
	OWN_FREE char *text = mem_fmt("%s%s%s", hop->where,
				      hop->where[0] ? ": " : "", hop->found);
	const char *state =
		hop->state == HOP_NOT_REACHED ? "-" : state_text(hop->state);
	int pad = MARK_COLUMNS - style_width(state);

	buf_fmt(&view->out, "%*s", INDENT, "");
	view_styled(view, state_style(hop->state), state);
	buf_fmt(&view->out, "%*s ", pad > 0 ? pad : 0, "");
	view_pad(view, kind_text(hop->kind), KIND_COLUMNS, true);
	buf_char(&view->out, ' ');
	style_wrap(&view->out, text, at, at, view->columns);
}

static void draw_way(struct view *view, const struct port_way *way)
{
	buf_char(&view->out, '\n');
	draw_map(view, way);
	for (size_t i = 0; i < way->count; i++)
		draw_hop(view, &way->hops[i]);
	if (way->fix && way->cause != HOP_NOT_PUBLISHED)
		view_say(view, 8, _("  mend: %s"), way->fix);
}

/* ---- plain ---- */

static void say_way(struct view *view, const struct port_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct hop *hop = &way->hops[i];

		view_say(view, 0, _("port %u/%s, hop %zu, %s %s, %s: %s"),
			 way->port, proto(way), i + 1, kind_text(hop->kind),
			 hop->where, state_text(hop->state), hop->found);
	}
	if (way->fix)
		view_say(view, 0, _("port %u/%s, mend: %s"), way->port,
			 proto(way), way->fix);
}

/* ---- JSON ---- */

static json_t *hops_json(const struct port_way *way)
{
	json_t *list = json_array();

	for (size_t i = 0; i < way->count; i++) {
		const struct hop *hop = &way->hops[i];

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s}", "hop",
					hop_kind_name(hop->kind), "state",
					hop_state_name(hop->state), "where",
					hop->where, "found", hop->found));
	}
	return list;
}

static json_t *way_json(const struct port_way *way)
{
	json_t *outside = json_array();
	const char *failed =
		way->failed < 0 ? NULL
				: hop_kind_name(way->hops[way->failed].kind);

	for (size_t i = 0; i < way->outside.count; i++)
		json_array_append_new(outside,
				      json_string(way->outside.items[i]));
	return json_pack("{s:i, s:s, s:b, s:b, s:o, s:b, s:s?, s:s, s:s?, s:o}",
			 "port", (int)way->port, "protocol", proto(way),
			 "published", way->published, "exposed", way->exposed,
			 "outside", outside, "reached", way->failed < 0,
			 "failed", failed, "cause", hop_cause_name(way->cause),
			 "fix", way->fix, "hops", hops_json(way));
}

static void show_json(struct view *view, const struct container *c,
		      const struct port_ways *ways, const char *next)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ways->count; i++)
		json_array_append_new(list, way_json(&ways->items[i]));
	view_json(view,
		  json_pack("{s:s, s:s, s:s, s:o}", "container", c->spec.name,
			    "id", c->spec.id, "status",
			    container_status_name(c->status), "ports", list),
		  next);
}

/* ---- all of it ---- */

/* Of --network container:x, while that one is there. Given, or NULL. */
static char *donor_of(const struct shell *shell, const struct container *c)
{
	const char *id = namespaces_donor(c->spec.network_mode);
	OWN_CONTAINER struct container donor = { 0 };
	struct err gone = { 0 };

	if (!id || container_find(shell->home, id, &donor, &gone) < 0)
		return NULL;
	return mem_str(donor.spec.name);
}

static void show(struct view *view, const struct container *c,
		 const char *donor, const struct port_ways *ways)
{
	struct tally tally = count_ways(ways);
	const char *command = tally.first ? tally.first->command : NULL;
	OWN_FREE char *next =
		command       ? mem_str(command)
		: ways->count ? mem_fmt("ns %s", c->spec.name)
		: donor	      ? mem_fmt("ports %s", donor)
			      : mem_str("run -d -p 80 busybox httpd -f");

	if (view->form == VIEW_JSON) {
		show_json(view, c, ways, next);
		return;
	}
	say_answer(view, c, donor, ways, &tally);
	for (size_t i = 0; i < ways->count; i++)
		if (view->form == VIEW_PLAIN)
			say_way(view, &ways->items[i]);
		else
			draw_way(view, &ways->items[i]);
	view_next(view, "%s", next);
	view_end(view);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ports_opts *o = args->opts;
	OWN_CONTAINER struct container c = { 0 };
	OWN_HOPS_FACTS struct hops_facts facts = { 0 };
	OWN_PORT_WAYS struct port_ways ways = { 0 };
	OWN_FREE char *donor = NULL;
	OWN_VIEW struct view view;
	int r;

	view_begin(&view, shell, &o->view);
	r = container_find(shell->home, args->words[0], &c, err);
	if (r == 0)
		r = hops_gather(shell->home, &c, !o->no_try, &facts, err);
	if (r < 0)
		return r;
	hops_judge(&facts, &ways);
	donor = donor_of(shell, &c);
	show(&view, &c, donor, &ways);
	return 0;
}

static const char *const examples[] = {
	"run -d --name web -p 127.0.0.1::80 busybox httpd -f",
	"ports web",
	NULL,
};

const struct cmd cmd_ports = {
	.name = "ports",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_(
		"Show each hop from outside to the program that listens, and the one that fails"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct ports_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
};
