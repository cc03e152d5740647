/* runtime/mount_spec.h - one mount that was asked for, as text and as data.
 *
 * Owns the language of `--mount`: "type=bind,source=/x,target=/y,readonly". In
 * the same words a container's record keeps its mounts, those of -v too, with keys
 * of our own: "anonymous" for a volume whose name was made up, "by" for how it was
 * asked for, "mode" for what stood last in a -v. */
#ifndef RUNTIME_MOUNT_SPEC_H
#define RUNTIME_MOUNT_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct buf;
struct err;

/* Which words asked for it: -v a:b, --mount, --volumes-from, or a place alone (-v /b,
 * or VOLUME of the image). */
enum mount_by { MOUNT_BY_V, MOUNT_BY_MOUNT, MOUNT_BY_FROM, MOUNT_BY_PLACE };

/* Owned. Strings are NULL where nothing was given.
 *
 * type         "bind", "volume", "tmpfs", or whatever was written
 * source       a path, or a volume's name
 * propagation  "rprivate", "rslave" ...
 * driver, driver_options   volume-driver; volume-opt, "name=value" each
 * words        of -v: "ro,z"
 * size_bytes, mode   of a tmpfs; mode -1: not given
 * bind_options, volume_options, tmpfs_options   a key of that kind was there */
struct mount_spec {
	char *type;
	char *source;
	char *target;
	char *propagation;
	char *driver;
	char *words;
	struct strs labels;
	struct strs driver_options;
	enum mount_by by;
	int64_t size_bytes;
	int mode;
	bool readonly;
	bool nonrecursive;
	bool no_copy;
	bool anonymous;
	bool bind_options;
	bool volume_options;
	bool tmpfs_options;
};

void mount_spec_init(struct mount_spec *mount);
void mount_spec_done(struct mount_spec *mount);
#define OWN_MOUNT_SPEC __attribute__((cleanup(mount_spec_done)))

/* Reads the value of a --mount. Returns 0, or -EINVAL with Docker's sentence
 * ("target is required", "unexpected key 'x' in 'x=y'"); *out is initialised
 * either way. */
int mount_spec_parse(const char *text, struct mount_spec *out, struct err *err);

/* The same for what mount_spec_write wrote. */
int mount_spec_read(const char *text, struct mount_spec *out, struct err *err);
void mount_spec_write(const struct mount_spec *mount, struct buf *out);

bool mount_spec_is(const struct mount_spec *mount, const char *type);

/* How many folders deep a path lies: what is mounted first is what lies higher. */
int mount_spec_depth(const char *path);

#endif
