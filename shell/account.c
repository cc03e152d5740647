/* shell/account.c - see account.h
 *
 * A container's /etc/passwd is a stranger's text: read up to a bound, line by line, and
 * never by libc. */
#include "shell/account.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"

enum { MAX_PASSWD = 1 << 20, MAX_NAME = 32 };

char *account_outside(uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	return entry ? mem_fmt("%u %s", uid, entry->pw_name)
		     : mem_fmt("%u", uid);
}

void account_read(const struct shell *shell, const char *container,
		  const char *file, struct buf *out)
{
	struct err ignored = { 0 };
	OWN_FD int fd =
		container_open_file(shell->home, container, file, &ignored);

	buf_clear(out);
	if (fd >= 0)
		(void)fs_read_fd(fd, MAX_PASSWD, out, &ignored);
}

/* The name in front of "name:x:ID:..."; its length, 0 where the line is another's. */
static int name_in(const char *line, int64_t id)
{
	size_t len = strcspn(line, ":\n");
	const char *at = line + len;
	char *rest = NULL;

	if (!len || len > MAX_NAME || *at != ':')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)line[i]))
			return 0;
	at += 1 + strcspn(at + 1, ":\n");
	if (*at != ':' || !isdigit((unsigned char)at[1]))
		return 0;
	return strtoll(at + 1, &rest, 10) == id && *rest == ':' ? (int)len : 0;
}

char *account_inside(const struct buf *passwd, int64_t id)
{
	if (id < 0)
		return mem_str(_("not mapped"));
	for (const char *line = buf_text(passwd); *line;) {
		int len = name_in(line, id);
		const char *end = strchr(line, '\n');

		if (len)
			return mem_fmt("%lld %.*s", (long long)id, len, line);
		if (!end)
			break;
		line = end + 1;
	}
	return mem_fmt("%lld", (long long)id);
}
