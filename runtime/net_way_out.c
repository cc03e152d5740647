/* runtime/net_way_out.c - see net_way_out.h
 *
 *   bridges --- masquerade --- tap0 | pasta, slirp4netns | sockets of the user's
 *             (net_rules.h)
 *   the user's shared namespace     |  the machine's
 *
 * Both programs are told the process in whose namespaces the device is to be made: the
 * keeper. They are children of the first monitor, and outlive it. Source: pasta(1);
 * slirp4netns(1). */
#include "runtime/net_way_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/call_text.h"
#include "runtime/net_machine.h"
#include "runtime/netlink.h"
#include "runtime/subnet.h"
#include "runtime/sys.h"

#define DEVICE "tap0"

/* The device's own addresses. They are not the machine's, or nobody in there would reach
 * the machine; and of a range that no network is made of (RFC 6890, "IETF Protocol
 * Assignments"). slirp4netns takes .100 and .2 by itself. */
#define RANGE "192.0.0.0/24"
#define ADDRESS "192.0.0.100"
#define GATEWAY "192.0.0.2"

enum { READY_MS = 5000, STEP_MS = 10, EXIT_FD = 40 };

/* Whether PATH has it. */
static bool is_installed(const char *program)
{
	OWN_STRS struct strs folders = { 0 };
	const char *path = getenv("PATH");

	strs_split(&folders, path ? path : "/usr/bin:/bin", ':');
	for (size_t i = 0; i < folders.count; i++) {
		OWN_FREE char *file =
			mem_fmt("%s/%s", folders.items[i], program);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

static void see_default(void *arg, const struct subnet *to, int index)
{
	(void)index;
	if (to->prefix == 0 && to->base.family == AF_INET)
		*(bool *)arg = true;
}

/* pasta takes after the card that the machine's default route goes by, and ends where
 * there is none; slirp4netns goes on. */
static bool has_default_route(void)
{
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);
	bool has = false;

	return fd >= 0 &&
	       netlink_routes(fd, see_default, &has, &ignored) == 0 && has;
}

static bool opens_tun(void)
{
	OWN_FD int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	return fd >= 0;
}

const char *way_out_chosen(void)
{
	if (is_installed("pasta") &&
	    (has_default_route() || !is_installed("slirp4netns")))
		return "pasta";
	return is_installed("slirp4netns") ? "slirp4netns" : NULL;
}

const char *way_out_program(const char **out_why)
{
	const char *program = way_out_chosen();

	if (!program)
		*out_why = _("neither pasta (package passt) nor slirp4netns is installed");
	else if (!opens_tun())
		*out_why = _("/dev/net/tun cannot be opened: 'ls -l /dev/net/tun' shows who may, 'modprobe tun' loads it");
	else if (strcmp(program, "pasta") == 0 && !has_default_route())
		*out_why = _("pasta wants a default route, and this machine has none: slirp4netns does without");
	else
		return program;
	return NULL;
}

bool way_out_is_there(int fd)
{
	return netlink_index(fd, DEVICE) > 0;
}

/* ---- which process it is, for a sweep ---- */

/* When a process began, in ticks since the machine did: its number and this are one
 * process only. proc(5), /proc/pid/stat, field 22. */
static unsigned long long began(pid_t pid)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char path[40];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (fs_read(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return 0;
	at = strrchr(buf_text(&text), ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static void note(int lock_fd, pid_t pid)
{
	OWN_FREE char *text = mem_fmt("up\n%d %llu\n", pid, began(pid));

	(void)!pwrite(lock_fd, text, strlen(text), 0);
}

void way_out_end(int lock_fd)
{
	char text[80] = "";
	unsigned long long start = 0;
	OWN_FD int pidfd = -1;
	char *rest;
	long pid;

	if (pread(lock_fd, text, sizeof(text) - 1, 0) <= 3)
		return;
	pid = strtol(text + 3, &rest, 10);
	start = strtoull(rest, NULL, 10);
	pidfd = pid > 1 ? sys_pidfd_open((pid_t)pid) : -1;
	if (pidfd >= 0 && start && began((pid_t)pid) == start)
		(void)sys_pidfd_send_signal(pidfd, SIGTERM);
}

/* ---- starting ---- */

static void words_of(const char *program, pid_t keeper, struct strs *words)
{
	if (strcmp(program, "pasta") == 0) {
		strs_split(words,
			   "pasta --foreground --quiet --config-net --ns-ifname " DEVICE
			   " --address " ADDRESS " --netmask 24 --gateway " GATEWAY
			   " -t none -u none -T none -U none --no-map-gw",
			   ' ');
		strs_addf(words, "%d", keeper);
	} else {
		strs_split(words,
			   "slirp4netns --configure --mtu=65520 --disable-host-loopback"
			   " --cidr=" RANGE,
			   ' ');
		strs_addf(words, "--exit-fd=%d", EXIT_FD);
		strs_addf(words, "%d", keeper);
		strs_add(words, DEVICE);
	}
}

/* posix_spawnp(3) looks for it in PATH; here it is looked for once more. */
static void tell(const char *program, const struct strs *words, pid_t pid)
{
	extern char **environ;
	OWN_STRS struct strs folders = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *path = NULL;
	const char *list = getenv("PATH");
	size_t variables = 0;

	if (!trace_is_on())
		return;
	strs_split(&folders, list ? list : "/bin:/usr/bin", ':');
	for (size_t i = 0; i < folders.count && !path; i++) {
		path = mem_fmt("%s/%s", folders.items[i], program);
		if (access(path, X_OK) < 0)
			free(own_give_ptr(&path));
	}
	while (environ[variables])
		variables++;
	call_text_execve(&text, path ? path : program, strs_vector(words),
			 variables);
	(void)trace_call(TRACE_WAY_OUT, pid > 0 ? 0 : -1, "%s", buf_text(&text));
}

/* The monitor blocks signals that the program needs, and has no streams to share. */
static pid_t spawn(const char *program, pid_t keeper, int exit_fd)
{
	extern char **environ;
	OWN_STRS struct strs words = { 0 };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid = 0;

	words_of(program, keeper, &words);
	trace_begin();
	if (posix_spawn_file_actions_init(&actions) != 0)
		return 0;
	(void)posix_spawn_file_actions_adddup2(&actions, exit_fd, EXIT_FD);
	(void)posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (posix_spawnp(&pid, program, &actions, &attributes,
			 strs_vector(&words), environ) != 0)
		pid = 0;
	tell(program, &words, pid);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

pid_t way_out_start(int lock_fd, pid_t keeper, int exit_fd)
{
	const char *program = way_out_chosen();
	pid_t pid;

	if (!program)
		return 0;
	pid = spawn(program, keeper, exit_fd);
	if (pid > 0)
		note(lock_fd, pid);
	return pid;
}

/* Whether its route is there in good time. */
static bool comes_up(pid_t pid)
{
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);

	for (int ms = 0; ms < READY_MS; ms += STEP_MS) {
		bool ready = false;

		if (netlink_routes(fd, see_default, &ready, &ignored) < 0)
			return false;
		if (ready)
			return true;
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return false; /* it could not */
		(void)poll(NULL, 0, STEP_MS);
	}
	return false;
}

void way_out_wait(pid_t pid)
{
	bool up = pid > 0 && comes_up(pid);

	if (up)
		(void)net_machine_set_forward(true);
	trace_step(TRACE_WAY_OUT, "%s",
		   up ? DEVICE ": " ADDRESS "/24" : _("none: `info` says why"));
}
