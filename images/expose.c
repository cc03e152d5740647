/* images/expose.c - see expose_add in changes.h
 *
 * EXPOSE takes what `run -p` takes, [[ip:]hostPort:]containerPort[/protocol], but
 * only the container's side counts. Source: docker/go-connections, nat. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "images/changes.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

enum {
	PORTS = 65536,
	KINDS = 3,
};

static const char *const kinds[KINDS] = { "tcp", "udp", "sctp" };

/* Which ports were named, so that "0-65535" again and again costs nothing. */
struct ports {
	bool named[KINDS][PORTS];
};

static int bad(const char *what, const char *text, struct err *err)
{
	err_docker(err, ERR_DAEMON, EINVAL, "%s: %s", what, text);
	return err_hint(err, _("expected: 80, 80/udp or 8000-8010"));
}

/* An index into kinds; "" is tcp. */
static int kind_of(char *protocol, struct err *err)
{
	for (char *p = protocol; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (int kind = 0; kind < KINDS; kind++)
		if (!*protocol || strcmp(protocol, kinds[kind]) == 0)
			return kind;
	return bad("Invalid proto", protocol, err);
}

static int name_ports(const char *word, struct ports *ports, struct err *err)
{
	OWN_FREE char *copy = mem_str(word);
	char *protocol = strchr(copy, '/');
	const char *inside;
	struct err ignored = { 0 };
	int64_t first;
	int64_t last;
	int kind;

	if (protocol)
		*protocol++ = '\0';
	inside = strrchr(copy, ':');
	inside = inside ? inside + 1 : copy;
	if (!*inside) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "No port specified: %s<empty>", word);
		return err_hint(err, _("expected: 80, 80/udp or 8000-8010"));
	}
	if (parse_range(inside, 0, PORTS - 1, &first, &last, &ignored) < 0)
		return bad("Invalid containerPort", inside, err);
	kind = protocol ? kind_of(protocol, err) : 0;
	for (int64_t port = first; port <= last && kind >= 0; port++)
		ports->named[kind][port] = true;
	return kind < 0 ? kind : 0;
}

/* Of equal neighbours one stays. */
static void drop_doubles(struct strs *list)
{
	struct strs kept = { 0 };

	for (size_t i = 0; i < list->count; i++)
		if (!i || strcmp(list->items[i], list->items[i - 1]) != 0)
			strs_add(&kept, list->items[i]);
	strs_done(list);
	*list = kept;
}

int expose_add(const struct strs *words, struct strs *exposed, struct err *err)
{
	OWN_FREE struct ports *ports = mem_zero(1, sizeof(*ports));

	for (size_t i = 0; i < words->count; i++)
		if (name_ports(words->items[i], ports, err) < 0)
			return -err->code;
	for (int kind = 0; kind < KINDS; kind++)
		for (int port = 0; port < PORTS; port++)
			if (ports->named[kind][port])
				strs_addf(exposed, "%d/%s", port, kinds[kind]);
	strs_sort(exposed);
	drop_doubles(exposed);
	return 0;
}
