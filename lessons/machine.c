/* lessons/machine.c - see machine.h */
#include "lessons/machine.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_find.h"
#include "runtime/probe.h"

static const char image_prefix[] = "image:";

/* ---- what each word stands on ---- */

static bool has_controller(const struct probe_facts *facts, const char *name)
{
	OWN_STRS struct strs all = { 0 };

	strs_split(&all, facts->cgroups, ' ');
	return strs_has(&all, name);
}

static bool has_ids(const struct probe_facts *facts)
{
	return facts->ids_error == 0;
}

static bool has_memory(const struct probe_facts *facts)
{
	return has_controller(facts, "memory");
}

static bool has_pids(const struct probe_facts *facts)
{
	return has_controller(facts, "pids");
}

static bool has_cpu(const struct probe_facts *facts)
{
	return has_controller(facts, "cpu");
}

static bool has_network(const struct probe_facts *facts)
{
	return !facts->netns_error && !facts->bridge_error &&
	       !facts->veth_error;
}

static bool has_way_out(const struct probe_facts *facts)
{
	if (!has_network(facts) || facts->rules_error || facts->forward_error)
		return false;
	return facts->root || (facts->way_out[0] && facts->device_error == 0);
}

static bool has_low_ports(const struct probe_facts *facts)
{
	return facts->low_port >= 0 && facts->low_port <= 80;
}

static const struct {
	const char *word;
	bool (*holds)(const struct probe_facts *facts);
	const char *lacks;
	unsigned controllers;
} table[] = {
	{ "ids", has_ids, N_("a container has only one user id here") },
	{ "memory", has_memory,
	  N_("the memory of a container cannot be limited here"),
	  CGROUP_BIT(CGROUP_MEMORY) },
	{ "pids", has_pids,
	  N_("the processes of a container cannot be limited here"),
	  CGROUP_BIT(CGROUP_PIDS) },
	{ "cpu", has_cpu,
	  N_("the processor time of a container cannot be limited here"),
	  CGROUP_BIT(CGROUP_CPU) },
	{ "network", has_network,
	  N_("there are no networks between containers here") },
	{ "way-out", has_way_out,
	  N_("containers do not reach the network outside here") },
	{ "low-ports", has_low_ports,
	  N_("this account may not use ports below 1024") },
};
#define WORDS (sizeof(table) / sizeof(table[0]))

bool machine_is_image(const char *word)
{
	return strncmp(word, image_prefix, sizeof(image_prefix) - 1) == 0;
}

bool machine_knows(const char *word)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(table[i].word, word) == 0)
			return true;
	}
	return machine_is_image(word);
}

unsigned machine_controllers(const struct strs *words)
{
	unsigned bits = 0;

	for (size_t i = 0; i < WORDS; i++) {
		if (strs_has(words, table[i].word))
			bits |= table[i].controllers;
	}
	return bits;
}

char *machine_lacks(const char *word)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(table[i].word, word) == 0)
			return mem_str(_(table[i].lacks));
	}
	if (machine_is_image(word))
		return mem_fmt(_("there is no image '%s' here"),
			       word + sizeof(image_prefix) - 1);
	return mem_fmt(_("nobody knows what '%s' is"), word);
}

const char *machine_can(const struct strs *can, const char *word)
{
	return strs_get_env(can, word);
}

void machine_remembered(const struct strs *vars, struct strs *out_can)
{
	const size_t prefix = sizeof(MACHINE_PREFIX) - 1;

	for (size_t i = 0; i < vars->count; i++) {
		if (strncmp(vars->items[i], MACHINE_PREFIX, prefix) == 0)
			strs_add(out_can, vars->items[i] + prefix);
	}
}

/* ---- images ---- */

static bool is_of(const char *tag, const char *name)
{
	size_t len = strlen(name);

	return strncmp(tag, name, len) == 0 && (!tag[len] || tag[len] == ':');
}

static void take_tag(const struct strs *tags, const char *name, char **out)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->items[i];

		if (!is_of(tag, name))
			continue;
		if (!*out || strcmp(tag + len, ":latest") == 0) {
			free(*out);
			*out = mem_str(tag);
		}
	}
}

/* "node" is node:latest where there is one, else any tag of it, the newest first. */
static int find_image(struct store *store, const char *name, char **out,
		      struct err *err)
{
	struct image_list list = { 0 };
	int r = image_list(store, false, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++)
		take_tag(&list.items[i].tags, name, out);
	image_list_done(&list);
	return r;
}

int machine_images(struct store *store, const char *word, struct strs *out,
		   struct err *err)
{
	struct image_list list = { 0 };
	int r = image_list(store, false, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		const struct strs *tags = &list.items[i].tags;

		for (size_t k = 0; k < tags->count; k++) {
			if (is_of(tags->items[k],
				  word + sizeof(image_prefix) - 1))
				strs_add(out, tags->items[k]);
		}
	}
	image_list_done(&list);
	return r;
}

/* ---- looking ---- */

static bool holds(const struct probe_facts *facts, const char *word)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(table[i].word, word) == 0)
			return table[i].holds(facts);
	}
	return false;
}

int machine_look(const char *home_path, struct store *store,
		 const struct strs *words, struct strs *out_can,
		 struct err *err)
{
	struct probe_facts facts = { 0 };
	bool measured = false;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];
		OWN_FREE char *image = NULL;

		if (machine_is_image(word)) {
			int r = find_image(store,
					   word + sizeof(image_prefix) - 1,
					   &image, err);

			if (r < 0)
				return r;
			if (image)
				strs_addf(out_can, "%s=%s", word, image);
			continue;
		}
		if (!measured && machine_knows(word)) {
			probe_measure(home_path, &facts);
			measured = true;
		}
		if (holds(&facts, word))
			strs_addf(out_can, "%s=yes", word);
	}
	return 0;
}
