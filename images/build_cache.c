/* images/build_cache.c - has this step been built before; see build_private.h
 *
 * The images themselves are the cache: each knows the image that it was made upon
 * and the config of the container that it was made in, whose command is the
 * instruction with everything that counts: variables put in, the ARGs in use, the
 * checksum of what is copied.
 *
 *   images with the same parent  -->  the same command, environment, user,
 *                                     labels, ports, volumes  -->  the newest
 *
 * One miss in a stage, and the rest of it is built: what stands on a new image
 * cannot have been built before.
 *
 * Beyond Docker, a miss says why: the nearest of those images is looked for, and
 * what differs from it is named. For COPY the checksum of every file is kept with
 * its image (table build_files). Source: Docker 20.10, image/cache. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_copy.h"
#include "images/build_private.h"
#include "runtime/base/db.h"

/* ---- Docker's rule ---- */

static bool same_list(const struct strs *a, const struct strs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Working directory, shell, health check ... are not looked at: each was set by a
 * step whose command says so, and that step is the parent or above it. */
static bool same_step(const struct image_config *a,
		      const struct image_config *b)
{
	return same_text(a->user, b->user) && same_list(&a->cmd, &b->cmd) &&
	       same_list(&a->env, &b->env) &&
	       same_list(&a->labels, &b->labels) &&
	       same_list(&a->exposed, &b->exposed) &&
	       same_list(&a->entrypoint, &b->entrypoint) &&
	       same_list(&a->volumes, &b->volumes);
}

/* ---- why not ---- */

/* Up to the first word that a change is looked for in: of "#(nop) COPY file:1 in /x "
 * the instruction and the destination, of a RUN nothing. */
static const char *nop_of(const struct image_config *config)
{
	for (size_t i = 0; i < config->cmd.count; i++)
		if (strncmp(config->cmd.items[i], "#(nop) ", 7) == 0)
			return config->cmd.items[i][7] ?
				       config->cmd.items[i] + 7 :
			       i + 1 < config->cmd.count ?
				       config->cmd.items[i + 1] :
				       "";
	return NULL;
}

static bool same_word(const char *a, const char *b)
{
	size_t len = strcspn(a, " ");

	return strcspn(b, " ") == len && strncmp(a, b, len) == 0;
}

/* How near a built step is to the one looked for. 0: another instruction; 1: the
 * same; 2: with the same words; 3: with the same destination, or command. */
static int nearness(const struct image_config *built,
		    const struct image_config *step)
{
	const char *a = nop_of(built);
	const char *b = nop_of(step);
	const char *a_in;
	const char *b_in;

	if (!a != !b)
		return 0;
	if (!a)
		return same_text(strs_items_last(&built->cmd),
				 strs_items_last(&step->cmd)) ?
			       3 :
			       1;
	if (!same_word(a, b))
		return 0;
	if (strcmp(a, b) == 0)
		return 3;
	a_in = strstr(a, " in ");
	b_in = strstr(b, " in ");
	return a_in && b_in && strcmp(a_in, b_in) == 0 ? 2 : 1;
}
