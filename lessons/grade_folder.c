/* lessons/grade_folder.c - see grade_folder.h */
#include "lessons/grade_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

#define PREFIX "dockershell-"

static const char *place(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

int grade_folder_make(const char *kind, char **out_path, struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/" PREFIX "%s.%d.XXXXXX", place(),
				      kind, (int)getpid());
	int fd;

	if (!mkdtemp(path))
		return err_errno(err, "mkdtemp %s", path);
	fd = fs_open_dir(AT_FDCWD, path, err);
	if (fd >= 0)
		*out_path = own_give_ptr(&path);
	return fd;
}

void grade_folder_remove(const char *path)
{
	struct err ignored = { 0 }; /* the next sweep tries again */

	(void)userns_remove_tree(AT_FDCWD, path, &ignored);
}

/* "dockershell-grade.4711.Ab12Cd": of a process that is no more. */
static bool is_left(const char *name)
{
	const char *dot = strchr(name, '.');
	char *end = NULL;
	long pid;

	if (strncmp(name, PREFIX "grade.", strlen(PREFIX "grade.")) != 0 &&
	    strncmp(name, PREFIX "base.", strlen(PREFIX "base.")) != 0)
		return false;
	pid = strtol(dot + 1, &end, 10);
	return pid > 0 && *end == '.' && strlen(end) == 7 &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static bool is_ours(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

void grade_folder_sweep(void)
{
	OWN_DIR DIR *list = opendir(place());

	if (!list)
		return;
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		OWN_FREE char *path = NULL;

		if (!is_left(entry->d_name) ||
		    !is_ours(dirfd(list), entry->d_name))
			continue;
		path = mem_fmt("%s/%s", place(), entry->d_name);
		grade_folder_remove(path);
	}
}
