/* runtime/stages.c - see stages.h
 *
 *   monitor                                 child
 *   -------                                 -----
 *   clone3(pid mnt net uts ipc cgroup user)
 *     |------------------------------------> is process 1 of a new world, born
 *                                            in its cgroup (version 2) or
 *                                            joining it (version 1)
 *   write uid_map, gid_map                   waits (only where there are many ids:
 *   "go" ---------------------------------->   one, its own, it maps by itself)
 *   make its network devices (net.h)
 *   "networks" ---------------------------->   (waits for this further down)
 *                                            mount the root, /proc, /dev, /sys
 *      <-------------- terminal's master --- make the terminal (with -t)
 *                                            pivot_root: the old / is gone
 *                                            host name, lo, networks, user,
 *                                            folder
 *                                            drop rights, load the filter
 *                                            (with --init: fork once more)
 *      <------ struct err, if it went wrong
 *      <------ end of file ----------------- execve closes the socket
 *
 * What goes over the socket is news.h's.
 *
 * A container that joins views of another one is led in by an usher (usher.c).
 */
#include "runtime/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/binds.h"
#include "runtime/calls.h"
#include "runtime/cgroup.h"
#include "runtime/enclosure_guard.h"
#include "runtime/exec.h"
#include "runtime/home.h"
#include "runtime/init.h"
#include "runtime/limits.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/net.h"
#include "runtime/news.h"
#include "runtime/process.h"
#include "runtime/rights.h"
#include "runtime/rlimits.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/stages_parts.h"
#include "runtime/stragglers.h"
#include "runtime/sys.h"
#include "runtime/user.h"
#include "runtime/userns.h"

/* ---- small steps, in the order of the story ---- */

/* The child must not outlive its monitor. The kernel sends the signal when the
 * parent ends; whether it ended before that was asked for, the socket tells. */
static int die_with_parent(int control, struct err *err)
{
	char byte;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(err, "prctl(PR_SET_PDEATHSIG)");
	if (recv(control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(1);
	return 0;
}

static int wait_for_maps(const struct stages *stages, int control,
			 struct err *err)
{
	char go;

	if (!(namespaces_fresh(stages->spec) & CLONE_NEWUSER))
		return 0;
	if (userns_kind() != USERNS_RANGE)
		return userns_map_self(err);
	if (recv(control, &go, 1, 0) != 1)
		_exit(1); /* the parent could not write them and says so */
	return 0;
}

static int leave_propagation(struct err *err)
{
	if (call_mount(TRACE_PROPAGATION, NULL, "/", NULL, MS_REC | MS_PRIVATE,
		       NULL) < 0)
		return err_errno(err, "make all mounts private");
	return 0;
}

static int set_names(const struct spec *spec, struct err *err)
{
	const char *domain = spec->domainname ? spec->domainname : "";

	if (!(namespaces_fresh(spec) & CLONE_NEWUTS))
		return 0; /* the name of whom it is shared with */
	if (TRACED(TRACE_HOSTNAME,
		   sethostname(spec->hostname, strlen(spec->hostname)),
		   "sethostname(\"%s\", %zu)", spec->hostname,
		   strlen(spec->hostname)) < 0)
		return err_errno(err, "sethostname(%s)", spec->hostname);
	if (*domain &&
	    TRACED(TRACE_HOSTNAME, setdomainname(domain, strlen(domain)),
		   "setdomainname(\"%s\", %zu)", domain, strlen(domain)) < 0)
		return err_errno(err, "setdomainname(%s)", domain);
	return 0;
}

/* One ioctl(2) does what would take a netlink talk of several messages; links,
 * addresses and routes beyond lo are libnl's. netdevice(7). */
static int raise_loopback(const struct spec *spec, struct err *err)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	if (!(namespaces_fresh(spec) & CLONE_NEWNET))
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	if (fd < 0 ||
	    TRACED(TRACE_LOOPBACK, ioctl(fd, SIOCSIFFLAGS, &request),
		   "ioctl(%d, SIOCSIFFLAGS, {ifr_name=\"lo\", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING})",
		   fd) < 0)
		return err_errno(err, "raise lo");
	return 0;
}

/* The devices are made by the monitor while the child mounts. */
static int settle_networks(const struct stages *stages, int control,
			   struct err *err)
{
	char say = 'l';

	if (!stages->net || !stages->net->count)
		return raise_loopback(stages->spec, err);
	if (recv(control, &say, 1, 0) != 1)
		_exit(1); /* the monitor could not make them and says so */
	return say == 'n' ? net_settle(stages->net, err) :
			    raise_loopback(stages->spec, err);
}

static int make_folder(int root_fd, const char *path, struct err *err)
{
	int fd;

	if (strcmp(path, "/") == 0 || access(path, F_OK) == 0)
		return 0;
	fd = rootfs_target(root_fd, path + strspn(path, "/"), true, false, err);
	return fd < 0 ? err_wrap(err, "make the working directory") : 0;
}

/* How readily the kernel ends it when memory runs out. */
int stages_set_oom_score(const struct spec *spec, struct err *err)
{
	int score = guard_oom_score(spec->oom_score_adj);
	OWN_FD int fd = -1;
	char text[16];

	if (score == 0)
		return 0;
	snprintf(text, sizeof(text), "%d", score);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, text, strlen(text)) > 0)
		return 0;
	err_docker(err, ERR_DAEMON, errno,
		   "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: write /proc/self/oom_score_adj: %s: unknown",
		   exec_reason(errno));
	(void)err_hint(err, _("a lower value than one's own needs CAP_SYS_RESOURCE on the machine"));
	return err_status(err, 125);
}

/* ---- the child ----
 *
 * What it opens on its way it does not close: every descriptor is close-on-exec,
 * and exec is near. */

static int prepare(const struct stages *stages, int control,
		   struct mounts_tty *tty, struct err *err)
{
	const struct spec *spec = stages->spec;
	const char *donor = namespaces_donor(spec->network_mode);
	/* Who shares a network shares what is said of it in /etc. */
	OWN_FREE char *folder = mem_fmt("%s/containers/%s", stages->home->path,
					donor ? donor : spec->id);
	struct binds binds = { 0 };
	struct mounts_wish wish = { spec, folder, &stages->size, &binds,
				    stages->namespaces, stages->cgroup };
	int root_fd;
	int r = wait_for_maps(stages, control, err);

	if (r == 0)
		r = die_with_parent(control, err);
	if (r == 0)
		r = cgroup_enter(stages->cgroup, true,
				 namespaces_fresh(spec) & CLONE_NEWCGROUP, err);
	if (r == 0)
		r = limits_enter(stages->cgroup, spec, err);
	if (r < 0)
		return r;
	umask(022);
	(void)setsid(); /* a session leader only if it was one: it is new */
	r = namespaces_enter_rest(stages->namespaces, err);
	if (r == 0 && !namespaces_any(stages->namespaces))
		r = stages_set_oom_score(spec, err);
	if (r == 0)
		r = binds_read(stages->home, spec, &binds, err);
	if (r == 0)
		r = leave_propagation(err);
	if (r < 0)
		return r;
	if (stages->mount_namespace)
		*stages->mount_namespace = stragglers_mount_namespace();
	root_fd = rootfs_mount(stages->home, spec, stages->again, err);
	if (root_fd < 0)
		return root_fd;
	r = mounts_make(root_fd, &wish, tty, err);
	if (r == 0 && spec->tty) {
		news_send_terminal(control, tty->master);
		close(tty->master); /* or the terminal would never hang up */
	}
	if (r == 0)
		r = rootfs_pivot(err);
	if (r == 0 && spec->read_only)
		r = make_folder(root_fd, spec->cwd, err);
	if (r == 0 && spec->read_only &&
	    call_mount(TRACE_READ_ONLY, NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY |
			  (spec->privileged ? 0u : MS_NODEV),
		  NULL) < 0)
		r = err_errno(err, "make / read-only");
	return r < 0 ? r : root_fd;
}

/* Where the child is, and what it talks through. */
struct place {
	int root_fd;
	int control;
};

static int settle(const struct stages *stages, const struct place *place,
		  const struct mounts_tty *tty, struct strs *env,
		  struct err *err)
{
	int root_fd = place->root_fd;
	int control = place->control;
	const struct spec *spec = stages->spec;
	OWN_FREE struct user *user = mem_zero(1, sizeof(*user));
	const struct rights rights = {
		.caps = spec->caps,
		.no_new_privs = spec->no_new_privs,
		.filter = stages->filter,
	};
	int r = set_names(spec, err);

	if (r == 0)
		r = settle_networks(stages, control, err);
	/* A session keyring would be shared with whoever started us. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (r == 0)
		r = user_look_up(root_fd, spec->user, user, err);
	if (r == 0)
		r = user_add_groups(root_fd, &spec->group_add, user, err);
	if (r == 0)
		r = make_folder(root_fd, spec->cwd, err);
	if (r == 0)
		r = process_join_streams(stages->stdio, tty->slave, user, err);
	if (r == 0)
		process_environment(spec, spec->tty, NULL, user, env);
	if (r < 0)
		return r;
	process_reset_signals();
	/* Whatever somebody left open before us must not go along; marking
	 * first keeps the socket for bad news. */
	(void)sys_cloexec_from(3);
	r = rlimits_set(&spec->ulimits, err);
	if (r == 0)
		r = rights_drop(&rights, user, err);
	/* "/" is where pivot_root has left us. */
	if (r < 0 || strcmp(spec->cwd, "/") == 0)
		return r;
	r = process_enter_folder(spec->cwd, err);
	return r == -ENOTDIR ?
		       err_docker(err, ERR_DAEMON, ENOTDIR,
				  "Cannot mkdir: %s is not a directory",
				  spec->cwd) :
		       r;
}

_Noreturn void stages_child_main(const struct stages *stages, int control,
				 bool traced)
{
	struct mounts_tty tty = { -1, -1 };
	struct strs env = { 0 };
	struct err err = { 0 };
	struct place place = { -1, control };
	int init = -1;

	trace_to_pipe(-1);
	trace_as(TRACE_CHILD);
	if (traced)
		(void)trace_add_sink(news_send_event, &control);
	if (stages->spec->init)
		init = init_prepare(&err);
	if (init < -1)
		news_fail(control, &err);
	place.root_fd = prepare(stages, control, &tty, &err);
	if (place.root_fd < 0 ||
	    settle(stages, &place, &tty, &env, &err) < 0)
		news_fail(control, &err);
	if (init >= 0 && init_split(init, &stages->spec->args, &err) < 0)
		news_fail(control, &err);
	exec_program(EXEC_START, &stages->spec->args, &env, &err);
	news_fail(control, &err);
}

/* ---- the parent's side ---- */

static int let_go(uint64_t fresh, pid_t pid, int control, struct err *err)
{
	if (!(fresh & CLONE_NEWUSER) || userns_kind() != USERNS_RANGE)
		return 0;
	if (userns_write_maps(pid, err) < 0)
		return -err->code;
	if (send(control, "g", 1, MSG_NOSIGNAL) != 1)
		return err_errno(err, "start the container's process 1");
	return 0;
}

/* "CLONE_NEWNS|NEWPID|..." for a message. */
static const char *names_of(uint64_t flags, char *out, size_t size)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} names[] = {
		{ CLONE_NEWPID, "|NEWPID" },	   { CLONE_NEWUTS, "|NEWUTS" },
		{ CLONE_NEWIPC, "|NEWIPC" },	   { CLONE_NEWCGROUP, "|NEWCGROUP" },
		{ CLONE_NEWNET, "|NEWNET" },	   { CLONE_NEWUSER, "|NEWUSER" },
	};
	size_t len = (size_t)snprintf(out, size, "CLONE_NEWNS");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			len += (size_t)snprintf(out + len, size - len, "%s",
						names[i].name);
	return out;
}

pid_t stages_cannot_clone(uint64_t flags, struct err *err)
{
	char names[80];

	err_errno(err, "clone3(%s)", names_of(flags, names, sizeof(names)));
	return flags & CLONE_NEWUSER ? userns_explain_clone(err) : -err->code;
}

void stages_tell_clone(const struct stages *stages, uint64_t flags, pid_t pid)
{
	call_cloned(TRACE_CLONE,
		    flags | (stages->cgroup->v2 >= 0 ? CLONE_INTO_CGROUP : 0),
		    pid);
}

static pid_t clone_directly(const struct stages *stages, uint64_t flags,
			    const int control[2], int *out_pidfd,
			    struct err *err)
{
	bool traced = trace_is_on();
	pid_t pid;

	trace_begin();
	pid = sys_clone_into(flags, stages->cgroup->v2, out_pidfd);
	if (pid != 0)
		stages_tell_clone(stages, flags | CLONE_PIDFD, pid);
	if (pid < 0)
		return stages_cannot_clone(flags, err);
	if (pid == 0) {
		close(control[0]); /* or our end would never be seen */
		stages_child_main(stages, control[1], traced);
	}
	return pid;
}

int stages_begin(const struct stages *stages, struct stages_child *out,
		 struct err *err)
{
	uint64_t flags = namespaces_fresh(stages->spec);
	OWN_FD int ours = -1;
	OWN_FD int theirs = -1;
	int pidfd = -1;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	if (namespaces_any(stages->namespaces))
		pid = usher_clone(stages, flags, pair, &pidfd, err);
	else
		pid = clone_directly(stages, flags, pair, &pidfd, err);
	if (pid < 0)
		return -err->code;
	close(own_give_fd(&theirs));
	if (let_go(flags, pid, ours, err) < 0) {
		(void)sys_pidfd_send_signal(pidfd, SIGKILL);
		close(pidfd);
		return -err->code;
	}
	out->pid = pid;
	out->pidfd = pidfd;
	out->control = own_give_fd(&ours);
	return 0;
}

int stages_say_networks(const struct stages_child *child, bool there,
			struct err *err)
{
	/* A child that is gone by now has said why, for whoever reads on. */
	if (send(child->control, there ? "n" : "l", 1, MSG_NOSIGNAL) != 1 &&
	    errno != EPIPE && errno != ECONNRESET)
		return err_errno(err, "tell the container's process 1 of its networks");
	return 0;
}
