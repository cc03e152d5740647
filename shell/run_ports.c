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
#include "runtime/base/parse.h"
#include "runtime/port_spec.h"
#include "runtime/spec.h"
#include "shell/run_fill.h"

static void expose(struct spec *spec, const char *port)
{
	if (!strs_has(&spec->exposed, port))
		strs_add(&spec->exposed, port);
}

/* ---- --expose ---- */

static int bad_range(const char *given, const char *why, struct err *err)
{
	return err_docker(err, ERR_BARE, EINVAL,
			  "invalid range format for --expose: %s, error: %s",
			  given, why);
}

/* One number, and what Go says of one that is none. */
static int read_port(const char *text, const char *given, int64_t *out,
		     struct err *err)
{
	bool digits = *text && strspn(text, "0123456789") == strlen(text);
	struct err ignored = { 0 };
	OWN_FREE char *why = NULL;

	if (digits && parse_int(text, 0, PORT_HIGHEST, out, &ignored) == 0)
		return 0;
	why = mem_fmt("strconv.ParseUint: parsing \"%s\": %s", text,
		      digits ? "value out of range" : "invalid syntax");
	return bad_range(given, why, err);
}

/* "80" or "8000-8010"; of more dashes the first two numbers count. Source:
 * docker/go-connections, nat/parse.go, ParsePortRange. */
static int read_range(const char *port, const char *given, int64_t *out_first,
		      int64_t *out_last, struct err *err)
{
	size_t len = strcspn(port, "-");
	OWN_FREE char *first = mem_strn(port, len);
	OWN_FREE char *last =
		port[len] ? mem_strn(port + len + 1,
				     strcspn(port + len + 1, "-")) :
			    mem_str(first);
	OWN_FREE char *wrong = NULL;
	int r;

	if (!*port)
		return bad_range(given, "Empty string specified for ports", err);
	r = read_port(first, given, out_first, err);
	if (r == 0)
		r = read_port(last, given, out_last, err);
	if (r < 0 || *out_first <= *out_last)
		return r;
	wrong = mem_fmt("Invalid range specified for the Port: %s", port);
	return bad_range(given, wrong, err);
}

static int add_range(const char *port, const char *proto, const char *given,
		     struct spec *spec, struct err *err)
{
	int64_t first;
	int64_t last;

	if (read_range(port, given, &first, &last, err) < 0)
		return -err->code;
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
