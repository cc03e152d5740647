/* runtime/outlook.c - see outlook.h */
#include "runtime/outlook.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "runtime/sides.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum { MAX_PROC = 16 << 20 };

void outlook_done(struct outlook *outlook)
{
	strs_done(&outlook->devices);
}

/* ---- what /proc tells of any process ---- */

static bool read_of(const char *process, const char *file, struct buf *out)
{
	OWN_FREE char *path = mem_fmt("/proc/%s/%s", process, file);
	struct err ignored = { 0 };

	buf_clear(out);
	return fs_read(AT_FDCWD, path, MAX_PROC, out, &ignored) == 0;
}

/* "36 35 98:0 /from /at rw,noatime master:1 - ext4 /dev/root rw": the last mount at /
 * is the one that is seen. */
static void read_mounts(const char *process, struct outlook *out)
{
	OWN_BUF struct buf text = { 0 };
	char *rest = NULL;

	if (!read_of(process, "mountinfo", &text) || !text.len)
		return;
	for (const char *line = strtok_r(text.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *kind = strstr(line, " - ");
		char at[8] = "";

		out->mounts++;
		/* NOLINTNEXTLINE(cert-err34-c): text, no numbers */
		if (kind && sscanf(line, "%*s %*s %*s %*s %7s", at) == 1 &&
		    strcmp(at, "/") == 0)
			snprintf(out->root_kind, sizeof(out->root_kind), "%.*s",
				 (int)strcspn(kind + 3, " "), kind + 3);
	}
}

/* "0::/path" on a machine of version 2, else a line for each controller: the one of
 * memory stands for them. */
static void read_cgroup(const char *process, struct outlook *out)
{
	OWN_BUF struct buf text = { 0 };
	const char *at;

	if (!read_of(process, "cgroup", &text))
		return;
	at = strstr(buf_text(&text), ":memory:");
	if (!at)
		at = strstr(buf_text(&text), "::");
	at = at ? strchr(at + 1, ':') : NULL;
	if (at)
		snprintf(out->cgroup, sizeof(out->cgroup), "%.*s",
			 (int)strcspn(at + 1, "\n"), at + 1);
}

/* ---- what one has to be there for ---- */

static void add_address(const struct ifaddrs *at, struct buf *lines)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	if (at->ifa_addr->sa_family == AF_INET) {
		memcpy(&four, at->ifa_addr, sizeof(four));
		if (inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text)))
			buf_fmt(lines, "device %s %s\n", at->ifa_name, text);
	} else if (at->ifa_addr->sa_family == AF_INET6) {
		memcpy(&six, at->ifa_addr, sizeof(six));
		if (!IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) &&
		    inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text)))
			buf_fmt(lines, "device %s %s\n", at->ifa_name, text);
	}
}

static bool has_address(const struct ifaddrs *all, const char *device)
{
	for (const struct ifaddrs *at = all; at; at = at->ifa_next)
		if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET &&
		    strcmp(at->ifa_name, device) == 0)
			return true;
	return false;
}

static void look_around(struct buf *lines)
{
	struct utsname name;
	struct ifaddrs *all = NULL;

	if (uname(&name) == 0)
		buf_fmt(lines, "host %s\nkernel %s\n", name.nodename,
			name.release);
	if (getifaddrs(&all) < 0)
		return;
	buf_str(lines, "networked\n");
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		if (!at->ifa_addr)
			continue;
		add_address(at, lines);
		if (at->ifa_addr->sa_family == AF_PACKET &&
		    !has_address(all, at->ifa_name))
			buf_fmt(lines, "device %s\n", at->ifa_name);
	}
	freeifaddrs(all);
}

static void take_line(const char *line, struct outlook *out)
{
	if (strncmp(line, "host ", 5) == 0)
		snprintf(out->host, sizeof(out->host), "%s", line + 5);
	else if (strncmp(line, "kernel ", 7) == 0)
		snprintf(out->kernel, sizeof(out->kernel), "%s", line + 7);
	else if (strncmp(line, "device ", 7) == 0)
		strs_add(&out->devices, line + 7);
	else if (strcmp(line, "networked") == 0)
		out->networked = true;
}

static void take_lines(const struct buf *lines, struct outlook *out)
{
	OWN_STRS struct strs each = { 0 };

	strs_split(&each, buf_text(lines), '\n');
	for (size_t i = 0; i < each.count; i++)
		take_line(each.items[i], out);
}

/* ---- here ---- */

static size_t count_processes(void)
{
	OWN_DIR DIR *dir = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	return count;
}

static uint64_t installed(void)
{
	struct sysinfo info = { 0 };

	(void)sysinfo(&info); /* cannot fail with a good pointer */
	return (uint64_t)info.totalram * info.mem_unit;
}

void outlook_here(struct outlook *out)
{
	OWN_BUF struct buf lines = { 0 };

	*out = (struct outlook){ 0 };
	look_around(&lines);
	take_lines(&lines, out);
	read_mounts("self", out);
	read_cgroup("self", out);
	out->processes = count_processes();
	out->memory = installed();
}

/* ---- inside ---- */

/* Only what is another's is joined: a network that is the machine's own may not be,
 * by who is root of a user namespace alone. */
static int flags_of(pid_t pid)
{
	static const struct {
		const char *name;
		int flag;
	} visits[] = { { "user", CLONE_NEWUSER },
		       { "net", CLONE_NEWNET },
		       { "uts", CLONE_NEWUTS } };
	struct side_namespace all[SIDES_NAMESPACES];
	int flags = 0;

	sides_namespaces(pid, all);
	for (size_t i = 0; i < SIDES_NAMESPACES; i++)
		for (size_t k = 0; k < 3; k++)
			if (strcmp(all[i].name, visits[k].name) == 0 &&
			    all[i].its && all[i].its != all[i].ours)
				flags |= visits[k].flag;
	return flags;
}

struct visit {
	int pidfd;
	int flags;
};

static int look_from_there(void *arg, struct buf *reply, struct err *err)
{
	const struct visit *visit = arg;

	if (visit->flags && setns(visit->pidfd, visit->flags) < 0)
		return err_errno(err, "setns(process 1)");
	look_around(reply);
	return 0;
}

int outlook_inside(const struct home *home, const struct container *container,
		   struct outlook *out, struct err *err)
{
	OWN_FREE char *pid = mem_fmt("%d", container->pid);
	OWN_PIDS struct pids pids = { 0 };
	OWN_BUF struct buf lines = { 0 };
	OWN_FD int pidfd = sys_pidfd_open(container->pid);
	struct visit visit = { pidfd, flags_of(container->pid) };
	struct userns_child child = { -1, -1 };
	struct err ignored = { 0 };

	*out = (struct outlook){ 0 };
	if (pidfd < 0)
		return err_errno(err, "pidfd_open(%d)", container->pid);
	/* What cannot be joined is unknown, not a failure of the rest. */
	if (userns_start(look_from_there, &visit, USERNS_HERE, &child,
			 &ignored) == 0)
		(void)userns_finish(&child, &lines, &ignored);
	take_lines(&lines, out);
	read_mounts(pid, out);
	read_cgroup(pid, out);
	if (container_processes(home, container->spec.id, &pids, &ignored) == 0)
		out->processes = pids.count;
	out->memory = installed();
	out->limited = container->spec.memory_bytes > 0 &&
		       (uint64_t)container->spec.memory_bytes < out->memory;
	if (out->limited)
		out->memory = (uint64_t)container->spec.memory_bytes;
	return 0;
}
