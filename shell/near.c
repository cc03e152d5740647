/* shell/near.c - see near.h */
#include "shell/near.h"

#include <errno.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/cmd.h"

static void near_container(struct shell *shell, const char *typed,
			   struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct suggest best = suggest_start(typed);
	struct err ignored = { 0 };

	if (container_list(shell->home, &all, &ignored) < 0)
		return; /* the failure itself is what matters */
	for (size_t i = 0; i < all.count; i++)
		suggest_try(&best, all.items[i].spec.name);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	else if (all.count == 0)
		err_hint(err, _("there is no container; 'run' makes one"));
	else
		err_hint(err, _("'ps -a' lists all containers"));
}

/* "busybox:latest" is offered as "busybox" where no tag was typed. */
static void try_tag(struct suggest *best, const char *tag, bool with_tag,
		    struct strs *kept)
{
	const char *latest = strstr(tag, ":latest");
	size_t len = !with_tag && latest ? (size_t)(latest - tag)
					 : strlen(tag);

	strs_take(kept, mem_strn(tag, len));
	suggest_try(best, kept->items[kept->count - 1]);
}

static void near_image(struct shell *shell, const char *shown, struct err *err)
{
	OWN_STRS struct strs kept = { 0 };
	OWN_FREE char *typed = mem_str(shown);
	char *latest = strstr(typed, ":latest");
	struct image_list all = { 0 };
	struct err ignored = { 0 };
	struct suggest best;

	if (latest)
		*latest = '\0'; /* Docker adds it to what was typed */
	best = suggest_start(typed);
	if (!shell->store ||
	    image_list(shell->store, false, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		for (size_t t = 0; t < all.items[i].tags.count; t++)
			try_tag(&best, all.items[i].tags.items[t],
				strchr(typed, ':') != NULL, &kept);
	image_list_done(&all);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	else
		err_hint(err, _("'images' lists the images that are here"));
}

/* For what may be a container or an image. */
static void near_object(struct shell *shell, const char *typed,
			struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct suggest best = suggest_start(typed);
	struct err ignored = { 0 };

	if (container_list(shell->home, &all, &ignored) == 0)
		for (size_t i = 0; i < all.count; i++)
			suggest_try(&best, all.items[i].spec.name);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	else
		near_image(shell, typed, err);
}

static void near_network(struct shell *shell, const char *typed,
			 struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	struct suggest best = suggest_start(typed);
	struct err ignored = { 0 };

	if (network_list(shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		suggest_try(&best, all.items[i].name);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	else
		err_hint(err, _("'network ls' lists all networks"));
}

/* What stands behind the last `what` in the message, up to a space; given. */
static char *name_behind(const struct err *err, const char *what)
{
	const char *at = strstr(err->msg, what);

	if (!at)
		return NULL;
	at += strlen(what);
	return mem_strn(at, strcspn(at, " \n"));
}

void near_hint(struct shell *shell, struct err *err)
{
	OWN_FREE char *container = name_behind(err, "No such container: ");
	OWN_FREE char *image = name_behind(err, "No such image: ");
	OWN_FREE char *object = name_behind(err, "No such object: ");
	OWN_FREE char *network = name_behind(err, "No such network: ");

	if (container && shell->home)
		near_container(shell, container, err);
	else if (image)
		near_image(shell, image, err);
	else if (network && shell->home)
		near_network(shell, network, err);
	else if (object && shell->home)
		near_object(shell, object, err);
}
