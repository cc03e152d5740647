/* images/in_root.h - paths as somebody in a container, or in a build, sees them.
 *
 * Owns how a path is followed link by link beneath a root, also where its end is
 * not there. What comes out is looked up once more by whoever uses it, again
 * beneath the root, so that it does not matter if somebody changes it meanwhile.
 *
 * Source: moby, pkg/symlink, FollowSymlinkInScope. */
#ifndef IMAGES_IN_ROOT_H
#define IMAGES_IN_ROOT_H

#include <stdbool.h>

struct err;

/* Opens what lies at `path`, a link itself where it is one: O_PATH. Sets errno. */
int in_root_open(int root_fd, const char *path);

/* Whether somebody may see what lies at "a/b". */
struct in_root_rule {
	bool (*hides)(void *arg, const char *path);
	void *arg;
};

/* *out: where the path leads with all its links followed, absolute and clean; what
 * is not there, or hidden by the rule (NULL: nothing is), is no link. Given.
 * -ELOOP in Docker's words. */
int in_root_follow(int root_fd, const char *path,
		   const struct in_root_rule *rule, char **out,
		   struct err *err);

#endif
