/* runtime/user.h - who the program runs as.
 *
 * Turns "", "app", "1000", "app:staff", "1000:1000" into numbers by the /etc/passwd
 * and /etc/group of the container's root, opened beneath that root and read up to
 * a bound: an image's files are a stranger's text. libc's own getpwnam would load
 * the stranger's libraries. */
#ifndef RUNTIME_USER_H
#define RUNTIME_USER_H

#include <stddef.h>
#include <sys/types.h>

struct err;

enum { USER_MAX_GROUPS = 256 };

/* home: from /etc/passwd, "/" where the user stands in none.
 * groups: further groups of the user that /etc/group lists, and those asked for
 * with --group-add. */
struct user {
	uid_t uid;
	gid_t gid;
	char home[4096];
	gid_t groups[USER_MAX_GROUPS];
	size_t group_count;
};

/* root_fd: the container's root, borrowed. Failures are Docker's: "unable to find
 * user x: no matching entries in passwd file". */
int user_look_up(int root_fd, const char *text, struct user *out,
		 struct err *err);

/* Further groups (--group-add), names or numbers. "Unable to find group x". */
struct strs;
int user_add_groups(int root_fd, const struct strs *groups, struct user *out,
		    struct err *err);

#endif
