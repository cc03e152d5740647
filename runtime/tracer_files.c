/* runtime/tracer_files.c - registers to text: files and sockets; see tracer.h. What a
 * process has in its memory is read here too. */
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/tracer.h"
#include "runtime/tracer_parts.h"

enum { MOST_STRING = 4096, MOST_MESSAGE = 16384 };

/* ---- memory of the other process ---- */

bool reading_get(struct reading *r, uint64_t address, void *bytes, size_t len)
{
	if (address &&
	    r->entry->read(r->entry->arg, address, bytes, len) == len)
		return true;
	r->blind = r->blind || address;
	memset(bytes, 0, len);
	return false;
}

/* A string at that address, given; NULL where the address is 0. */
char *reading_string(struct reading *r, uint64_t address)
{
	struct buf text = { 0 };

	if (!address)
		return NULL;
	while (text.len < MOST_STRING) {
		size_t left = 256 - address % 256;
		char *room = buf_room(&text, left);
		size_t got = r->entry->read(r->entry->arg, address, room, left);
		size_t len = strnlen(room, got);

		text.len += len;
		text.data[text.len] = '\0';
		if (len < got)
			return buf_give(&text);
		if (got < left)
			break;
		address += left;
	}
	r->blind = true;
	return buf_give(&text);
}

void reading_put_string(struct reading *r, uint64_t address)
{
	OWN_FREE char *text = reading_string(r, address);

	call_text_string(r->out, text);
}

void reading_put_at(struct reading *r, uint64_t fd)
{
	if ((int)fd == AT_FDCWD)
		buf_str(r->out, "AT_FDCWD");
	else
		buf_fmt(r->out, "%d", (int)fd);
}

/* ---- files ---- */

static bool put_path(struct reading *r, const char *call, uint64_t path)
{
	buf_fmt(r->out, "%s(", call);
	reading_put_string(r, path);
	return true;
}

bool tracer_do_mkdir(struct reading *r)
{
	(void)put_path(r, "mkdir", ARG(0));
	buf_fmt(r->out, ", %#03o)", (unsigned)ARG(1));
	return true;
}

bool tracer_do_mkdirat(struct reading *r)
{
	buf_str(r->out, "mkdirat(");
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", %#03o)", (unsigned)ARG(2));
	return true;
}

bool tracer_do_mknodat(struct reading *r)
{
	buf_str(r->out, "mknodat(");
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", %s%#03o)", S_ISREG(ARG(2)) ? "S_IFREG|" : "",
		(unsigned)(ARG(2) & ~(uint64_t)S_IFMT));
	return true;
}

bool tracer_do_rmdir(struct reading *r)
{
	(void)put_path(r, "rmdir", ARG(0));
	buf_str(r->out, ")");
	return true;
}

static bool put_two(struct reading *r, const char *call)
{
	(void)put_path(r, call, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_str(r->out, ")");
	return true;
}

bool tracer_do_symlink(struct reading *r)
{
	return put_two(r, "symlink");
}

bool tracer_do_symlinkat(struct reading *r)
{
	(void)put_path(r, "symlinkat", ARG(0));
	buf_str(r->out, ", ");
	reading_put_at(r, ARG(1));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(2));
	buf_str(r->out, ")");
	return true;
}

bool tracer_do_rename(struct reading *r)
{
	return put_two(r, "rename");
}

/* Two names in folders, up to the last bracket. */
static void put_two_at(struct reading *r, const char *call)
{
	buf_fmt(r->out, "%s(", call);
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_str(r->out, ", ");
	reading_put_at(r, ARG(2));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(3));
}

bool tracer_do_renameat(struct reading *r)
{
	put_two_at(r, "renameat");
	buf_str(r->out, ")");
	return true;
}

bool tracer_do_renameat2(struct reading *r)
{
	if (ARG(4) != RENAME_NOREPLACE)
		return false;
	put_two_at(r, "renameat2");
	buf_str(r->out, ", RENAME_NOREPLACE)");
	return true;
}

bool tracer_do_unlinkat(struct reading *r)
{
	buf_str(r->out, "unlinkat(");
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	reading_put_string(r, ARG(1));
	buf_fmt(r->out, ", %s)", ARG(2) & AT_REMOVEDIR ? "AT_REMOVEDIR" : "0");
	return true;
}

bool tracer_do_syncfs(struct reading *r)
{
	buf_fmt(r->out, "syncfs(%d)", (int)ARG(0));
	return true;
}

bool tracer_do_chdir(struct reading *r)
{
	(void)put_path(r, "chdir", ARG(0));
	buf_str(r->out, ")");
	return true;
}

/* Short ones: settings of the kernel's. Contents of files are longer. */
bool tracer_do_write(struct reading *r)
{
	char text[512];

	if (ARG(2) > sizeof(text) ||
	    !reading_get(r, ARG(1), text, (size_t)ARG(2)))
		return false;
	buf_fmt(r->out, "write(%d, ", (int)ARG(0));
	call_text_quote(r->out, text, (size_t)ARG(2));
	buf_fmt(r->out, ", %llu)", (unsigned long long)ARG(2));
	return true;
}

bool tracer_do_openat(struct reading *r)
{
	OWN_FREE char *path = reading_string(r, ARG(1));
	size_t len = path ? strlen(path) : 0;

	if (len < 4 || strcmp(path + len - 4, "ptmx") != 0)
		return false;
	buf_str(r->out, "openat(");
	reading_put_at(r, ARG(0));
	buf_str(r->out, ", ");
	call_text_string(r->out, path);
	buf_fmt(r->out, ", O_RDWR%s%s%s)", ARG(2) & O_NOCTTY ? "|O_NOCTTY" : "",
		ARG(2) & O_NONBLOCK ? "|O_NONBLOCK" : "",
		ARG(2) & O_CLOEXEC ? "|O_CLOEXEC" : "");
	return true;
}

bool tracer_do_ioctl(struct reading *r)
{
	struct ifreq request;

	if (ARG(1) == TIOCGPTPEER) {
		buf_fmt(r->out,
			"ioctl(%d, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)",
			(int)ARG(0));
		return true;
	}
	if (ARG(1) != SIOCSIFFLAGS)
		return false;
	(void)reading_get(r, ARG(2), &request, sizeof(request));
	buf_fmt(r->out,
		"ioctl(%d, SIOCSIFFLAGS, {ifr_name=\"%.*s\", ifr_flags=",
		(int)ARG(0), IFNAMSIZ, request.ifr_name);
	buf_str(r->out,
		request.ifr_flags == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING)
			? "IFF_UP|IFF_LOOPBACK|IFF_RUNNING})"
			: "...})");
	return true;
}

/* ---- sockets ---- */

bool tracer_do_socket(struct reading *r)
{
	const uint64_t type = ARG(1) & 0xf;

	if (ARG(0) != AF_INET && ARG(0) != AF_INET6)
		return false;
	buf_fmt(r->out, "socket(%s, %s%s%s, IPPROTO_IP)",
		ARG(0) == AF_INET ? "AF_INET" : "AF_INET6",
		type == SOCK_DGRAM ? "SOCK_DGRAM" : "SOCK_STREAM",
		ARG(1) & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "",
		ARG(1) & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "");
	return true;
}

bool tracer_do_bind(struct reading *r)
{
	struct sockaddr_storage address = { 0 };
	size_t len =
		ARG(2) < sizeof(address) ? (size_t)ARG(2) : sizeof(address);

	(void)reading_get(r, ARG(1), &address, len);
	buf_fmt(r->out, "bind(%d, ", (int)ARG(0));
	call_text_address(r->out, (const struct sockaddr *)&address, len);
	buf_fmt(r->out, ", %d)", (int)ARG(2));
	return true;
}

bool tracer_do_listen(struct reading *r)
{
	buf_fmt(r->out, "listen(%d, %d)", (int)ARG(0), (int)ARG(1));
	return true;
}

bool tracer_do_sendto(struct reading *r)
{
	int protocol = r->entry->netlink
			       ? r->entry->netlink(r->entry->arg, (int)ARG(0))
			       : -1;
	OWN_FREE char *bytes = NULL;

	if (protocol < 0 || ARG(2) > MOST_MESSAGE)
		return false;
	bytes = mem_zero(1, (size_t)ARG(2) + 1);
	(void)reading_get(r, ARG(1), bytes, (size_t)ARG(2));
	buf_fmt(r->out, "sendto(%d, {", (int)ARG(0));
	call_text_netlink(r->out, protocol, bytes, (size_t)ARG(2));
	buf_fmt(r->out, "}, %llu)", (unsigned long long)ARG(2));
	return true;
}
