/* shell/inspect_network.c - a network, as inspect shows it.
 *
 * Source: Docker's api/types (NetworkResource), as of 20.10. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/net_bridge.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/inspect.h"
#include "shell/inspect_parts.h"
#include "shell/network_view.h"

/* ---- IPAM ---- */

static bool is_of_6(const char *address)
{
	return strchr(address, ':');
}

/* The addresses put aside in one family. */
static json_t *aux_of(const struct network *n, bool of_6)
{
	OWN_STRS struct strs pairs = { 0 };

	for (size_t i = 0; i < n->aux.count; i++) {
		const char *value = strchr(n->aux.items[i], '=');

		if (value && is_of_6(value) == of_6)
			strs_add(&pairs, n->aux.items[i]);
	}
	return pairs.count ? gojson_map(&pairs) : NULL;
}

struct pool {
	const char *subnet;
	const char *range;
	const char *gateway;
	json_t *aux; /* taken */
};

static void add_pool(json_t *config, const struct pool *pool)
{
	json_t *json;

	if (!pool->subnet) {
		json_decref(pool->aux);
		return;
	}
	json = json_object();
	gojson_put(json, "Subnet", pool->subnet);
	if (pool->range)
		gojson_put(json, "IPRange", pool->range);
	if (pool->gateway)
		gojson_put(json, "Gateway", pool->gateway);
	if (pool->aux)
		inspect_put(json, "AuxiliaryAddresses", pool->aux);
	json_array_append_new(config, json);
}

/* What was asked for; only of a range that nobody asked for is all shown. */
static json_t *ipam(const struct network *n)
{
	const struct pool v4 = { n->subnet, n->ip_range,
				 n->chosen || n->asked_gateway ? n->gateway :
								 NULL,
				 aux_of(n, false) };
	const struct pool v6 = { n->subnet6, n->ip_range6,
				 n->asked_gateway6 ? n->gateway6 : NULL,
				 aux_of(n, true) };
	json_t *json = json_object();
	json_t *config = json_array();

	gojson_put(json, "Driver",
		   n->ipam_driver && *n->ipam_driver ? n->ipam_driver :
						       "default");
	/* Of the networks that are always there nobody set any. */
	inspect_put(json, "Options",
		    network_is_built_in(n) ? json_null() :
					     gojson_map(&n->ipam_options));
	add_pool(config, &v4);
	add_pool(config, &v6);
	inspect_put(json, "Config", config);
	return json;
}

/* ---- who is on it ---- */

static void put_address(json_t *json, const char *key, const char *ip,
			int prefix)
{
	OWN_FREE char *text = ip ? mem_fmt("%s/%d", ip, prefix) : mem_str("");

	gojson_put(json, key, text);
}

static json_t *place(const struct container *c, const struct endpoint *e)
{
	json_t *json = json_object();
	OWN_FREE char *made = e ? NULL : inspect_endpoint_id(c);

	gojson_put(json, "Name", c->spec.name);
	gojson_put(json, "EndpointID", e ? e->id : made);
	gojson_put(json, "MacAddress", e ? e->mac : "");
	put_address(json, "IPv4Address", e ? e->ip : NULL, e ? e->prefix : 0);
	put_address(json, "IPv6Address", e ? e->ip6 : NULL, e ? e->prefix6 : 0);
	return json;
}

static int put_places(json_t *json, struct shell *shell,
		      const struct network *network, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	json_t *places = json_object();
	int r = container_list(shell->home, &all, err);

	for (size_t i = 0; i < all.count; i++)
		if (network_view_uses(network, &all.items[i]))
			inspect_put(places, all.items[i].spec.id,
				    place(&all.items[i],
					  network_view_place(network,
							     &all.items[i])));
	inspect_put(json, "Containers", places);
	return r;
}

/* What Docker's daemon sets of the usual network; of the others their makers did. */
static json_t *options(const struct network *n)
{
	static const char prefix[] = "com.docker.network";
	OWN_STRS struct strs pairs = { 0 };
	char name[NET_BRIDGE_NAME];

	strs_copy(&pairs, &n->options);
	if (network_is_built_in(n) && strcmp(n->driver, "bridge") == 0) {
		net_bridge_name(n, name);
		strs_addf(&pairs, "%s.bridge.default_bridge=true", prefix);
		strs_addf(&pairs, "%s.bridge.enable_icc=true", prefix);
		strs_addf(&pairs, "%s.bridge.enable_ip_masquerade=true",
			  prefix);
		strs_addf(&pairs, "%s.bridge.host_binding_ipv4=0.0.0.0",
			  prefix);
		strs_addf(&pairs, "%s.bridge.name=%s", prefix, name);
		strs_addf(&pairs, "%s.driver.mtu=1500", prefix);
	}
	return gojson_map(&pairs);
}

/* ---- all of it ---- */

static void put_head(json_t *json, const struct network *n)
{
	gojson_put(json, "Name", n->name);
	gojson_put(json, "Id", n->id);
	inspect_put(json, "Created", gojson_time(n->created_ns));
	gojson_put(json, "Scope", "local");
	gojson_put(json, "Driver", n->driver);
	inspect_put_bool(json, "EnableIPv6", n->ipv6);
	inspect_put(json, "IPAM", ipam(n));
	inspect_put_bool(json, "Internal", n->internal);
	inspect_put_bool(json, "Attachable", n->attachable);
	inspect_put_bool(json, "Ingress", false);
	inspect_put(json, "ConfigFrom", json_pack("{s:s}", "Network", ""));
	inspect_put_bool(json, "ConfigOnly", false);
}

int inspect_network(struct shell *shell, const struct network *network,
		    json_t **out, struct err *err)
{
	json_t *json = json_object();
	int r;

	put_head(json, network);
	r = put_places(json, shell, network, err);
	if (r < 0) {
		json_decref(json);
		return r;
	}
	inspect_put(json, "Options", options(network));
	inspect_put(json, "Labels", gojson_map(&network->labels));
	*out = json;
	return 0;
}
