/* shell/network_view.c - see network_view.h */
#include "shell/network_view.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/events.h"
#include "runtime/network.h"
#include "shell/container_row.h"
#include "shell/filter.h"

int network_check_pair(const char *value, struct err *err)
{
	if (strchr(value, '='))
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "'%s' should be of the form key=value", value);
}

int network_view_find(struct shell *shell, const char *name,
		      struct network *out, struct err *err)
{
	int r = network_find(shell->home, name, out, err);

	return r == -ENOENT ? err_docker(err, ERR_CLIENT, ENOENT,
					 "No such network: %s", name) :
			      r;
}

/* ---- who is on it ---- */

const struct endpoint *network_view_place(const struct network *network,
					  const struct container *container)
{
	const struct endpoints *all = &container->spec.networks;

	if (!container_is_up(container))
		return NULL;
	for (size_t i = 0; i < all->count; i++)
		if (network_has(network, &all->items[i]) &&
		    endpoint_is_up(&all->items[i]))
			return &all->items[i];
	return NULL;
}

bool network_view_uses(const struct network *network,
		       const struct container *container)
{
	const char *mode = network_of_mode(&container->spec);

	if (network_view_place(network, container))
		return true;
	return container_is_up(container) && mode &&
	       strcmp(network->driver, "bridge") != 0 &&
	       strcmp(mode, network->name) == 0;
}

bool network_view_in_use(const struct network *network,
			 const struct containers *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (network_view_uses(network, &all->items[i]))
			return true;
	return false;
}

void network_view_names(const struct container *container, struct strs *out)
{
	const struct endpoints *all = &container->spec.networks;
	const char *mode = network_of_mode(&container->spec);

	for (size_t i = 0; i < all->count; i++)
		strs_add(out, all->items[i].network);
	/* Before its first start nothing is noted of the usual network; of `host`
	 * and `none` nothing ever is. */
	if (all->count == 0 && mode && !container->spec.parted)
		strs_add(out, mode);
}

bool network_view_fits(const struct container *container,
		       const struct filters *filters)
{
	const struct endpoints *all = &container->spec.networks;
	OWN_STRS struct strs names = { 0 };

	if (!filters_has(filters, "network"))
		return true;
	network_view_names(container, &names);
	for (size_t i = 0; i < names.count; i++)
		if (filters_exact(filters, "network", names.items[i]))
			return true;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].network_id &&
		    filters_exact(filters, "network", all->items[i].network_id))
			return true;
	return false;
}

/* ---- events ---- */

void network_view_note(struct shell *shell, const struct network *network,
		       const char *action, const char *container)
{
	OWN_STRS struct strs pairs = { 0 };

	if (container)
		strs_addf(&pairs, "container=%s", container);
	strs_addf(&pairs, "name=%s", network->name);
	strs_addf(&pairs, "type=%s", network->driver);
	events_note(shell->home, "network", action, network->id, &pairs);
}
