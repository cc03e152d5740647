/* runtime/namespaces.c - see namespaces.h
 *
 * Whoever enters a pid namespace stays outside of it: only children are born
 * there. And a namespace may be entered only with CAP_SYS_ADMIN in the user
 * namespace that owns it: a plain user must first go among the ids of the other
 * container. Source: setns(2), pid_namespaces(7), user_namespaces(7). */
#include "runtime/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/binds.h"
#include "runtime/calls.h"
#include "runtime/container.h"
#include "runtime/enclosure_guard.h"
#include "runtime/process_1.h"
#include "runtime/spec.h"
#include "runtime/userns.h"

static bool cgroup_shared; /* set once, in a process whose children inherit it */

void namespaces_share_cgroup(void)
{
	cgroup_shared = true;
}

bool namespaces_cgroup_is_shared(void)
{
	return cgroup_shared;
}

const char *namespaces_donor(const char *mode)
{
	static const char prefix[] = "container:";

	return mode && strncmp(mode, prefix, strlen(prefix)) == 0
		       ? mode + strlen(prefix)
		       : NULL;
}

bool namespaces_is_host(const char *mode)
{
	return mode && strcmp(mode, "host") == 0;
}

static bool is_shared(const char *mode)
{
	return namespaces_is_host(mode) || namespaces_donor(mode);
}

uint64_t namespaces_fresh(const struct spec *spec)
{
	bool donor = namespaces_donor(spec->pid_mode) ||
		     namespaces_donor(spec->ipc_mode) ||
		     namespaces_donor(spec->uts_mode) ||
		     namespaces_donor(spec->network_mode);
	uint64_t flags = CLONE_NEWNS;

	if (!is_shared(spec->pid_mode))
		flags |= CLONE_NEWPID;
	if (!is_shared(spec->ipc_mode))
		flags |= CLONE_NEWIPC;
	if (!is_shared(spec->uts_mode))
		flags |= CLONE_NEWUTS;
	if (!cgroup_shared && !namespaces_is_host(spec->cgroupns_mode))
		flags |= CLONE_NEWCGROUP;
	if (!is_shared(spec->network_mode))
		flags |= CLONE_NEWNET;
	if (userns_kind() != USERNS_NONE && !donor)
		flags |= CLONE_NEWUSER;
	return flags;
}

int namespaces_of_process_1(const struct spec *spec)
{
	int flags = CLONE_NEWNS;

	if (!namespaces_is_host(spec->pid_mode))
		flags |= CLONE_NEWPID;
	if (!namespaces_is_host(spec->ipc_mode))
		flags |= CLONE_NEWIPC;
	if (!namespaces_is_host(spec->uts_mode))
		flags |= CLONE_NEWUTS;
	if (!cgroup_shared && !namespaces_is_host(spec->cgroupns_mode))
		flags |= CLONE_NEWCGROUP;
	if (!namespaces_is_host(spec->network_mode))
		flags |= CLONE_NEWNET;
	return flags;
}

/* ---- the donors ---- */

static int open_donor(const struct home *home, const char *id, const char *what,
		      struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err why = { 0 };
	int fd = process_1_open(home, id, &c, &why);
	const char *state = "is not running";

	if (fd >= 0 || (fd != -ESRCH && fd != -EBUSY)) {
		if (fd < 0)
			*err = why;
		return fd;
	}
	if (fd == -EBUSY)
		state = c.status == CONTAINER_PAUSED
				? "is paused"
				: "is restarting, wait until the container is running";
	if (!what) /* Docker says less of pids */
		return err_docker(err, ERR_DAEMON, ESRCH, "container %s %s", id,
				  state);
	return err_docker(err, ERR_DAEMON, ESRCH,
			  "can't join %s of container %s: container %s %s",
			  what, id, id, state);
}

/* Only who said --ipc shareable (or shares the machine's) lets others in. */
static int may_join_ipc(const struct home *home, const char *id,
			struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (c.spec.ipc_mode && (strcmp(c.spec.ipc_mode, "shareable") == 0 ||
				is_shared(c.spec.ipc_mode)))
		return 0;
	return err_docker(
		err, ERR_DAEMON, EPERM,
		"can't join IPC of container %s: non-shareable IPC (hint: use IpcMode:shareable for the donor container)",
		id);
}

/* Docker knows this one by its name, and itself as no donor. */
static int open_network_donor(const struct home *home, const struct spec *spec,
			      const char *id, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int fd;

	if (strcmp(id, spec->id) == 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "cannot join own network");
	fd = process_1_open(home, id, &c, err);
	if (fd == -ESRCH)
		return err_docker(
			err, ERR_DAEMON, ESRCH,
			"cannot join network of a non running container: %s", id);
	return fd;
}

int namespaces_open(const struct home *home, const struct spec *spec,
		    struct namespaces *out, struct err *err)
{
	const char *pid = namespaces_donor(spec->pid_mode);
	const char *ipc = namespaces_donor(spec->ipc_mode);
	const char *uts = namespaces_donor(spec->uts_mode);
	const char *net = namespaces_donor(spec->network_mode);
	int r = guard_namespace("--pid", spec->pid_mode, err);

	*out = NAMESPACES_NONE;
	if (r == 0)
		r = guard_namespace("--ipc", spec->ipc_mode, err);
	if (r == 0 && ipc)
		r = out->ipc = open_donor(home, ipc, "IPC", err);
	if (r >= 0 && ipc)
		r = may_join_ipc(home, ipc, err);
	if (r >= 0 && pid)
		r = out->pid = open_donor(home, pid, NULL, err);
	if (r >= 0 && uts)
		r = out->uts = open_donor(home, uts, "UTS", err);
	if (r >= 0 && net)
		r = out->net = open_network_donor(home, spec, net, err);
	if (r < 0)
		namespaces_close(out);
	return r < 0 ? r : 0;
}

void namespaces_close(struct namespaces *namespaces)
{
	int *const fds[] = { &namespaces->pid, &namespaces->ipc,
			     &namespaces->uts, &namespaces->net };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

bool namespaces_any(const struct namespaces *namespaces)
{
	return namespaces->pid >= 0 || namespaces->ipc >= 0 ||
	       namespaces->uts >= 0 || namespaces->net >= 0;
}

/* ---- entering ---- */

static int enter(int pidfd, int flags, const char *names, struct err *err)
{
	if (call_setns(TRACE_JOIN, pidfd, flags) == 0)
		return 0;
	err_errno(err, "setns(process 1 of the other container, %s)", names);
	if (err->code == EPERM && userns_kind() != USERNS_NONE)
		(void)err_hint(
			err,
			_("each container of a plain user has ids of its own, and the views of two containers cannot be joined at once"));
	return -err->code;
}

int namespaces_enter_user_and_pid(const struct namespaces *namespaces,
				  struct err *err)
{
	int donor = namespaces->pid >= 0   ? namespaces->pid
		    : namespaces->ipc >= 0 ? namespaces->ipc
		    : namespaces->uts >= 0 ? namespaces->uts
					   : namespaces->net;
	int r = 0;

	if (userns_kind() != USERNS_NONE)
		r = enter(donor, CLONE_NEWUSER, "CLONE_NEWUSER", err);
	if (r == 0 && namespaces->pid >= 0)
		r = enter(namespaces->pid, CLONE_NEWPID, "CLONE_NEWPID", err);
	return r;
}

int namespaces_enter_rest(const struct namespaces *namespaces, struct err *err)
{
	int r = 0;

	if (namespaces->ipc >= 0)
		r = enter(namespaces->ipc, CLONE_NEWIPC, "CLONE_NEWIPC", err);
	if (r == 0 && namespaces->uts >= 0)
		r = enter(namespaces->uts, CLONE_NEWUTS, "CLONE_NEWUTS", err);
	if (r == 0 && namespaces->net >= 0)
		r = enter(namespaces->net, CLONE_NEWNET, "CLONE_NEWNET", err);
	return r;
}

/* Shared memory is files, and those lie in a mount that only the donor's mount
 * namespace has: a visit there, to take a copy of the mount along. */
int namespaces_shm_of_donor(const struct namespaces *namespaces,
			    struct err *err)
{
	OWN_FD int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	OWN_FD int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int shm = -1;
	struct statfs fs = { 0 };
	int tree = -1;

	if (home < 0 || here < 0)
		return err_errno(err, "open /proc/self/ns/mnt");
	if (enter(namespaces->ipc, CLONE_NEWNS, "CLONE_NEWNS", err) < 0)
		return -err->code;
	shm = open("/dev/shm", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (shm < 0 || fstatfs(shm, &fs) < 0 || fs.f_type != TMPFS_MAGIC)
		(void)err_set(err, ENOENT,
			      _("the other container has no /dev/shm to share"));
	else
		tree = binds_open_tree(shm, "", false, err);
	/* Whoever moves to another mount namespace stands at its /. */
	if (call_setns(TRACE_JOIN, home, CLONE_NEWNS) < 0 || fchdir(here) < 0)
		tree = err_errno(err, "setns back (CLONE_NEWNS)");
	return tree >= 0 ? tree : -err->code;
}
