/* images/copy_owner.c - see copy_owner.h */
#include "images/copy_owner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum { MAX_TEXT = 1 << 20 };

/* Which of the two: its file, and Docker's words for a name that is not in it. */
struct kind {
	const char *path;
	const char *what; /* "uid for user" */
	const char *who;  /* "user" */
};

static const struct kind users = { "etc/passwd", "uid for user", "user" };
static const struct kind groups = { "etc/group", "gid for group", "group" };

static int fail(const struct kind *kind, const char *name, int code,
		const char *why, struct err *err)
{
	return err_docker(
		err, ERR_BARE, code,
		"unable to convert uid/gid chown string to host mapping: can't find %s %s: %s",
		kind->what, name, why);
}

/* Up to the largest id there is: 2^32 - 1 means "nobody" to chown(2). */
static bool as_number(const char *text, uint32_t *out)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end || errno || value >= UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static int load(const struct kind *kind, const char *name, int root_fd,
		struct buf *out, struct err *err)
{
	struct err why = { 0 };
	struct stat st;
	OWN_FD int fd =
		root_fd < 0 ? -ENOENT
			    : fs_open_beneath(root_fd, kind->path,
					      O_RDONLY | O_NONBLOCK, 0, &why);
	OWN_FREE char *sentence = NULL;

	if (fd < 0) {
		sentence = mem_fmt("open /%s: %s", kind->path,
				   fd == -ENOENT ? "no such file or directory"
						 : strerror(-fd));
		return fail(kind, name, -fd, sentence, err);
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return fs_read_fd(fd, MAX_TEXT, out, err);
}

/* The third field of the line that begins with the name. */
static bool find_line(const char *text, const char *name, uint32_t *out)
{
	size_t len = strlen(name);

	for (; *text; text += *text == '\n') {
		const char *line = text;
		const char *field;
		char number[16];
		size_t digits;

		text += strcspn(text, "\n");
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		field = line + len + 1;
		field += strcspn(field, ":\n");
		if (*field != ':')
			continue;
		digits = strspn(field + 1, "0123456789");
		if (digits >= sizeof(number))
			continue;
		memcpy(number, field + 1, digits);
		number[digits] = '\0';
		if (as_number(number, out))
			return true;
	}
	return false;
}

static int look_up(const struct kind *kind, const char *name, int root_fd,
		   uint32_t *out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *sentence = NULL;
	int r;

	if (as_number(name, out))
		return 0;
	r = load(kind, name, root_fd, &text, err);
	if (r < 0)
		return r;
	if (*name && find_line(buf_text(&text), name, out))
		return 0;
	sentence = mem_fmt("no such %s: %s", kind->who, name);
	return fail(kind, name, ENOENT, sentence, err);
}

int copy_owner(const char *text, int root_fd, uid_t *out_uid, gid_t *out_gid,
	       struct err *err)
{
	OWN_FREE char *user = mem_str(text);
	char *group = strchr(user, ':');
	uint32_t uid;
	uint32_t gid;
	int r;

	if (group && strchr(group + 1, ':'))
		return err_docker(
			err, ERR_BARE, EINVAL,
			"unable to convert uid/gid chown string to host mapping: invalid chown string format: %s",
			text);
	if (group)
		*group++ = '\0';
	r = look_up(&users, user, root_fd, &uid, err);
	if (r == 0)
		r = look_up(&groups, group ? group : user, root_fd, &gid, err);
	if (r < 0)
		return r;
	*out_uid = uid;
	*out_gid = gid;
	return 0;
}
