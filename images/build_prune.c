/* images/build_prune.c - what `builder prune` removes; see build.h
 *
 *   build-cache/<id>/data   kept by RUN --mount=type=cache; the folder is locked
 *                           while a build uses it (build_mounts.c) */
#include <dirent.h>
#include <errno.h>
#include <sys/file.h>

#include "images/build.h"
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

/* 1: it went; 0: a build uses it. */
static int prune_one(int folder_fd, const char *name, long long *bytes,
		     struct err *err)
{
	OWN_FD int fd = fs_open_dir(folder_fd, name, err);
	unsigned long long size = 0;
	struct err ignored = { 0 };
	int r;

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	/* What is closed to the account is not counted. */
	(void)fs_tree_size(fd, "data", &size, NULL, &ignored);
	r = userns_remove_tree(folder_fd, name, err);
	if (r < 0)
		return r;
	*bytes += (long long)size;
	return 1;
}

static void list_names(int fd, struct strs *out)
{
	struct err ignored = { 0 };
	int again = fs_open_dir(fd, ".", &ignored);
	OWN_DIR DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			strs_add(out, entry->d_name);
	strs_sort(out);
}

int build_prune(struct store *store, struct strs *out_ids,
		long long *out_bytes, struct err *err)
{
	struct err none = { 0 };
	OWN_FD int fd = fs_open_dir(store_home(store)->fd, "build-cache", &none);
	OWN_STRS struct strs names = { 0 };
	long long bytes = 0;
	int r = 0;

	if (fd < 0 && none.code != ENOENT) {
		*err = none;
		return -err->code;
	}
	if (fd >= 0)
		list_names(fd, &names);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		r = prune_one(fd, names.items[i], &bytes, err);
		if (r == 1)
			strs_add(out_ids, names.items[i]);
	}
	*out_bytes = bytes;
	return r < 0 ? r : 0;
}
