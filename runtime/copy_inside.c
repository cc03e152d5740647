/* runtime/copy_inside.c - what is in a folder, for a folder that is there; see copy.h
 *
 * One walk for all of it: two of its entries may be names of one file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"
#include "runtime/copy_parts.h"
#include "runtime/userns.h"

struct inside {
	int from_fd;
	int to_fd;
};

/* Calls `each` for the names in from_fd, until one of them fails. */
static int for_names(const struct inside *inside,
		     int (*each)(void *arg, const char *name, struct err *err),
		     void *arg, struct err *err)
{
	OWN_FD int own = openat(inside->from_fd, ".",
				O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *list = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;
	int r = 0;

	if (!list)
		return err_errno(err, "opendir");
	(void)own_give_fd(&own); /* the DIR has it now */
	while (r == 0 && (entry = copy_next_of(list)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = each(arg, entry->d_name, err);
	return r == 0 && errno ? err_errno(err, "readdir") : r;
}

struct walk {
	struct copy copy;
	const struct inside *inside;
};

static int copy_name(void *arg, const char *name, struct err *err)
{
	struct walk *walk = arg;
	struct copy_entry entry = { .from_fd = walk->inside->from_fd,
			       .name = name,
			       .to_fd = walk->inside->to_fd,
			       .to = name,
			       .path = name };

	walk->copy.err = err;
	return copy_entry(&walk->copy, &entry);
}

static int inside_now(void *arg, struct buf *reply, struct err *err)
{
	struct walk walk = { .inside = arg };
	int r;

	(void)reply;
	walk.copy.root_fd = walk.inside->to_fd;
	r = for_names(arg, copy_name, &walk, err);
	copy_forget_links(&walk.copy);
	return r;
}

static int remove_name(void *arg, const char *name, struct err *err)
{
	const struct inside *inside = arg;

	return userns_remove_tree(inside->to_fd, name, err);
}

int copy_inside(int from_fd, const char *from, int to_fd, const char *to,
		struct err *err)
{
	OWN_FD int source = fs_open_dir(from_fd, from, err);
	OWN_FD int target = -1;
	struct inside inside = { .from_fd = source };
	struct err first = { 0 };
	int r;

	if (source < 0)
		return source;
	inside.to_fd = target = fs_open_dir(to_fd, to, err);
	if (target < 0)
		return target;
	r = inside_now(&inside, NULL, &first);
	if ((r != -EPERM && r != -EACCES) || userns_kind() == USERNS_NONE) {
		if (r < 0)
			*err = first;
		return r;
	}
	/* Once more from the start, as copy_tree does. */
	r = for_names(&inside, remove_name, &inside, err);
	return r < 0 ? r : userns_call(inside_now, &inside, false, NULL, err);
}
