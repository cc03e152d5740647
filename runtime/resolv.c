/* runtime/resolv.c - see resolv.h */
#include "runtime/resolv.h"

#include <fcntl.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/dns.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"

enum { MAX_RESOLV = 1 << 20 };

static void read_file(const char *path, struct buf *out)
{
	struct err ignored = { 0 }; /* a machine without name servers gives none */

	(void)fs_read(AT_FDCWD, path, MAX_RESOLV, out, &ignored);
}

/* The words behind "nameserver", "search" or "options"; of the latter two the last
 * line counts. */
static void words_of(const char *text, const char *kind, struct strs *out)
{
	OWN_STRS struct strs lines = { 0 };
	size_t len = strlen(kind);

	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *line = lines.items[i] + strspn(lines.items[i], " \t");
		char *rest = line + len;

		if (strncmp(line, kind, len) != 0 ||
		    (*rest != ' ' && *rest != '\t'))
			continue;
		if (strcmp(kind, "nameserver") != 0)
			strs_clear(out);
		for (char *word; (word = strsep(&rest, " \t"));)
			if (*word)
				strs_add(out, word);
	}
}

static bool is_local(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Where systemd asks for the machine, its file names only itself; whom it asks stands
 * in another one. */
static void read_machine(struct buf *out)
{
	OWN_STRS struct strs servers = { 0 };

	read_file("/etc/resolv.conf", out);
	words_of(buf_text(out), "nameserver", &servers);
	if (servers.count == 1 && strcmp(servers.items[0], "127.0.0.53") == 0) {
		OWN_BUF struct buf real = { 0 };

		read_file("/run/systemd/resolve/resolv.conf", &real);
		if (real.len) {
			buf_clear(out);
			buf_add(out, real.data, real.len);
		}
	}
}

void resolv_servers(struct strs *out)
{
	OWN_BUF struct buf text = { 0 };

	read_file("/etc/resolv.conf", &text);
	words_of(buf_text(&text), "nameserver", out);
}

bool resolv_has_ndots(const struct strs *options)
{
	for (size_t i = 0; i < options->count; i++)
		if (strncmp(options->items[i], "ndots:", 6) == 0)
			return true;
	return false;
}

/* ---- a container's ---- */

struct parts {
	struct strs servers;
	struct strs search;
	struct strs options;
};

static void parts_done(struct parts *parts)
{
	strs_done(&parts->servers);
	strs_done(&parts->search);
	strs_done(&parts->options);
}

static void add_joined(struct buf *out, const char *kind,
		       const struct strs *words)
{
	OWN_FREE char *joined = strs_join(words, " ");

	if (words->count)
		buf_fmt(out, "%s %s\n", kind, joined);
}

static void write_parts(const struct parts *parts, struct buf *out)
{
	/* A search list of just "." is none. */
	if (parts->search.count != 1 || strcmp(parts->search.items[0], ".") != 0)
		add_joined(out, "search", &parts->search);
	for (size_t i = 0; i < parts->servers.count; i++)
		buf_fmt(out, "nameserver %s\n", parts->servers.items[i]);
	add_joined(out, "options", &parts->options);
}

static void choose(struct strs *out, const struct strs *given,
		   const char *machine, const char *kind)
{
	if (given->count)
		strs_copy(out, given);
	else
		words_of(machine, kind, out);
}

/* A server at the machine's own lo is none for a container, whose lo is another; and
 * the container's network is one of IPv4. Where none is left, Docker's two. */
static void write_filtered(const char *machine, struct buf *out)
{
	OWN_STRS struct strs lines = { 0 };
	bool any = false;

	strs_split(&lines, machine, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		OWN_STRS struct strs server = { 0 };

		words_of(lines.items[i], "nameserver", &server);
		if (server.count && (is_local(server.items[0]) ||
				     strchr(server.items[0], ':')))
			continue;
		any = any || server.count;
		buf_fmt(out, "%s\n", lines.items[i]);
	}
	if (!any)
		buf_str(out, "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
}

void resolv_write(const struct spec *spec, bool named, struct buf *out)
{
	OWN_BUF struct buf machine = { 0 };
	struct parts parts = { 0 };
	bool given = spec->dns.count || spec->dns_search.count ||
		     spec->dns_options.count;

	if (namespaces_is_host(spec->network_mode))
		read_file("/etc/resolv.conf", &machine);
	else
		read_machine(&machine);
	choose(&parts.search, &spec->dns_search, buf_text(&machine), "search");
	choose(&parts.options, &spec->dns_options, buf_text(&machine),
	       "options");
	if (named) {
		strs_add(&parts.servers, DNS_ADDRESS);
		/* The names of containers have no dot. */
		if (!resolv_has_ndots(&parts.options))
			strs_add(&parts.options, "ndots:0");
	} else {
		choose(&parts.servers, &spec->dns, buf_text(&machine),
		       "nameserver");
	}
	if (named || given)
		write_parts(&parts, out);
	else if (spec_is_networked(spec))
		write_filtered(buf_text(&machine), out);
	else
		buf_add(out, buf_text(&machine), machine.len);
	parts_done(&parts);
}
