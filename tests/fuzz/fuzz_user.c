/* tests/fuzz/fuzz_user.c - -u against an image's /etc/passwd and /etc/group.
 *
 * Input: what -u says, passwd and group, with lines of "%%" between. Whatever
 * the files say, a number that was asked for is that number or a refusal: never
 * 0 by mistake. */
#include <fcntl.h>
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
#include "runtime/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz-user.XXXXXX";

static void remove_root(void)
{
	struct err ignored = { 0 };

	(void)fs_remove_tree(AT_FDCWD, path, &ignored);
}

static int open_root(void)
{
	static int fd = -1;

	if (fd < 0 && mkdtemp(path)) {
		(void)atexit(remove_root);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || mkdirat(fd, "etc", 0755) < 0)
			abort();
	}
	return fd;
}

static void put(int root, const char *name, const char *text)
{
	OWN_FD int fd = openat(root, name,
			       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || fs_write_all(fd, text, strlen(text)) < 0)
		abort();
}

/* Cuts the text after the next "%%\n"; returns what comes behind it. */
static char *cut(char *text)
{
	char *mark = strstr(text, "%%\n");

	if (!mark)
		return text + strlen(text);
	*mark = '\0';
	return mark + 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_FREE char *who = mem_strn((const char *)data, size);
	char *passwd = cut(who);
	char *group = cut(passwd);
	struct err err = { 0 };
	struct user user = { 0 };
	int root = open_root();
	char *end;
	unsigned long number;

	put(root, "etc/passwd", passwd);
	put(root, "etc/group", group);
	who[strcspn(who, "\n")] = '\0';
	if (user_look_up(root, who, &user, &err) < 0) {
		if (err.code <= 0 || !err.msg[0])
			abort();
		return 0;
	}
	number = strtoul(who, &end, 10);
	if (who[0] >= '1' && who[0] <= '9' && (!*end || *end == ':') &&
	    !strstr(passwd, who) && user.uid != number)
		abort();
	return 0;
}
