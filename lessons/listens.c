/* lessons/listens.c - see listens.h
 *
 *     sl  local_address rem_address   st ...
 *      0: 0100007F:1F90 00000000:0000 0A ...
 *
 * The address is in the machine's own order of bytes, a word of four bytes at a
 * time; the port is not. 0A is TCP_LISTEN. */
#include "lessons/listens.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

#define TABLE_MAX ((size_t)4 << 20)
#define LISTENING 0x0a

static void add(struct strs *out, char *where)
{
	if (strs_has(out, where))
		free(where);
	else
		strs_take(out, where);
}

static void read_line(const char *line, struct strs *out)
{
	uint32_t words[4] = { 0 };
	char text[INET6_ADDRSTRLEN];
	unsigned port = 0;
	unsigned state = 0;

	/* NOLINTBEGIN(cert-err34-c): numbers that the kernel wrote */
	if (sscanf(line, " %*d: %8x:%4x %*x:%*x %2x", &words[0], &port,
		   &state) == 3) {
		if (state == LISTENING &&
		    inet_ntop(AF_INET, words, text, sizeof(text)))
			add(out, mem_fmt("%s:%u", text, port));
		return;
	}
	if (sscanf(line, " %*d: %8x%8x%8x%8x:%4x %*[0-9A-F]:%*x %2x", &words[0],
		   &words[1], &words[2], &words[3], &port, &state) == 6 &&
	    state == LISTENING &&
	    inet_ntop(AF_INET6, words, text, sizeof(text)))
		add(out, mem_fmt("[%s]:%u", text, port));
	/* NOLINTEND(cert-err34-c) */
}

void listens_read(pid_t pid, struct strs *out)
{
	static const char *const tables[] = { "tcp", "tcp6", NULL };

	for (const char *const *table = tables; *table; table++) {
		OWN_FREE char *path = mem_fmt("/proc/%d/net/%s", pid, *table);
		OWN_BUF struct buf text = { 0 };
		OWN_STRS struct strs lines = { 0 };
		struct err ignored = { 0 };

		if (fs_read(AT_FDCWD, path, TABLE_MAX, &text, &ignored) < 0)
			continue;
		strs_split(&lines, buf_text(&text), '\n');
		for (size_t i = 1; i < lines.count; i++)
			read_line(lines.items[i], out);
	}
}
