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

enum { MOST_PORTS = 65535 };

/* Ports of one protocol that follow each other. */
struct run_of_ports {
	int64_t first;
	int64_t last;
	const char *protocol;
};

struct sorted {
	struct run_of_ports *items;
	size_t count;
};

static bool read_range(const char *text, struct run_of_ports *out)
{
	size_t len = strcspn(text, "/");
	OWN_FREE char *number = mem_strn(text, len);
	struct err ignored = { 0 };

	out->protocol = text[len] && text[len + 1] ? text + len + 1 : "tcp";
	return parse_range(number, 0, MOST_PORTS, &out->first, &out->last,
			   &ignored) == 0;
}

static int by_number(const void *a, const void *b)
{
	const struct run_of_ports *x = a;
	const struct run_of_ports *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return strcmp(x->protocol, y->protocol);
}

static void add(struct buf *out, const struct run_of_ports *run)
{
	if (out->len)
		buf_str(out, ", ");
	buf_fmt(out, "%lld", (long long)run->first);
	if (run->last != run->first)
		buf_fmt(out, "-%lld", (long long)run->last);
	buf_fmt(out, "/%s", run->protocol);
}

/* Docker keeps one open run a protocol: one that ends is written at once, what
 * is open at the end comes last, in the order in which the protocols came. */
static void fold(const struct sorted *sorted, struct buf *out)
{
	struct run_of_ports open[8];
	size_t count = 0;

	for (size_t i = 0; i < sorted->count; i++) {
		const struct run_of_ports *port = &sorted->items[i];
		size_t at = 0;

		while (at < count &&
		       strcmp(open[at].protocol, port->protocol) != 0)
			at++;
		if (at == count) {
			if (count < sizeof(open) / sizeof(open[0]))
				open[count++] = *port;
			continue; /* there are three protocols: it has room */
		}
		if (port->first == open[at].last + 1) {
			open[at].last = port->last;
			continue;
		}
		add(out, &open[at]);
		open[at] = *port;
	}
	for (size_t i = 0; i < count; i++)
		add(out, &open[i]);
}

char *ports_shown(const struct strs *exposed)
{
	struct sorted sorted = { 0 };
	struct buf out = { 0 };

	if (exposed->count)
		sorted.items = mem_zero(exposed->count, sizeof(*sorted.items));
	for (size_t i = 0; i < exposed->count; i++)
		if (read_range(exposed->items[i], &sorted.items[sorted.count]))
			sorted.count++;
	if (sorted.count)
		qsort(sorted.items, sorted.count, sizeof(*sorted.items),
		      by_number);
	fold(&sorted, &out);
	free(sorted.items);
	return buf_give(&out);
}

int ports_fit(const struct strs *exposed, const char *wanted, struct err *err)
{
	struct run_of_ports range;
	struct run_of_ports port;

	if (!read_range(wanted, &range)) {
		err_docker(err, ERR_DAEMON, EINVAL, "invalid containerPort: %s",
			   wanted);
		return err_status(err, 1);
	}
	for (size_t i = 0; i < exposed->count; i++)
		if (read_range(exposed->items[i], &port) &&
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

	if (parse_int(number, 0, MOST_PORTS, &port, &ignored) < 0) {
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
