/* runtime/container_rename.c - another name for a container.
 *
 * The new name is taken before the old one is let go, so that at no moment anybody
 * else can have either. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/names.h"
#include "runtime/state.h"

/* old  the name that it had then: who else renames it meanwhile comes before or after,
 *      and each lets go what it has replaced */
struct renaming {
	const char *name;
	char *old;
};

static bool put_name(struct container *to, void *arg)
{
	struct renaming *renaming = arg;

	renaming->old = to->spec.name;
	to->spec.name = mem_str(renaming->name);
	return true;
}

static int take_name(const struct home *home, const struct container *c,
		     const char *name, struct err *err)
{
	char holder[ID_LEN + 1] = "";
	int r;

	if (!names_is_valid(name))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Error when allocating new name: Invalid container name (/%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
				  name);
	r = state_claim_name(home, name, c->spec.id, holder, err);
	if (r == -EEXIST)
		return err_docker(err, ERR_DAEMON, EEXIST,
				  "Error when allocating new name: Conflict. The container name \"/%s\" is already in use by container \"%s\". You have to remove (or rename) that container to be able to reuse that name.",
				  name, holder);
	return r;
}

int container_rename(const struct home *home, const char *id, const char *name,
		     struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FREE char *wanted = mem_str(name[0] == '/' ? name + 1 : name);
	OWN_FREE char *old = NULL;
	OWN_FREE char *extra = NULL;
	OWN_FD int folder_fd = -1;
	struct renaming renaming = { wanted, NULL };
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (strcmp(wanted, c.spec.name) == 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Renaming a container with the same name as its current name");
	folder_fd = state_open_folder(home, c.spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	r = take_name(home, &c, wanted, err);
	if (r < 0)
		return r;
	r = state_change(folder_fd, put_name, &renaming, err);
	old = renaming.old;
	if (r < 0) {
		state_release_name(home, wanted);
		return r;
	}
	state_release_name(home, old);
	if (container_has_monitor(&c))
		monitor_tell_changed(home, c.spec.id);
	extra = mem_fmt("oldName=/%s", old);
	free(c.spec.name);
	c.spec.name = own_give_ptr(&wanted);
	events_note_container(home, &c.spec, "rename", extra);
	return 0;
}
