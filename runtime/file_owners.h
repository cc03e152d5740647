/* runtime/file_owners.h - whom the files below a folder belong to.
 *
 * Looked at by root among this account's ids (userns.h): so the ids are those that a
 * container has, and folders that belong to a subordinate id can be read. */
#ifndef RUNTIME_FILE_OWNERS_H
#define RUNTIME_FILE_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct home;

/* What one id owns. A whiteout is no file. */
struct file_owner {
	uint32_t uid;
	uint64_t files;
	uint64_t bytes;
};

/* more  there were more than FILE_OWNERS_LOOKED things; the rest was not counted */
enum { FILE_OWNERS_LOOKED = 200000 };
struct file_owners {
	struct file_owner *items; /* by uid */
	size_t count;
	bool more;
};
void file_owners_done(struct file_owners *owners);
#define OWN_FILE_OWNERS __attribute__((cleanup(file_owners_done)))

/* path: below the home, "containers/<id>/upper". The folder itself does not count. */
int file_owners_read(const struct home *home, const char *path,
		     struct file_owners *out, struct err *err);

#endif
