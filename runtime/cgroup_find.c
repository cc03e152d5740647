/* runtime/cgroup_find.c - see cgroup_find.h
 *
 * A line of mountinfo, and of /proc/self/cgroup:
 *
 *   35 31 0:32 /outer /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
 *              ^root  ^mount point               ^type         ^controllers
 *   4:memory:/outer/mine          0::/mine
 *     ^controllers  ^where we are   ^version 2
 *
 * Our folder is the mount point and what of our path lies below the root that is
 * mounted there: /sys/fs/cgroup/memory/mine. */
#include "runtime/cgroup_find.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_file.h"
#include "runtime/userns.h"

enum { MAX_TEXT = 1 << 20 };

/* The leaf that our own processes are moved to. */
#define SELF "dockershell-self"

static const char *const names[CGROUP_CONTROLLERS] = {
	"memory", "cpu", "cpuacct", "cpuset", "pids", "blkio", "freezer",
};

const char *cgroup_controller_name(enum cgroup_controller controller)
{
	return names[controller];
}

void cgroup_map_done(struct cgroup_map *map)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		free(map->v1[i]);
	free(map->v2);
	free(map->v2_top);
	*map = (struct cgroup_map){ 0 };
}

void cgroup_places_done(struct cgroup_places *places)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		free(places->v1[i]);
	free(places->v2);
	*places = (struct cgroup_places){ 0 };
}

/* ---- reading the two files ---- */

/* Whether `word` is one of a list with commas. */
static bool lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(list, word); at;
	     at = strstr(at + 1, word))
		if ((at == list || at[-1] == ',') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

/* Our path in the tree of that controller (NULL: version 2), or NULL. Given. */
static char *own_path(const char *own, const char *controller)
{
	OWN_STRS struct strs lines = { 0 };

	strs_split(&lines, own, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *list = strchr(lines.items[i], ':');
		char *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		list++;
		if (controller ? lists(list, controller) : *list == '\0')
			return mem_str(path);
	}
	return NULL;
}

/* Where `path` is to be found under a mount that shows `root`; given. A path
 * outside of what is mounted (a cgroup namespace of somebody else's) is seen as
 * the mount point itself. */
static char *below(const char *point, const char *root, const char *path)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(path, root, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0') || strstr(path, "/.."))
		return mem_str(point);
	if (strcmp(path + len, "/") == 0)
		len++;
	return mem_fmt("%s%s", point, path + len);
}

/* Cuts a line into fields; the four that matter, or false. */
static bool read_mount(char *line, char **root, char **point, char **type,
		       char **options)
{
	char *fields[5] = { 0 };
	char *dash = strstr(line, " - ");
	char *rest = NULL;

	if (!dash)
		return false;
	*dash = '\0';
	for (int i = 0; i < 5; i++)
		fields[i] = strtok_r(i ? NULL : line, " ", &rest);
	*root = fields[3];
	*point = fields[4];
	*type = strtok_r(dash + 3, " ", &rest);
	(void)strtok_r(NULL, " ", &rest); /* the source */
	*options = strtok_r(NULL, " ", &rest);
	if (!*point || !*options)
		return false;
	fs_unescape(*root);
	fs_unescape(*point);
	return true;
}

static void add_v1(struct cgroup_map *map, const char *own, char *const *mount)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		OWN_FREE char *path = NULL;

		if (map->v1[i] || !lists(mount[2], names[i]))
			continue;
		path = own_path(own, names[i]);
		if (path)
			map->v1[i] = below(mount[1], mount[0], path);
	}
}

void cgroup_map_read(struct cgroup_map *map, const char *mountinfo,
		     const char *own)
{
	OWN_STRS struct strs lines = { 0 };

	*map = (struct cgroup_map){ 0 };
	strs_split(&lines, mountinfo, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *mount[3];
		char *type;
		OWN_FREE char *path = NULL;

		if (!read_mount(lines.items[i], &mount[0], &mount[1], &type,
				&mount[2]))
			continue;
		if (strcmp(type, "cgroup") == 0)
			add_v1(map, own, mount);
		if (strcmp(type, "cgroup2") != 0 || map->v2)
			continue;
		path = own_path(own, NULL);
		if (!path)
			continue;
		map->v2 = below(mount[1], mount[0], path);
		map->v2_top = mem_str(mount[1]);
	}
}

/* ---- choosing the base of version 2 ---- */

static const struct {
	const char *name; /* in version 2 */
	unsigned bits;
} v2_controllers[] = {
	{ "memory", CGROUP_BIT(CGROUP_MEMORY) },
	{ "cpu", CGROUP_BIT(CGROUP_CPU) },
	{ "cpuset", CGROUP_BIT(CGROUP_CPUSET) },
	{ "pids", CGROUP_BIT(CGROUP_PIDS) },
	{ "io", CGROUP_BIT(CGROUP_IO) },
};

enum { V2_CONTROLLERS = sizeof(v2_controllers) / sizeof(v2_controllers[0]) };

unsigned cgroup_v2_listed(int folder_fd, const char *file)
{
	char text[512];
	char *rest = NULL;
	unsigned bits = 0;

	(void)cgroup_file_read(folder_fd, file, text, sizeof(text));
	for (const char *word = strtok_r(text, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest))
		for (int i = 0; i < V2_CONTROLLERS; i++)
			if (strcmp(word, v2_controllers[i].name) == 0)
				bits |= v2_controllers[i].bits;
	return bits;
}

/* Switches some on for the children; one at a time, as one that is refused must
 * not take the others along. Returns what they have then. */
static unsigned enable(int folder_fd, unsigned missing)
{
	struct err ignored = { 0 };

	for (int i = 0; i < V2_CONTROLLERS; i++) {
		char word[16];

		if (!(missing & v2_controllers[i].bits))
			continue;
		snprintf(word, sizeof(word), "+%s", v2_controllers[i].name);
		(void)cgroup_file_write(folder_fd, "cgroup.subtree_control",
					word, &ignored);
	}
	return cgroup_v2_listed(folder_fd, "cgroup.subtree_control");
}

/* The machine's own top, which has no type, may have both processes and controllers. */
static bool is_lived_in(int folder_fd)
{
	char text[64];

	return cgroup_file_exists(folder_fd, "cgroup.type") &&
	       cgroup_file_read(folder_fd, "cgroup.procs", text, sizeof(text)) ==
		       0 &&
	       text[0];
}

/* Moves the processes that live in the folder itself into a leaf. */
static void move_to_leaf(int folder_fd)
{
	struct err ignored = { 0 };
	char text[8192];
	OWN_FD int leaf = -1;

	if (mkdirat(folder_fd, SELF, 0755) < 0 && errno != EEXIST)
		return;
	leaf = openat(folder_fd, SELF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some may fork meanwhile: again until nobody is left, a few times. */
	for (int pass = 0; leaf >= 0 && pass < 10; pass++) {
		char *rest = NULL;
		const char *pid;

		(void)cgroup_file_read(folder_fd, "cgroup.procs", text,
				       sizeof(text));
		pid = strtok_r(text, "\n", &rest);
		if (!pid)
			return;
		for (; pid; pid = strtok_r(NULL, "\n", &rest))
			(void)cgroup_file_write(leaf, "cgroup.procs", pid,
						&ignored);
	}
}

/* What children of the folder have, after trying to give them all of *out_all,
 * which it has itself. Without `on` they are given nothing: what they could have. */
static unsigned try_base(const char *path, bool on, bool move,
			 unsigned *out_all)
{
	OWN_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned all;
	unsigned has;

	*out_all = 0;
	if (fd < 0)
		return 0;
	*out_all = all = cgroup_v2_listed(fd, "cgroup.controllers");
	if (!on)
		return all;
	has = cgroup_v2_listed(fd, "cgroup.subtree_control");
	if (has == all)
		return has;
	/* A folder that processes live in takes controllers of threads (cpu, pids) all
	 * the same, and then no process may enter a folder beneath it. */
	if (is_lived_in(fd)) {
		if (!move)
			return has;
		move_to_leaf(fd);
	}
	return enable(fd, all & ~has);
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ? mem_strn(path, (size_t)(slash - path)) :
					mem_str("/");
}

static bool is_ours(const char *path)
{
	OWN_FREE char *procs = mem_fmt("%s/cgroup.procs", path);
	struct stat st;

	return stat(path, &st) == 0 &&
	       (userns_is_root() || st.st_uid == geteuid()) &&
	       access(path, W_OK) == 0 && access(procs, W_OK) == 0;
}

/* The candidates: for root the top of the tree, where controllers need no
 * moving of processes; for others the folder above their own, which is theirs
 * where a service manager runs in their name, then their own. */
static void choose_v2(const struct cgroup_map *map, bool on,
		      struct cgroup_places *out)
{
	const char *slash = strrchr(map->v2, '/');
	bool in_leaf = slash && strcmp(slash + 1, SELF) == 0;
	OWN_FREE char *own = in_leaf ? parent_of(map->v2) : mem_str(map->v2);
	OWN_FREE char *first = userns_is_root() ? mem_str(map->v2_top) :
						  parent_of(own);
	unsigned all = 0;

	if ((userns_is_root() || !in_leaf) && is_ours(first)) {
		out->v2_has = try_base(first, on, false, &all);
		out->v2 = own_give_ptr(&first);
	}
	/* Nobody is moved where the first one gives all that there is. */
	if ((out->v2 && out->v2_has == all) || !is_ours(own))
		return;
	all = try_base(own, on, true, &all);
	if (out->v2 && !(all & ~out->v2_has))
		return;
	free(out->v2);
	out->v2 = own_give_ptr(&own);
	out->v2_has = all;
}

/* ---- all of it ---- */

static void read_proc(const char *path, struct buf *out)
{
	struct err ignored = { 0 };

	/* Nothing to be read is nothing to be found. */
	(void)fs_read(AT_FDCWD, path, MAX_TEXT, out, &ignored);
}

void cgroup_find(struct cgroup_places *out, bool on)
{
	OWN_BUF struct buf mounts = { 0 };
	OWN_BUF struct buf own = { 0 };
	OWN_CGROUP_MAP struct cgroup_map map = { 0 };
	bool any_v1 = false;

	*out = (struct cgroup_places){ 0 };
	read_proc("/proc/self/mountinfo", &mounts);
	read_proc("/proc/self/cgroup", &own);
	cgroup_map_read(&map, buf_text(&mounts), buf_text(&own));
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		any_v1 |= map.v1[i] != NULL;
		if (map.v1[i] && access(map.v1[i], W_OK) == 0)
			out->v1[i] = own_give_ptr(&map.v1[i]);
	}
	out->v2_only = map.v2 && !any_v1;
	if (map.v2)
		choose_v2(&map, on, out);
}

unsigned cgroup_places_have(const struct cgroup_places *places)
{
	unsigned bits = places->v2_has;

	if (places->v2)
		bits |= CGROUP_BIT(CGROUP_FREEZER);
	if (places->v2 && places->v2_only)
		bits |= CGROUP_BIT(CGROUP_CPUACCT);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (places->v1[i])
			bits |= CGROUP_BIT(i);
	return bits;
}

bool cgroup_is_unified(void)
{
	static enum { NOT_KNOWN, NO, YES } unified; /* asked once; forks inherit it */
	struct statfs fs;

	if (unified == NOT_KNOWN)
		unified = statfs("/sys/fs/cgroup", &fs) == 0 &&
					  fs.f_type == CGROUP2_SUPER_MAGIC ?
				  YES :
				  NO;
	return unified == YES;
}
