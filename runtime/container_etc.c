/* runtime/container_etc.c - hosts, hostname and resolv.conf of a container.
 *
 * Written at each start into containers/<id>, from where they are mounted, by the
 * monitor: names and addresses are given by the runtime, not by the image. What
 * resolv.conf says is resolv.h's. */
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
#include "runtime/dns.h"
#include "runtime/dns_helper.h"
#include "runtime/endpoint.h"
#include "runtime/links.h"
#include "runtime/namespaces.h"
#include "runtime/resolv.h"
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

/* The address of --add-host. "host-gateway" is the machine, as the container reaches
 * it: its network's gateway. */
static const char *address_of(const struct spec *spec, const char *given)
{
	if (strcmp(given, "host-gateway") != 0)
		return given;
	for (size_t i = 0; i < spec->networks.count; i++)
		if (spec->networks.items[i].gateway)
			return spec->networks.items[i].gateway;
	return "127.0.0.1";
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

		buf_fmt(text, "%s\t%.*s\n", address_of(spec, item + len + 1),
			(int)len, item);
	}
}

/* What it is called itself: "foobar.example.com" by its first word, too. Given. */
static char *own_names(const struct spec *spec)
{
	const char *domain = spec->domainname ? spec->domainname : "";
	OWN_FREE char *full = *domain ?
				      mem_fmt("%s.%s", spec->hostname, domain) :
				      mem_str(spec->hostname);
	size_t first = strcspn(full, ".");

	return full[first] ? mem_fmt("%s %.*s", full, (int)first, full) :
			     mem_str(full);
}

/* One line for each of its addresses. */
static void add_own(struct buf *text, const struct spec *spec)
{
	OWN_FREE char *names = own_names(spec);

	for (size_t i = 0; i < spec->networks.count; i++) {
		const struct endpoint *e = &spec->networks.items[i];

		if (e->ip)
			buf_fmt(text, "%s\t%s\n", e->ip, names);
		if (e->ip6)
			buf_fmt(text, "%s\t%s\n", e->ip6, names);
	}
}

int container_files_write_etc(const struct home *home, int folder_fd,
			      struct spec *spec, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r;

	strs_clear(&spec->link_env);
	add_hosts(&text, spec);
	r = links_resolve(home, spec, &text, &spec->link_env, err);
	if (r < 0)
		return r;
	add_own(&text, spec);
	r = write_file(folder_fd, "hosts", &text, err);
	if (r < 0)
		return r;
	buf_clear(&text);
	buf_fmt(&text, "%s\n", spec->hostname);
	r = write_file(folder_fd, "hostname", &text, err);
	if (r < 0)
		return r;
	buf_clear(&text);
	resolv_write(spec, dns_helper_is_wanted(spec), &text);
	return write_file(folder_fd, "resolv.conf", &text, err);
}

/* ---- while it runs ---- */

/* All lines but those that say what it is called itself. */
static void add_others(struct buf *text, const char *old,
		       const struct spec *spec)
{
	OWN_FREE char *names = own_names(spec);
	OWN_STRS struct strs lines = { 0 };

	strs_split(&lines, old, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *tab = strchr(lines.items[i], '\t');

		if (!tab || strcmp(tab + 1, names) != 0)
			buf_fmt(text, "%s\n", lines.items[i]);
	}
}

int container_files_follow_networks(int folder_fd, const struct spec *spec,
				    struct err *err)
{
	OWN_BUF struct buf old = { 0 };
	OWN_BUF struct buf text = { 0 };
	int r = fs_read(folder_fd, "hosts", MAX_ETC, &old, err);

	if (r < 0)
		return r;
	add_others(&text, buf_text(&old), spec);
	add_own(&text, spec);
	r = write_file(folder_fd, "hosts", &text, err);
	if (r < 0 || !dns_helper_is_wanted(spec))
		return r;
	buf_clear(&old);
	buf_clear(&text);
	r = fs_read(folder_fd, "resolv.conf", MAX_ETC, &old, err);
	if (r < 0 || strstr(buf_text(&old), "nameserver " DNS_ADDRESS))
		return r;
	resolv_write(spec, true, &text);
	return write_file(folder_fd, "resolv.conf", &text, err);
}
