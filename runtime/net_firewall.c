/* runtime/net_firewall.c - see net_firewall.h
 *
 * The program is asked, and not the kernel: iptables comes in two kinds, and it knows
 * which of them the machine uses. */
#include "runtime/net_firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/net_rules.h"
#include "runtime/userns.h"

static const char *program(void)
{
	static const char *const paths[] = { "/usr/sbin/iptables",
					     "/sbin/iptables" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

/* Either kind: the older one lists its tables in /proc. */
static bool is_chain_there(void)
{
	OWN_BUF struct buf names = { 0 };
	struct err ignored = { 0 };

	if (net_rules_has_chain("filter", "FORWARD"))
		return true;
	return fs_read(AT_FDCWD, "/proc/net/ip_tables_names", 4096, &names,
		       &ignored) == 0 &&
	       strstr(buf_text(&names), "filter");
}

/* Says nothing and waits for whoever else changes the chain. Returns whether it did. */
static bool run(const char *path, const char *how, const char *side,
		const char *bridge)
{
	static char *const environment[] = { NULL };
	OWN_STRS struct strs words = { 0 };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	strs_addf(&words, "%s", path);
	strs_split(&words, "-w 2", ' ');
	strs_add(&words, how);
	strs_add(&words, "FORWARD");
	strs_add(&words, side);
	strs_add(&words, bridge);
	strs_split(&words, "-j ACCEPT", ' ');
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	for (int fd = 0; fd <= 2; fd++)
		(void)posix_spawn_file_actions_addopen(&actions, fd,
						       "/dev/null", O_RDWR, 0);
	if (posix_spawn(&pid, path, &actions, NULL, strs_vector(&words),
			environment) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	(void)posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

static void both(const char *how, const char *bridge)
{
	const char *path = userns_kind() == USERNS_NONE ? program() : NULL;

	if (!path || !is_chain_there())
		return;
	(void)run(path, how, "-i", bridge);
	(void)run(path, how, "-o", bridge);
}

void net_firewall_open(const char *bridge)
{
	both("-I", bridge);
}

void net_firewall_close(const char *bridge)
{
	both("-D", bridge);
}
