/* shell/inspect_ports.c - ports, as inspect shows them.
 *
 *   "8080/tcp": [ { "HostIp": "0.0.0.0", "HostPort": "18080" } ]
 *
 * Source: docker/go-connections nat.PortMap. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/port_spec.h"
#include "shell/gojson.h"
#include "shell/inspect_parts.h"

/* "IP:HOST:PORT/PROTO": what stands before the last two colons, and between. */
static json_t *binding(const char *entry)
{
	const char *last = strrchr(entry, ':');
	const char *before = last;
	json_t *json = json_object();
	OWN_FREE char *ip = NULL;
	OWN_FREE char *host = NULL;

	while (before && before > entry && before[-1] != ':')
		before--;
	host = last ? mem_strn(before, (size_t)(last - before)) : NULL;
	ip = last && before > entry
		     ? mem_strn(entry, (size_t)(before - entry) - 1)
		     : NULL;
	gojson_put(json, "HostIp", ip);
	gojson_put(json, "HostPort", host);
	return json;
}

static json_t *bindings(const struct strs *entries, const char *inside)
{
	json_t *array = json_array();

	for (size_t i = 0; i < entries->count; i++)
		if (strcmp(port_spec_inside(entries->items[i]), inside) == 0)
			json_array_append_new(array,
					      binding(entries->items[i]));
	if (json_array_size(array))
		return array;
	json_decref(array);
	return json_null();
}

json_t *inspect_ports(const struct strs *entries, const struct strs *exposed)
{
	OWN_STRS struct strs keys = { 0 };
	json_t *json = json_object();

	if (exposed)
		strs_copy(&keys, exposed);
	for (size_t i = 0; i < entries->count; i++)
		strs_add(&keys, port_spec_inside(entries->items[i]));
	strs_sort(&keys);
	for (size_t i = 0; i < keys.count; i++)
		if (i == 0 || strcmp(keys.items[i], keys.items[i - 1]) != 0)
			json_object_set_new(json, keys.items[i],
					    bindings(entries, keys.items[i]));
	return json;
}
