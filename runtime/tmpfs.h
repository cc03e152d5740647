/* runtime/tmpfs.h - the options of a file system in memory.
 *
 * "noexec,size=64m,mode=1770" as mount(2) wants it: flags, and a text for tmpfs
 * itself. What was not said is noexec, nosuid and nodev, as in Docker. */
#ifndef RUNTIME_TMPFS_H
#define RUNTIME_TMPFS_H

struct buf;
struct err;

/* -EINVAL: 'invalid tmpfs option ["foobar"]'. */
int tmpfs_options(const char *text, unsigned long *out_flags,
		  struct buf *out_data, struct err *err);

/* The same for any file system, as mount(8) reads -o: flags are what was said, and
 * every other word is the file system's own to refuse. */
void tmpfs_split_options(const char *text, unsigned long *out_flags,
			 struct buf *out_data);

#endif
