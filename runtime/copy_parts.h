/* runtime/copy_parts.h - what copy.c and copy_inside.c share; see copy.h. */
#ifndef RUNTIME_COPY_PARTS_H
#define RUNTIME_COPY_PARTS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct err;

/* Files with more than one name: where the first was copied to. */
struct copy_linked {
	dev_t dev;
	ino_t ino;
	char *path; /* below root_fd */
};

/* ours  whoever the files belong to, the copies are the copier's, and may be changed */
struct copy {
	int root_fd; /* where the copy's paths begin */
	bool ours;
	struct copy_linked *linked;
	size_t linked_count;
	struct err *err;
};

/* One thing to be copied.
 *
 * path   of the copy, below root_fd: for messages and hard links
 * depth  how many folders it lies below the first */
struct copy_entry {
	int from_fd;
	const char *name;
	int to_fd;
	const char *to;
	const char *path;
	int depth;
	struct stat st;
};

/* One thing of any kind, with all that is in it. Fails with copy->err filled in. */
int copy_entry(struct copy *copy, struct copy_entry *entry);
void copy_forget_links(struct copy *copy);

/* NULL at the end, with errno 0, or where it cannot be read. */
struct dirent *copy_next_of(DIR *list);

#endif
