/* images/in_root.c - see in_root.h */
#include "images/in_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum { MAX_LINKS = 255 };

int in_root_open(int root_fd, const char *path)
{
	struct err ignored = { 0 };
	int fd = fs_open_beneath(root_fd, path, O_PATH | O_NOFOLLOW, 0,
				 &ignored);

	if (fd < 0)
		errno = ignored.code;
	return fd;
}

/* The link's target if `path` is one, else NULL. Given. */
static char *link_at(int root_fd, const char *path,
		     const struct in_root_rule *rule)
{
	char target[PATH_MAX];
	OWN_FD int fd = in_root_open(root_fd, path);
	ssize_t len =
		fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target) - 1);

	if (len < 0 ||
	    (rule && rule->hides(rule->arg, path + strspn(path, "/"))))
		return NULL;
	return mem_strn(target, (size_t)len);
}

int in_root_follow(int root_fd, const char *path,
		   const struct in_root_rule *rule, char **out, struct err *err)
{
	OWN_FREE char *rest = mem_str(path);
	OWN_FREE char *done = mem_str("/");
	int links = 0;

	while (*rest) {
		size_t skip = strspn(rest, "/");
		size_t len = strcspn(rest + skip, "/");
		OWN_FREE char *joined =
			mem_fmt("%s/%.*s", done, (int)len, rest + skip);
		OWN_FREE char *next = fs_clean_path(joined);
		OWN_FREE char *target = NULL;
		OWN_FREE char *left = mem_str(rest + skip + len);

		/* "." and ".." lead to folders that were seen already. */
		if (len > 2 || strspn(rest + skip, ".") < len)
			target = link_at(root_fd, next, rule);
		if (target && ++links > MAX_LINKS)
			return err_docker(err, ERR_DAEMON, ELOOP,
					  "evalSymlinksInScope: too many links in %s",
					  path);
		free(rest);
		rest = target ? mem_fmt("%s%s", target, left)
			      : own_give_ptr(&left);
		if (target && target[0] != '/')
			continue; /* from the folder that the link lies in */
		free(done);
		done = target ? mem_str("/") : own_give_ptr(&next);
	}
	*out = own_give_ptr(&done);
	return 0;
}
