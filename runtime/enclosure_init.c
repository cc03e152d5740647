/* runtime/enclosure_init.c - process 1 of an enclosure, and the engine.
 *
 * Process 1 is ours and stays ours: it mounts what belongs to its own namespaces, makes
 * the tree its root, starts the engine and takes in orphans until that has ended. When it
 * goes, the kernel ends everybody else. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/share.h"
#include "runtime/binds.h"
#include "runtime/cgroup.h"
#include "runtime/enclosure_parts.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

/* /proc, /dev and /sys as a container has them, but whole: who makes containers in here
 * can show them only what can be seen here. /etc is the tree's own. */
static int mount_kernel(int tree_fd, struct err *err)
{
	static const char *const etc[] = { "/etc/hosts", "/etc/hostname",
					   "/etc/resolv.conf" };
	struct spec spec = { .network_mode = mem_str("none"),
			     .shm_size_bytes = 16 << 20 };
	struct binds binds = { 0 };
	struct namespaces joined = NAMESPACES_NONE;
	struct winsize size = { 0 };
	struct mounts_tty tty = { -1, -1 };
	struct cgroup cgroup;
	const struct mounts_wish wish = { &spec, "",	  &size,
					  &binds, &joined, &cgroup };

	cgroup_init(&cgroup);
	strs_add(&spec.security_opt, "systempaths=unconfined");
	for (size_t i = 0; i < sizeof(etc) / sizeof(etc[0]); i++) {
		binds.items = mem_grow(binds.items, binds.count + 1,
				       sizeof(*binds.items));
		binds.items[binds.count] = (struct bind){ .tree = -1,
							  .done = true };
		binds.items[binds.count++].mount.target = mem_str(etc[i]);
	}
	return mounts_make(tree_fd, &wish, &tty, err);
}

static int raise_loopback(struct err *err)
{
	struct ifreq request = { .ifr_name = "lo",
				 .ifr_flags = IFF_UP | IFF_RUNNING |
					      IFF_LOOPBACK };
	OWN_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(err, "raise lo");
	return 0;
}

/* Mounts that were taken over into a user namespace are locked together, and none of
 * them may become the root: a mount of our own, of the same tree, may. */
static int enter_tree(struct err *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "make all mounts private");
	if (mount(ENCLOSURE_PLACE, ENCLOSURE_PLACE, NULL, MS_BIND | MS_REC,
		  NULL) < 0 ||
	    chdir(ENCLOSURE_PLACE) < 0)
		return err_errno(err, "bind " ENCLOSURE_PLACE);
	return fs_open_dir(AT_FDCWD, ".", err);
}

static int settle(struct err *err)
{
	static const char name[] = "dockershell";
	OWN_FD int tree_fd = enter_tree(err);
	int r;

	if (tree_fd < 0)
		return tree_fd;
	r = mount_kernel(tree_fd, err);
	/* What is read-only here nobody could mount otherwise further in (--privileged).
	 * Nobody's root may write there anyway. */
	if (r == 0 &&
	    (umount2("sys", MNT_DETACH) < 0 ||
	     mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		   NULL) < 0))
		r = err_errno(err, "mount sysfs on /sys");
	if (r == 0)
		r = rootfs_pivot(err);
	if (r == 0 && mount(NULL, "/", NULL,
			    MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV,
			    NULL) < 0)
		r = err_errno(err, "make / read-only");
	if (r == 0 && sethostname(name, sizeof(name) - 1) < 0)
		r = err_errno(err, "sethostname");
	return r < 0 ? r : raise_loopback(err);
}

/* What the machine's environment says is nobody's business in here, but for language
 * and time. */
static void make_environment(void)
{
	extern char **environ;
	static const char *const kept[] = { "LANG", "LANGUAGE", "LC_ALL",
					    "LC_MESSAGES", "LC_CTYPE", "TZ",
					    "DOCKERSHELL_LANG" };
	OWN_STRS struct strs values = { 0 };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *value = getenv(kept[i]);

		if (value)
			strs_addf(&values, "%s=%s", kept[i], value);
	}
	/* The kernel shows the place where it lay in /proc/PID/environ. */
	for (char **e = environ; *e; e++)
		memset(*e, 0, strlen(*e));
	(void)clearenv();
	for (size_t i = 0; i < values.count; i++) {
		char *equals = strchr(values.items[i], '=');

		*equals = '\0';
		(void)setenv(values.items[i], equals + 1, 1);
	}
	(void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	(void)setenv("HOME", "/root", 1);
	(void)setenv("USER", "root", 1);
	(void)setenv("TERM", "dumb", 1);
	(void)setenv("DOCKERSHELL_HOME", ENCLOSURE_HOME, 1);
	(void)setenv("DOCKERSHELL_SHARE", ENCLOSURE_SHARE, 1);
	share_move(ENCLOSURE_SHARE);
}

void enclosure_forget_args(void)
{
	OWN_BUF struct buf stat = { 0 };
	struct err ignored = { 0 };
	const char *at;
	unsigned long from = 0;
	unsigned long to = 0;

	if (fs_read(AT_FDCWD, "/proc/self/stat", 4096, &stat, &ignored) < 0)
		return;
	/* arg_start and arg_end are fields 48 and 49; behind the name comes the third.
	 * proc_pid_stat(5). */
	at = strrchr(buf_text(&stat), ')');
	for (int field = 2; at && field < 48; field++)
		at = strchr(at + 1, ' ');
	/* NOLINTNEXTLINE(cert-err34-c): numbers of the kernel's own making */
	if (at && sscanf(at, " %lu %lu", &from, &to) == 2 && from && to > from)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): so it says */
		memset((void *)from, 0, to - from);
}

static int close_rest(const struct enclosure_making *making, struct err *err)
{
	int keep[64] = { making->control, making->say, making->ask,
			 making->answer };
	int count = 4;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0)
		return err_errno(err, "open /dev/null");
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null_fd, fd);
	for (int i = 0; i < making->spec->keep_count && count < 64; i++)
		keep[count++] = making->spec->keep_fds[i];
	sys_close_all_but(3, keep, count);
	return 0;
}

static _Noreturn void engine_main(const struct enclosure_making *making)
{
	struct enclosure_inside inside = { making->say, making->ask,
					   making->answer, making->limits,
					   making->shared };
	struct err err = { 0 };
	int status;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != 1)
		_exit(1);
	enclosure_tell(making->control, ENCLOSURE_ENGINE, 0, -1, NULL);
	interrupt_catch();
	status = making->spec->engine(making->spec->ctx, &inside, &err);
	enclosure_tell(making->control, ENCLOSURE_ENDED, status < 0 ? 0 : status,
		       -1, status < 0 ? &err : NULL);
	_exit(0);
}

_Noreturn void enclosure_process_1(const struct enclosure_making *making)
{
	struct err err = { 0 };
	int status = 0;
	unsigned given = 0;
	pid_t engine;
	pid_t pid;

	/* The caller, for we are its child and not the usher's. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	userns_forget();
	process_reset_signals();
	if (settle(&err) < 0 || close_rest(making, &err) < 0 ||
	    enclosure_close_calls(&err) < 0) {
		enclosure_tell(making->control, ENCLOSURE_FAILED, 0, -1, &err);
		_exit(1);
	}
	make_environment();
	umask(022);
	if (chdir(ENCLOSURE_WORK) < 0 ||
	    recv(making->control, &given, sizeof(given), 0) != sizeof(given))
		_exit(1); /* the caller gave up */
	if (enclosure_cgroup_show(given, &err) < 0) {
		enclosure_tell(making->control, ENCLOSURE_FAILED, 0, -1, &err);
		_exit(1);
	}
	engine = fork();
	if (engine == 0)
		engine_main(making);
	if (engine < 0)
		(void)err_errno(&err, "fork");
	enclosure_forget_args();
	while (engine > 0 && (pid = waitpid(-1, &status, 0)) != engine)
		if (pid < 0 && errno != EINTR)
			break;
	if (engine < 0)
		enclosure_tell(making->control, ENCLOSURE_FAILED, 0, -1, &err);
	else if (WIFSIGNALED(status))
		enclosure_tell(making->control, ENCLOSURE_SIGNALED,
			       WTERMSIG(status), -1, NULL);
	_exit(0);
}
