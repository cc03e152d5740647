/* runtime/base/fs.h - whole files, folders, and paths that stay beneath a root.
 *
 * Every function takes a directory descriptor (borrowed; AT_FDCWD for the
 * current folder) and a path relative to it. None follows a path out of a
 * container: what lies inside an image or a container is opened by
 * fs_open_beneath alone. */
#ifndef RUNTIME_BASE_FS_H
#define RUNTIME_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;

/* Opens with openat(2), close-on-exec added, and reports path and call.
 * Returns the descriptor (given) or -errno. */
int fs_open(int dir_fd, const char *path, int flags, mode_t mode,
	    struct err *err);

/* openat2(2) with close-on-exec: `resolve` is RESOLVE_... of <linux/openat2.h>. The
 * kernel says EAGAIN where something anywhere was renamed or mounted during the walk,
 * so that it could not prove that ".." or a link stayed inside; it is asked again.
 * Returns the descriptor (given) or -1, with errno set. */
int fs_openat2(int dir_fd, const char *path, int flags, mode_t mode,
	       uint64_t resolve);

/* Opens a directory for use as dir_fd (O_RDONLY|O_DIRECTORY). */
int fs_open_dir(int dir_fd, const char *path, struct err *err);

/* Opens `path` as a process with root_fd as its / would see it: absolute and
 * relative links and ".." never leave the root, /proc's magic links are
 * refused. openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS. With `flags`
 * O_CREAT, mode counts. Sets errno too, for callers that try and look. */
int fs_open_beneath(int root_fd, const char *path, int flags, mode_t mode,
		    struct err *err);

/* Makes a folder and its missing parents, each with `mode` under the umask;
 * one that is there already is fine. */
int fs_make_dirs(int dir_fd, const char *path, mode_t mode, struct err *err);

/* Reads a whole file into `out` (appends). Refuses more than `max_bytes`
 * (EFBIG): whatever comes from outside has a bound. */
int fs_read(int dir_fd, const char *path, size_t max_bytes, struct buf *out,
	    struct err *err);
int fs_read_fd(int fd, size_t max_bytes, struct buf *out, struct err *err);

/* Writes all of it, over short writes and EINTR; a pipe that is full is waited for, also
 * where somebody who has it too made it O_NONBLOCK. Returns 0 or -errno. */
int fs_write_all(int fd, const void *bytes, size_t len);

/* Replaces a file as a whole: temporary name beside it, rename(2). A reader
 * sees the old or the new text, never half. `durable` adds fsync(2) of the file
 * and of its folder, for what is reported done. */
int fs_replace(int dir_fd, const char *path, const void *bytes, size_t len,
	       mode_t mode, bool durable, struct err *err);

/* Removes a tree, the named thing itself included; nothing there is fine. It
 * opens up folders that forbid reading (overlayfs leaves work/work at mode
 * 000), stays on what it was pointed at (links are removed, not followed) and
 * does not descend into other mounted file systems. Returns -EPERM or -EACCES
 * where files belong to other ids (subordinate ones: see userns_call). */
int fs_remove_tree(int dir_fd, const char *path, struct err *err);

/* Bytes and inodes of a tree as its files' and links' lengths, hard links counted
 * once: what Docker calls the size of a layer. Either pointer may be NULL. */
int fs_tree_size(int dir_fd, const char *path, unsigned long long *out_bytes,
		 unsigned long long *out_inodes, struct err *err);

bool fs_exists(int dir_fd, const char *path); /* the link itself counts */

/* The path of an open descriptor, from /proc/self/fd; given, to be freed. */
int fs_path_of(int fd, char **out_path, struct err *err);

/* "/a//b/../c/" to "/a/c": by the text alone, as Go's path.Clean does. Given. */
char *fs_clean_path(const char *path);

/* A path of /proc/PID/mountinfo, which writes a blank as \040: as it is, in place. */
void fs_unescape(char *path);

#endif
