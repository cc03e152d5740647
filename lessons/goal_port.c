/* lessons/goal_port.c - goals about what can be reached from outside: http, port.
 *
 *     http{ id = "serves", url = "http://127.0.0.1:%{port}/", body_has = "%{token}" }
 *     port{ id = "out", container = "web", port = 80, host = "%{port}" }
 *
 * An http goal asks from outside, as the learner would. Where nothing answers, the
 * hops are looked at one by one, and the message names the one that is missing. */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/goal_wait.h"
#include "lessons/http_get.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/port_spec.h"

#define ONE_TRY_MS 2000

/* ---- which way leads in ---- */

/* Whether one of the entries leads from the port `host` of the machine (0: any) to
 * `inside` ("80/tcp"; NULL: any). *out: the entry. */
static bool leads_in(const struct strs *entries, long host, const char *inside,
		     struct port_spec *out)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (!port_spec_read(entries->items[i], out))
			continue;
		if (host && (host < out->first || host > out->last))
			continue;
		if (!inside ||
		    strcmp(port_spec_inside(entries->items[i]), inside) == 0)
			return true;
	}
	return false;
}

/* "0.0.0.0:8080 -> 80/tcp, ...": what is published, given; NULL where nothing is. */
static char *published_shown(const struct strs *entries)
{
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < entries->count; i++) {
		struct port_spec spec;

		if (port_spec_read(entries->items[i], &spec))
			buf_fmt(&text, "%s%s:%u -> %u/%s", text.len ? ", " : "",
				*spec.ip ? spec.ip : "0.0.0.0", spec.first,
				spec.port, spec.proto);
	}
	return text.len ? buf_give(&text) : NULL;
}

/* Whether somebody in there listens at `port` where the way from outside ends:
 * 'y', 'l' at 127.0.0.1 alone, 'o' at other ports, 'n' nowhere. *out_where: where,
 * given. */
static char who_listens(const struct strs *listens, unsigned port,
			char **out_where)
{
	OWN_FREE char *suffix = mem_fmt(":%u", port);
	char found = (char)(listens->count ? 'o' : 'n');
	bool local = false;

	for (size_t i = 0; i < listens->count; i++) {
		const char *at = listens->items[i];
		const char *colon = strrchr(at, ':');

		if (!colon || strcmp(colon, suffix) != 0)
			continue;
		if (strncmp(at, "127.", 4) != 0 &&
		    strncmp(at, "[::1]", 5) != 0)
			return 'y';
		local = true;
	}
	*out_where = strs_join(listens, ", ");
	if (local)
		return 'l';
	return found;
}

/* ---- http: why does nothing answer? ---- */

/* The container behind a port of the machine, running first; *out: by which entry. */
static const struct container *behind_port(const struct facts *facts, long host,
					   struct port_spec *out)
{
	const struct containers *all = NULL;
	struct err ignored = { 0 };

	if (facts->containers(facts->ctx, &all, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].status == CONTAINER_RUNNING &&
		    leads_in(&all->items[i].published, host, NULL, out))
			return &all->items[i];
	}
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].status != CONTAINER_RUNNING &&
		    leads_in(&all->items[i].spec.ports, host, NULL, out))
			return &all->items[i];
	}
	return NULL;
}

static int nobody_behind(const struct facts *facts, long host,
			 struct verdict *out)
{
	const struct containers *all = NULL;
	struct err ignored = { 0 };
	OWN_BUF struct buf shown = { 0 };

	if (facts->containers(facts->ctx, &all, &ignored) == 0) {
		for (size_t i = 0; i < all->count; i++) {
			OWN_FREE char *ports =
				published_shown(&all->items[i].published);

			if (ports)
				buf_fmt(&shown, "%s'%s': %s",
					shown.len ? "; " : "",
					all->items[i].spec.name, ports);
		}
	}
	return goal_open(out, "port_not_published",
			 shown.len ? mem_fmt(_("no container has the port %ld "
					       "of this machine; %s"),
					     host, buf_text(&shown))
				   : mem_fmt(_("no container has the port %ld "
					       "of this machine"),
					     host),
			 "ps");
}

static int no_answer(const struct goal *goal, const struct facts *facts,
		     const struct err *why, struct verdict *out)
{
	struct http_url url = { 0 };
	struct port_spec entry = { 0 };
	const struct container *one = NULL;
	OWN_STRS struct strs listens = { 0 };
	OWN_FREE char *where = NULL;
	struct err ignored = { 0 };
	long host = 0;
	char who;

	if (http_url_parse(goal_text(goal, "url"), &url))
		host = url.port;
	http_url_done(&url);
	one = behind_port(facts, host, &entry);
	if (!one)
		return nobody_behind(facts, host, out);
	if (one->status != CONTAINER_RUNNING)
		return goal_open(out, "not_running",
				 mem_fmt(_("'%s' is: %s"), one->spec.name,
					 container_status_name(one->status)),
				 "ps -a");
	(void)facts->listens(facts->ctx, one, &listens, &ignored);
	who = who_listens(&listens, entry.port, &where);
	if (who == 'l')
		return goal_open_look(
			out, "listens_local",
			mem_fmt(_("the server in '%s' listens at %s only: from "
				  "outside of it nobody gets there"),
				one->spec.name, where),
			mem_fmt("logs %s", one->spec.name));
	if (who == 'o')
		return goal_open_look(
			out, "other_port",
			mem_fmt(_("port %ld leads to port %u of '%s', where "
				  "nobody listens; there are: %s"),
				host, entry.port, one->spec.name, where),
			mem_fmt("port %s", one->spec.name));
	if (who == 'n')
		return goal_open_look(
			out, "no_server",
			mem_fmt(_("in '%s' nobody listens at any port"),
				one->spec.name),
			mem_fmt("logs %s", one->spec.name));
	return goal_open_look(out, "no_answer",
			      mem_fmt(_("the server in '%s' gives no answer: "
					"%s"),
				      one->spec.name, why->msg),
			      mem_fmt("logs %s", one->spec.name));
}

/* ---- http ---- */

static void http_describe(const struct goal *goal, struct buf *out)
{
	buf_fmt(out, _("%s answers with %lld"), goal_text(goal, "url"),
		goal_number(goal, "status", 200));
	if (goal_has(goal, "body_has"))
		buf_fmt(out, _(" and the text: %s"),
			goal_text(goal, "body_has"));
}

static char *body_begins(const struct facts_page *page)
{
	size_t len = strcspn(page->body, "\r\n");

	if (!*page->body)
		return mem_fmt(_("the answer is empty"));
	return mem_fmt(_("the answer begins: %.*s"), len > 60 ? 60 : (int)len,
		       page->body);
}

static int page_differs(const struct goal *goal, const struct facts_page *page,
			struct verdict *out)
{
	OWN_STRS struct strs texts = { 0 };

	if (page->status != goal_number(goal, "status", 200))
		return goal_open_look(out, "status",
				      mem_fmt(_("it answers with %d"),
					      page->status),
				      mem_fmt("$ curl -i %s",
					      goal_text(goal, "url")));
	goal_strs(goal, "body_has", &texts);
	for (size_t i = 0; i < texts.count; i++) {
		if (!strstr(page->body, texts.items[i]))
			return goal_open_look(out, "body", body_begins(page),
					      mem_fmt("$ curl %s",
						      goal_text(goal,
								"url")));
	}
	return goal_met(out);
}

/* Nobody behind the port at all: no waiting makes a server of that. */
static bool may_come(const struct goal *goal, const struct facts *facts)
{
	struct http_url url = { 0 };
	struct port_spec entry = { 0 };
	const struct container *one;

	if (!http_url_parse(goal_text(goal, "url"), &url))
		return false;
	one = behind_port(facts, url.port, &entry);
	http_url_done(&url);
	return one && one->status == CONTAINER_RUNNING;
}

static int http_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	const char *url = goal_text(goal, "url");
	struct goal_wait wait = goal_wait_begin(facts, may_come(goal, facts));
	int r;

	do {
		struct facts_page page = { 0 };
		struct err failed = { 0 };

		r = facts->page(facts->ctx, url, ONE_TRY_MS, &page, &failed);
		if (r == 0) {
			r = page_differs(goal, &page, out);
			facts_page_done(&page);
		} else if (r == -EINVAL && strncmp(url, "http://", 7) != 0) {
			*err = failed;
			return r;
		} else if (r == -EINVAL) {
			r = goal_open(out, "no_http", mem_str(failed.msg), "");
		} else {
			r = no_answer(goal, facts, &failed, out);
		}
	} while (r == 0 && out->state != VERDICT_MET && goal_wait_more(&wait));
	return r;
}

/* ---- port ---- */

static char *inside_of(const struct goal *goal)
{
	const char *text = goal_text(goal, "port");

	if (!*text)
		return mem_fmt("%lld/tcp", goal_number(goal, "port", 0));
	return strchr(text, '/') ? mem_str(text) : mem_fmt("%s/tcp", text);
}

/* A number, or a text that a variable was put into. */
static long long number_or_text(const struct goal *goal, const char *key)
{
	const char *text = goal_text(goal, key);

	return *text ? strtoll(text, NULL, 10) : goal_number(goal, key, 0);
}

static void port_describe(const struct goal *goal, struct buf *out)
{
	OWN_FREE char *inside = inside_of(goal);

	if (goal_has(goal, "host"))
		buf_fmt(out, _("port %lld of this machine leads to %s of '%s'"),
			number_or_text(goal, "host"), inside,
			goal_text(goal, "container"));
	else
		buf_fmt(out, _("a port of this machine leads to %s of '%s'"),
			inside, goal_text(goal, "container"));
	if (goal_has(goal, "address"))
		buf_fmt(out, _(" (at the address: %s)"),
			goal_text(goal, "address"));
}

static int port_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	const char *name = goal_text(goal, "container");
	const char *address = goal_text(goal, "address");
	OWN_FREE char *inside = inside_of(goal);
	OWN_FREE char *shown = NULL;
	struct port_spec entry = { 0 };
	const struct container *one =
		goal_container(goal, "container", facts, out);

	(void)err;
	if (!one)
		return 0;
	if (one->status != CONTAINER_RUNNING)
		return goal_open(out, "not_running",
				 mem_fmt(_("'%s' is: %s"), name,
					 container_status_name(one->status)),
				 "ps -a");
	shown = published_shown(&one->published);
	if (!shown)
		return goal_open_look(
			out, "not_published",
			mem_fmt(_("'%s' has no port published"), name),
			mem_fmt("port %s", name));
	if (!leads_in(&one->published, 0, inside, &entry))
		return goal_open_look(out, "other_port", own_give_ptr(&shown),
				      mem_fmt("port %s", name));
	if (goal_has(goal, "host") &&
	    !leads_in(&one->published, (long)number_or_text(goal, "host"),
		      inside, &entry))
		return goal_open_look(out, "other_host_port",
				      own_give_ptr(&shown),
				      mem_fmt("port %s", name));
	if (*address && strcmp(*entry.ip ? entry.ip : "0.0.0.0", address) != 0)
		return goal_open_look(out, "other_address",
				      own_give_ptr(&shown),
				      mem_fmt("port %s", name));
	return goal_met(out);
}

/* ---- the table ---- */

static const char *const http_keys[] = { "url!", "status", "body_has", NULL };
static const char *const http_messages[] = {
	"port_not_published", "not_running", "listens_local",
	"other_port",	      "no_server",   "no_answer",
	"no_http",	      "status",	     "body",
	NULL
};
static const char *const port_keys[] = { "container!", "port!", "host",
					 "address", NULL };
static const char *const port_messages[] = { "none",	      "not_running",
					     "not_published", "other_port",
					     "other_host_port",
					     "other_address", NULL };

const struct goal_kind goal_kinds_port[] = {
	{ "http", http_keys, http_messages, http_describe, http_judge },
	{ "port", port_keys, port_messages, port_describe, port_judge },
	{ .name = NULL },
};
