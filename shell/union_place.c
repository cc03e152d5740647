/* shell/union_place.c - see union_place.h */
#include "shell/union_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "shell/cmd.h"
#include "shell/shell.h"

void union_place_done(struct union_place *place)
{
	free(place->name);
	free(place->path);
	free(place->mounted);
	free(place->id);
	strs_done(&place->folders);
	strs_done(&place->labels);
	*place = (struct union_place){ 0 };
}

static void add(struct union_place *place, const char *folder,
		const char *label)
{
	strs_add(&place->folders, folder);
	strs_add(&place->labels, label);
}

static void add_layers(struct union_place *place, const struct strs *links)
{
	for (size_t i = 0; i < links->count; i++) {
		OWN_FREE char *label = mem_fmt("%zu", links->count - i);

		add(place, links->items[i], label);
	}
}

/* ---- a container ---- */

static bool lies_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return len > 1 && strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || !path[len]);
}

static void find_mount(const struct spec *spec, struct union_place *place)
{
	static const char *const always[] = {
		"/proc",      "/sys",          "/dev",
		"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"
	};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!place->mounted && lies_in(place->path, always[i]))
			place->mounted = mem_str(always[i]);
	for (size_t i = 0; i < spec->tmpfs.count && !place->mounted; i++) {
		OWN_FREE char *target =
			mem_strn(spec->tmpfs.items[i],
				 strcspn(spec->tmpfs.items[i], ":"));

		if (lies_in(place->path, target))
			place->mounted = mem_str(target);
	}
	for (size_t i = 0; i < spec->mounts.count && !place->mounted; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    lies_in(place->path, mount.target))
			place->mounted = mem_str(mount.target);
	}
}

static void take_container(struct shell *shell, const struct container *c,
			   struct union_place *place)
{
	const struct spec *spec = &c->spec;
	OWN_FREE char *upper = mem_fmt("containers/%s/upper", spec->id);

	place->name = mem_str(spec->name);
	place->id = mem_str(spec->id);
	add(place, upper, "rw");
	if (spec->layers.count) {
		OWN_FREE char *init =
			mem_fmt("%s/../init", spec->layers.items[0]);

		if (fs_exists(shell->home->fd, init))
			add(place, init, "init");
	}
	add_layers(place, &spec->layers);
	find_mount(spec, place);
}

/* ---- an image ---- */

static int take_image(struct shell *shell, const char *name,
		      struct union_place *place, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r = shell_need_store(shell, err);

	if (r == 0)
		r = image_find(shell->store, name, &image, err);
	if (r < 0)
		return r;
	if (!image.links.count)
		return err_set(
			err, ENOENT,
			_("the image %s has no layer: there is nothing to look through"),
			name);
	place->name = mem_str(name);
	add_layers(place, &image.links);
	return 0;
}

int union_place_find(struct shell *shell, const char *text,
		     struct union_place *out, struct err *err)
{
	const char *colon = strstr(text, ":/");
	struct union_place place = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FREE char *name = NULL;
	struct err none = { 0 };
	int r = 0;

	if (!colon || colon == text) {
		err_set(err, EINVAL,
			_("'%s' is no place in a container or an image"), text);
		return err_hint(err,
				_("write NAME:/path, as in web:/etc/passwd"));
	}
	name = mem_strn(text, (size_t)(colon - text));
	place.path = fs_clean_path(colon + 1);
	if (container_find(shell->home, name, &c, &none) == 0)
		take_container(shell, &c, &place);
	else if (none.code != ENOENT)
		r = err_set(err, none.code, "%s", none.msg);
	else
		r = take_image(shell, name, &place, err);
	if (r < 0) {
		union_place_done(&place);
		return r;
	}
	*out = place;
	return 0;
}
