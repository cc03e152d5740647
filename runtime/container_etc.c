/* runtime/container_etc.c - hosts, hostname and resolv.conf of a container.
 *
 * Written at each start into containers/<id>, from where they are mounted: names
 * and addresses are given by the runtime, not by the image. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container_files.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"

enum { MAX_ETC = 1 << 20 };

static int write_file(int folder_fd, const char *name, const struct buf *text,
		      struct err *err)
{
	/* Not replaced but rewritten: a running container's mount of it keeps
	 * showing this file. */
	OWN_FD int fd =
		fs_open(folder_fd, name,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644, err);
	int r;

	if (fd < 0)
		return fd;
	r = fs_write_all(fd, buf_text(text), text->len);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "write %s", name);
	}
	return 0;
}

static void add_usual_hosts(struct buf *text)
{
	buf_str(text, "127.0.0.1\tlocalhost\n"
		      "::1\tlocalhost ip6-localhost ip6-loopback\n"
		      "fe00::0\tip6-localnet\n"
		      "ff00::0\tip6-mcastprefix\n"
		      "ff02::1\tip6-allnodes\n"
		      "ff02::2\tip6-allrouters\n");
}

/* "name:address", of which the address may hold colons too. */
static void add_hosts(struct buf *text, const struct spec *spec)
{
	struct err ignored = { 0 };

	if (!namespaces_is_host(spec->network_mode) ||
	    fs_read(AT_FDCWD, "/etc/hosts", MAX_ETC, text, &ignored) < 0)
		add_usual_hosts(text);
	for (size_t i = 0; i < spec->extra_hosts.count; i++) {
		const char *item = spec->extra_hosts.items[i];
		size_t len = strcspn(item, ":");

		buf_fmt(text, "%s\t%.*s\n", item + len + 1, (int)len, item);
	}
}

/* Adds the machine's own lines of one kind: "nameserver", "search", "options". */
static void add_lines_of(struct buf *text, const struct strs *lines,
			 const char *kind)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < lines->count; i++) {
		const char *line = lines->items[i];

		if (strncmp(line, kind, len) == 0 &&
		    (line[len] == ' ' || line[len] == '\t'))
			buf_fmt(text, "%s\n", line);
	}
}

static void add_joined(struct buf *text, const char *kind,
		       const struct strs *words)
{
	OWN_FREE char *joined = strs_join(words, " ");

	buf_fmt(text, "%s %s\n", kind, joined);
}

/* What the user gave of a kind replaces all that the machine has of it; a search
 * list of just "." is none. Source: Docker's libnetwork/resolvconf, Build. */
static void add_resolver(struct buf *text, const struct spec *spec)
{
	OWN_BUF struct buf machine = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 };

	/* A machine without name servers gives none. */
	(void)fs_read(AT_FDCWD, "/etc/resolv.conf", MAX_ETC, &machine,
		      &ignored);
	if (!spec->dns.count && !spec->dns_search.count &&
	    !spec->dns_options.count) {
		buf_add(text, buf_text(&machine), machine.len);
		return;
	}
	strs_split(&lines, buf_text(&machine), '\n');
	if (!spec->dns_search.count)
		add_lines_of(text, &lines, "search");
	else if (spec->dns_search.count > 1 ||
		 strcmp(spec->dns_search.items[0], ".") != 0)
		add_joined(text, "search", &spec->dns_search);
	for (size_t i = 0; i < spec->dns.count; i++)
		buf_fmt(text, "nameserver %s\n", spec->dns.items[i]);
	if (!spec->dns.count)
		add_lines_of(text, &lines, "nameserver");
	if (spec->dns_options.count)
		add_joined(text, "options", &spec->dns_options);
	else
		add_lines_of(text, &lines, "options");
}

int container_files_write_etc(int folder_fd, const struct spec *spec,
			      struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	add_hosts(&text, spec);
	r = write_file(folder_fd, "hosts", &text, err);
	if (r < 0)
		return r;
	buf_clear(&text);
	buf_fmt(&text, "%s\n", spec->hostname);
	r = write_file(folder_fd, "hostname", &text, err);
	if (r < 0)
		return r;
	buf_clear(&text);
	add_resolver(&text, spec);
	return write_file(folder_fd, "resolv.conf", &text, err);
}
