/* runtime/stages.c - see stages.h
 *
 *   monitor                                 child
 *   -------                                 -----
 *   clone3(pid mnt net uts ipc cgroup user)
 *     |------------------------------------> is process 1 of a new world
 *   write uid_map, gid_map                   waits (only where ids are mapped)
 *   "go" ---------------------------------->
 *                                            mount the root, /proc, /dev, /sys
 *      <-------------- terminal's master --- make the terminal (with -t)
 *                                            pivot_root: the old / is gone
 *                                            host name, lo, user, folder
 *                                            drop rights, load the filter
 *      <------ struct err, if it went wrong
 *      <------ end of file ----------------- execve closes the socket
 *
 * The socket keeps each message whole (SOCK_SEQPACKET) and is close-on-exec: its
 * end without a message is the good news. */
#include "runtime/stages.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
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
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"
#include "runtime/exec.h"
#include "runtime/home.h"
#include "runtime/mounts.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/user.h"
#include "runtime/userns.h"

enum packet_kind { PACKET_ERR, PACKET_EVENT, PACKET_TTY };

struct packet {
	enum packet_kind kind;
	union {
		struct err err;
		struct trace_event event;
	} u;
};

static_assert(sizeof(struct packet) < 8192, "one message carries it");

/* ---- the child's side of the talk ---- */

static void send_packet(int control, const struct packet *packet, int fd)
{
	struct iovec part = {
		.iov_base = (void *)(uintptr_t)packet,
		.iov_len = sizeof(*packet),
	};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *header;

		message.msg_control = &extra;
		message.msg_controllen = sizeof(extra);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	/* Nobody left to hear it: the child ends anyway. */
	(void)sendmsg(control, &message, MSG_NOSIGNAL);
}

static void send_event(void *arg, const struct trace_event *event)
{
	struct packet packet = { .kind = PACKET_EVENT };

	packet.u.event = *event;
	send_packet(*(const int *)arg, &packet, -1);
}

static _Noreturn void fail(int control, const struct err *err)
{
	struct packet packet = { .kind = PACKET_ERR };

	packet.u.err = *err;
	send_packet(control, &packet, -1);
	_exit(1);
}

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

static int wait_for_maps(int control, struct err *err)
{
	char go;

	if (userns_kind() == USERNS_NONE)
		return 0;
	if (recv(control, &go, 1, 0) != 1)
		_exit(1); /* the parent could not write them and says so */
	(void)err;
	return 0;
}

static int leave_propagation(struct err *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "make all mounts private");
	trace_step(TRACE_PROPAGATION, "mount(NULL, \"/\", NULL, MS_REC|MS_PRIVATE)");
	return 0;
}

static int set_names(const struct spec *spec, struct err *err)
{
	const char *domain = spec->domainname ? spec->domainname : "";

	if (spec->network == SPEC_NET_HOST)
		return 0; /* the machine's own name, in a namespace of its own */
	if (sethostname(spec->hostname, strlen(spec->hostname)) < 0)
		return err_errno(err, "sethostname(%s)", spec->hostname);
	if (*domain && setdomainname(domain, strlen(domain)) < 0)
		return err_errno(err, "setdomainname(%s)", domain);
	trace_step(TRACE_HOSTNAME, "sethostname(\"%s\")", spec->hostname);
	return 0;
}

/* One ioctl(2) does what would take a netlink talk of several messages; links,
 * addresses and routes beyond lo are libnl's. netdevice(7). */
static int raise_loopback(const struct spec *spec, struct err *err)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	if (spec->network == SPEC_NET_HOST)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(err, "raise lo");
	trace_step(TRACE_LOOPBACK, "ioctl(SIOCSIFFLAGS, lo, IFF_UP)");
	return 0;
}

static int make_folder(int root_fd, const char *path, struct err *err)
{
	int fd;

	if (strcmp(path, "/") == 0 || access(path, F_OK) == 0)
		return 0;
	fd = rootfs_target(root_fd, path + strspn(path, "/"), true, false, err);
	return fd < 0 ? err_wrap(err, "make the working directory") : 0;
}

static int join_streams(const struct stages *stages, const struct user *user,
			struct mounts_tty *tty, struct err *err)
{
	int fds[3];
	int null_fd = -1;

	for (int i = 0; i < 3; i++) {
		fds[i] = stages->spec->tty ? tty->slave : stages->stdio[i];
		if (fds[i] < 0 && null_fd < 0)
			null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fds[i] < 0)
			fds[i] = null_fd;
		/* A program that reopens /dev/stdout as another user must be
		 * let in. A pipe that cannot change hands still works. */
		else if (user->uid != 0)
			(void)!fchown(fds[i], user->uid, (gid_t)-1);
	}
	/* 0, 1 and 2 may themselves be among the sources, closed or not. */
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && fds[i] < 3)
			fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			return err_errno(err, "join stream %d", i);
	if (stages->spec->tty && ioctl(0, TIOCSCTTY, 0) < 0)
		return err_errno(err, "ioctl(TIOCSCTTY)");
	return 0;
}

static int load_filter(const struct stages *stages, struct err *err)
{
	int r;

	if (stages->filter.count == 0)
		return 0;
	r = syscalls_load(&stages->filter);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "seccomp(SECCOMP_SET_MODE_FILTER)");
	}
	trace_step(TRACE_SECCOMP, "seccomp(SECCOMP_SET_MODE_FILTER, %zu instructions)",
		   stages->filter.count);
	return 0;
}

static int become(const struct user *user, struct err *err)
{
	/* One id in the namespace: setgroups is denied, and there is no group
	 * to be had or lost. */
	if ((userns_kind() != USERNS_SINGLE &&
	     setgroups(user->group_count, user->groups) < 0) ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0) {
		err_errno(err, "become user %u, group %u", user->uid,
			  user->gid);
		if (err->code == EINVAL)
			err_wrap(err, "this account has no id %u to give",
				 user->uid ? user->uid : user->gid);
		return -err->code;
	}
	trace_step(TRACE_SETUID, "setresuid(%u), setresgid(%u), %zu further groups",
		   user->uid, user->gid, user->group_count);
	return 0;
}

/* Rights go in an order of their own: the bounding set needs CAP_SETPCAP, the
 * filter CAP_SYS_ADMIN (or no_new_privs), the change of user CAP_SETUID; each
 * step gives up what only the steps before it needed. */
static int drop_rights(const struct stages *stages, const struct user *user,
		       struct err *err)
{
	const struct spec *spec = stages->spec;
	int r = caps_bound(spec->caps, err);

	if (r == 0 && !spec->no_new_privs)
		r = load_filter(stages, err);
	if (r == 0)
		r = become(user, err);
	if (r == 0)
		r = caps_keep(user->uid == 0 ? spec->caps : 0, err);
	if (r < 0)
		return r;
	trace_step(TRACE_CAPS, "bounding set %016llx",
		   (unsigned long long)spec->caps);
	/* The change of ids has cleared it. */
	if (user->uid != 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(err, "prctl(PR_SET_PDEATHSIG)");
	if (spec->no_new_privs) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
			return err_errno(err, "prctl(PR_SET_NO_NEW_PRIVS)");
		r = load_filter(stages, err);
	}
	return r;
}

static int enter_folder(const struct spec *spec, struct err *err)
{
	char here[4096];

	if (strcmp(spec->cwd, "/") == 0)
		return 0; /* where pivot_root has left us */
	if (chdir(spec->cwd) < 0) {
		err_errno(err, "chdir to cwd (\"%s\")", spec->cwd);
		return -err->code;
	}
	/* A folder that /proc/self/fd/N leads to could lie outside: the kernel
	 * then has no path for it and says so. CVE-2024-21626. */
	if (syscall(SYS_getcwd, here, sizeof(here)) < 0 || here[0] != '/')
		return err_set(err, ENOENT,
			       "the working directory '%s' is not in the container",
			       spec->cwd);
	return 0;
}

/* A handler does not survive exec, "ignore" does (nohup, a shell's background
 * job): the program must find its signals as they come with a machine. Which
 * ones are ignored, the kernel tells in one line: "SigIgn:\t0000000000001000". */
static void reset_signals(void)
{
	char status[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, status, sizeof(status) - 1);
	unsigned long long ignored;
	const char *line;

	status[got > 0 ? got : 0] = '\0';
	line = strstr(status, "SigIgn:");
	ignored = line ? strtoull(line + strlen("SigIgn:"), NULL, 16) : 0;
	for (int n = 1; n < NSIG; n++)
		if (ignored >> (n - 1) & 1)
			(void)signal(n, SIG_DFL);
}

/* Docker's order: PATH, HOSTNAME, TERM, what image and user say, HOME. */
static void make_environment(const struct spec *spec, const struct user *user,
			     struct strs *env)
{
	strs_add(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strs_addf(env, "HOSTNAME=%s", spec->hostname);
	if (spec->tty)
		strs_add(env, "TERM=xterm");
	for (size_t i = 0; i < spec->env.count; i++)
		strs_set_env(env, spec->env.items[i]);
	if (!strs_get_env(env, "HOME"))
		strs_addf(env, "HOME=%s", user->home);
}

/* ---- the child ----
 *
 * What it opens on its way it does not close: every descriptor is close-on-exec,
 * and exec is near. */

static int prepare(const struct stages *stages, int control,
		   struct mounts_tty *tty, struct err *err)
{
	const struct spec *spec = stages->spec;
	OWN_FREE char *folder = mem_fmt("%s/containers/%s", stages->home->path,
					spec->id);
	int root_fd;
	int r = wait_for_maps(control, err);

	if (r == 0)
		r = die_with_parent(control, err);
	if (r < 0)
		return r;
	umask(0);
	(void)setsid(); /* a session leader only if it was one: it is new */
	r = leave_propagation(err);
	if (r < 0)
		return r;
	root_fd = rootfs_mount(stages->home, spec, stages->again, err);
	if (root_fd < 0)
		return root_fd;
	r = mounts_make(root_fd, spec, folder, &stages->size, tty, err);
	if (r == 0 && spec->tty) {
		struct packet packet = { .kind = PACKET_TTY };

		send_packet(control, &packet, tty->master);
		close(tty->master); /* or the terminal would never hang up */
	}
	if (r == 0)
		r = rootfs_pivot(err);
	if (r == 0 && spec->read_only &&
	    mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV,
		  NULL) < 0)
		r = err_errno(err, "make / read-only");
	return r < 0 ? r : root_fd;
}

static int settle(const struct stages *stages, int root_fd,
		  const struct mounts_tty *tty, struct strs *env,
		  struct err *err)
{
	const struct spec *spec = stages->spec;
	OWN_FREE struct user *user = mem_zero(1, sizeof(*user));
	struct mounts_tty terminal = *tty;
	sigset_t none;
	int r = set_names(spec, err);

	if (r == 0)
		r = raise_loopback(spec, err);
	/* A session keyring would be shared with whoever started us. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (r == 0)
		r = user_look_up(root_fd, spec->user, user, err);
	if (r == 0)
		r = make_folder(root_fd, spec->cwd, err);
	if (r == 0)
		r = join_streams(stages, user, &terminal, err);
	if (r == 0)
		make_environment(spec, user, env);
	if (r < 0)
		return r;
	umask(022);
	reset_signals();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Whatever somebody left open before us must not go along; marking
	 * first keeps the socket for bad news. */
	(void)sys_cloexec_from(3);
	r = drop_rights(stages, user, err);
	return r == 0 ? enter_folder(spec, err) : r;
}

static _Noreturn void child_main(const struct stages *stages, int control,
				 bool traced)
{
	struct mounts_tty tty = { -1, -1 };
	struct strs env = { 0 };
	struct err err = { 0 };
	int root_fd;

	trace_to_pipe(-1);
	if (traced)
		(void)trace_add_sink(send_event, &control);
	root_fd = prepare(stages, control, &tty, &err);
	if (root_fd < 0 || settle(stages, root_fd, &tty, &env, &err) < 0)
		fail(control, &err);
	exec_program(&stages->spec->args, &env, &err);
	fail(control, &err);
}

/* ---- the parent's side ---- */

static uint64_t namespaces(const struct spec *spec)
{
	return CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
	       CLONE_NEWCGROUP |
	       (spec->network == SPEC_NET_HOST ? 0 : CLONE_NEWNET) |
	       (userns_kind() == USERNS_NONE ? 0 : CLONE_NEWUSER);
}

static int let_go(pid_t pid, int control, struct err *err)
{
	if (userns_kind() == USERNS_NONE)
		return 0;
	if (userns_write_maps(pid, err) < 0)
		return -err->code;
	if (send(control, "g", 1, MSG_NOSIGNAL) != 1)
		return err_errno(err, "start the container's process 1");
	return 0;
}

int stages_begin(const struct stages *stages, struct stages_child *out,
		 struct err *err)
{
	uint64_t flags = namespaces(stages->spec);
	bool traced = trace_is_on();
	OWN_FD int ours = -1;
	OWN_FD int theirs = -1;
	int pair[2];
	int pidfd = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	pid = sys_clone(flags, &pidfd);
	if (pid < 0) {
		err_errno(err, "clone3(CLONE_NEWNS|NEWPID|NEWNET|NEWUTS|NEWIPC|NEWCGROUP%s)",
			  flags & CLONE_NEWUSER ? "|NEWUSER" : "");
		return flags & CLONE_NEWUSER ? userns_explain_clone(err) :
					       -err->code;
	}
	if (pid == 0) {
		close(ours); /* or the monitor's end would never be seen */
		child_main(stages, theirs, traced);
	}
	trace_step(TRACE_CLONE, "clone3(CLONE_NEWNS|NEWPID|NEWUTS|NEWIPC|NEWCGROUP%s%s) = %d",
		   flags & CLONE_NEWNET ? "|NEWNET" : "",
		   flags & CLONE_NEWUSER ? "|NEWUSER" : "", pid);
	close(own_give_fd(&theirs));
	if (let_go(pid, ours, err) < 0) {
		(void)sys_pidfd_send_signal(pidfd, SIGKILL);
		close(pidfd);
		return -err->code;
	}
	out->pid = pid;
	out->pidfd = pidfd;
	out->control = own_give_fd(&ours);
	return 0;
}

enum stages_news stages_receive(int control, int *out_fd,
				struct trace_event *event, struct err *err)
{
	struct packet packet;
	struct iovec part = { .iov_base = &packet, .iov_len = sizeof(packet) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &extra,
		.msg_controllen = sizeof(extra),
	};
	ssize_t got = recvmsg(control, &message,
			      MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *header;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? STAGES_NOTHING :
							   STAGES_EXEC;
	if (got != (ssize_t)sizeof(packet))
		return STAGES_EXEC;
	switch (packet.kind) {
	case PACKET_ERR:
		*err = packet.u.err;
		return STAGES_FAILED;
	case PACKET_EVENT:
		*event = packet.u.event;
		return STAGES_EVENT;
	case PACKET_TTY:
		header = CMSG_FIRSTHDR(&message);
		if (!header || header->cmsg_type != SCM_RIGHTS)
			return STAGES_NOTHING;
		memcpy(out_fd, CMSG_DATA(header), sizeof(int));
		return STAGES_TTY;
	}
	return STAGES_NOTHING;
}
