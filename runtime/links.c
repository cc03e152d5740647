/* runtime/links.c - see links.h
 *
 * Who links to a container stands in its folder, in `linked-by`: one id a line, added
 * when the other one starts. So a start that nobody links to, nearly all, asks for
 * one file that is not there and is done. */
#include "runtime/links.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/names.h"
#include "runtime/spec.h"
#include "runtime/state.h"

enum { MAX_HOSTS = 1 << 20, MAX_LINKED = 1 << 20 };

#define USUAL "bridge"

/* One link: of whom, by which name. alias is borrowed. */
struct link {
	struct container other;
	const char *alias;
};

const struct strs *links_of(const struct spec *spec)
{
	static const struct strs none;
	const struct endpoint *e = endpoints_find(&spec->networks, USUAL);

	return e ? &e->links : &none;
}

/* "<id>:alias". */
static int read_link(const struct home *home, const char *text,
		     struct link *out, struct err *err)
{
	size_t len = strcspn(text, ":");
	OWN_FREE char *id = mem_strn(text, len);

	out->alias = text[len] ? text + len + 1 : text;
	return container_find(home, id, &out->other, err);
}

/* ---- variables ---- */

struct port {
	int number;
	const char *proto; /* borrowed */
};

static int by_port(const void *a, const void *b)
{
	const struct port *x = a;
	const struct port *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcasecmp(x->proto, "tcp") == 0 ? -1 : 1;
}

static struct port *sorted_ports(const struct strs *exposed)
{
	struct port *ports = mem_zero(exposed->count + 1, sizeof(*ports));

	for (size_t i = 0; i < exposed->count; i++) {
		const char *slash = strchr(exposed->items[i], '/');

		ports[i].number = (int)strtol(exposed->items[i], NULL, 10);
		ports[i].proto = slash ? slash + 1 : "tcp";
	}
	qsort(ports, exposed->count, sizeof(*ports), by_port);
	return ports;
}

static char *upper(const char *text)
{
	char *out = mem_str(text);

	for (char *c = out; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return out;
}

/* The last of a row of ports without a gap, as Docker counts it. */
static size_t end_of_row(const struct port *ports, size_t count, size_t i)
{
	int value = ports[i].number;

	for (size_t j = i + 1; j < count; j++, value++)
		if (ports[j].number > value + 1)
			return j - 1;
	return count - 1;
}

/* A row of three and more is named as one, too. */
static void add_rows(struct strs *env, const char *name, const char *ip,
		     const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count;) {
		size_t j = end_of_row(ports, count, i);
		const struct port *p = &ports[i];
		const struct port *q = &ports[j];
		OWN_FREE char *proto = upper(p->proto);
		OWN_FREE char *last = upper(q->proto);

		if (j <= i + 1) {
			i++;
			continue;
		}
		strs_addf(env, "%s_PORT_%d_%s_START=%s://%s:%d", name,
			  p->number, proto, p->proto, ip, p->number);
		strs_addf(env, "%s_PORT_%d_%s_ADDR=%s", name, p->number, proto,
			  ip);
		strs_addf(env, "%s_PORT_%d_%s_PROTO=%s", name, p->number, proto,
			  p->proto);
		strs_addf(env, "%s_PORT_%d_%s_PORT_START=%d", name, p->number,
			  proto, p->number);
		strs_addf(env, "%s_PORT_%d_%s_END=%s://%s:%d", name, p->number,
			  last, q->proto, ip, q->number);
		strs_addf(env, "%s_PORT_%d_%s_PORT_END=%d", name, p->number,
			  last, q->number);
		i = j + 1;
	}
}

static void add_ports(struct strs *env, const char *name, const char *ip,
		      const struct strs *exposed)
{
	size_t count = exposed->count;
	OWN_FREE struct port *ports = sorted_ports(exposed);

	if (count)
		strs_addf(env, "%s_PORT=%s://%s:%d", name, ports[0].proto, ip,
			  ports[0].number);
	add_rows(env, name, ip, ports, count);
	for (size_t i = 0; i < count; i++) {
		const struct port *p = &ports[i];
		OWN_FREE char *proto = upper(p->proto);

		strs_addf(env, "%s_PORT_%d_%s=%s://%s:%d", name, p->number,
			  proto, p->proto, ip, p->number);
		strs_addf(env, "%s_PORT_%d_%s_ADDR=%s", name, p->number, proto,
			  ip);
		strs_addf(env, "%s_PORT_%d_%s_PORT=%d", name, p->number, proto,
			  p->number);
		strs_addf(env, "%s_PORT_%d_%s_PROTO=%s", name, p->number, proto,
			  p->proto);
	}
}

static void add_environment(struct strs *env, const struct spec *spec,
			    const struct link *link, const char *ip)
{
	OWN_FREE char *name = upper(link->alias);
	const struct spec *other = &link->other.spec;

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	add_ports(env, name, ip, &other->exposed);
	strs_addf(env, "%s_NAME=/%s/%s", name, spec->name, link->alias);
	for (size_t i = 0; i < other->env.count; i++) {
		const char *item = other->env.items[i];

		if (strchr(item, '=') && strncmp(item, "PATH=", 5) != 0 &&
		    strncmp(item, "HOME=", 5) != 0)
			strs_addf(env, "%s_ENV_%s", name, item);
	}
}

/* ---- hosts ---- */

static void add_host(struct buf *hosts, const struct link *link,
		     const char *ip)
{
	const struct spec *other = &link->other.spec;

	buf_fmt(hosts, "%s\t%s %s", ip, link->alias, other->hostname);
	if (strcmp(link->alias, other->name) != 0)
		buf_fmt(hosts, " %s", other->name);
	buf_char(hosts, '\n');
}

static int add_link(const struct spec *spec, const struct link *link,
		    struct buf *hosts, struct strs *env, struct err *err)
{
	const struct spec *other = &link->other.spec;
	const struct endpoint *e = endpoints_find(&other->networks, USUAL);

	if (!spec_is_networked(other) ||
	    (!e && (other->networks.count || other->parted)))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"Cannot link to /%s, as it does not belong to the default network",
			other->name);
	if (!container_has_monitor(&link->other) || !e || !e->ip)
		return err_docker(
			err, ERR_DAEMON, ESRCH,
			"Cannot link to a non running container: /%s AS /%s/%s",
			other->name, spec->name, link->alias);
	if (hosts)
		add_host(hosts, link, e->ip);
	if (env)
		add_environment(env, spec, link, e->ip);
	return 0;
}

int links_resolve(const struct home *home, const struct spec *spec,
		  struct buf *hosts, struct strs *env, struct err *err)
{
	const struct strs *links = links_of(spec);
	int r = 0;

	for (size_t i = 0; i < links->count && r == 0; i++) {
		struct link link = { 0 };
		struct err gone = { 0 };

		/* One that was removed took its link with it. */
		if (read_link(home, links->items[i], &link, &gone) == 0)
			r = add_link(spec, &link, hosts, env, err);
		container_done(&link.other);
	}
	return r;
}

void links_environment(const struct home *home, const struct spec *spec,
		       struct strs *env)
{
	const struct strs *links = links_of(spec);

	for (size_t i = 0; i < links->count; i++) {
		struct link link = { 0 };
		struct err ignored = { 0 };

		if (read_link(home, links->items[i], &link, &ignored) == 0)
			(void)add_link(spec, &link, NULL, env, &ignored);
		container_done(&link.other);
	}
}

/* ---- who links to whom ---- */

void links_note(const struct home *home, const struct spec *spec)
{
	const struct strs *links = links_of(spec);

	for (size_t i = 0; i < links->count; i++) {
		struct link link = { 0 };
		struct err ignored = { 0 };
		OWN_BUF struct buf text = { 0 };
		OWN_FD int folder = -1;
		OWN_FD int fd = -1;

		if (read_link(home, links->items[i], &link, &ignored) == 0)
			folder = state_open_folder(home, link.other.spec.id,
						   &ignored);
		container_done(&link.other);
		if (folder < 0)
			continue;
		(void)fs_read(folder, "linked-by", MAX_LINKED, &text, &ignored);
		if (strstr(buf_text(&text), spec->id))
			continue;
		fd = openat(folder, "linked-by",
			    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		buf_clear(&text);
		buf_fmt(&text, "%s\n", spec->id);
		if (fd >= 0) /* a full disk: its hosts will not follow */
			(void)fs_write_all(fd, text.data, text.len);
	}
}

/* The lines that name this alias get the new address (NULL: they go), all others
 * stay. */
static void set_address(const char *text, const char *alias, const char *ip,
			struct buf *out)
{
	OWN_STRS struct strs lines = { 0 };
	size_t len = strlen(alias);

	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];
		const char *tab = strchr(line, '\t');

		if (!tab || strncmp(tab + 1, alias, len) != 0 ||
		    (tab[1 + len] != ' ' && tab[1 + len] != '\0'))
			buf_fmt(out, "%s\n", line);
		else if (ip)
			buf_fmt(out, "%s%s\n", ip, tab);
	}
}

static void rewrite_hosts(int folder, const char *alias, const char *ip)
{
	OWN_FD int fd = openat(folder, "hosts",
			       O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	OWN_BUF struct buf old = { 0 };
	OWN_BUF struct buf now = { 0 };
	struct err ignored = { 0 };

	if (fd < 0 || flock(fd, LOCK_EX) < 0 ||
	    fs_read(folder, "hosts", MAX_HOSTS, &old, &ignored) < 0)
		return;
	set_address(buf_text(&old), alias, ip, &now);
	/* Rewritten, not replaced: the container's mount shows this file. */
	if (strcmp(buf_text(&old), buf_text(&now)) != 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0)
		(void)fs_write_all(fd, now.data, now.len);
}

static void tell(const struct home *home, const char *id,
		 const struct spec *spec, const char *ip)
{
	struct err ignored = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder = state_open_folder(home, id, &ignored);
	const struct strs *links;

	if (folder < 0 || state_read(folder, &c, &ignored) < 0)
		return;
	links = links_of(&c.spec);
	for (size_t i = 0; i < links->count; i++) {
		const char *link = links->items[i];

		if (strncmp(link, spec->id, ID_LEN) == 0 &&
		    link[ID_LEN] == ':')
			rewrite_hosts(folder, link + ID_LEN + 1, ip);
	}
}

void links_follow(const struct home *home, int folder_fd,
		  const struct spec *spec)
{
	const struct endpoint *e = endpoints_find(&spec->networks, USUAL);
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs ids = { 0 };
	struct err ignored = { 0 };

	if (!e || !e->ip ||
	    fs_read(folder_fd, "linked-by", MAX_LINKED, &text, &ignored) < 0)
		return;
	strs_split(&ids, buf_text(&text), '\n');
	for (size_t i = 0; i < ids.count; i++)
		if (strlen(ids.items[i]) == ID_LEN)
			tell(home, ids.items[i], spec, e->ip);
}

/* ---- no more ---- */

struct removal {
	const char *alias;
	bool found;
};

static bool take_link(struct container *c, void *arg)
{
	struct removal *removal = arg;
	struct endpoint *e = endpoints_find(&c->spec.networks, USUAL);

	for (size_t i = 0; e && i < e->links.count && !removal->found; i++) {
		const char *colon = strchr(e->links.items[i], ':');

		if (!colon || strcmp(colon + 1, removal->alias) != 0)
			continue;
		strs_remove(&e->links, i);
		removal->found = true;
	}
	return removal->found;
}

int links_remove(const struct home *home, const char *id, const char *alias,
		 struct err *err)
{
	struct removal removal = { alias, false };
	OWN_FD int folder = state_open_folder(home, id, err);
	int r = folder < 0 ? folder :
			     state_change(folder, take_link, &removal, err);

	if (r < 0)
		return r;
	if (!removal.found)
		return err_set(err, ENOENT, _("there is no link '%s'"), alias);
	monitor_tell_changed(home, id);
	rewrite_hosts(folder, alias, NULL);
	return 0;
}
