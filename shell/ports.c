/* shell/ports.c - see ports.h
 *
 * Source: Docker's cli/command/formatter (DisplayablePorts), go-connections/nat. */
#include "shell/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/port_spec.h"

/* Ports that follow each other. */
struct run_of_ports {
	int64_t first;
	int64_t last;
	const char *protocol;
};

/* One number, and what Go says of a text that is none. */
static int read_port(const char *text, int64_t *out, struct err *err)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);
	struct err ignored = { 0 };

	if (digits && parse_int(text, 0, PORT_HIGHEST, out, &ignored) == 0)
		return 0;
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "strconv.ParseUint: parsing \"%s\": %s", text,
			  digits ? "value out of range" : "invalid syntax");
}

int ports_parse_range(const char *text, int64_t *out_first, int64_t *out_last,
		      struct err *err)
{
	size_t len = strcspn(text, "-");
	OWN_FREE char *first = mem_strn(text, len);
	const char *rest = text[len] ? text + len + 1 : text;
	OWN_FREE char *last = mem_strn(rest, strcspn(rest, "-"));
	int r;

	if (!*text)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Empty string specified for ports.");
	r = read_port(first, out_first, err);
	if (r == 0)
		r = read_port(last, out_last, err);
	if (r == 0 && *out_first > *out_last)
		r = err_docker(err, ERR_DAEMON, EINVAL,
			       "Invalid range specified for the Port: %s",
			       text);
	return r;
}

static int read_range(const char *text, struct run_of_ports *out,
		      struct err *err)
{
	size_t len = strcspn(text, "/");
	OWN_FREE char *number = mem_strn(text, len);

	out->protocol = text[len] && text[len + 1] ? text + len + 1 : "tcp";
	return ports_parse_range(number, &out->first, &out->last, err);
}

/* ---- PORTS of ps ---- */

/* ip NULL: exposed, and published nowhere. outside: the port of the machine. */
struct row {
	const char *ip;
	int64_t outside;
	int64_t inside;
	const char *protocol;
};

struct rows {
	struct row *items;
	size_t count;
	struct port_spec *specs; /* what ip and protocol point to */
};

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_number(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;
	int r = compare(x->inside, y->inside);

	if (r == 0)
		r = strcmp(x->ip ? x->ip : "", y->ip ? y->ip : "");
	if (r == 0)
		r = compare(x->outside, y->outside);
	return r ? r : strcmp(x->protocol, y->protocol);
}

static void add_published(const struct strs *published, struct rows *rows)
{
	for (size_t i = 0; i < published->count; i++) {
		struct port_spec *port = &rows->specs[rows->count];

		if (port_spec_read(published->items[i], port))
			rows->items[rows->count++] = (struct row){
				.ip = port->ip,
				.outside = port->first,
				.inside = port->port,
				.protocol = port->proto,
			};
	}
}

static void add_exposed(const struct container *c, struct rows *rows)
{
	const struct strs *exposed = &c->spec.exposed;

	/* On a network, that is. */
	for (size_t i = 0; spec_is_networked(&c->spec) && i < exposed->count;
	     i++) {
		struct run_of_ports run;
		struct err ignored = { 0 };

		if (!ports_are_published(c, exposed->items[i]) &&
		    read_range(exposed->items[i], &run, &ignored) == 0)
			rows->items[rows->count++] = (struct row){
				.inside = run.first,
				.protocol = run.protocol,
			};
	}
}

/* Ports of one address and protocol, the same outside as inside, that follow each
 * other: "0.0.0.0:3000-3003->3000-3003/tcp", "100-102/tcp". */
struct group {
	const char *ip;
	const char *protocol;
	int64_t first;
	int64_t last;
};

struct groups {
	struct group *items;
	size_t count;
};

static void add(struct buf *out, const struct group *g)
{
	OWN_FREE char *range =
		g->first == g->last
			? mem_fmt("%lld", (long long)g->first)
			: mem_fmt("%lld-%lld", (long long)g->first,
				  (long long)g->last);

	buf_str(out, out->len ? ", " : "");
	if (g->ip)
		buf_fmt(out, "%s:%s->", g->ip, range);
	buf_fmt(out, "%s/%s", range, g->protocol);
}

static struct group *find_group(const struct groups *groups,
				const struct row *row)
{
	for (size_t i = 0; i < groups->count; i++) {
		struct group *g = &groups->items[i];

		if (strcmp(g->protocol, row->protocol) == 0 &&
		    strcmp(g->ip ? g->ip : "", row->ip ? row->ip : "") == 0)
			return g;
	}
	return NULL;
}

/* Docker keeps one open group for each address and protocol: one that ends is
 * written at once, what is open at the end comes after, in the order in which the
 * groups came; and last those whose ports differ. */
static void fold(const struct rows *rows, struct groups *groups,
		 struct buf *out)
{
	OWN_BUF struct buf differing = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->items[i];
		struct group *g = find_group(groups, row);
		struct group fresh = { row->ip, row->protocol, row->inside,
				       row->inside };

		if (row->ip && row->outside != row->inside) {
			buf_fmt(&differing, ", %s:%lld->%lld/%s", row->ip,
				(long long)row->outside,
				(long long)row->inside, row->protocol);
		} else if (!g) {
			groups->items[groups->count++] = fresh;
		} else if (row->inside == g->last + 1) {
			g->last = row->inside;
		} else {
			add(out, g);
			*g = fresh;
		}
	}
	for (size_t i = 0; i < groups->count; i++)
		add(out, &groups->items[i]);
	if (differing.len)
		buf_str(out, buf_text(&differing) + (out->len ? 0 : 2));
}

char *ports_shown(const struct container *c)
{
	size_t most = c->published.count + c->spec.exposed.count + 1;
	struct rows rows = {
		.items = mem_zero(most, sizeof(*rows.items)),
		.specs = mem_zero(most, sizeof(*rows.specs)),
	};
	struct groups groups = {
		.items = mem_zero(most, sizeof(*groups.items)),
	};
	struct buf out = { 0 };

	add_published(&c->published, &rows);
	add_exposed(c, &rows);
	qsort(rows.items, rows.count, sizeof(*rows.items), by_number);
	fold(&rows, &groups, &out);
	free(rows.items);
	free(rows.specs);
	free(groups.items);
	return buf_give(&out);
}

/* ---- one port ---- */

bool ports_are_published(const struct container *c, const char *inside)
{
	for (size_t i = 0; i < c->published.count; i++)
		if (strcmp(port_spec_inside(c->published.items[i]), inside) ==
		    0)
			return true;
	return false;
}

/* Of one port's places the highest port of the machine first, as Docker's daemon has
 * them. */
static int by_port(const void *a, const void *b)
{
	struct port_spec x = { 0 };
	struct port_spec y = { 0 };

	(void)port_spec_read(*(char *const *)a, &x);
	(void)port_spec_read(*(char *const *)b, &y);
	if (x.port != y.port)
		return compare(x.port, y.port);
	if (strcmp(x.proto, y.proto) != 0)
		return strcmp(x.proto, y.proto);
	if (x.first != y.first)
		return compare(y.first, x.first);
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void ports_sort(struct strs *entries)
{
	if (entries->count)
		qsort(entries->items, entries->count, sizeof(char *), by_port);
}

int ports_fit(const struct strs *exposed, const char *wanted, struct err *err)
{
	struct run_of_ports range;
	struct run_of_ports port;
	struct err ignored = { 0 };
	int r = read_range(wanted, &range, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < exposed->count; i++)
		if (read_range(exposed->items[i], &port, &ignored) == 0 &&
		    strcmp(port.protocol, range.protocol) == 0 &&
		    port.first <= range.last && port.last >= range.first)
			return 1;
	return 0;
}

int ports_read(const char *text, char **out, struct err *err)
{
	size_t len = strcspn(text, "/");
	OWN_FREE char *number = mem_strn(text, len);
	const char *protocol = text[len] ? text + len + 1 : "tcp";
	struct err ignored = { 0 };
	int64_t port;

	if (parse_int(number, 0, PORT_HIGHEST, &port, &ignored) < 0) {
		err_docker(err, ERR_BARE, EINVAL,
			   "strconv.ParseUint: parsing \"%s\": %s", number,
			   ignored.code == ERANGE ? "value out of range"
						  : "invalid syntax");
		return err_status(err, 1);
	}
	if (!*protocol)
		protocol = "tcp";
	*out = mem_fmt("%s/%s", number, protocol);
	return 0;
}
