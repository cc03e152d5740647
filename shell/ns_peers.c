/* shell/ns_peers.c - see ns_peers.h */
#include "shell/ns_peers.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

void ns_peers_done(struct ns_peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		free(peers->items[i].name);
	free(peers->items);
	*peers = (struct ns_peers){ 0 };
}

static void add(struct ns_peers *peers, const struct container *other,
		const struct side_namespace namespaces[SIDES_NAMESPACES])
{
	struct side_namespace its[SIDES_NAMESPACES];
	struct ns_peer peer = { 0 };
	bool any = false;

	sides_namespaces(other->pid, its);
	for (size_t i = 0; i < SIDES_NAMESPACES; i++) {
		peer.shares[i] = namespaces[i].its &&
				 namespaces[i].its == its[i].its &&
				 namespaces[i].its != namespaces[i].ours;
		any |= peer.shares[i];
	}
	if (!any)
		return;
	peer.name = mem_str(other->spec.name);
	peers->items =
		mem_grow(peers->items, peers->count + 1, sizeof(peer));
	peers->items[peers->count++] = peer;
}

void ns_peers_find(const struct home *home, const struct container *container,
		   const struct side_namespace namespaces[SIDES_NAMESPACES],
		   struct ns_peers *out)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	*out = (struct ns_peers){ 0 };
	if (container_list(home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].pid > 0 &&
		    (all.items[i].status == CONTAINER_RUNNING ||
		     all.items[i].status == CONTAINER_PAUSED) &&
		    strcmp(all.items[i].spec.id, container->spec.id) != 0)
			add(out, &all.items[i], namespaces);
}

bool ns_peers_share(const struct ns_peers *peers, size_t index)
{
	for (size_t i = 0; i < peers->count; i++)
		if (peers->items[i].shares[index])
			return true;
	return false;
}

char *ns_peer_list(const struct ns_peer *peer,
		   const struct side_namespace namespaces[SIDES_NAMESPACES])
{
	OWN_STRS struct strs names = { 0 };

	for (size_t i = 0; i < SIDES_NAMESPACES; i++)
		if (peer->shares[i])
			strs_add(&names, namespaces[i].name);
	return strs_join(&names, ", ");
}

json_t *ns_peers_json(const struct ns_peers *peers, size_t index)
{
	json_t *names = json_array();

	for (size_t i = 0; i < peers->count; i++)
		if (peers->items[i].shares[index])
			json_array_append_new(names,
					      json_string(peers->items[i].name));
	return names;
}
