/* shell/run_ports.c - which ports a container notes (--expose) and which lead into
 * it (-p, -P).
 *
 * What is published is exposed as well. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/port_spec.h"
#include "runtime/spec.h"
#include "shell/ports.h"
#include "shell/run_fill.h"

static void expose(struct spec *spec, const char *port)
{
	if (!strs_has(&spec->exposed, port))
		strs_add(&spec->exposed, port);
}

/* ---- --expose ---- */

static int add_range(const char *port, const char *proto, const char *given,
		     struct spec *spec, struct err *err)
{
	struct err why = { 0 };
	int64_t first;
	int64_t last;

	if (ports_parse_range(port, &first, &last, &why) < 0)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid range format for --expose: %s, error: %s",
			given, why.msg);
	if (strcasecmp(proto, "tcp") != 0 && strcasecmp(proto, "udp") != 0 &&
	    strcasecmp(proto, "sctp") != 0)
		return err_docker(err, ERR_BARE, EINVAL, "Invalid proto: %s",
				  proto);
	for (int64_t i = first; i <= last; i++) {
		OWN_FREE char *item = mem_fmt("%lld/%s", (long long)i, proto);

		expose(spec, item);
	}
	return 0;
}

static int fill_exposed(const char *given, struct spec *spec, struct err *err)
{
	size_t len = strcspn(given, "/");
	OWN_FREE char *port = mem_strn(given, len);

	if (strchr(given, ':'))
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid port format for --expose: %s",
				  given);
	return add_range(port, given[len] ? given + len + 1 : "tcp", given,
			 spec, err);
}

/* ---- both ---- */

int run_fill_ports(const struct run_opts *o, struct spec *spec, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < o->publish.count && r == 0; i++)
		r = port_spec_parse(o->publish.items[i], &spec->ports, err);
	for (size_t i = 0; i < spec->ports.count && r == 0; i++)
		expose(spec, port_spec_inside(spec->ports.items[i]));
	for (size_t i = 0; i < o->expose.count && r == 0; i++)
		r = fill_exposed(o->expose.items[i], spec, err);
	spec->publish_all = o->publish_all;
	return r;
}
