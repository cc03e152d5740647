/* shell/network_row.c - see network_row.h */
#include "shell/network_row.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/gojson.h"
#include "shell/network_view.h"

enum { SHORT_ID = 12 };

static const struct format_field fields[] = {
	{ "ID", "NETWORK ID" },
	{ "Name", "NAME" },
	{ "Driver", "DRIVER" },
	{ "Scope", "SCOPE" },
	{ "IPv6", "IPV6" },
	{ "Internal", "INTERNAL" },
	{ "Labels", "LABELS" },
	{ "Label", "" },
	{ "CreatedAt", "CREATED AT" },
	{ NULL, NULL },
};

const struct format_kind network_kind = {
	.type_name = "*network.networkContext",
	.fields = fields,
	.table = "table {{.ID}}\\t{{.Name}}\\t{{.Driver}}\\t{{.Scope}}",
	.raw = "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
};

json_t *network_row(const struct network *network, bool in_full)
{
	json_t *row = json_object();
	OWN_FREE char *id =
		mem_fmt("%.*s", in_full ? 64 : SHORT_ID, network->id);
	OWN_STRS struct strs labels = { 0 };
	OWN_FREE char *joined = NULL;
	char made[GOJSON_TIME];

	strs_copy(&labels, &network->labels);
	strs_sort(&labels);
	joined = strs_join(&labels, ",");
	gojson_put(row, "ID", id);
	gojson_put(row, "Name", network->name);
	gojson_put(row, "Driver", network->driver);
	gojson_put(row, "Scope", "local");
	gojson_put(row, "IPv6", network->ipv6 ? "true" : "false");
	gojson_put(row, "Internal", network->internal ? "true" : "false");
	gojson_put(row, "Labels", joined);
	json_object_set_new(row, "Label", gojson_map(&network->labels));
	gojson_put(row, "CreatedAt", gojson_clock(made, network->created_ns));
	return row;
}

/* ---- --filter ---- */

const char *const network_keys[] = { "dangling", "driver", "id", "label",
				     "name", "scope", "type", NULL };

static bool is_one_of(const char *value, const char *a, const char *b)
{
	return strcmp(value, a) == 0 || strcmp(value, b) == 0;
}

int network_filters_check(const struct filters *filters, struct err *err)
{
	const char *value = filters_value(filters, "dangling", 0);

	if (value && filters_value(filters, "dangling", 1))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"got more than one value for filter key \"dangling\"");
	if (value && !is_one_of(value, "0", "false") &&
	    !is_one_of(value, "1", "true"))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
	for (size_t i = 0; (value = filters_value(filters, "type", i)); i++)
		if (!is_one_of(value, "builtin", "custom"))
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "invalid filter: 'type'='%s'", value);
	return 0;
}

static bool use_fits(const struct filters *filters,
		     const struct network *network,
		     const struct containers *all)
{
	const char *value = filters_value(filters, "dangling", 0);

	if (!value)
		return true;
	return is_one_of(value, "1", "true") !=
	       (network_is_built_in(network) ||
		network_view_in_use(network, all));
}

bool network_fits(const struct filters *filters, const struct network *network,
		  const struct containers *all)
{
	return filters_exact(filters, "driver", network->driver) &&
	       filters_match(filters, "name", network->name) &&
	       filters_match(filters, "id", network->id) &&
	       filters_labels(filters, &network->labels) &&
	       filters_exact(filters, "scope", "local") &&
	       filters_exact(filters, "type",
			     network_is_built_in(network) ? "builtin" :
							    "custom") &&
	       use_fits(filters, network, all);
}
