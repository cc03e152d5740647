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
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/net_machine.h"
#include "runtime/netlink.h"
#include "runtime/subnet.h"
#include "runtime/sys.h"

#define DEVICE "tap0"

enum { READY_MS = 5000, STEP_MS = 10, EXIT_FD = 40 };

const char *way_out_program(void)
{
	static const char *const names[] = { "pasta", "slirp4netns" };
	OWN_STRS struct strs folders = { 0 };
	const char *path = getenv("PATH");

	strs_split(&folders, path ? path : "/usr/bin:/bin", ':');
	for (size_t n = 0; n < 2; n++)
		for (size_t f = 0; f < folders.count; f++) {
			OWN_FREE char *file = mem_fmt("%s/%s", folders.items[f],
						      names[n]);

			if (access(file, X_OK) == 0)
				return names[n];
		}
	return NULL;
}

bool way_out_is_there(void)
{
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);

	return fd >= 0 && netlink_index(fd, DEVICE) > 0;
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
			   " -t none -u none -T none -U none --no-map-gw",
			   ' ');
		strs_addf(words, "%d", keeper);
	} else {
		strs_split(words,
			   "slirp4netns --configure --mtu=65520 --disable-host-loopback",
			   ' ');
		strs_addf(words, "--exit-fd=%d", EXIT_FD);
		strs_addf(words, "%d", keeper);
		strs_add(words, DEVICE);
	}
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
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

pid_t way_out_start(int lock_fd, pid_t keeper, int exit_fd)
{
	const char *program = way_out_program();
	pid_t pid;

	if (!program)
		return 0;
	pid = spawn(program, keeper, exit_fd);
	if (pid > 0)
		note(lock_fd, pid);
	return pid;
}

static void see_default(void *arg, const struct subnet *to, int index)
{
	(void)index;
	if (to->prefix == 0)
		*(bool *)arg = true;
}

void way_out_wait(pid_t pid)
{
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);

	for (int ms = 0; ms < READY_MS; ms += STEP_MS) {
		bool ready = false;

		if (netlink_routes(fd, see_default, &ready, &ignored) < 0)
			return;
		if (ready) {
			(void)net_machine_set_forward(true);
			return;
		}
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return; /* it could not */
		(void)poll(NULL, 0, STEP_MS);
	}
}
