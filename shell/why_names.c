/* shell/why_names.c - see why.h: names that lead elsewhere than was thought: another
 * container's, localhost, a word of the course. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/sockets.h"
#include "shell/cmd.h"
#include "shell/why.h"

static bool is_on(const struct spec *spec, const char *network)
{
	for (size_t i = 0; i < spec->networks.count; i++)
		if (spec->networks.items[i].network &&
		    strcmp(spec->networks.items[i].network, network) == 0)
			return true;
	return false;
}

static void list_networks(const struct spec *spec, struct buf *out)
{
	for (size_t i = 0; i < spec->networks.count; i++)
		buf_fmt(out, "%s%s", i ? ", " : "",
			spec->networks.items[i].network ?
				spec->networks.items[i].network :
				"?");
	if (!spec->networks.count)
		buf_str(out, spec->network_mode ? spec->network_mode : "bridge");
}

/* The networks of the program that failed: of its container, or as the line says. */
static void networks_of_line(const struct why *why, struct spec *out)
{
	const struct strs *words = &why->line.words;
	const char *name = "bridge";

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		if (strncmp(word, "--network=", 10) == 0)
			name = word + 10;
		else if ((strcmp(word, "--network") == 0 ||
			  strcmp(word, "--net") == 0) &&
			 i + 1 < words->count)
			name = words->items[i + 1];
	}
	(void)endpoints_add(&out->networks, name);
}

/* A container that a word of the line speaks of, other than the one it ran in:
 * "http://db:80/x" speaks of db, "/var/db" does not. */
static bool speaks_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(word, name); at;
	     at = strstr(at + 1, name)) {
		bool begins = at == word || strchr("@=: ", at[-1]) ||
			      (at - word > 1 && strncmp(at - 2, "//", 2) == 0);
		bool ends = !at[len] || strchr("/:, ", at[len]);

		if (begins && ends)
			return true;
	}
	return false;
}

static const struct container *spoken_of(const struct why *why,
					 const struct containers *all)
{
	const struct strs *words = &why->line.words;

	for (size_t i = 0; i < all->count; i++) {
		const struct container *c = &all->items[i];

		for (size_t n = 2; n < words->count; n++)
			if ((!why->container ||
			     strcmp(why->container->spec.id, c->spec.id) != 0) &&
			    strcmp(words->items[n - 1], "--name") != 0 &&
			    speaks_of(words->items[n], c->spec.name))
				return c;
	}
	return NULL;
}

static bool share_network(const struct spec *a, const struct spec *b)
{
	for (size_t i = 0; i < a->networks.count; i++) {
		const char *name = a->networks.items[i].network;

		if (name && strcmp(name, "bridge") != 0 && is_on(b, name))
			return true;
	}
	return false;
}

bool why_ran_program(const struct why *why)
{
	const char *first = why->line.words.count ? why->line.words.items[0] :
						    "";

	return !why->line.by_sh && !why->line.code && why->line.status &&
	       (strcmp(first, "run") == 0 || strcmp(first, "exec") == 0);
}

static enum why_answer name_not_found(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_SPEC struct spec line = { 0 };
	OWN_BUF struct buf ours = { 0 };
	OWN_BUF struct buf theirs = { 0 };
	struct err ignored = { 0 };
	const struct container *other;
	const struct spec *own;

	/* What a signal ended has not missed a name. */
	if (!why_ran_program(why) || why->line.status > 125 ||
	    container_list(why->shell->home, &all, &ignored) < 0)
		return WHY_NOT;
	other = spoken_of(why, &all);
	if (!other)
		return WHY_NOT;
	networks_of_line(why, &line);
	own = why->container ? &why->container->spec : &line;
	if (share_network(own, &other->spec))
		return WHY_NOT;
	list_networks(own, &ours);
	list_networks(&other->spec, &theirs);
	why_fact(f, WHY_FROM_LINE, _("it speaks of '%s'"), other->spec.name);
	why_fact(f, WHY_FROM_NETWORK, _("it ran on: %s"), buf_text(&ours));
	why_fact(f, WHY_FROM_NETWORK, _("%s is on: %s"), other->spec.name,
		 buf_text(&theirs));
	why_fact(f, WHY_FROM_STATUS, "%d", why->line.status);
	why_fix(f, _("put both on one network of your own: network create mine, then run with --network mine (or network connect)"));
	why_next(f, "network ls");
	return is_on(own, "bridge") && is_on(&other->spec, "bridge") ?
		       why_say(f, _("'%s' cannot be found by its name: both are on the usual network, which has no names, only addresses"),
			       other->spec.name) :
		       why_say(f, _("'%s' cannot be found by its name: the two containers share no network of your own"),
			       other->spec.name);
}

static const char *localhost_word(const struct why *why)
{
	for (size_t i = 2; i < why->line.words.count; i++)
		if (strstr(why->line.words.items[i], "localhost") ||
		    strstr(why->line.words.items[i], "127.0.0.1"))
			return why->line.words.items[i];
	return NULL;
}

/* "http://localhost:8080/x" speaks of 8080, without a number of 80. */
static int port_of_word(const char *word)
{
	const char *at = strstr(word, "localhost");

	at = at ? at + strlen("localhost") :
		  strstr(word, "127.0.0.1") + strlen("127.0.0.1");
	return *at == ':' ? (int)strtol(at + 1, NULL, 10) : 80;
}

static bool machine_listens(int port)
{
	OWN_LISTENERS struct listeners all = { 0 };

	if (!listeners_read(0, &all))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].port == port && !all.items[i].udp)
			return true;
	return false;
}

static bool is_refused(const struct why *why)
{
	OWN_FREE char *tail = why_log_tail(why);

	return strcasestr(tail, "connection refused") != NULL;
}

/* Whether the network of the program was the machine's own. */
static bool on_host(const struct why *why)
{
	OWN_SPEC struct spec line = { 0 };

	if (why->container)
		return why->container->spec.network_mode &&
		       strcmp(why->container->spec.network_mode, "host") == 0;
	networks_of_line(why, &line);
	return is_on(&line, "host");
}

/* That a word says localhost is no evidence: that somebody else listens at that port,
 * or that the program was refused there, is. */
static enum why_answer localhost_inside(struct why *why,
					struct why_finding *f)
{
	const char *word = why_ran_program(why) ? localhost_word(why) : NULL;
	int port = word ? port_of_word(word) : 0;

	if (!word || on_host(why) ||
	    (!machine_listens(port) && !is_refused(why)))
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%.200s", word);
	if (machine_listens(port))
		why_fact(f, WHY_FROM_PROC, _("/proc/net/tcp: on this machine something listens at %d"),
			 port);
	if (is_refused(why))
		(void)why_log_facts(why, f);
	why_fact(f, WHY_FROM_NETWORK, _("the container had a network of its own, with a localhost of its own"));
	why_fact(f, WHY_FROM_STATUS, "%d", why->line.status);
	why_fix(f, _("name the other container on a network of your own, or run with --network host to mean the machine"));
	why_next(f, "network ls");
	return why_say(f, _("'localhost' inside a container is the container itself, neither this machine nor another container"));
}

static enum why_answer no_network(struct why *why, struct why_finding *f)
{
	const struct spec *spec = why->container ? &why->container->spec : NULL;
	OWN_FREE char *tail = NULL;

	if (!spec || !spec->network_mode ||
	    strcmp(spec->network_mode, "none") != 0)
		return WHY_NOT;
	tail = why_log_tail(why);
	if (!strcasestr(tail, "network is unreachable") &&
	    !strcasestr(tail, "bad address"))
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("--network none: it has lo, and no way to anywhere"));
	(void)why_log_facts(why, f);
	why_fix(f, _("make it anew on a network: without --network none"));
	why_next(f, "inspect -f '{{json .NetworkSettings.Networks}}' %s",
		 why_name(why));
	return why_say(f, _("%s has no network but its own lo, so nothing outside of it can be reached"),
		       why_name(why));
}

static enum why_answer own_word(struct why *why, struct why_finding *f)
{
	if (strcmp(why->word, "localhost") == 0) {
		why_fact(f, WHY_FROM_NETWORK, _("each container has a network of its own with a device lo; only --network host shares the machine's"));
		why_next(f, "run --rm busybox ip addr show lo");
		f->id = "localhost_inside";
		return why_say(f, _("'localhost' inside a container is the container itself, neither this machine nor another container"));
	}
	why_fact(f, WHY_FROM_FILES, _("containers/ID/upper holds what a container wrote; the layers of its image are mounted read-only"));
	why_next(f, "help commit");
	f->id = "commit_makes_an_image";
	return why_say(f, _("what a container writes goes into its own layer and never into the image; 'commit' makes a new image of it"));
}

const struct why_cause why_names_causes[] = {
	{ "name_not_found", WHY_LINE, false, name_not_found },
	{ "localhost_inside", WHY_LINE, false, localhost_inside },
	{ "no_network", WHY_LINE | WHY_END, false, no_network },
	{ "word", WHY_WORD, true, own_word },
	{ 0 },
};
