/* runtime/cgroup_note.c - see cgroup_note.h */
#include "runtime/cgroup_note.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/userns.h"

enum { MAX_NOTE = 1 << 16 };

int cgroup_note_folder(const char *path, const char *id)
{
	OWN_FREE char *name = mem_fmt(CGROUP_PREFIX "%s", id);
	const char *slash = strrchr(path, '/');
	struct statfs fs;
	OWN_FD int fd = -1;

	if (!slash || strcmp(slash + 1, name) != 0)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstatfs(fd, &fs) < 0 ||
	    (fs.f_type != CGROUP_SUPER_MAGIC &&
	     fs.f_type != CGROUP2_SUPER_MAGIC))
		return -1;
	return own_give_fd(&fd);
}

const char *cgroup_note_path(const char *line)
{
	const char *path = strchr(line, '/');

	return path ? path : "";
}

char *cgroup_note_implied(const char *id)
{
	if (userns_kind() != USERNS_NONE || !cgroup_is_unified())
		return NULL;
	return mem_fmt("v2 /sys/fs/cgroup/" CGROUP_PREFIX "%s", id);
}

static bool is_implied(const char *id)
{
	OWN_FREE char *line = cgroup_note_implied(id);

	return line && access(cgroup_note_path(line), F_OK) == 0;
}

bool cgroup_is_noted(int folder_fd, const char *id)
{
	return fs_exists(folder_fd, CGROUP_NOTE) || is_implied(id);
}

bool cgroup_note_read(int folder_fd, const char *id, struct strs *out)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	if (!fs_exists(folder_fd, CGROUP_NOTE)) {
		if (!is_implied(id))
			return false;
		strs_take(out, cgroup_note_implied(id));
		return true;
	}
	if (fs_read(folder_fd, CGROUP_NOTE, MAX_NOTE, &text, &ignored) < 0)
		return false;
	strs_split(out, buf_text(&text), '\n');
	return true;
}

int cgroup_note_write(int folder_fd, const struct strs *record, struct err *err)
{
	OWN_FREE char *text = strs_join(record, "\n");

	return fs_replace(folder_fd, CGROUP_NOTE, text, strlen(text), 0600, false,
			  err);
}
