/* images/build_mount.h - one --mount flag of a RUN, read: "type=cache,target=/x,id=y". */
#ifndef IMAGES_BUILD_MOUNT_H
#define IMAGES_BUILD_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct build;
struct err;
struct instruction;

/* type    "bind", "cache" or "tmpfs"
 * target  absolute
 * source, from, id, sharing  as given; NULL: not given
 * write   whether the step may write into it */
struct build_mount {
	char *type;
	char *target;
	char *source;
	char *from;
	char *id;
	char *sharing;
	int64_t mode;
	int64_t uid;
	int64_t gid;
	int64_t size_bytes;
	bool write;
};

/* Reads the text behind "--mount=", with variables put in. *mount is to be ended in any
 * case. -EINVAL, -ENOTSUP: the flag says what cannot be; the hint names the line. */
int build_mount_read(struct build *build, const char *flag,
		     const struct instruction *instruction,
		     struct build_mount *mount, struct err *err);
void build_mount_done(struct build_mount *mount);

#endif
