/* runtime/enclosure_memory.c - memory, added up: what each process has for itself, and
 * what no process is seen to have, files in memory.
 *
 * Where a cgroup counts, nothing escapes it. Where there is none, a program could put its
 * bytes into file systems in memory (--tmpfs, --shm-size, what --privileged mounts), or
 * into files of no name (memfd_create(2)): those are looked for in the views of each
 * process and among what it has open. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/processes.h"

enum { MOST_MOUNTS = 1 << 20, MOST_SEEN = 4096, STATM_SIZE = 128 };

int64_t enclosure_memory_of(pid_t pid)
{
	char path[32];
	char text[STATM_SIZE];
	OWN_FD int fd = -1;
	ssize_t got;
	long long size;
	long long resident;
	long long shared;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): numbers of the kernel's own making */
	if (sscanf(text, "%lld %lld %lld", &size, &resident, &shared) != 3)
		return 0;
	return (resident - shared) * sysconf(_SC_PAGESIZE);
}

/* ---- files in memory ---- */

/* What was counted already: file systems, files, and views of mounts. */
struct seen {
	dev_t dev;
	ino_t ino;
};
struct count {
	struct seen seen[MOST_SEEN];
	size_t seen_count;
	int64_t bytes;
};

/* Whether it is the first time. */
static bool is_new(struct count *count, dev_t dev, ino_t ino)
{
	for (size_t i = 0; i < count->seen_count; i++)
		if (count->seen[i].dev == dev && count->seen[i].ino == ino)
			return false;
	if (count->seen_count < MOST_SEEN)
		count->seen[count->seen_count++] = (struct seen){ dev, ino };
	return true;
}

/* "36 35 0:45 / /mnt/x rw,... - tmpfs tmpfs rw": by its place, as that process sees it.
 * proc_pid_mountinfo(5). */
static void add_mount(struct count *count, pid_t pid, char *line)
{
	unsigned major_id;
	unsigned minor_id;
	int at = 0;
	char *point;
	OWN_FREE char *path = NULL;
	struct statvfs fs;

	/* NOLINTBEGIN(cert-err34-c): numbers of the kernel's own making */
	if (!strstr(line, " - tmpfs ") ||
	    sscanf(line, "%*u %*u %u:%u %*s %n", &major_id, &minor_id, &at) !=
		    2 ||
	    !at || !is_new(count, makedev(major_id, minor_id), 0))
		return;
	/* NOLINTEND(cert-err34-c) */
	point = line + at;
	point[strcspn(point, " ")] = '\0';
	fs_unescape(point);
	path = mem_fmt("/proc/%d/root%s", pid, point);
	if (statvfs(path, &fs) == 0 && fs.f_blocks < UINT64_MAX / 2)
		count->bytes += (int64_t)((fs.f_blocks - fs.f_bfree) *
					  fs.f_frsize);
}

static void add_mounts(struct count *count, pid_t pid)
{
	OWN_FREE char *view = mem_fmt("/proc/%d/ns/mnt", pid);
	OWN_FREE char *path = mem_fmt("/proc/%d/mountinfo", pid);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *rest = NULL;
	struct stat st;

	if (stat(view, &st) < 0 || !is_new(count, st.st_dev, st.st_ino) ||
	    fs_read(AT_FDCWD, path, MOST_MOUNTS, &text, &ignored) < 0 ||
	    !text.data)
		return;
	for (char *line = strtok_r(text.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		add_mount(count, pid, line);
}

static void add_files(struct count *count, pid_t pid)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/fd", pid);
	OWN_DIR DIR *dir = opendir(path);
	struct dirent *entry;
	char target[32];

	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);
		struct stat st;

		target[len > 0 ? len : 0] = '\0';
		if (strncmp(target, "/memfd:", 7) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    is_new(count, st.st_dev, st.st_ino))
			count->bytes += (int64_t)st.st_blocks * 512;
	}
}

int64_t enclosure_files_in_memory(const struct pids *pids, dev_t disk)
{
	struct count *count = mem_zero(1, sizeof(*count));
	int64_t bytes;

	(void)is_new(count, disk, 0);
	for (size_t i = 0; i < pids->count; i++) {
		add_mounts(count, pids->items[i]);
		add_files(count, pids->items[i]);
	}
	bytes = count->bytes;
	free(count);
	return bytes;
}
