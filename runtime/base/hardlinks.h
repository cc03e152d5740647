/* runtime/base/hardlinks.h - which names are names of one file, met on a walk.
 *
 * A walk that adds up or packs files takes each file once, however many names it has
 * (struct stat's st_nlink). Two names are one file's where device and inode are the
 * same. Source: stat(2), inode(7). */
#ifndef RUNTIME_BASE_HARDLINKS_H
#define RUNTIME_BASE_HARDLINKS_H

#include <stdbool.h>
#include <sys/stat.h>

/* Begins as { 0 }. tree: of tsearch(3) */
struct hardlinks {
	void *tree;
};

/* The name under which the file of `st` was met first, lent until hardlinks_done; or
 * NULL: this is the first time, and `name`, which is copied, is kept. */
const char *hardlinks_first(struct hardlinks *links, const struct stat *st,
			    const char *name);

/* Was the file of `st` met before? From now on it was. */
bool hardlinks_met(struct hardlinks *links, const struct stat *st);

/* Forgets all; what is left may be used anew. */
void hardlinks_done(struct hardlinks *links);

#endif
