/* shell/inspect_net.c - NetworkSettings, and what else inspect tells of a container's
 * networks.
 *
 * Source: Docker's api/types (NetworkSettings) and api/types/network
 * (EndpointSettings), as of 20.10. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/namespaces.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/gojson.h"
#include "shell/inspect_parts.h"
#include "shell/network_view.h"
#include "shell/ports.h"

/* ---- ids of things that have none here ---- */

/* Docker draws 64 digits for each run of a container's network: of what has no id
 * of its own here they are made of what does not change while it runs. */
static char *made_id(const struct container *c, const char *what)
{
	OWN_FREE char *text = mem_fmt("%s %s %lld", what, c->spec.id,
				      (long long)c->started_ns);
	char digest[DIGEST_SIZE];

	digest_of(text, strlen(text), digest);
	return mem_str(digest_hex(digest));
}

char *inspect_endpoint_id(const struct container *c)
{
	return made_id(c, "endpoint");
}

/* ---- links ---- */

/* "<id>:www" as "/web:/me/www", with the name that it has now. */
json_t *inspect_links(const struct home *home, const struct container *c)
{
	const struct endpoint *e = endpoints_find(&c->spec.networks, "bridge");
	OWN_STRS struct strs list = { 0 };

	for (size_t i = 0; e && i < e->links.count; i++) {
		const char *link = e->links.items[i];
		size_t len = strcspn(link, ":");
		OWN_FREE char *id = mem_strn(link, len);
		OWN_CONTAINER struct container other = { 0 };
		struct err gone = { 0 }; /* and its links with it */

		if (link[len] &&
		    container_find(home, id, &other, &gone) == 0)
			strs_addf(&list, "/%s:/%s/%s", other.spec.name,
				  c->spec.name, link + len + 1);
	}
	/* On a network of one's own the links are as they were given. */
	e = c->spec.networks.count ? &c->spec.networks.items[0] : NULL;
	if (e && strcmp(e->network, "bridge") != 0 &&
	    list.count == 0 && c->spec.network_mode)
		strs_copy(&list, &e->links);
	return gojson_list(&list, true);
}

/* ---- one network ---- */

/* Whether it came by `network connect`, not with `run`. */
static bool came_later(const struct container *c, const struct endpoint *e)
{
	const char *mode = network_of_mode(&c->spec);

	return e != &c->spec.networks.items[0] && mode &&
	       strcmp(mode, e->network) != 0 &&
	       !(e->network_id &&
		 strncmp(e->network_id, mode, strlen(mode)) == 0);
}

static json_t *ipam_config(const struct container *c, const struct endpoint *e)
{
	json_t *json;

	if (!e || (!e->want_ip && !e->want_ip6 && !came_later(c, e)))
		return json_null();
	json = json_object();
	if (e->want_ip)
		gojson_put(json, "IPv4Address", e->want_ip);
	if (e->want_ip6)
		gojson_put(json, "IPv6Address", e->want_ip6);
	return json;
}

/* With the short id and the host name, which are names on it once it has run. */
static json_t *aliases(const struct container *c, const struct endpoint *e)
{
	OWN_STRS struct strs list = { 0 };
	OWN_FREE char *id = mem_strn(c->spec.id, 12);

	if (!e)
		return json_null();
	strs_copy(&list, &e->aliases);
	if (c->started_ns && strcmp(e->network, "bridge") != 0) {
		if (!strs_has(&list, id))
			strs_add(&list, id);
		if (c->spec.hostname && !strs_has(&list, c->spec.hostname))
			strs_add(&list, c->spec.hostname);
	}
	return gojson_list(&list, true);
}

static json_t *links_on(const struct endpoint *e)
{
	return e && strcmp(e->network, "bridge") != 0 ?
		       gojson_list(&e->links, true) :
		       json_null();
}

/* Gateway, address and so on; of none (`e` NULL, or not running) they are empty. */
static void put_addresses(json_t *json, const struct endpoint *e, bool global)
{
	gojson_put(json, "Gateway", e ? e->gateway : "");
	if (global) {
		gojson_put(json, "GlobalIPv6Address", e ? e->ip6 : "");
		inspect_put_int(json, "GlobalIPv6PrefixLen",
				e ? e->prefix6 : 0);
	}
	gojson_put(json, "IPAddress", e ? e->ip : "");
	inspect_put_int(json, "IPPrefixLen", e ? e->prefix : 0);
	gojson_put(json, "IPv6Gateway", e ? e->gateway6 : "");
	if (!global) {
		gojson_put(json, "GlobalIPv6Address", e ? e->ip6 : "");
		inspect_put_int(json, "GlobalIPv6PrefixLen",
				e ? e->prefix6 : 0);
	}
	gojson_put(json, "MacAddress", e ? e->mac : "");
}

/* `e` NULL: of `host` and `none`, or of the usual network before the first start. */
static json_t *endpoint(const struct home *home, const struct container *c,
			const char *name, const struct endpoint *e)
{
	OWN_NETWORK struct network network = { 0 };
	struct err ignored = { 0 }; /* a network that is gone has no id */
	bool runs = container_is_up(c);
	OWN_FREE char *made = !e && runs ? made_id(c, "endpoint") : mem_str("");
	const char *id = e && e->network_id ? e->network_id : "";
	json_t *json = json_object();

	if (!*id && c->started_ns &&
	    network_find(home, name, &network, &ignored) == 0)
		id = network.id;
	inspect_put(json, "IPAMConfig", ipam_config(c, e));
	inspect_put(json, "Links", links_on(e));
	inspect_put(json, "Aliases", aliases(c, e));
	gojson_put(json, "NetworkID", id);
	gojson_put(json, "EndpointID", e && runs ? e->id : made);
	put_addresses(json, runs ? e : NULL, false);
	inspect_put(json, "DriverOpts",
		    e && came_later(c, e) ? json_object() : json_null());
	return json;
}

/* ---- all of them ---- */

/* What is exposed is so on a network. */
static json_t *ports(const struct container *c)
{
	bool exposes = container_is_up(c) && spec_is_networked(&c->spec);
	OWN_STRS struct strs published = { 0 };

	strs_copy(&published, &c->published);
	ports_sort(&published);
	return inspect_ports(&published, exposes ? &c->spec.exposed : NULL);
}

static json_t *networks(const struct home *home, const struct container *c)
{
	const struct endpoints *all = &c->spec.networks;
	OWN_STRS struct strs names = { 0 };
	json_t *json = json_object();

	network_view_names(c, &names);
	for (size_t i = 0; i < names.count; i++)
		inspect_put(json, names.items[i],
			    endpoint(home, c, names.items[i],
				     i < all->count ? &all->items[i] : NULL));
	return json;
}

/* What stands outside of Networks is about the usual network alone. */
static const struct endpoint *usual(const struct container *c)
{
	return container_is_up(c) ?
		       endpoints_find(&c->spec.networks, "bridge") :
		       NULL;
}

json_t *inspect_network_settings(const struct home *home,
				 const struct container *c)
{
	const struct endpoint *e = usual(c);
	/* The key is the network namespace, as one may join it. */
	OWN_FREE char *key =
		c->pid ? mem_fmt("/proc/%d/ns/net", (int)c->pid) : mem_str("");
	OWN_FREE char *sandbox =
		c->started_ns && !namespaces_donor(c->spec.network_mode) ?
			made_id(c, "sandbox") :
			mem_str("");
	json_t *json = json_object();

	gojson_put(json, "Bridge", "");
	gojson_put(json, "SandboxID", sandbox);
	inspect_put_bool(json, "HairpinMode", false);
	gojson_put(json, "LinkLocalIPv6Address", "");
	inspect_put_int(json, "LinkLocalIPv6PrefixLen", 0);
	inspect_put(json, "Ports", ports(c));
	gojson_put(json, "SandboxKey", key);
	inspect_put(json, "SecondaryIPAddresses", json_null());
	inspect_put(json, "SecondaryIPv6Addresses", json_null());
	gojson_put(json, "EndpointID", e ? e->id : "");
	put_addresses(json, e, true);
	inspect_put(json, "Networks", networks(home, c));
	return json;
}
