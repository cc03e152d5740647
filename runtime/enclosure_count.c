/* runtime/enclosure_count.c - who runs in an enclosure, and the glances between two looks.
 *
 * Without a cgroup nobody counts for us, and no one is told of a fork(2) that the kernel
 * refused: who takes all processes and dies of it within a moment was never there for
 * who looks twenty times a second. So there is a glance a few hundred times a second at
 * one number of the kernel's, the last process id that was given on this machine. Where
 * that runs on, the enclosure's processes are counted, and the most is kept.
 *
 * Source: proc_loadavg(5), proc_pid_task(5) ("children"), ioctl_nsfs(2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/processes.h"

/* So many new ones between two glances are no reason to count. */
enum { FEW_NEW = 12, PATH_SIZE = 64 };

/* ---- who there is ---- */

static bool add_children_of(const char *path, struct pids *pids)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *rest = NULL;

	if (fs_read(AT_FDCWD, path, 1 << 20, &text, &ignored) < 0)
		return false;
	for (const char *word = text.data ? strtok_r(text.data, " ", &rest) : NULL;
	     word; word = strtok_r(NULL, " ", &rest)) {
		pid_t child = atoi(word); /* NOLINT(cert-err34-c): the kernel's */

		if (child > 0 && !pids_have(pids, child))
			pids_add(pids, child);
	}
	return true;
}

/* Each thread has the children that it made itself. */
static void add_children_of_threads(const char *task, pid_t pid,
				    struct pids *pids)
{
	OWN_DIR DIR *dir = opendir(task);

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry;
	     entry = readdir(dir)) {
		OWN_FREE char *path =
			mem_fmt("%s/%s/children", task, entry->d_name);

		if (entry->d_name[0] != '.' && atoi(entry->d_name) != pid) /* NOLINT(cert-err34-c) */
			(void)add_children_of(path, pids);
	}
}

/* The processes of a process's children, and theirs. Adds how many threads it has.
 * False: it is gone, or the kernel has no such files (its CONFIG_PROC_CHILDREN). */
static bool add_children(struct pids *pids, pid_t pid, int64_t *threads)
{
	char task[PATH_SIZE];
	char path[PATH_SIZE];
	struct stat st;

	snprintf(task, sizeof(task), "/proc/%d/task", pid);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	if (stat(task, &st) < 0 || !add_children_of(path, pids))
		return false;
	/* The folder has "." and ".." beside them. */
	*threads += st.st_nlink > 3 ? (int64_t)st.st_nlink - 2 : 1;
	if (st.st_nlink > 3)
		add_children_of_threads(task, pid, pids);
	return true;
}

int64_t enclosure_find(pid_t first, struct pids *out)
{
	struct err ignored = { 0 };
	struct pids todo = { 0 };
	int64_t threads = 0;

	pids_done(out);
	if (!add_children(&todo, first, &threads)) {
		pids_done(&todo);
		(void)processes_find(first, -1, out, &ignored);
		return (int64_t)out->count;
	}
	pids_add(out, first);
	while (todo.count > 0) {
		pid_t pid = todo.items[--todo.count];

		if (pids_have(out, pid))
			continue;
		pids_add(out, pid);
		(void)add_children(&todo, pid, &threads);
	}
	pids_done(&todo);
	return threads;
}

bool enclosure_is_in(pid_t first, pid_t pid)
{
	char path[PATH_SIZE];
	struct stat own;
	struct stat st;
	OWN_FD int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", first);
	if (stat(path, &own) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES; /* nobody says that it is not */
	while (fd >= 0 && fstat(fd, &st) == 0) {
		int above;

		if (st.st_dev == own.st_dev && st.st_ino == own.st_ino)
			return true;
		above = ioctl(fd, NS_GET_PARENT);
		close(fd);
		fd = above;
	}
	return false;
}

/* The numbers in "NSpid: 4711 17 1". */
int enclosure_depth_of(pid_t pid, bool *out_first)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *path = mem_fmt("/proc/%d/status", pid);
	struct err ignored = { 0 };
	const char *line;
	int depth = 0;

	if (fs_read(AT_FDCWD, path, 65536, &text, &ignored) < 0)
		return 0;
	line = strstr(buf_text(&text), "\nNSpid:");
	for (line = line ? line + 1 : ""; *line && *line != '\n'; line++)
		if (*line == '\t') {
			depth++;
			*out_first = line[1] == '1' && line[2] == '\n';
		}
	return depth;
}

/* ---- glances ---- */

/* "0.38 2.17 3.39 2/93 7034": the last number. -1: nothing is known. */
static long last_pid(int loadavg_fd)
{
	char text[PATH_SIZE];
	ssize_t got = pread(loadavg_fd, text, sizeof(text) - 1, 0);
	const char *last;

	if (got <= 0)
		return -1;
	text[got] = '\0';
	last = strrchr(text, ' ');
	return last ? strtol(last + 1, NULL, 10) : -1;
}

void enclosure_glance_begin(struct enclosure_glance *glance, pid_t first)
{
	*glance = (struct enclosure_glance){
		.first = first,
		.fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC),
	};
	glance->last = last_pid(glance->fd);
}

void enclosure_glance_end(struct enclosure_glance *glance)
{
	if (glance->fd >= 0)
		close(glance->fd);
	glance->fd = -1;
}

void enclosure_glance(struct enclosure_glance *glance)
{
	OWN_PIDS struct pids pids = { 0 };
	long last = last_pid(glance->fd);
	bool quiet = last >= glance->last && last - glance->last < FEW_NEW;
	int64_t threads;

	/* Behind the largest number comes a small one. */
	glance->last = last;
	if (quiet)
		return;
	threads = enclosure_find(glance->first, &pids);
	if (threads > glance->most)
		glance->most = threads;
}
