/* runtime/rootfs.c - see rootfs.h
 *
 * mount(2) takes a page of options. To get hundreds of layers into it, the
 * current folder is l/ and each layer is a link of a few letters in there. */
#include "runtime/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum {
	MAX_OPTIONS = 4095,
	MAX_LINKS = 40, /* as the kernel's own walk */
};

const char *const rootfs_mount_points[] = {
	"dev",		"dev/console", "dev/pts",   "dev/shm", "proc",
	"sys",		".dockerenv",  "etc/hosts", "etc/hostname",
	"etc/resolv.conf", "etc/mtab", NULL,
};

/* "l/AB" to "AB": names are given below the home, mounted from l/. */
static const char *in_l(const char *layer)
{
	return strncmp(layer, "l/", 2) == 0 ? layer + 2 : layer;
}

static void add_layers(struct buf *options, const struct spec *spec,
		       bool with_init)
{
	if (with_init)
		buf_fmt(options, "%s/../init:", in_l(spec->layers.items[0]));
	for (size_t i = 0; i < spec->layers.count; i++)
		buf_fmt(options, "%s%s", i ? ":" : "",
			in_l(spec->layers.items[i]));
}

const char *rootfs_flavour(void)
{
	/* In a user namespace overlayfs keeps its marks in user.overlay.*
	 * instead of trusted.overlay.*; without the word the mount succeeds
	 * too, and silently loses them. What a kernel may have switched on by
	 * itself is off: with redirects a renamed folder is a name alone, and
	 * `diff` and `commit` read the writable layer as it lies there. */
	return userns_kind() == USERNS_NONE ?
		       ",index=off,redirect_dir=off,metacopy=off" :
		       ",userxattr";
}

static int mount_overlay(enum trace_step step, const char *where,
			 const struct buf *options, unsigned long flags,
			 struct err *err)
{
	if (options->len > MAX_OPTIONS)
		return err_set(err, E2BIG,
			       _("an image of that many layers does not fit into one mount (%zu of %d bytes of options)"),
			       options->len, MAX_OPTIONS);
	if (call_mount(step, "overlay", where, "overlay", flags,
		       options->data) == 0)
		return 0;
	err_errno(err, "mount overlay (%s)", options->data);
	if (err->code == EPERM || err->code == EINVAL || err->code == ENODEV)
		err_hint(err, _("this kernel, or the file system that the state lies on, does not let you mount an overlay here; --home DIR names another place (on a local disk: not NFS, not another overlay)"));
	return -err->code;
}

/* A place in a root, to be made. Links that lead nowhere yet are followed, as Docker's
 * runtime does: `links` says how many there may be, for somebody inside may turn them
 * meanwhile. */
struct place {
	int root_fd;
	bool plain;
	int links;
};

static int open_place(const struct place *place, const char *path, bool folder)
{
	return fs_openat2(place->root_fd, path,
			  O_PATH | (folder ? O_DIRECTORY : 0), 0,
			  RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
				  (place->plain ? RESOLVE_NO_SYMLINKS : 0));
}

static int make_place(int parent_fd, const char *name, bool folder)
{
	if (folder)
		return TRACED(TRACE_MOUNT_POINTS,
			      mkdirat(parent_fd, name, 0755),
			      "mkdirat(%d, \"%s\", 0755)", parent_fd, name);
	return TRACED(TRACE_MOUNT_POINTS,
		      mknodat(parent_fd, name, S_IFREG | 0644, 0),
		      "mknodat(%d, \"%s\", S_IFREG|0644)", parent_fd, name);
}

/* Where a link leads, as a path beneath the root; NULL for what is no link. */
static char *where_link_leads(int parent_fd, const char *parent,
			      const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(parent_fd, name, target, sizeof(target) - 1);

	while (len > 0 && target[len - 1] == '/')
		len--;
	if (len <= 0)
		return NULL;
	target[len] = '\0';
	return target[0] == '/' ? mem_str(target + strspn(target, "/")) :
				  mem_fmt("%s/%s", parent, target);
}

static int find_place(struct place *place, const char *path, bool folder,
		      struct err *err)
{
	int fd = open_place(place, path, folder);
	OWN_FREE char *parent = NULL;
	OWN_FREE char *further = NULL;
	OWN_FD int parent_fd = -1;
	const char *name;

	if (fd >= 0)
		return fd;
	if (errno == ELOOP || errno == ENOTDIR) {
		err_errno(err, "open the mount point /%s", path);
		return err_hint(err, _("the image has a link or a file where the container needs a plain folder of its own"));
	}
	if (errno != ENOENT)
		return err_errno(err, "open the mount point /%s", path);

	name = strrchr(path, '/');
	parent = name ? mem_strn(path, (size_t)(name - path)) : mem_str(".");
	name = name ? name + 1 : path;
	parent_fd = strcmp(parent, ".") == 0 ?
			    fcntl(place->root_fd, F_DUPFD_CLOEXEC, 0) :
			    find_place(place, parent, true, err);
	if (parent_fd < 0)
		return err->code ? -err->code : err_errno(err, "dup");
	if (make_place(parent_fd, name, folder) < 0) {
		if (errno != EEXIST)
			return err_errno(err, "make the mount point /%s", path);
		further = where_link_leads(parent_fd, parent, name);
	}
	if (further && place->links-- > 0)
		return find_place(place, further, folder, err);
	fd = open_place(place, path, folder);
	if (fd < 0)
		return err_errno(err, "open the mount point /%s", path);
	return fd;
}

int rootfs_target(int root_fd, const char *path, bool folder, bool plain,
		  struct err *err)
{
	struct place place = { root_fd, plain, plain ? 0 : MAX_LINKS };

	return find_place(&place, path, folder, err);
}

/* ---- the mount-point layer ---- */

static bool is_folder(const char *mount_point)
{
	return !strchr(mount_point, '/') ? mount_point[0] != '.' :
		strcmp(mount_point, "dev/pts") == 0 ||
		strcmp(mount_point, "dev/shm") == 0;
}

static int fill_mount_points(int root_fd, struct err *err)
{
	for (const char *const *p = rootfs_mount_points; *p; p++) {
		OWN_FD int fd = -1;
		bool plain = strncmp(*p, "etc/", 4) != 0;

		if (strcmp(*p, "etc/mtab") == 0) {
			(void)!TRACED(TRACE_MOUNT_POINTS,
				      symlinkat("/proc/mounts", root_fd, *p),
				      "symlinkat(\"/proc/mounts\", %d, \"%s\")",
				      root_fd, *p);
			continue; /* there already is as good */
		}
		fd = rootfs_target(root_fd, *p, is_folder(*p), plain, err);
		if (fd < 0)
			return fd;
	}
	return 0;
}

/* Makes l/TOP/../init beside the layer: an overlay over the image, whose upper
 * folder catches what the mount points need. The current folder is l/. Two
 * starts at once both make one, told apart by the containers' ids (process ids
 * all begin at 1 in here); the first rename wins. */
static int make_init(const struct spec *spec, const char *root_path,
		     struct err *err)
{
	const char *top = in_l(spec->layers.items[0]);
	OWN_FREE char *final = mem_fmt("%s/../init", top);
	OWN_FREE char *half = mem_fmt("%s/../init.%.12s", top, spec->id);
	OWN_FREE char *work = mem_fmt("%s/../work.%.12s", top, spec->id);
	OWN_BUF struct buf options = { 0 };
	OWN_FD int root_fd = -1;
	struct err ignored = { 0 };
	int r;

	if (call_mkdir(TRACE_MOUNT_POINTS, half, 0755) < 0 ||
	    call_mkdir(TRACE_MOUNT_POINTS, work, 0755) < 0)
		return err_errno(err, "mkdir %s", half);
	buf_str(&options, "lowerdir=");
	add_layers(&options, spec, false);
	buf_fmt(&options, ",upperdir=%s,workdir=%s", half, work);
	buf_str(&options, rootfs_flavour());
	r = mount_overlay(TRACE_MOUNT_POINTS, root_path, &options, MS_NODEV,
			  err);
	if (r == 0) {
		root_fd = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = root_fd < 0 ? err_errno(err, "open %s", root_path) :
				  fill_mount_points(root_fd, err);
		close(own_give_fd(&root_fd));
		if (call_umount(TRACE_MOUNT_POINTS, root_path, MNT_DETACH) < 0 &&
		    r == 0)
			r = err_errno(err, "umount %s", root_path);
	}
	if (r == 0 && call_rename(TRACE_MOUNT_POINTS, half, final) < 0 && errno != EEXIST &&
	    errno != ENOTEMPTY)
		r = err_errno(err, "rename %s", half);
	(void)fs_remove_tree(AT_FDCWD, half, &ignored);
	(void)fs_remove_tree(AT_FDCWD, work, &ignored);
	return r;
}

/* ---- an image of no layers ---- */

/* overlayfs wants something to lie below. Two that make it at once make the same. */
int rootfs_need_layer(const struct home *home, struct spec *spec,
		      struct err *err)
{
	const char *const folder = "layers/" ROOTFS_NO_LAYER "/diff";
	const char *const link = "l/" ROOTFS_NO_LAYER;
	int r;

	if (spec->layers.count)
		return 0;
	if (!fs_exists(home->fd, link)) {
		r = fs_make_dirs(home->fd, folder, 0755, err);
		if (r < 0)
			return r;
		/* It is seen as the container's /, whatever the umask. */
		if (fchmodat(home->fd, folder, 0755, 0) < 0)
			return err_errno(err, "chmod %s", folder);
		if (symlinkat("../layers/" ROOTFS_NO_LAYER "/diff", home->fd,
			      link) < 0 &&
		    errno != EEXIST)
			return err_errno(err, "symlink %s", link);
	}
	strs_add(&spec->layers, link);
	return 0;
}

/* ---- the container's root ---- */

/* A folder of the container's. A comma ends an option of mount(2), a colon a layer: in
 * a path they are marked as what they are. */
static void add_own(struct buf *options, const char *key,
		    const struct home *home, const struct spec *spec,
		    const char *name)
{
	buf_str(options, key);
	for (const char *c = home->path; *c; c++) {
		if (strchr("\\,:", *c))
			buf_char(options, '\\');
		buf_char(options, *c);
	}
	buf_fmt(options, "/containers/%s/%s", spec->id, name);
}

static void add_upper(struct buf *options, const struct home *home,
		      const struct spec *spec)
{
	add_own(options, ",upperdir=", home, spec, "upper");
	add_own(options, ",workdir=", home, spec, "work");
}

/* What a volatile mount leaves to say "I did not sync": a second mount refuses
 * until somebody who does not mind has removed it. Containers belong to this
 * boot, so we do not mind. */
static void forget_volatile(const struct home *home, const struct spec *spec)
{
	OWN_FREE char *path =
		mem_fmt("containers/%s/work/work/incompat", spec->id);
	struct err ignored = { 0 };

	(void)fs_remove_tree(home->fd, path, &ignored);
}

/* By its path: a descriptor from before the clone still lies in the old mount
 * namespace, and nothing can be mounted from there. */
static int enter_l(const struct home *home, struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/l", home->path);

	if (chdir(path) < 0)
		return err_errno(err, "chdir %s", path);
	return 0;
}

static int enter_root(const char *root_path, struct err *err)
{
	int fd;

	if (chdir(root_path) < 0)
		return err_errno(err, "chdir %s", root_path);
	fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(err, "open the container's root") : fd;
}

static int mount_layers(const struct home *home, const struct spec *spec,
			const char *root_path, bool with_init, struct err *err)
{
	OWN_BUF struct buf options = { 0 };
	/* nodev: a device node that the container makes, or that its image
	 * brings, cannot be opened; those of /dev are mounted one by one. */
	const unsigned long flags = spec->privileged ? 0 : MS_NODEV;
	struct err first = { 0 };
	size_t common;
	int r;

	buf_str(&options, "lowerdir=");
	add_layers(&options, spec, with_init);
	add_upper(&options, home, spec);
	buf_str(&options, rootfs_flavour());
	common = options.len;
	buf_str(&options, ",volatile");
	r = mount_overlay(TRACE_OVERLAY, root_path, &options, flags, &first);
	if (r == -EINVAL) { /* before Linux 5.10 there was no such word */
		options.data[options.len = common] = '\0';
		first = (struct err){ 0 };
		forget_volatile(home, spec);
		r = mount_overlay(TRACE_OVERLAY, root_path, &options, flags,
				  &first);
	}
	if (r < 0) {
		*err = first;
		return r;
	}
	return 0;
}

int rootfs_mount(const struct home *home, const struct spec *spec, bool again,
		 struct err *err)
{
	OWN_FREE char *root_path = mem_fmt("%s/run/root", home->path);
	struct err first = { 0 };
	int r;

	if (again)
		forget_volatile(home, spec);
	r = enter_l(home, err);
	if (r < 0)
		return r;
	r = mount_layers(home, spec, root_path, true, &first);
	if (r == -ENOENT) {
		/* The first container of an image makes its mount points. A
		 * store that may only be read (a grader's): they come to lie in
		 * the container's own layer. */
		r = make_init(spec, root_path, err);
		if (r < 0 && err->code != EROFS)
			return r;
		/* Before Linux 6.5 the mount that failed left its mark, too. */
		forget_volatile(home, spec);
		return mount_layers(home, spec, root_path, r == 0, err) < 0 ?
			       -err->code :
			       enter_root(root_path, err);
	}
	if (r < 0) {
		*err = first;
		return r;
	}
	return enter_root(root_path, err);
}

/* Makes the mount-point layer where there is none yet. *out_there: there is one
 * now, which cannot be where the store may only be read. */
static int need_init(const struct spec *spec, const char *root_path,
		     bool *out_there, struct err *err)
{
	OWN_FREE char *init =
		mem_fmt("%s/../init", in_l(spec->layers.items[0]));
	int r;

	*out_there = true;
	if (access(init, F_OK) == 0)
		return 0;
	r = make_init(spec, root_path, err);
	*out_there = r == 0;
	return r < 0 && err->code != EROFS ? r : 0;
}

int rootfs_mount_to_read(const struct home *home, const struct spec *spec,
			 bool mount_points, struct err *err)
{
	OWN_FREE char *root_path = mem_fmt("%s/run/root", home->path);
	OWN_BUF struct buf options = { 0 };
	int r = enter_l(home, err);

	if (r == 0 && mount_points)
		r = need_init(spec, root_path, &mount_points, err);
	if (r < 0)
		return r;
	/* The writable layer as just one more to look through. */
	add_own(&options, "lowerdir=", home, spec, "upper:");
	add_layers(&options, spec, mount_points);
	if (userns_kind() != USERNS_NONE)
		buf_str(&options, ",userxattr");
	r = mount_overlay(TRACE_OVERLAY, root_path, &options,
			  MS_RDONLY | MS_NODEV, err);
	return r < 0 ? r : enter_root(root_path, err);
}

int rootfs_mount_image(const struct home *home, const struct strs *layers,
		       struct err *err)
{
	OWN_FREE char *root_path = mem_fmt("%s/run/root", home->path);
	OWN_BUF struct buf options = { 0 };
	int r = enter_l(home, err);

	if (r < 0)
		return r;
	/* One layer is a tree as it is, and overlayfs wants two. */
	if (layers->count == 1) {
		int fd = open(in_l(layers->items[0]),
			      O_PATH | O_DIRECTORY | O_CLOEXEC);

		return fd < 0 ? err_errno(err, "open %s", layers->items[0]) :
				fd;
	}
	for (size_t i = 0; i < layers->count; i++)
		buf_fmt(&options, "%s%s", i ? ":" : "lowerdir=",
			in_l(layers->items[i]));
	if (userns_kind() != USERNS_NONE)
		buf_str(&options, ",userxattr");
	r = mount_overlay(TRACE_OVERLAY, root_path, &options,
			  MS_RDONLY | MS_NODEV | MS_NOSUID, err);
	return r < 0 ? r : enter_root(root_path, err);
}

int rootfs_pivot(struct err *err)
{
	/* The new root is put over the old one and the old one, now below it,
	 * is taken away: no folder for it is needed. pivot_root(2), "NOTES". */
	if (call_pivot_root(TRACE_PIVOT, ".", ".") < 0)
		return err_errno(err, "pivot_root(\".\", \".\")");
	if (call_umount(TRACE_PIVOT, ".", MNT_DETACH) < 0)
		return err_errno(err, "umount the old root");
	if (TRACED(TRACE_PIVOT, chdir("/"), "chdir(\"/\")") < 0)
		return err_errno(err, "chdir /");
	return 0;
}
