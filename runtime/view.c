/* runtime/view.c - see view.h
 *
 *   runs      setns(user, mnt of process 1)   its tree of mounts, as it is (held by
 *                                             descriptors: process 1 may end)
 *             unshare(mnt)                    a copy of the tree, ours
 *             umount /proc /sys /dev, tmpfs   in the copy alone
 *
 *   does not  clone(user, mnt)                the machine's tree, a copy
 *             mount overlay                   with the container's lock held
 *             bind hosts, hostname ...
 *             chroot
 *
 * The machine's own files are out of reach from the first step (runs) or the last
 * (does not) on: only then the work begins. */
#include "runtime/view.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/binds.h"
#include "runtime/calls.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/process_1.h"
#include "runtime/rootfs.h"
#include "runtime/state.h"
#include "runtime/sys.h"

enum {
	PATIENCE_MS = 5000, /* for a container that is just starting or ending */
	LOOK_AGAIN_MS = 10,
};

/* What the child knows.
 *
 * user_ns,
 * mount_ns   those of process 1, or -1
 * folder_fd  containers/<id>, locked where that is needed */
struct viewing {
	const struct home *home;
	const struct spec *spec;
	const struct view_job *job;
	enum view_how how;
	int user_ns;
	int mount_ns;
	int folder_fd;
};

static int enter_root(struct err *err)
{
	if (chroot(".") < 0 || chdir("/") < 0)
		return err_errno(err, "chroot to the container's files");
	return 0;
}

static int open_root(struct err *err)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "open the container's root") : fd;
}

/* ---- one that runs ---- */

static void hide(const char *path)
{
	/* What the container itself has taken away is not there to be hidden. */
	(void)call_umount(TRACE_OWN_MOUNTS, path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

static void hide_what_runs_alone(const struct spec *spec)
{
	for (size_t i = 0; i < spec->tmpfs.count; i++) {
		OWN_FREE char *path =
			mem_strn(spec->tmpfs.items[i],
				 strcspn(spec->tmpfs.items[i], ":"));

		hide(path);
	}
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) ==
			    0 &&
		    mount_spec_is(&mount, "tmpfs"))
			hide(mount.target);
	}
	hide("/proc");
	hide("/sys");
	hide("/dev");
}

/* The root's own mount, and nothing that lies on it. */
static int open_layers_alone(struct err *err)
{
	OWN_FD int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/",
				     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open_tree(\"/\", OPEN_TREE_CLONE)");
	if (fchdir(fd) < 0)
		return err_errno(err, "enter the container's root");
	return enter_root(err);
}

static int join(const struct viewing *v, struct err *err)
{
	int r;

	if (v->user_ns >= 0 &&
	    call_setns(TRACE_JOIN, v->user_ns, CLONE_NEWUSER) < 0)
		return err_errno(err, "setns(process 1, CLONE_NEWUSER)");
	if (call_setns(TRACE_JOIN, v->mount_ns, CLONE_NEWNS) < 0)
		return err_errno(err, "setns(process 1, CLONE_NEWNS)");
	/* It is our program, in reach of the container's own root now. */
	(void)prctl(PR_SET_DUMPABLE, 0L);
	if (v->how == VIEW_LAYERS) {
		r = open_layers_alone(err);
		return r < 0 ? r : open_root(err);
	}
	if (call_unshare(TRACE_OWN_MOUNTS, CLONE_NEWNS) < 0)
		return err_errno(err, "unshare(CLONE_NEWNS)");
	if (call_mount(TRACE_PROPAGATION, NULL, "/", NULL, MS_REC | MS_PRIVATE,
		       NULL) < 0)
		return err_errno(err, "make mounts private");
	hide_what_runs_alone(v->spec);
	return open_root(err);
}

/* ---- one that does not run ---- */

static bool lies_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || !path[len]);
}

/* What is mounted there is seen in the container while it runs, and only then. */
static bool runs_alone(const struct mount_spec *mount)
{
	return mount_spec_is(mount, "tmpfs") ||
	       lies_in(mount->target, "/proc") ||
	       lies_in(mount->target, "/sys") || lies_in(mount->target, "/dev");
}

/* Volumes and folders of the machine, as `run` mounts them. Where the tree is only
 * looked at, a mount point that was never made is not missed. */
static int mount_binds(struct binds *binds, int root_fd, struct err *err)
{
	for (size_t i = 0; i < binds->count; i++) {
		const struct mount_spec *mount = &binds->items[i].mount;
		struct err why = { 0 };

		if (runs_alone(mount) ||
		    binds_mount_at(binds, root_fd, mount->target, &why) == 0 ||
		    why.code == EROFS)
			continue;
		*err = why;
		return -err->code;
	}
	return 0;
}

/* By descriptors: the target lies in the container and may be a link. */
static int bind_file(const struct viewing *v, int root_fd, const char *name,
		     struct err *err)
{
	OWN_FREE char *source = mem_fmt("%s/containers/%s/%s", v->home->path,
					v->spec->id, name);
	OWN_FREE char *path = mem_fmt("etc/%s", name);
	OWN_FD int target = -1;

	if (access(source, F_OK) < 0)
		return 0; /* never started: it has not been written yet */
	target = rootfs_target(root_fd, path, false, false, err);
	if (target < 0)
		return target;
	if (call_mount_at(TRACE_ETC, &(struct call_mount_at){
					     target, source, NULL, MS_BIND,
					     NULL }) < 0)
		return err_errno(err, "mount %s on /%s", source, path);
	return 0;
}

static int mount_again(const struct viewing *v, struct err *err)
{
	static const char *const files[] = { "hosts", "hostname",
					     "resolv.conf" };
	struct binds binds = { 0 };
	int fd = v->how == VIEW_WRITE ?
			 rootfs_mount(v->home, v->spec, true, err) :
			 rootfs_mount_to_read(v->home, v->spec, true, err);
	int r = 0;

	if (fd < 0)
		return fd;
	if (v->how != VIEW_LAYERS)
		r = binds_read(v->home, v->spec, &binds, err);
	for (size_t i = 0; v->how != VIEW_LAYERS && i < 3 && r == 0; i++)
		r = bind_file(v, fd, files[i], err);
	if (r == 0)
		r = mount_binds(&binds, fd, err);
	if (r == 0)
		r = enter_root(err);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* ---- both ---- */

static void ignore_signals(const struct viewing *v)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGTSTP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	/* One that writes ends when its socket does, with what is half taken
	 * back; one that only looks may die with its caller. */
	if (v->how == VIEW_WRITE)
		(void)prctl(PR_SET_PDEATHSIG, 0L);
}

static int view(void *arg, struct buf *reply, struct err *err)
{
	const struct viewing *v = arg;
	OWN_FD int root_fd = -1;

	ignore_signals(v);
	if (v->job->prepare)
		v->job->prepare();
	root_fd = v->mount_ns >= 0 ? join(v, err) : mount_again(v, err);
	if (root_fd < 0)
		return root_fd;
	return v->job->work(root_fd, v->job->arg, reply, err);
}

/* The namespaces of process 1. False where it has just ended. */
static bool hold_namespaces(struct viewing *v, const struct container *c)
{
	struct err passing = { 0 };
	OWN_FD int pidfd = process_1_hold(v->home, c, &passing);
	char path[40];

	if (pidfd < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", c->pid);
	v->mount_ns = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", c->pid);
	if (userns_kind() != USERNS_NONE)
		v->user_ns = open(path, O_RDONLY | O_CLOEXEC);
	/* Only if it is there still, the number was its own till now. */
	return v->mount_ns >= 0 &&
	       (v->user_ns >= 0) == (userns_kind() != USERNS_NONE) &&
	       sys_pidfd_send_signal(pidfd, 0) == 0;
}

static void let_go(struct viewing *v)
{
	if (v->mount_ns >= 0)
		close(own_give_fd(&v->mount_ns));
	if (v->user_ns >= 0)
		close(own_give_fd(&v->user_ns));
	if (v->folder_fd >= 0)
		close(own_give_fd(&v->folder_fd));
}

/* One look at the container. 1: it is settled how to get in; 0: it is on its way
 * from one state to the other. */
static int settle(struct viewing *v, const char *name, struct container *c,
		  struct err *err)
{
	struct err passing = { 0 };
	int r = container_find(v->home, name, c, err);

	if (r < 0)
		return r;
	v->spec = &c->spec;
	if (c->status == CONTAINER_RUNNING || c->status == CONTAINER_PAUSED)
		return hold_namespaces(v, c);
	v->folder_fd = state_open_folder(v->home, c->spec.id, &passing);
	if (v->folder_fd < 0)
		return 0;
	return v->how != VIEW_WRITE ||
	       state_lock(v->folder_fd, &passing) == 0;
}

static int find(struct viewing *v, const char *name, struct container *c,
		struct err *err)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	for (;;) {
		int r = settle(v, name, c, err);

		if (r != 0)
			return r < 0 ? r : 0;
		let_go(v);
		if (interrupt_seen())
			return interrupt_err(err);
		if (clock_ms() > until)
			return err_set(err, EBUSY, _("the container %.12s is in use"),
				       c->spec.id);
		container_done(c);
		usleep(LOOK_AGAIN_MS * 1000);
	}
}

int view_start(const struct home *home, const char *name, enum view_how how,
	       const struct view_job *job, struct userns_child *out,
	       struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct viewing v = { home, NULL, job, how, -1, -1, -1 };
	int r = find(&v, name, &c, err);

	/* The child's copies of the descriptors, and with one of them the lock,
	 * live as long as the child. */
	if (r == 0)
		r = userns_start(view, &v,
				 v.mount_ns >= 0 ? USERNS_HERE :
						   USERNS_WITH_MOUNTS,
				 out, err);
	let_go(&v);
	return r;
}

int view_call(const struct home *home, const char *name, enum view_how how,
	      const struct view_job *job, struct buf *reply, struct err *err)
{
	struct userns_child child = { -1, -1 };
	int r = view_start(home, name, how, job, &child, err);

	return r < 0 ? r : userns_finish(&child, reply, err);
}
