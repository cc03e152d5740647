/* runtime/container_usage.c - see container_usage.h */
#include "runtime/container_usage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_cpu.h"
#include "runtime/cgroup_io.h"
#include "runtime/cgroup_memory.h"
#include "runtime/cgroup_pids.h"
#include "runtime/container.h"
#include "runtime/namespaces.h"
#include "runtime/state.h"

enum { MAX_PROC = 1 << 20 };

static bool runs(const struct container *c)
{
	return c->status == CONTAINER_RUNNING || c->status == CONTAINER_PAUSED;
}

/* ---- its processes ---- */

static int find(const struct home *home, const struct container *c,
		struct pids *out, struct err *err)
{
	OWN_CGROUP struct cgroup cgroup;
	OWN_FD int folder_fd = -1;
	int any = -1;
	bool v2;

	cgroup_init(&cgroup);
	folder_fd = state_open_folder(home, c->spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	cgroup_open(&cgroup, folder_fd);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS && any < 0; i++)
		if (!(cgroup.late & CGROUP_BIT(i)))
			any = cgroup_folder(&cgroup, i, &v2);
	return processes_find(c->pid, any, out, err);
}

int container_processes(const struct home *home, const char *name,
			struct pids *out, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err why = { 0 };
	int r = container_find(home, name, &c, err);

	if (r < 0)
		return r;
	if (c.status == CONTAINER_RESTARTING)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "Container %s is restarting, wait until the container is running",
				  c.spec.id);
	r = runs(&c) ? find(home, &c, out, &why) : -ESRCH;
	if (r == -ESRCH || r == -ENOENT)
		return err_docker(err, ERR_DAEMON, ESRCH,
				  "Container %s is not running", c.spec.id);
	if (r < 0)
		*err = why;
	return r;
}

/* ---- from /proc ---- */

static bool read_of(pid_t pid, const char *file, struct buf *out)
{
	char path[48];
	struct err ignored = { 0 };

	buf_clear(out);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	/* It ended, or is not for us to see: it counts nothing. */
	return fs_read(AT_FDCWD, path, MAX_PROC, out, &ignored) == 0;
}

/* The number behind "key:" at the beginning of a line, 0 where it is not. */
static uint64_t number_of(const struct buf *text, const char *key)
{
	OWN_FREE char *start = mem_fmt("\n%s:", key);
	const char *all = buf_text(text);
	const char *at = strstr(all, start);

	if (!at && strncmp(all, start + 1, strlen(start) - 1) == 0)
		at = all - 1;
	return at ? strtoull(at + strlen(start), NULL, 10) : 0;
}

static uint64_t memory_of(pid_t pid, const struct process *p, struct buf *text)
{
	if (read_of(pid, "smaps_rollup", text))
		return number_of(text, "Pss") * 1024;
	return (uint64_t)p->resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void add_process(pid_t pid, struct usage *sum)
{
	OWN_BUF struct buf text = { 0 };
	struct process p;
	uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

	if (process_read(pid, &p) < 0)
		return;
	sum->cpu_ns += (p.user_ticks + p.system_ticks + p.child_ticks) * tick_ns;
	sum->memory += memory_of(pid, &p, &text);
	sum->pids += (uint64_t)p.threads;
	if (!read_of(pid, "io", &text))
		return;
	sum->read += number_of(&text, "read_bytes");
	sum->written += number_of(&text, "write_bytes");
}

/* "  eth0: received packets errs drop fifo frame compressed multicast sent ..." */
static void add_network(const struct container *c, struct usage *sum)
{
	OWN_BUF struct buf text = { 0 };
	char *rest = NULL;

	/* The machine's own traffic is not the container's. */
	if (namespaces_is_host(c->spec.network_mode) ||
	    !read_of(c->pid, "net/dev", &text))
		return;
	for (const char *line = strtok_r(text.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *colon = strchr(line, ':');
		unsigned long long in;
		unsigned long long out;

		if (!colon || strncmp(line + strspn(line, " "), "lo:", 3) == 0)
			continue;
		/* cert-err34: numbers of the kernel's own making */
		if (sscanf(colon + 1, /* NOLINT(cert-err34-c) */
			   "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in,
			   &out) == 2) {
			sum->received += in;
			sum->sent += out;
		}
	}
}

/* ---- from the cgroup ---- */

/* Replaces what the cgroup knows better. */
static void ask_cgroup(const struct cgroup *cgroup, struct usage *sum)
{
	bool v2;
	int fd = cgroup_folder(cgroup, CGROUP_CPUACCT, &v2);

	if (fd >= 0 && !(cgroup->late & CGROUP_BIT(CGROUP_CPUACCT)))
		(void)cgroup_cpu_used(fd, v2, &sum->cpu_ns);
	fd = cgroup_folder(cgroup, CGROUP_MEMORY, &v2);
	if (fd >= 0 && !(cgroup->late & CGROUP_BIT(CGROUP_MEMORY)))
		(void)cgroup_memory_used(fd, v2, &sum->memory);
	fd = cgroup_folder(cgroup, CGROUP_PIDS, &v2);
	if (fd >= 0)
		(void)cgroup_pids_count(fd, &sum->pids);
	fd = cgroup_folder(cgroup, CGROUP_IO, &v2);
	if (fd >= 0 && !(cgroup->late & CGROUP_BIT(CGROUP_IO)))
		(void)cgroup_io_moved(fd, v2, &sum->read, &sum->written);
}

static uint64_t limit_of(const struct container *c)
{
	struct sysinfo info = { 0 };
	uint64_t all;

	(void)sysinfo(&info); /* cannot fail with a good pointer */
	all = (uint64_t)info.totalram * info.mem_unit;
	return c->spec.memory_bytes > 0 && (uint64_t)c->spec.memory_bytes < all ?
		       (uint64_t)c->spec.memory_bytes :
		       all;
}

int container_usage(const struct home *home, const struct container *container,
		    struct usage *out, struct err *err)
{
	OWN_CGROUP struct cgroup cgroup;
	OWN_PIDS struct pids pids = { 0 };
	OWN_FD int folder_fd = -1;
	struct usage sum = { 0 };
	struct timespec now;
	int r;

	cgroup_init(&cgroup);
	clock_gettime(CLOCK_MONOTONIC, &now);
	sum.when_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (!runs(container)) {
		*out = sum;
		return 0;
	}
	r = find(home, container, &pids, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < pids.count; i++)
		add_process(pids.items[i], &sum);
	add_network(container, &sum);
	sum.memory_limit = limit_of(container);
	folder_fd = state_open_folder(home, container->spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	cgroup_open(&cgroup, folder_fd);
	ask_cgroup(&cgroup, &sum);
	*out = sum;
	return 0;
}
