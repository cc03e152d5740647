/* images/recipe_gather.c - see recipe_parts.h */
#include "images/recipe_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	MAX_LINKS = 40, /* as the kernel has it */
	MAX_DEPTH = 64, /* folders in a folder */
};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep(void *text)
{
	(void)text; /* it is paths' */
}

void gather_done(struct gather *gather)
{
	tdestroy(gather->seen, keep);
	strs_done(&gather->paths);
	for (size_t i = 0; i < gather->file_count; i++)
		free(gather->files[i].path);
	free(gather->files);
	*gather = (struct gather){ 0 };
}

static void add(struct gather *gather, const char *path, mode_t mode,
		bool must)
{
	char *own;

	if (tfind(path, &gather->seen, by_text))
		return;
	own = mem_str(path);
	(void)tsearch(own, &gather->seen, by_text);
	strs_take(&gather->paths, own);
	if (!S_ISREG(mode))
		return;
	gather->files = mem_grow(gather->files, gather->file_count + 1,
				 sizeof(*gather->files));
	gather->files[gather->file_count++] =
		(struct gather_file){ mem_str(path), must };
}

/* The way from / to something: `at` is real so far, `todo` is left. */
struct way {
	char *at;
	char *todo;
	int links;
};

/* A link: its target stands in front of what is left. */
static int follow(struct way *way, const char *link, const char *rest,
		  struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);
	char *todo;

	if (len < 0)
		return err_errno(err, "readlink %s", link);
	if (way->links++ == MAX_LINKS)
		return err_set(err, ELOOP, _("%s: too many links on the way"),
			       link);
	target[len] = '\0';
	if (target[0] == '/')
		way->at[0] = '\0';
	todo = mem_fmt("%s/%s", target, rest);
	free(way->todo);
	way->todo = todo;
	return 0;
}

/* One name of the way. */
static int step(struct gather *gather, struct way *way, bool must,
		struct err *err)
{
	const char *start = way->todo + strspn(way->todo, "/");
	size_t len = strcspn(start, "/");
	OWN_FREE char *path = mem_fmt("%s/%.*s", way->at, (int)len, start);
	OWN_FREE char *rest = mem_str(start + len);
	struct stat st;

	if (len == 0 || (len == 1 && start[0] == '.')) {
		/* nothing to do */
	} else if (len == 2 && strncmp(start, "..", 2) == 0) {
		char *slash = strrchr(way->at, '/');

		if (slash)
			*slash = '\0';
	} else if (lstat(path, &st) < 0) {
		return err_errno(err, "stat %s", path);
	} else {
		add(gather, path, st.st_mode, must);
		if (S_ISLNK(st.st_mode))
			return follow(way, path, rest, err);
		free(way->at);
		way->at = own_give_ptr(&path);
	}
	free(way->todo);
	way->todo = own_give_ptr(&rest);
	return 0;
}

int gather_take(struct gather *gather, const char *path, bool must,
		char **out_real, struct err *err)
{
	struct way way = { mem_str(""), mem_str(path), 0 };
	int r = 0;

	while (r == 0 && *way.todo)
		r = step(gather, &way, must, err);
	free(way.todo);
	if (r == 0 && out_real)
		*out_real = own_give_ptr(&way.at);
	free(way.at);
	return r;
}

/* ---- folders ---- */

static bool is_left_out(const char *name, const char *const *without)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	for (; *without; without++)
		if (fnmatch(*without, name, 0) == 0)
			return true;
	return false;
}

static int take_folder(struct gather *gather, const char *folder,
		       const char *const *without, int depth, struct err *err);

static int take_entry(struct gather *gather, const char *path,
		      const char *const *without, int depth, struct err *err)
{
	struct err ignored = { 0 };
	struct stat st;

	if (interrupt_seen())
		return interrupt_err(err);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", path);
	if (S_ISDIR(st.st_mode)) {
		add(gather, path, st.st_mode, false);
		return take_folder(gather, path, without, depth + 1, err);
	}
	if (S_ISREG(st.st_mode))
		add(gather, path, st.st_mode, false);
	else if (S_ISLNK(st.st_mode)) /* one that leads nowhere is taken, too */
		(void)gather_take(gather, path, false, NULL, &ignored);
	return 0;
}

static int take_folder(struct gather *gather, const char *folder,
		       const char *const *without, int depth, struct err *err)
{
	OWN_DIR DIR *dir = opendir(folder);
	OWN_STRS struct strs names = { 0 };
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return err_errno(err, "read %s", folder);
	if (depth > MAX_DEPTH)
		return err_set(err, ELOOP, _("%s: folders more than %d deep"),
			       folder, MAX_DEPTH);
	while ((entry = readdir(dir)))
		if (!is_left_out(entry->d_name, without))
			strs_add(&names, entry->d_name);
	strs_sort(&names);
	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *path = mem_fmt("%s/%s", folder, names.items[i]);

		r = take_entry(gather, path, without, depth, err);
	}
	return r;
}

int gather_take_tree(struct gather *gather, const char *folder,
		     const char *const *without, struct err *err)
{
	OWN_FREE char *real = NULL;
	int r = gather_take(gather, folder, false, &real, err);

	return r < 0 ? r : take_folder(gather, real, without, 0, err);
}
