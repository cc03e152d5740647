/* runtime/network.c - see network.h
 *
 * A record is one JSON object; the table below is its only description. It is
 * replaced as a whole (temporary name, rename), so a reader sees the old or the new
 * one. The three built-in ones are made when somebody asks for the first time. */
#include "runtime/network.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/network_parts.h"
#include "runtime/spec.h"
#include "runtime/state_json.h"

enum { MAX_RECORD = 1 << 20 };

enum kind { TEXT, LIST, INT64, BOOL };

#define AT(kind, key, member) { key, kind, offsetof(struct network, member) }

static const struct field {
	const char *key;
	enum kind kind;
	size_t offset;
} fields[] = {
	AT(TEXT, "id", id),
	AT(TEXT, "name", name),
	AT(TEXT, "driver", driver),
	AT(TEXT, "subnet", subnet),
	AT(TEXT, "gateway", gateway),
	AT(TEXT, "ipRange", ip_range),
	AT(TEXT, "subnet6", subnet6),
	AT(TEXT, "gateway6", gateway6),
	AT(TEXT, "ipRange6", ip_range6),
	AT(TEXT, "ipamDriver", ipam_driver),
	AT(LIST, "aux", aux),
	AT(LIST, "options", options),
	AT(LIST, "ipamOptions", ipam_options),
	AT(LIST, "labels", labels),
	AT(INT64, "created", created_ns),
	AT(BOOL, "internal", internal),
	AT(BOOL, "ipv6", ipv6),
	AT(BOOL, "attachable", attachable),
	AT(BOOL, "chosen", chosen),
	AT(BOOL, "askedGateway", asked_gateway),
	AT(BOOL, "askedGateway6", asked_gateway6),
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static const struct built_in {
	const char *name;
	const char *driver;
} built_ins[] = {
	{ "bridge", "bridge" },
	{ "host", "host" },
	{ "none", "null" },
};

enum { BUILT_INS = sizeof(built_ins) / sizeof(built_ins[0]) };

void network_done(struct network *network)
{
	for (size_t i = 0; i < FIELDS; i++) {
		void *at = (char *)network + fields[i].offset;

		if (fields[i].kind == TEXT)
			free(*(char **)at);
		else if (fields[i].kind == LIST)
			strs_done(at);
	}
	*network = (struct network){ 0 };
}

void networks_done(struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++)
		network_done(&networks->items[i]);
	free(networks->items);
	*networks = (struct networks){ 0 };
}

static bool is_built_in_name(const char *name)
{
	for (size_t i = 0; i < BUILT_INS; i++)
		if (strcmp(built_ins[i].name, name) == 0)
			return true;
	return false;
}

bool network_is_built_in(const struct network *network)
{
	return is_built_in_name(network->name);
}

const char *network_of_mode(const struct spec *spec)
{
	const char *mode = spec->network_mode;

	if (!mode || strcmp(mode, "default") == 0)
		return "bridge";
	return strncmp(mode, "container:", 10) == 0 ? NULL : mode;
}

bool network_has(const struct network *network, const struct endpoint *endpoint)
{
	if (endpoint->network_id)
		return strcmp(endpoint->network_id, network->id) == 0;
	return endpoint->network &&
	       (strcmp(endpoint->network, network->name) == 0 ||
		(*endpoint->network && strncmp(endpoint->network, network->id,
					       strlen(endpoint->network)) == 0));
}

/* ---- one record ---- */

static json_t *field_to_json(enum kind kind, const void *at)
{
	const char *text;

	switch (kind) {
	case TEXT:
		text = *(char *const *)at;
		return text ? state_json_text(text) : NULL;
	case LIST:
		return ((const struct strs *)at)->count ? state_json_list(at) :
							  NULL;
	case INT64:
		return json_integer(*(const int64_t *)at);
	case BOOL:
		return *(const bool *)at ? json_true() : NULL;
	}
	return NULL;
}

static void field_from_json(enum kind kind, const json_t *value, void *at)
{
	switch (kind) {
	case TEXT:
		if (json_is_string(value))
			*(char **)at = state_text_of_json(value);
		break;
	case LIST:
		state_list_of_json(value, at);
		break;
	case INT64:
		*(int64_t *)at = json_integer_value(value);
		break;
	case BOOL:
		*(bool *)at = json_is_true(value);
		break;
	}
}

/* "networks/bridge" or "networks/<id>", and what follows. Given. */
char *network_path(const struct network *network, const char *ending)
{
	return mem_fmt("networks/%s%s",
		       network_is_built_in(network) ? network->name :
						      network->id,
		       ending);
}

int network_write(const struct home *home, const struct network *network,
		  struct err *err)
{
	OWN_FREE char *path = network_path(network, ".json");
	OWN_FREE char *text = NULL;
	json_t *record = json_object();

	for (size_t i = 0; i < FIELDS; i++) {
		const void *at = (const char *)network + fields[i].offset;
		json_t *value = field_to_json(fields[i].kind, at);

		if (value)
			json_object_set_new_nocheck(record, fields[i].key,
						    value);
	}
	text = json_dumps(record, JSON_INDENT(1));
	json_decref(record);
	if (!text)
		return err_set(err, ENOMEM, _("write the network's record"));
	if (mkdirat(home->fd, "networks", 0700) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir %s/networks", home->path);
	trace_begin();
	if (fs_replace(home->fd, path, text, strlen(text), 0600,
		       !network_is_built_in(network), err) < 0)
		return -err->code;
	trace_step(TRACE_MAKE_NETWORK, "%s: %s, subnet %s, gateway %s", path,
		   network->name, network->subnet ? network->subnet : "-",
		   network->gateway ? network->gateway : "-");
	return 0;
}

static int read_record(const struct home *home, const char *path,
		       struct network *out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_NETWORK struct network network = { 0 };
	json_t *record;
	int r = fs_read(home->fd, path, MAX_RECORD, &text, err);

	if (r < 0)
		return r;
	record = json_loadb(text.data, text.len, 0, NULL);
	for (size_t i = 0; i < FIELDS; i++)
		field_from_json(fields[i].kind,
				json_object_get(record, fields[i].key),
				(char *)&network + fields[i].offset);
	json_decref(record);
	if (!network.id || strlen(network.id) != ID_LEN || !network.name ||
	    !network.driver)
		return err_set(err, EBADMSG, _("%s/%s is no record of a network"),
			       home->path, path);
	*out = network;
	network = (struct network){ 0 };
	return 0;
}

/* ---- the built-in ones ---- */

static int make_built_in(const struct home *home, const struct built_in *kind,
			 struct network *out, struct err *err)
{
	OWN_NETWORK struct network made = {
		.name = mem_str(kind->name),
		.driver = mem_str(kind->driver),
		.created_ns = clock_now_ns(),
	};
	char id[ID_LEN + 1];
	int r = names_random_id(id, err);

	if (r < 0)
		return r;
	made.id = mem_str(id);
	if (strcmp(kind->name, "bridge") == 0) {
		made.chosen = true;
		made.subnet = mem_str("172.17.0.0/16");
		made.gateway = mem_str("172.17.0.1");
	}
	r = network_write(home, &made, err);
	if (r < 0)
		return r;
	*out = made;
	made = (struct network){ 0 };
	return 0;
}

/* Two that ask for the first time agree on what lies there in the end: whoever
 * writes has the lock. */
static int load_built_in(const struct home *home, const struct built_in *kind,
			 struct network *out, struct err *err)
{
	OWN_FREE char *path = mem_fmt("networks/%s.json", kind->name);
	OWN_FD int lock = -1;
	struct err why = { 0 };
	int r = read_record(home, path, out, &why);

	if (r == 0)
		return 0;
	lock = network_lock(home, err);
	if (lock < 0)
		return lock;
	if (read_record(home, path, out, &why) == 0)
		return 0;
	/* Missing, or broken by a power cut: made anew. */
	return make_built_in(home, kind, out, err);
}

/* ---- finding ---- */

static bool is_record(const char *name)
{
	return strlen(name) == ID_LEN + strlen(".json") &&
	       strspn(name, "0123456789abcdef") == ID_LEN &&
	       strcmp(name + ID_LEN, ".json") == 0;
}

static void add(struct networks *list, struct network *network)
{
	list->items = mem_grow(list->items, list->count + 1,
			       sizeof(*list->items));
	list->items[list->count++] = *network;
}

static int load_own(const struct home *home, struct networks *out,
		    struct err *err)
{
	OWN_FD int fd = fs_open_dir(home->fd, "networks", err);
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return err_errno(err, "read the folder of networks");
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir))) {
		OWN_FREE char *path = mem_fmt("networks/%s", entry->d_name);
		struct network one;
		struct err ignored = { 0 };

		/* One that cannot be read must not hide the others. */
		if (is_record(entry->d_name) &&
		    read_record(home, path, &one, &ignored) == 0)
			add(out, &one);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct network *x = a;
	const struct network *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->id, y->id);
}

int network_list_made(const struct home *home, struct networks *out,
			struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	int r;

	for (size_t i = 0; i < BUILT_INS; i++) {
		OWN_FREE char *path = mem_fmt("networks/%s.json",
					      built_ins[i].name);
		struct network one;
		struct err ignored = { 0 };

		if (read_record(home, path, &one, &ignored) == 0)
			add(&all, &one);
	}
	r = load_own(home, &all, err);
	if (r < 0)
		return r;
	*out = all;
	all = (struct networks){ 0 };
	return 0;
}

int network_list(const struct home *home, struct networks *out,
		 struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	int r = 0;

	for (size_t i = 0; i < BUILT_INS && r == 0; i++) {
		struct network one;

		r = load_built_in(home, &built_ins[i], &one, err);
		if (r == 0)
			add(&all, &one);
	}
	if (r == 0)
		r = load_own(home, &all, err);
	if (r < 0)
		return r;
	qsort(all.items, all.count, sizeof(*all.items), by_name);
	*out = all;
	all = (struct networks){ 0 };
	return 0;
}

/* Docker's order: a name, a whole id, the beginning of an id. Returns its place, or
 * -ENOENT, -EEXIST. */
static int choose(const struct networks *all, const char *name)
{
	int found = -ENOENT;

	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].id, name) == 0)
			return (int)i;
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].name, name) == 0)
			return (int)i;
	for (size_t i = 0; i < all->count && *name; i++) {
		if (strncmp(all->items[i].id, name, strlen(name)) != 0)
			continue;
		if (found >= 0)
			return -EEXIST;
		found = (int)i;
	}
	return found;
}

int network_find(const struct home *home, const char *name,
		 struct network *out, struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	int at;

	/* What nearly every start asks for costs one file. */
	for (size_t i = 0; i < BUILT_INS; i++)
		if (strcmp(built_ins[i].name, name) == 0)
			return load_built_in(home, &built_ins[i], out, err);
	if (strlen(name) == ID_LEN && !strchr(name, '/')) {
		OWN_FREE char *path = mem_fmt("networks/%s.json", name);
		struct err ignored = { 0 };

		if (read_record(home, path, out, &ignored) == 0)
			return 0;
	}
	at = network_list(home, &all, err);
	if (at < 0)
		return at;
	at = choose(&all, name);
	if (at == -ENOENT)
		return err_docker(err, ERR_DAEMON, ENOENT,
				  "network %s not found", name);
	if (at == -EEXIST)
		return err_docker(err, ERR_DAEMON, EEXIST,
				  "network %s is ambiguous (2 matches found based on ID prefix)",
				  name);
	*out = all.items[at];
	all.items[at] = (struct network){ 0 };
	return 0;
}

/* The built-in ones are found by name: one file, and it may be made anew. */
int network_find_of(const struct home *home, const struct endpoint *endpoint,
		    struct network *out, struct err *err)
{
	bool by_name = !endpoint->network_id ||
		       (endpoint->network &&
			is_built_in_name(endpoint->network));

	return network_find(home,
			    by_name ? endpoint->network : endpoint->network_id,
			    out, err);
}
