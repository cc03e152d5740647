/* runtime/dns_names.c - see dns_names.h */
#include "runtime/dns_names.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/state.h"

void dns_names_init(struct dns_names *names, const struct home *home,
		    const char *self)
{
	*names = (struct dns_names){ .home = home };
	snprintf(names->self, sizeof(names->self), "%s", self);
}

void dns_names_done(struct dns_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		container_done(&names->records[i].container);
	free(names->records);
	*names = (struct dns_names){ 0 };
}

/* ---- records ---- */

static struct dns_record *record_of(struct dns_names *names, const char *id)
{
	struct dns_record *added;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->records[i].id, id) == 0)
			return &names->records[i];
	names->records = mem_grow(names->records, names->count + 1,
				  sizeof(*names->records));
	added = &names->records[names->count++];
	*added = (struct dns_record){ 0 };
	memcpy(added->id, id, ID_LEN + 1);
	return added;
}

/* A record is replaced as a whole, so another file is another record. */
static bool refresh(struct dns_names *names, struct dns_record *record)
{
	struct err ignored = { 0 };
	OWN_FD int folder =
		state_open_folder(names->home, record->id, &ignored);
	struct stat st;
	int64_t changed;

	record->seen = true;
	if (folder < 0 || fstatat(folder, "state.json", &st, 0) < 0) {
		container_done(&record->container);
		record->file = 0;
		return true;
	}
	changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (record->file == st.st_ino && record->changed_ns == changed)
		return false;
	container_done(&record->container);
	record->file = st.st_ino;
	record->changed_ns = changed;
	if (state_read(folder, &record->container, &ignored) < 0)
		record->file = 0;
	return true;
}

static void forget_unseen(struct dns_names *names)
{
	for (size_t i = 0; i < names->count;) {
		struct dns_record *record = &names->records[i];

		if (record->seen) {
			record->seen = false;
			i++;
			continue;
		}
		container_done(&record->container);
		*record = names->records[--names->count];
	}
}

static void refresh_all(struct dns_names *names)
{
	struct err ignored = { 0 };
	OWN_FD int fd = fs_open_dir(names->home->fd, "containers", &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return;
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir)))
		if (strlen(entry->d_name) == ID_LEN &&
		    strspn(entry->d_name, "0123456789abcdef") == ID_LEN)
			(void)refresh(names, record_of(names, entry->d_name));
	forget_unseen(names);
}

/* The record of the one who asks, or NULL; borrowed until the next walk. */
static const struct container *self_of(struct dns_names *names)
{
	const struct dns_record *record = record_of(names, names->self);

	return record->file ? &record->container : NULL;
}

static void prepare(void *arg)
{
	struct dns_names *names = arg;
	struct dns_record *record = record_of(names, names->self);

	if (refresh(names, record) && record->file && names->changed)
		names->changed(names->arg, &record->container.spec);
}

/* Not asked of each, but of those that are found. */
static bool is_alive(struct dns_names *names, const struct container *c)
{
	struct err ignored = { 0 };
	OWN_FD int folder = state_open_folder(names->home, c->spec.id, &ignored);

	return folder >= 0 && state_is_locked(folder);
}

/* ---- names ---- */

/* Names are known on networks of the user's own only. */
static bool gives_names(const struct endpoint *e)
{
	return endpoint_is_up(e) && e->network_id && e->network &&
	       strcmp(e->network, "bridge") != 0;
}

/* Bytes of `name` up to the network's name, where that stands behind a dot at its
 * end; else all of them. */
static size_t without_network(const char *name, const char *network)
{
	size_t len = strlen(name);
	size_t tail = strlen(network);

	if (len > tail + 1 && name[len - tail - 1] == '.' &&
	    strcasecmp(name + len - tail, network) == 0)
		return len - tail - 1;
	return len;
}

static bool is_called(const char *called, const char *name, size_t len)
{
	return called && strlen(called) == len &&
	       strncasecmp(called, name, len) == 0;
}

static bool has_name(const struct container *c, const struct endpoint *e,
		     const char *name, size_t len)
{
	if (is_called(c->spec.name, name, len) ||
	    is_called(c->spec.hostname, name, len) ||
	    (len == SHORT_ID_LEN && strncasecmp(c->spec.id, name, len) == 0))
		return true;
	for (size_t i = 0; i < e->aliases.count; i++)
		if (is_called(e->aliases.items[i], name, len))
			return true;
	return false;
}

/* "first:foo": whoever asks for foo there means first. */
static const char *linked_name(const struct endpoint *own, const char *name,
			       size_t *len)
{
	for (size_t i = 0; i < own->links.count; i++) {
		const char *link = own->links.items[i];
		const char *colon = strchr(link, ':');

		if (colon && is_called(colon + 1, name, *len)) {
			*len = (size_t)(colon - link);
			return link;
		}
	}
	return name;
}

/* ---- answers ---- */

struct found {
	int family;
	union dns_address *out;
	size_t size;
	size_t count;
	bool known;
};

static void add_address(struct found *found, const struct endpoint *e)
{
	const char *text = found->family == AF_INET ? e->ip : e->ip6;

	found->known = true;
	if (text && found->count < found->size &&
	    inet_pton(found->family, text, &found->out[found->count]) == 1)
		found->count++;
}

/* Everybody of that name who is on the network of `own`. */
static void find_on(struct dns_names *names, const struct endpoint *own,
		    const char *asked, struct found *found)
{
	size_t len = without_network(asked, own->network);
	const char *name = linked_name(own, asked, &len);
	size_t whole = strlen(asked);

	for (size_t i = 0; i < names->count; i++) {
		const struct container *c = &names->records[i].container;
		const struct endpoint *e;

		if (!names->records[i].file || !container_has_monitor(c))
			continue;
		e = endpoints_find(&c->spec.networks, own->network_id);
		if (!e || !endpoint_is_up(e))
			continue;
		/* "a.mynet" may be what somebody is called, too. */
		if ((has_name(c, e, name, len) ||
		     has_name(c, e, asked, whole)) &&
		    is_alive(names, c))
			add_address(found, e);
	}
}

/* Of several each should get its share of those who ask. */
static void turn(union dns_address *addresses, size_t count)
{
	unsigned by = 0;

	if (count < 2 || getrandom(&by, sizeof(by), 0) < 0)
		return;
	for (by %= (unsigned)count; by; by--) {
		union dns_address first = addresses[0];

		memmove(addresses, addresses + 1,
			(count - 1) * sizeof(*addresses));
		addresses[count - 1] = first;
	}
}

static size_t find_name(void *arg, const char *name, int family,
			union dns_address *out, size_t size, bool *out_known)
{
	struct dns_names *names = arg;
	struct found found = { .family = family, .out = out, .size = size };
	const struct container *self;

	refresh_all(names);
	self = self_of(names);
	for (size_t i = 0; self && i < self->spec.networks.count; i++)
		if (gives_names(&self->spec.networks.items[i]))
			find_on(names, &self->spec.networks.items[i], name,
				&found);
	turn(out, found.count);
	*out_known = found.known;
	return found.count;
}

static bool is_at(const struct endpoint *e, int family,
		  const union dns_address *address)
{
	const char *text = family == AF_INET ? e->ip : e->ip6;
	union dns_address its;

	return text && inet_pton(family, text, &its) == 1 &&
	       memcmp(&its, address,
		      family == AF_INET ? sizeof(its.v4) : sizeof(its.v6)) == 0;
}

static bool find_address(void *arg, int family, const union dns_address *address,
			 char *out_name)
{
	struct dns_names *names = arg;
	const struct container *self;

	refresh_all(names);
	self = self_of(names);
	for (size_t n = 0; self && n < self->spec.networks.count; n++) {
		const struct endpoint *own = &self->spec.networks.items[n];

		for (size_t i = 0; gives_names(own) && i < names->count; i++) {
			const struct container *c =
				&names->records[i].container;
			const struct endpoint *e =
				names->records[i].file ?
					endpoints_find(&c->spec.networks,
						       own->network_id) :
					NULL;

			if (!e || !is_at(e, family, address) ||
			    !is_alive(names, c))
				continue;
			snprintf(out_name, DNS_MAX_NAME + 1, "%s.%s",
				 c->spec.name, own->network);
			return true;
		}
	}
	return false;
}

struct dns_source dns_names_source(struct dns_names *names)
{
	return (struct dns_source){ prepare, find_name, find_address, names };
}
