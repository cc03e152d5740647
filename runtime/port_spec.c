/* runtime/port_spec.c - see port_spec.h
 *
 * The order in which the parts are looked at is Docker's, since of two mistakes the
 * first is told: address, port of the container, port of the machine, protocol. */
#include "runtime/port_spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

struct range {
	int first;
	int last;
};

#define WRONG(err, ...) err_docker(err, ERR_BARE, EINVAL, __VA_ARGS__)

/* ---- numbers ---- */

/* Go's strconv.ParseUint(text, 10, 16): digits and nothing else. */
static bool read_number(const char *text, size_t len, int *out)
{
	long value = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
		if (value > PORT_HIGHEST)
			return false;
	}
	*out = (int)value;
	return true;
}

/* "80", "8000-8010"; Docker reads no further than to a second hyphen. */
static bool read_range(const char *text, struct range *out)
{
	size_t len = strcspn(text, "-");
	const char *second = text + len + 1;

	if (!read_number(text, len, &out->first))
		return false;
	out->last = out->first;
	if (!text[len])
		return true;
	return read_number(second, strcspn(second, "-"), &out->last) &&
	       out->last >= out->first;
}

/* ---- the address ---- */

static bool is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	       inet_pton(AF_INET6, text, bytes) == 1;
}

/* Why Go's net.SplitHostPort does not take `host` followed by ":"; NULL: it does. */
static const char *fault_of_host(const char *host)
{
	const char *end = strchr(host, ']');

	if (*host != '[') {
		if (strchr(host, ':'))
			return "too many colons in address";
		if (strchr(host, '['))
			return "unexpected '[' in address";
		return end ? "unexpected ']' in address" : NULL;
	}
	if (!end)
		return "missing ']' in address";
	if (end[1] == ':')
		return "too many colons in address";
	if (end[1])
		return "missing port in address";
	return strchr(host + 1, '[') ? "unexpected '[' in address" : NULL;
}

/* Takes the brackets off. */
static int read_host(const char *host, char out[PORT_IP_SIZE], struct err *err)
{
	const char *fault = fault_of_host(host);
	size_t len = strlen(host);
	OWN_FREE char *ip = NULL;

	if (fault)
		return WRONG(err, "Invalid ip address %s: address %s:: %s",
			     host, host, fault);
	ip = *host == '[' ? mem_strn(host + 1, len - 2) : mem_str(host);
	if (*ip && !is_address(ip))
		return WRONG(err, "Invalid ip address: %s", ip);
	snprintf(out, PORT_IP_SIZE, "%s", ip);
	return 0;
}

/* ---- the whole ---- */

/* host:port:inside/proto, each a string of its own. */
struct parts {
	char *ip;
	char *host;
	char *port;
	char *proto;
};

static void parts_done(struct parts *parts)
{
	free(parts->ip);
	free(parts->host);
	free(parts->port);
	free(parts->proto);
}

#define OWN_PARTS __attribute__((cleanup(parts_done)))

/* The last two colons count: an IPv6 address has colons of its own. */
static void cut(const char *text, struct parts *out)
{
	const char *last = strrchr(text, ':');
	const char *inside = last ? last + 1 : text;
	const char *before = last;
	size_t len = strcspn(inside, "/");

	while (before && before > text && before[-1] != ':')
		before--;
	out->host = last ? mem_strn(before, (size_t)(last - before))
			 : mem_str("");
	out->ip = last && before > text
			  ? mem_strn(text, (size_t)(before - text) - 1)
			  : mem_str("");
	out->port = mem_strn(inside, len);
	inside += len + (inside[len] ? 1 : 0);
	out->proto = mem_strn(inside, strcspn(inside, "/"));
	if (!*out->proto) {
		free(out->proto);
		out->proto = mem_str("tcp");
	}
}

static bool is_proto(const char *proto)
{
	return strcasecmp(proto, "tcp") == 0 || strcasecmp(proto, "udp") == 0 ||
	       strcasecmp(proto, "sctp") == 0;
}

/* An entry for each port of the container. Ports of the machine go along with
 * them, except where there is one of the former and many of the latter. */
static void add_entries(const struct parts *parts, const char *ip,
			struct range ports, struct range hosts,
			struct strs *out)
{
	bool any = *parts->host == '\0';
	bool choice = ports.first == ports.last && hosts.first != hosts.last;
	char proto[PORT_PROTO_SIZE];

	/* It was seen to be one of three words of letters. */
	snprintf(proto, sizeof(proto), "%s", parts->proto);
	for (size_t i = 0; proto[i]; i++)
		proto[i] = (char)(proto[i] | 0x20); /* lower case */
	for (int i = 0; i <= ports.last - ports.first; i++)
		if (any)
			strs_addf(out, "%s::%d/%s", ip, ports.first + i, proto);
		else if (choice)
			strs_addf(out, "%s:%d-%d:%d/%s", ip, hosts.first,
				  hosts.last, ports.first, proto);
		else
			strs_addf(out, "%s:%d:%d/%s", ip, hosts.first + i,
				  ports.first + i, proto);
}

static int parse(const char *text, struct strs *out, struct err *err)
{
	OWN_PARTS struct parts parts = { 0 };
	struct range ports = { 0 };
	struct range hosts = { 0 };
	char ip[PORT_IP_SIZE];

	cut(text, &parts);
	if (read_host(parts.ip, ip, err) < 0)
		return -err->code;
	if (!*parts.port)
		return WRONG(err, "No port specified: %s<empty>", text);
	if (!read_range(parts.port, &ports))
		return WRONG(err, "Invalid containerPort: %s", parts.port);
	if (*parts.host && !read_range(parts.host, &hosts))
		return WRONG(err, "Invalid hostPort: %s", parts.host);
	if (*parts.host && ports.last != ports.first &&
	    ports.last - ports.first != hosts.last - hosts.first)
		return WRONG(
			err,
			"Invalid ranges specified for container and host Ports: %s and %s",
			parts.port, parts.host);
	if (!is_proto(parts.proto))
		return WRONG(err, "Invalid proto: %s", parts.proto);
	add_entries(&parts, ip, ports, hosts, out);
	return 0;
}

/* "published=8080,target=80,protocol=udp" to "8080:80/udp"; given. */
static int from_words(const char *text, char **out, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs values = { 0 };
	const char *published;
	const char *target;

	strs_add(&values, "protocol=tcp");
	strs_split(&words, text, ',');
	for (size_t i = 0; i < words.count; i++) {
		char *word = words.items[i];
		char *equals = strchr(word, '=');

		if (!equals)
			return WRONG(
				err,
				"invalid publish opts format (should be name=value but got '%s')",
				word);
		equals[1 + strcspn(equals + 1, "=")] = '\0';
		strs_set_env(&values, word);
	}
	published = strs_get_env(&values, "published");
	target = strs_get_env(&values, "target");
	*out = mem_fmt("%s:%s/%s", published ? published : "",
		       target ? target : "", strs_get_env(&values, "protocol"));
	return 0;
}

int port_spec_parse(const char *text, struct strs *out, struct err *err)
{
	OWN_FREE char *standard = NULL;

	if (!strchr(text, '='))
		return parse(text, out, err);
	if (from_words(text, &standard, err) < 0)
		return -err->code;
	return parse(standard, out, err);
}

/* ---- entries ---- */

bool port_spec_read(const char *entry, struct port_spec *out)
{
	OWN_PARTS struct parts parts = { 0 };
	struct range port = { 0 };
	struct range host = { 0 };

	cut(entry, &parts);
	if (strlen(parts.ip) >= PORT_IP_SIZE || !is_proto(parts.proto) ||
	    (*parts.ip && !is_address(parts.ip)) ||
	    !read_range(parts.port, &port) || port.first != port.last ||
	    (*parts.host && !read_range(parts.host, &host)))
		return false;
	*out = (struct port_spec){
		.first = (uint16_t)host.first,
		.last = (uint16_t)host.last,
		.port = (uint16_t)port.first,
	};
	snprintf(out->ip, sizeof(out->ip), "%s", parts.ip);
	snprintf(out->proto, sizeof(out->proto), "%s", parts.proto);
	return true;
}

const char *port_spec_inside(const char *entry)
{
	const char *colon = strrchr(entry, ':');

	return colon ? colon + 1 : "";
}
