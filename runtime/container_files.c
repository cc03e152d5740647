/* runtime/container_files.c - see container_files.h */
#include "runtime/container_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "runtime/state.h"
#include "runtime/userns.h"

int container_files_make(const struct home *home, const struct spec *spec,
			 struct err *err)
{
	OWN_FD int folder_fd = state_make_folder(home, spec->id, err);
	int r = 0;

	if (folder_fd < 0)
		return folder_fd;
	/* The mode of upper becomes the mode of the container's /, so the
	 * user's umask has no say. */
	if (call_mkdir_at(TRACE_CREATE, folder_fd, "upper", 0755) < 0 ||
	    fchmodat(folder_fd, "upper", 0755, 0) < 0 ||
	    call_mkdir_at(TRACE_CREATE, folder_fd, "work", 0700) < 0)
		r = err_errno(err, "mkdir containers/%s/upper", spec->id);
	return r < 0 ? r : own_give_fd(&folder_fd);
}

/* The kernel made the folders in work with a mode of 000, which stops their owner,
 * not root. */
void container_files_open_work(int folder_fd)
{
	static const char *const closed[] = { "work/work", "work/work/incompat",
					      "work/work/incompat/volatile" };

	for (size_t i = 0; i < 3 && userns_kind() != USERNS_NONE; i++)
		if (fchmodat(folder_fd, closed[i], 0700, 0) < 0)
			break; /* what is not there needs no opening */
}

/* The writable layer of a program that wrote nothing is a known handful of empty
 * folders: they go by name. */
static bool remove_empty_layer(int folder_fd)
{
	static const struct {
		const char *path;
		int flags;
	} parts[] = {
		{ "work/work/incompat/volatile/dirty", 0 },
		{ "work/work/incompat/volatile", AT_REMOVEDIR },
		{ "work/work/incompat", AT_REMOVEDIR },
		{ "work/work", AT_REMOVEDIR },
		{ "work", AT_REMOVEDIR },
		{ "upper", AT_REMOVEDIR },
	};

	int left = 0;

	container_files_open_work(folder_fd);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (call_unlink_at(TRACE_REMOVE, folder_fd, parts[i].path,
				   parts[i].flags) < 0 &&
		    errno != ENOENT)
			left++;
	return left == 0;
}

static int remove_layer(int folder_fd, struct err *err)
{
	int r = 0;

	if (!remove_empty_layer(folder_fd)) {
		r = userns_remove_tree(folder_fd, "upper", err);
		if (r == 0)
			r = userns_remove_tree(folder_fd, "work", err);
	}
	return r < 0 ? err_wrap(err, "remove the writable layer") : 0;
}

void container_files_forget(const struct home *home, int folder_fd,
			    const struct spec *spec)
{
	char holder[65];

	(void)call_unlink_at(TRACE_FORGET, folder_fd, "state.json", 0);
	state_id_of_name(home, spec->name, holder);
	if (strcmp(holder, spec->id) == 0)
		state_release_name(home, spec->name);
}

static int remove_rest(const struct home *home, int folder_fd,
		       const struct spec *spec, struct err *err)
{
	static const char *const files[] = { "hosts", "hostname", "resolv.conf",
					     "config.json" };
	OWN_FREE char *path = mem_fmt("containers/%s", spec->id);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)call_unlink_at(TRACE_REMOVE, folder_fd, files[i], 0);
	if (call_unlink_at(TRACE_REMOVE, home->fd, path, AT_REMOVEDIR) < 0 &&
	    errno != ENOENT) {
		int r = userns_remove_tree(home->fd, path, err);

		if (r < 0)
			return r;
		trace_step(TRACE_REMOVE, "unlinkat: all that was left in %s",
			   path);
	}
	return 0;
}

int container_files_clear(const struct home *home, int folder_fd,
			  const struct spec *spec, struct err *err)
{
	int r = remove_layer(folder_fd, err);

	return r < 0 ? r : remove_rest(home, folder_fd, spec, err);
}

int container_files_remove(const struct home *home, int folder_fd,
			   const struct spec *spec, struct err *err)
{
	/* Where the layer is not empty after all, and files of other ids may
	 * stay behind, the record stays too until it is gone. */
	int r = remove_layer(folder_fd, err);

	if (r < 0)
		return r;
	container_files_forget(home, folder_fd, spec);
	return remove_rest(home, folder_fd, spec, err);
}
