/* runtime/port_refusal.c - see port_refusal.h
 *
 * Docker has two sentences for a port that is taken: one where its own book says
 * so (another container has this very address and port), one where only the kernel
 * knows. The book here is the records of the containers.
 *
 * Source: moby libnetwork/portallocator, cmd/docker-proxy (20.10); for ports of
 * root's alone rootless-containers/rootlesskit. */
#include "runtime/port_refusal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/names.h"
#include "runtime/port_holder.h"
#include "runtime/port_spec.h"
#include "runtime/spec.h"

/* An address in two spellings, as Docker's two sentences have them. */
struct place {
	char ip[INET6_ADDRSTRLEN];
	int port;
	bool six;
};

static void read_place(const struct sockaddr_storage *address,
		       struct place *out)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	memcpy(&six, address, sizeof(six));
	memcpy(&four, address, sizeof(four));
	out->six = address->ss_family == AF_INET6;
	out->ip[0] = '\0';
	if (out->six)
		(void)inet_ntop(AF_INET6, &six.sin6_addr, out->ip,
				sizeof(out->ip));
	else
		(void)inet_ntop(AF_INET, &four.sin_addr, out->ip,
				sizeof(out->ip));
	out->port = ntohs(out->six ? six.sin6_port : four.sin_port);
}

/* Everything about ports begins with these words; the number of the endpoint is
 * its own where it has one yet. */
static int refuse(const struct spec *spec, int code, struct err *err,
		  const char *why)
{
	char id[ID_LEN + 1] = "";
	struct err ignored = { 0 };
	const char *given =
		spec->networks.count ? spec->networks.items[0].id : NULL;

	if (!given && names_random_id(id, &ignored) == 0)
		given = id;
	return err_docker(
		err, ERR_DAEMON, code,
		"driver failed programming external connectivity on endpoint %s (%s): %s",
		spec->name, given ? given : "", why);
}

static int say_allocated(const struct spec *spec, const struct place *place,
			 struct err *err)
{
	OWN_FREE char *why =
		mem_fmt("Bind for %s:%d failed: port is already allocated",
			place->ip, place->port);

	return refuse(spec, EADDRINUSE, err, why);
}

/* As Go words an error of the system: in small letters. */
static int say_refused(const struct spec *spec, const struct port_spec *port,
		       const struct place *place, int code, struct err *err)
{
	const char *text = strerrordesc_np(code);
	OWN_FREE char *why = mem_fmt(
		"Error starting userland proxy: listen %s%d %s%s%s:%d: bind: %c%s",
		port->proto, place->six ? 6 : 4, place->six ? "[" : "",
		place->ip, place->six ? "]" : "", place->port,
		text ? tolower((unsigned char)*text) : '?',
		text ? text + 1 : "");

	return refuse(spec, code, err, why);
}

/* ---- it is taken ---- */

bool port_refusal_is_held(const char *entry, const char *proto,
			  const struct sockaddr_storage *address)
{
	struct place place;
	struct port_spec held;

	read_place(address, &place);
	return port_spec_read(entry, &held) && held.first == place.port &&
	       strcmp(held.proto, proto) == 0 &&
	       strcmp(held.ip, place.ip) == 0;
}

/* An address of this family, or all of them, at the same port. */
static bool overlaps(const char *entry, const char *proto,
		     const struct place *place)
{
	struct port_spec held;
	const char *any = place->six ? "::" : "0.0.0.0";

	if (!port_spec_read(entry, &held) || held.first != place->port ||
	    strcmp(held.proto, proto) != 0)
		return false;
	return strcmp(held.ip, place->ip) == 0 || strcmp(held.ip, any) == 0 ||
	       (strcmp(place->ip, any) == 0 &&
		(strchr(held.ip, ':') != NULL) == place->six);
}

enum held { NOT_HELD, HELD_BESIDE, HELD_THERE };

static enum held held_by(const struct container *c,
			 const struct port_spec *port,
			 const struct sockaddr_storage *address)
{
	struct place place;

	read_place(address, &place);
	for (size_t i = 0; i < c->published.count; i++) {
		const char *entry = c->published.items[i];

		if (port_refusal_is_held(entry, port->proto, address))
			return HELD_THERE;
		if (overlaps(entry, port->proto, &place))
			return HELD_BESIDE;
	}
	return NOT_HELD;
}

static int hint_container(const char *name, struct err *err)
{
	return err_hint(
		err,
		_("the container '%s' has it: stop that one, or choose another port of the machine"),
		name);
}

static int hint_process(const struct port_holder *holder, struct err *err)
{
	if (holder->pid)
		return err_hint(
			err,
			_("the program '%s' (process %d) has it: end it, or choose another port of the machine"),
			holder->name, holder->pid);
	return err_hint(
		err,
		_("a program of the user with the number %u has it: choose another port of the machine"),
		holder->uid);
}

/* A container whose start is under way has the port before its record says so;
 * its process is seen, though, by its name. */
static int say_taken(const struct home *home, const struct spec *spec,
		     const struct port_spec *port,
		     const struct sockaddr_storage *address, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	struct place place;
	struct port_holder holder;

	read_place(address, &place);
	(void)container_list(home, &all, &ignored);
	for (size_t i = 0; i < all.count; i++) {
		enum held held = held_by(&all.items[i], port, address);

		if (held == NOT_HELD ||
		    strcmp(all.items[i].spec.id, spec->id) == 0)
			continue;
		if (held == HELD_THERE)
			(void)say_allocated(spec, &place, err);
		else
			(void)say_refused(spec, port, &place, EADDRINUSE, err);
		return hint_container(all.items[i].spec.name, err);
	}
	if (!port_holder_find(address, strcmp(port->proto, "udp") == 0,
			      &holder))
		return say_refused(spec, port, &place, EADDRINUSE, err);
	if (strncmp(holder.name, "dsh-", strlen("dsh-")) == 0)
		(void)say_allocated(spec, &place, err);
	else
		(void)say_refused(spec, port, &place, EADDRINUSE, err);
	return hint_process(&holder, err);
}

/* ---- the others ---- */

int port_refusal_lowest(void)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	if (fs_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start",
		    64, &text, &ignored) < 0)
		return IPPORT_RESERVED;
	return (int)strtol(buf_text(&text), NULL, 10);
}

static int say_forbidden(const struct spec *spec, const struct port_spec *port,
			 const struct place *place, struct err *err)
{
	int lowest = port_refusal_lowest();
	OWN_FREE char *why = mem_fmt(
		"Error starting userland proxy: error while calling PortManager.AddPort(): cannot expose privileged port %d, you can add 'net.ipv4.ip_unprivileged_port_start=%d' to /etc/sysctl.conf (currently %d), or choose a larger port number (>= %d): listen %s%d %s%s%s:%d: bind: permission denied",
		place->port, place->port, lowest, lowest, port->proto,
		place->six ? 6 : 4, place->six ? "[" : "", place->ip,
		place->six ? "]" : "", place->port);

	(void)refuse(spec, EACCES, err, why);
	return err_hint(
		err,
		_("ports below %d are root's on this machine: take a higher one, as in -p %d:%d, or let root run: sysctl net.ipv4.ip_unprivileged_port_start=%d"),
		lowest, place->port + 8000, port->port, place->port);
}

int port_refusal(const struct home *home, const struct spec *spec,
		 const struct port_spec *port,
		 const struct sockaddr_storage *address, int code,
		 struct err *err)
{
	struct place place;

	read_place(address, &place);
	if (code == EADDRINUSE)
		return say_taken(home, spec, port, address, err);
	if (code == EACCES && place.port < port_refusal_lowest())
		return say_forbidden(spec, port, &place, err);
	(void)say_refused(spec, port, &place, code, err);
	if (code == EADDRNOTAVAIL)
		return err_hint(
			err,
			_("%s is no address of this machine: `ip address` lists them; without one the port is reached at all of them"),
			place.ip);
	if (code == EMFILE || code == ENFILE)
		return err_hint(
			err,
			_("each published port takes a descriptor or two: publish fewer, or raise the limit (ulimit -n)"));
	return -err->code;
}

int port_refusal_twice(const struct spec *spec,
		       const struct sockaddr_storage *address,
		       struct err *err)
{
	struct place place;

	read_place(address, &place);
	(void)say_allocated(spec, &place, err);
	return err_hint(err,
			_("this container asks for it twice: leave one -p out"));
}

int port_refusal_none_left(const struct spec *spec, struct err *err)
{
	return refuse(spec, EADDRINUSE, err, "all ports are allocated");
}

int port_refusal_sctp(const struct spec *spec, struct err *err)
{
	err_set(err, EPROTONOSUPPORT,
		_("the container '%s' publishes a port of SCTP, and only TCP and UDP are carried here"),
		spec->name);
	return err_hint(err, _("leave /sctp out of -p"));
}
