/* runtime/net_firewall.c - see net_firewall.h
 *
 * The program is asked, and not the kernel: iptables comes in two kinds, and it knows
 * which of them the machine uses. */
#include "runtime/net_firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/call_text.h"
#include "runtime/net_machine.h"
#include "runtime/net_rules.h"
#include "runtime/userns.h"

enum { MAX_OUTPUT = 1 << 20 };

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

static void tell(const struct strs *words, int failed)
{
	OWN_BUF struct buf text = { 0 };

	if (!trace_is_on())
		return;
	call_text_execve(&text, words->items[0], strs_vector(words), 0);
	errno = failed;
	(void)trace_call(TRACE_FIREWALL, failed ? -1 : 0, "%s", buf_text(&text));
}

/* out: what it prints, or NULL. Returns the program's status, or -1. */
static int run_once(const struct strs *words, struct buf *out)
{
	static char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	struct err ignored = { 0 };
	OWN_FD int from = -1;
	OWN_FD int to = open("/dev/null", O_RDWR | O_CLOEXEC);
	int pair[2];
	int status = -1;
	int started;
	pid_t pid;

	if (out && pipe2(pair, O_CLOEXEC) == 0) {
		close(own_give_fd(&to));
		from = pair[0];
		to = pair[1];
	}
	if (to < 0 || posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	(void)posix_spawn_file_actions_adddup2(&actions, to, 1);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR,
					       0);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDWR,
					       0);
	trace_begin();
	started = posix_spawn(&pid, words->items[0], &actions, NULL,
			      strs_vector(words), environment);
	tell(words, started);
	if (started == 0) {
		close(own_give_fd(&to));
		if (from >= 0)
			(void)fs_read_fd(from, MAX_OUTPUT, out, &ignored);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Waits for whoever else changes the chain: by the program's own lock, and where the
 * kernel had to refuse a change because another one came first. Returns whether it did
 * what it was asked. */
static bool run(const struct strs *words, struct buf *out)
{
	enum { TRIES = 5, COME_AGAIN = 4 /* iptables' "resource problem" */ };
	int status = COME_AGAIN;

	for (int i = 0; i < TRIES && status == COME_AGAIN; i++) {
		if (out)
			buf_clear(out);
		status = run_once(words, out);
	}
	return status == 0;
}

/* iptables -w 10 HOW FORWARD SIDE BRIDGE -j ACCEPT */
static void change(const char *path, const char *how, const char *side,
		   const char *bridge)
{
	OWN_STRS struct strs words = { 0 };

	strs_add(&words, path);
	strs_split(&words, "-w 10", ' ');
	strs_add(&words, how);
	strs_add(&words, "FORWARD");
	strs_add(&words, side);
	strs_add(&words, bridge);
	strs_split(&words, "-j ACCEPT", ' ');
	(void)run(&words, NULL);
}

/* A process that was killed may have left the program running: it went on alone, and
 * spoke for a bridge that somebody else took down meanwhile. */
static void sweep(const char *path)
{
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs lines = { 0 };
	OWN_BUF struct buf out = { 0 };

	strs_add(&words, path);
	strs_split(&words, "-w 10 -S FORWARD", ' ');
	if (!run(&words, &out))
		return;
	strs_split(&lines, buf_text(&out), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char side[3];
		char name[16];

		if (sscanf(lines.items[i],
			   "-A FORWARD %2s " NET_BRIDGE_PREFIX "%11s -j ACCEPT",
			   side, name) == 2) {
			OWN_FREE char *bridge = mem_fmt(NET_BRIDGE_PREFIX "%s",
							name);

			if (if_nametoindex(bridge) == 0)
				change(path, "-D", side, bridge);
		}
	}
}

bool net_firewall_is_there(void)
{
	return userns_kind() == USERNS_NONE && program() && is_chain_there();
}

void net_firewall_open(const char *bridge)
{
	const char *path = program();

	if (!net_firewall_is_there())
		return;
	sweep(path);
	change(path, "-I", "-i", bridge);
	change(path, "-I", "-o", bridge);
}

void net_firewall_close(const char *bridge)
{
	const char *path = program();

	if (!net_firewall_is_there())
		return;
	change(path, "-D", "-i", bridge);
	change(path, "-D", "-o", bridge);
}
