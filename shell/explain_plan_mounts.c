/* shell/explain_plan_mounts.c - volumes, mounts and devices of a container to come, told
 * beforehand; see explain_plan.h.
 *
 * A mount must lie on something. What the image has, and what the runtime lays into every
 * root before the user's mounts, is looked at; what is missing there would be made:
 *
 *   bind          open_tree(SOURCE)
 *   mount points      mkdirat(...)         only where it is missing
 *   bind          move_mount(TARGET) */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/look.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/devices.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"

/* One to come.
 *
 * behind  what lies behind its target then: a path of the machine; NULL: an empty file
 *         system; FROM_IMAGE: a new volume, filled with what the image has there */
struct coming {
	char *target;
	char *behind;
	bool tmpfs;
	bool readonly;
};

struct planning {
	struct shell *shell;
	const struct spec *spec;
	struct explain *plan;
	struct coming *items;
	size_t count;
	struct strs devices; /* the places of those that are planned already */
};

static char from_image[] = "";

static void planning_done(struct planning *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].target);
		if (p->items[i].behind != from_image)
			free(p->items[i].behind);
	}
	free(p->items);
	strs_done(&p->devices);
}

/* ---- volumes ---- */

static bool is_empty(const char *path)
{
	OWN_DIR DIR *dir = opendir(path);
	int count = 0;

	while (dir && readdir(dir))
		count++;
	return count == 2; /* "." and ".." */
}

/* Where the files of a volume lie, NULL for a file system of its own. *out_there: it is
 * there already. */
static char *path_of_volume(struct shell *shell, const char *name,
			    bool *out_there)
{
	OWN_VOLUME struct volume volume = { 0 };
	struct err none = { 0 };

	*out_there = name &&
		     volume_find(shell->home, name, &volume, &none) == 0;
	return *out_there ? volume_path(shell->home, &volume) : NULL;
}

void plan_volumes(struct shell *shell, const struct spec *spec,
		  struct explain *plan)
{
	bool fills = false;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount;
		OWN_FREE char *path = NULL;
		struct err none = { 0 };
		bool there;

		if (mount_spec_read(spec->mounts.items[i], &mount, &none) < 0 ||
		    !mount_spec_is(&mount, "volume"))
			continue;
		path = path_of_volume(shell, mount.source, &there);
		if (!there)
			plan_add(
				plan, TRACE_PARENT, TRACE_VOLUME,
				"mkdirat(volumes/.new/_data); renameat2(volumes/%s, RENAME_NOREPLACE)",
				mount.source && !mount.anonymous ? mount.source
								 : "RANDOM");
		fills = fills || (!mount.no_copy &&
				  (there ? path && is_empty(path)
					 : !mount.driver_options.count));
	}
	if (fills)
		plan_enter_layers(plan);
}

void plan_volumes_gone(const struct spec *spec, struct explain *plan)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount;
		struct err none = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &none) ==
			    0 &&
		    mount.anonymous)
			plan_add(plan, TRACE_MONITOR, TRACE_VOLUME_GONE,
				 "renameat(volumes/RANDOM, volumes/.old); unlinkat");
	}
}

/* ---- what there is ---- */

static int by_depth(const void *a, const void *b)
{
	const char *x = ((const struct coming *)a)->target;
	const char *y = ((const struct coming *)b)->target;
	int depth = mount_spec_depth(x) - mount_spec_depth(y);

	return depth ? depth : strcmp(x, y);
}

static struct coming *add(struct planning *p, const char *target, size_t len)
{
	struct coming *one;

	p->items = mem_grow(p->items, p->count + 1, sizeof(*p->items));
	one = &p->items[p->count++];
	*one = (struct coming){ .target = mem_strn(target, len) };
	return one;
}

static void gather_mount(struct planning *p, const char *text)
{
	OWN_MOUNT_SPEC struct mount_spec mount;
	struct err none = { 0 };
	struct coming *one;
	bool there = false;

	if (mount_spec_read(text, &mount, &none) < 0)
		return;
	one = add(p, mount.target, strlen(mount.target));
	one->readonly = mount.readonly;
	one->tmpfs = mount_spec_is(&mount, "tmpfs");
	if (mount_spec_is(&mount, "bind"))
		one->behind = mem_str(mount.source);
	if (!mount_spec_is(&mount, "volume") || !p->shell)
		return;
	one->behind = path_of_volume(p->shell, mount.source, &there);
	if (!there && !mount.driver_options.count)
		one->behind = from_image;
}

static void gather(struct planning *p)
{
	const struct spec *spec = p->spec;

	for (size_t i = 0; i < spec->mounts.count; i++)
		gather_mount(p, spec->mounts.items[i]);
	for (size_t i = 0; i < spec->tmpfs.count; i++)
		add(p, spec->tmpfs.items[i],
		    strcspn(spec->tmpfs.items[i], ":"))
			->tmpfs = true;
	if (p->count)
		qsort(p->items, p->count, sizeof(*p->items), by_depth);
}

/* ---- mount points ---- */

bool plan_has_mount(const struct spec *spec, const char *target)
{
	struct planning p = { .spec = spec };
	bool has = false;

	gather(&p);
	for (size_t i = 0; i < p.count; i++)
		has = has || strcmp(p.items[i].target, target) == 0;
	planning_done(&p);
	return has;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || !path[len]);
}

/* In the /dev that is made for every container. */
static bool is_in_dev(const struct planning *p, const char *path)
{
	static const char *const made[] = {
		"/dev",	       "/dev/pts",   "/dev/mqueue", "/dev/null",
		"/dev/zero",   "/dev/full",  "/dev/random", "/dev/tty",
		"/dev/fd",     "/dev/stdin", "/dev/stdout", "/dev/ptmx",
		"/dev/stderr", "/dev/urandom",
	};
	const char *ipc = p->spec->ipc_mode;

	if (strcmp(path, "/dev/shm") == 0)
		return !plan_has_mount(p->spec, path) &&
		       !(ipc && strcmp(ipc, "none") == 0);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (strcmp(made[i], path) == 0)
			return true;
	for (size_t i = 0; i < p->devices.count; i++)
		if (is_below(p->devices.items[i], path))
			return true;
	return false;
}

/* What the mount-point layer adds to every image. */
static bool is_given(const char *path)
{
	static const char *const given[] = { "/",	   "/proc",
					     "/sys",	   "/etc",
					     "/etc/hosts", "/etc/hostname",
					     "/etc/mtab",  "/etc/resolv.conf" };

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (strcmp(given[i], path) == 0)
			return true;
	return is_below(path, "/proc") || is_below(path, "/sys");
}

static bool is_in_image(const struct planning *p, const char *path)
{
	const struct look_place place = {
		.home = p->shell->home,
		.container = p->spec->id,
		.links = &p->spec->layers,
	};
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	struct err none = { 0 };

	return look_at(&place, path, file, &none) == 0 && file->code == 0;
}

/* The mounts before the one at `at` are there by then; the last of them that covers the
 * path counts. */
static bool is_there(const struct planning *p, size_t at, const char *path)
{
	for (size_t i = at; i-- > 0;) {
		const struct coming *one = &p->items[i];
		const char *rest = path + strlen(one->target);
		OWN_FREE char *behind = NULL;

		if (!is_below(path, one->target))
			continue;
		if (!*rest || one->behind == from_image)
			break;
		behind = one->behind ? mem_fmt("%s%s", one->behind, rest)
				     : NULL;
		return behind && access(behind, F_OK) == 0;
	}
	if (is_below(path, "/dev"))
		return is_in_dev(p, path);
	return is_given(path) || is_in_image(p, path);
}

/* Each folder of the path that is missing, and its end. */
static void plan_place(struct planning *p, size_t at, const char *target,
		       bool folder)
{
	if (is_there(p, at, target))
		return;
	for (const char *end = target; end && *end;) {
		OWN_FREE char *part = NULL;
		const char *name;

		end = strchr(end + 1, '/');
		part = end ? mem_strn(target, (size_t)(end - target))
			   : mem_str(target);
		if (is_there(p, at, part))
			continue;
		name = strrchr(part, '/') + 1;
		if (end || folder)
			plan_add(p->plan, TRACE_CHILD, TRACE_MOUNT_POINTS,
				 "mkdirat(FD, \"%s\", 0755)", name);
		else
			plan_add(p->plan, TRACE_CHILD, TRACE_MOUNT_POINTS,
				 "mknodat(FD, \"%s\", S_IFREG|0644)", name);
	}
}

/* ---- the steps ---- */

static int plan_node(void *arg, const char *from, const char *to,
		     struct err *err)
{
	struct planning *p = arg;

	(void)err;
	plan_add(p->plan, TRACE_CHILD, TRACE_BIND, "open_tree(\"%s\")", from);
	plan_place(p, 0, to, false);
	plan_add(p->plan, TRACE_CHILD, TRACE_BIND, "move_mount(\"%s\")", to);
	strs_add(&p->devices, to);
	return 0;
}

static void plan_coming(struct planning *p, size_t i)
{
	const struct coming *one = &p->items[i];
	struct stat st;

	if (one->tmpfs) {
		plan_place(p, i, one->target, true);
		plan_add(p->plan, TRACE_CHILD, TRACE_TMPFS,
			 "mount(\"tmpfs\", %s, \"tmpfs\")", one->target);
		return;
	}
	plan_add(p->plan, TRACE_CHILD, TRACE_BIND, "open_tree(%s)",
		 one->behind && *one->behind ? one->behind : "VOLUME");
	plan_place(p, i, one->target,
		   !one->behind || stat(one->behind, &st) < 0 ||
			   S_ISDIR(st.st_mode));
	plan_add(p->plan, TRACE_CHILD, TRACE_BIND, "move_mount(%s)%s",
		 one->target, one->readonly ? "; MS_RDONLY" : "");
}

int plan_mounts(struct shell *shell, const struct spec *spec,
		struct explain *plan, struct err *err)
{
	struct planning p = { .shell = shell, .spec = spec, .plan = plan };
	int r = devices_each(spec, plan_node, &p, err);

	gather(&p);
	for (size_t i = 0; i < p.count && r == 0; i++)
		plan_coming(&p, i);
	planning_done(&p);
	return r;
}

void plan_cwd(struct shell *shell, const struct spec *spec,
	      struct explain *plan)
{
	struct planning p = { .shell = shell, .spec = spec, .plan = plan };

	gather(&p);
	if (spec->cwd && *spec->cwd == '/')
		plan_place(&p, p.count, spec->cwd, true);
	planning_done(&p);
}
