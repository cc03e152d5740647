/* runtime/processes.c - see processes.h */
#include "runtime/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum { LINK_SIZE = 40, MAX_PROCS = 1 << 20, MAX_DEPTH = 32 };

void pids_done(struct pids *pids)
{
	free(pids->items);
	*pids = (struct pids){ 0 };
}

void pids_add(struct pids *pids, pid_t pid)
{
	size_t at = pids->count;

	pids->items = mem_grow(pids->items, at + 1, sizeof(*pids->items));
	/* /proc is read in ascending order: mostly this is the end. */
	for (; at > 0 && pids->items[at - 1] > pid; at--)
		pids->items[at] = pids->items[at - 1];
	pids->items[at] = pid;
	pids->count++;
}

bool pids_have(const struct pids *pids, pid_t pid)
{
	size_t low = 0;
	size_t high = pids->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pids->items[middle] == pid)
			return true;
		if (pids->items[middle] < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* ---- one process ---- */

/* The name stands in parentheses and may hold anything, parentheses too: what
 * follows the last one is numbers. proc_pid_stat(5). */
int process_read(pid_t pid, struct process *out)
{
	char path[32];
	char text[1024];
	OWN_FD int fd = -1;
	ssize_t got;
	const char *open_at;
	const char *end;
	size_t len;
	long long started;
	long long child[2];
	int fields;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	open_at = strchr(text, '(');
	end = strrchr(text, ')');
	if (!open_at || !end)
		return -ESRCH;
	*out = (struct process){ .pid = pid };
	len = (size_t)(end - open_at - 1);
	if (len >= sizeof(out->name))
		len = sizeof(out->name) - 1;
	memcpy(out->name, open_at + 1, len);
	/* cert-err34: numbers of the kernel's own making */
	fields = sscanf(end + 1, /* NOLINT(cert-err34-c) */
			" %c %d %d %d %d %d %lu %*u %*u %*u %*u %lu %lu"
			" %lld %lld %ld %ld %ld %*d %lld %lu %ld"
			" %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u"
			" %*u %*d %d",
			&out->state, &out->parent, &out->group, &out->session,
			&out->terminal, &out->foreground, &out->flags,
			&out->user_ticks, &out->system_ticks, &child[0],
			&child[1], &out->priority, &out->nice, &out->threads,
			&started, &out->virtual_bytes, &out->resident_pages,
			&out->processor);
	if (fields < 17)
		return -ESRCH;
	out->started_ticks = (uint64_t)started;
	out->child_ticks = (uint64_t)(child[0] + child[1]);
	return 0;
}

/* The name of a process's pid namespace: "pid:[4026531836]". */
static bool namespace_of(int proc_fd, const char *pid, char *out)
{
	char path[32];
	ssize_t len;

	snprintf(path, sizeof(path), "%s/ns/pid", pid);
	len = readlinkat(proc_fd, path, out, LINK_SIZE - 1);
	out[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Whether it is number 1 of a namespace below ours: "NSpid:\t4711\t1". */
static bool is_process_1(pid_t pid)
{
	char path[32];
	char text[4096];
	OWN_FD int fd = -1;
	ssize_t got;
	const char *line;
	const char *last;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	line = strstr(text, "\nNSpid:");
	if (!line)
		return false;
	line += strlen("\nNSpid:\t");
	last = memchr(line, '\n', strlen(line));
	return last && last - line > 2 && strncmp(last - 2, "\t1", 2) == 0;
}

/* ---- all of a container ---- */

/* What the walk through /proc knows.
 *
 * space  the container's pid namespace; "" asks for descendants alone
 * ours   the one that we are in: its processes are none of the container's
 * maybe  processes of further namespaces, and their parents */
struct walk {
	int proc_fd;
	char space[LINK_SIZE];
	char ours[LINK_SIZE];
	struct pids *found;
	pid_t (*maybe)[2];
	size_t maybe_count;
};

static void look_at(struct walk *w, const char *name)
{
	char space[LINK_SIZE];
	struct process process;
	pid_t pid = atoi(name); /* NOLINT(cert-err34-c): of digits alone */

	if (w->space[0] && namespace_of(w->proc_fd, name, space)) {
		if (strcmp(space, w->space) == 0) {
			pids_add(w->found, pid);
			return;
		}
		if (strcmp(space, w->ours) == 0)
			return;
	} else if (w->space[0]) {
		return; /* somebody else's: we may not look */
	}
	if (process_read(pid, &process) < 0)
		return;
	w->maybe = mem_grow(w->maybe, w->maybe_count + 1, sizeof(*w->maybe));
	w->maybe[w->maybe_count][0] = pid;
	w->maybe[w->maybe_count++][1] = process.parent;
}

static void add_descendants(struct walk *w)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < w->maybe_count; i++) {
			if (pids_have(w->found, w->maybe[i][0]) ||
			    !pids_have(w->found, w->maybe[i][1]))
				continue;
			pids_add(w->found, w->maybe[i][0]);
			more = true;
		}
	}
}

static int walk_proc(struct walk *w, pid_t first, struct err *err)
{
	char name[16];
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;

	w->proc_fd = fs_open_dir(AT_FDCWD, "/proc", err);
	dir = w->proc_fd < 0 ? NULL : fdopendir(w->proc_fd);
	if (!dir)
		return err_errno(err, "read /proc");
	snprintf(name, sizeof(name), "%d", first);
	if (is_process_1(first)) {
		(void)namespace_of(w->proc_fd, name, w->space);
		(void)namespace_of(w->proc_fd, "self", w->ours);
	}
	if (!w->space[0])
		pids_add(w->found, first);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at(w, entry->d_name);
	add_descendants(w);
	return 0;
}

int processes_find(pid_t first, int cgroup_fd, struct pids *out,
		   struct err *err)
{
	struct pids found = { 0 };
	struct walk w = { .found = &found };
	struct process process;
	int r = 0;

	if (first <= 0 || process_read(first, &process) < 0)
		return err_set(err, ESRCH, _("process 1 is gone"));
	if (cgroup_fd >= 0 && !is_process_1(first))
		processes_of_cgroup(cgroup_fd, &found);
	else
		r = walk_proc(&w, first, err);
	free(w.maybe);
	if (r < 0) {
		pids_done(&found);
		return r;
	}
	pids_done(out);
	*out = found;
	return 0;
}

/* ---- of a cgroup ---- */

static void add_listed(int folder_fd, struct pids *out)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *rest = NULL;

	/* Gone meanwhile: nobody is in it. */
	if (fs_read(folder_fd, "cgroup.procs", MAX_PROCS, &text, &ignored) < 0 ||
	    !text.data)
		return;
	for (const char *pid = strtok_r(text.data, "\n", &rest); pid;
	     pid = strtok_r(NULL, "\n", &rest)) {
		pid_t number = atoi(pid); /* NOLINT(cert-err34-c) */

		/* 0: a process that our pid namespace cannot name */
		if (number > 0 && !pids_have(out, number))
			pids_add(out, number);
	}
}

static void add_below(int folder_fd, int depth, struct pids *out)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(folder_fd, ".", &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	add_listed(folder_fd, out);
	while (dir && depth < MAX_DEPTH && (entry = readdir(dir))) {
		OWN_FD int below = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = fs_open_dir(folder_fd, entry->d_name, &ignored);
		if (below >= 0)
			add_below(below, depth + 1, out);
	}
}

void processes_of_cgroup(int cgroup_fd, struct pids *out)
{
	add_below(cgroup_fd, 0, out);
}
