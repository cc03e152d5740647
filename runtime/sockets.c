/* runtime/sockets.c - see sockets.h
 *
 * A line of /proc/net/tcp, and of its siblings (proc(5), kernel proc_net_tcp.rst):
 *
 *   sl  local_address rem_address   st tx:rx  tr:when  retrnsmt uid timeout inode
 *   0: 0100007F:1F90 00000000:0000 0A 0:0     00:0     0         0  0       12345
 *
 * An address is words of 32 bits as the machine has them in memory: one of IPv4, four
 * of IPv6. */
#include "runtime/sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/processes.h"

/* States of a TCP socket in these files; those of UDP are the same numbers. */
enum {
	ESTABLISHED = 0x01,
	FIN_WAIT_1 = 0x04,
	FIN_WAIT_2 = 0x05,
	TIME_WAIT = 0x06,
	UNCONNECTED = 0x07,
	LISTENS = 0x0A,
};

enum { MAX_TABLE = 16 << 20 };

void listeners_done(struct listeners *listeners)
{
	free(listeners->items);
	*listeners = (struct listeners){ 0 };
}

/* ---- one line ---- */

struct row {
	struct listener socket;
	unsigned state;
};

static const char *read_address(const char *at, bool six, struct row *row)
{
	unsigned words[4] = { 0 };

	for (int i = 0; i < (six ? 4 : 1); i++) {
		char digits[9] = "";

		memcpy(digits, at, strnlen(at, 8));
		words[i] = (unsigned)strtoul(digits, NULL, 16);
		at += strlen(digits);
	}
	return inet_ntop(six ? AF_INET6 : AF_INET, words, row->socket.ip,
			 sizeof(row->socket.ip))
		       ? at
		       : NULL;
}

static bool read_row(const char *line, bool udp, bool six, struct row *row)
{
	const char *at = strchr(line, ':');
	unsigned port;

	*row = (struct row){ .socket = { .udp = udp, .six = six } };
	/* The line of headings has none. */
	if (!at || at > line + strcspn(line, "\n"))
		return false;
	at = read_address(at + 1 + strspn(at + 1, " "), six, row);
	/* NOLINTBEGIN(cert-err34-c): numbers that the kernel wrote */
	if (!at ||
	    sscanf(at, ":%x %*s %x %*s %*s %*s %u %*u %lu", &port, &row->state,
		   &row->socket.uid, &row->socket.inode) != 4)
		return false;
	/* NOLINTEND(cert-err34-c) */
	row->socket.port = (uint16_t)port;
	return true;
}

/* ---- tables ---- */

/* Calls `each` for every row of a table. */
static void each_row(const char *text, bool udp, bool six,
		     void (*each)(const struct row *row, void *arg), void *arg)
{
	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');
		struct row row;

		if (read_row(line, udp, six, &row))
			each(&row, arg);
		line = end ? end + 1 : NULL;
	}
}

static void keep_waiting(const struct row *row, void *arg)
{
	struct listeners *out = arg;

	if (row->state != (row->socket.udp ? UNCONNECTED : LISTENS))
		return;
	out->items = mem_grow(out->items, out->count + 1, sizeof(*out->items));
	out->items[out->count++] = row->socket;
}

void listeners_parse(const char *text, bool udp, bool six,
		     struct listeners *out)
{
	each_row(text, udp, six, keep_waiting, out);
}

static bool read_table(pid_t pid, const char *name, struct buf *out)
{
	OWN_FREE char *path = pid ? mem_fmt("/proc/%d/net/%s", pid, name)
				  : mem_fmt("/proc/self/net/%s", name);
	struct err ignored = { 0 };

	buf_clear(out);
	return fs_read(AT_FDCWD, path, MAX_TABLE, out, &ignored) == 0;
}

bool listeners_read(pid_t pid, struct listeners *out)
{
	OWN_BUF struct buf text = { 0 };

	if (!read_table(pid, "tcp", &text))
		return false;
	listeners_parse(buf_text(&text), false, false, out);
	/* A machine may be without IPv6: then there is no such table. */
	if (read_table(pid, "tcp6", &text))
		listeners_parse(buf_text(&text), false, true, out);
	if (read_table(pid, "udp", &text))
		listeners_parse(buf_text(&text), true, false, out);
	if (read_table(pid, "udp6", &text))
		listeners_parse(buf_text(&text), true, true, out);
	return true;
}

struct counting {
	uint16_t port;
	bool ended;
	int count;
};

static void count_row(const struct row *row, void *arg)
{
	struct counting *counting = arg;
	bool ended = row->state == FIN_WAIT_1 || row->state == FIN_WAIT_2 ||
		     row->state == TIME_WAIT;

	if (row->socket.port == counting->port &&
	    (counting->ended ? ended : row->state == ESTABLISHED))
		counting->count++;
}

static int count_connections(pid_t pid, struct counting counting)
{
	OWN_BUF struct buf text = { 0 };

	if (!read_table(pid, "tcp", &text))
		return -1;
	each_row(buf_text(&text), false, false, count_row, &counting);
	if (read_table(pid, "tcp6", &text))
		each_row(buf_text(&text), false, true, count_row, &counting);
	return counting.count;
}

int listeners_connections(pid_t pid, uint16_t port)
{
	return count_connections(pid, (struct counting){ .port = port });
}

int listeners_ended(pid_t pid, uint16_t port)
{
	return count_connections(
		pid, (struct counting){ .port = port, .ended = true });
}

/* ---- whose ---- */

static void claim(struct listeners *listeners, unsigned long inode, pid_t pid)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->items[i].inode == inode &&
		    !listeners->items[i].pid)
			listeners->items[i].pid = pid;
}

static void look_through(struct listeners *listeners, pid_t pid)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/fd", pid);
	OWN_DIR DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char target[64] = "";
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		if (len > 8 && strncmp(target, "socket:[", 8) == 0)
			claim(listeners, strtoul(target + 8, NULL, 10), pid);
	}
}

void listeners_find_holders(struct listeners *listeners,
			    const struct pids *among)
{
	for (size_t i = 0; i < among->count; i++)
		look_through(listeners, among->items[i]);
}

bool listener_is_loopback(const struct listener *listener)
{
	return listener->six
		       ? strcmp(listener->ip, "::1") == 0 ||
				 strncmp(listener->ip, "::ffff:127.", 11) == 0
		       : strncmp(listener->ip, "127.", 4) == 0;
}

bool listener_is_reached(const struct listener *listener, const char *ip)
{
	const char *own = listener->ip;

	if (strncmp(own, "::ffff:", 7) == 0)
		own += 7;
	return strcmp(own, "0.0.0.0") == 0 || strcmp(own, "::") == 0 ||
	       (ip && strcmp(own, ip) == 0);
}
