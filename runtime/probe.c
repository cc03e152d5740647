/* runtime/probe.c - see probe.h: measuring, and the table of facts.
 *
 * Each try is made in a child process that ends with what the kernel said. What it made
 * (namespaces, devices, mounts, rules) belongs to its namespaces and goes with them. */
#include "runtime/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/probe_parts.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum { PATIENCE_S = 2, MOST_RELEASE = 64 << 10 };

/* ---- the facts by name ---- */

#define NUMBER(field) \
	{ \
#field, false, offsetof(struct probe_facts, field) \
	}
#define TEXT(field) \
	{ \
#field, true, offsetof(struct probe_facts, field) \
	}

const struct probe_fact probe_fact_table[] = {
	NUMBER(uid),
	NUMBER(root),
	TEXT(kernel),
	TEXT(distro),
	TEXT(release),
	TEXT(program),
	NUMBER(kernel_error),
	TEXT(kernel_call),
	NUMBER(userns_error),
	NUMBER(cap_error),
	NUMBER(max_userns),
	NUMBER(userns_clone),
	NUMBER(apparmor),
	NUMBER(subuids),
	NUMBER(subgids),
	NUMBER(free_ids),
	NUMBER(id_helpers),
	NUMBER(ids_error),
	TEXT(store),
	TEXT(store_at),
	TEXT(store_kind),
	NUMBER(store_error),
	NUMBER(wal_error),
	NUMBER(overlay_error),
	NUMBER(free_bytes),
	NUMBER(free_inodes),
	NUMBER(cgroup_version),
	TEXT(cgroups),
	NUMBER(systemd),
	NUMBER(netns_error),
	NUMBER(bridge_error),
	NUMBER(veth_error),
	NUMBER(rules_error),
	NUMBER(forward_error),
	NUMBER(device_error),
	TEXT(way_out),
	NUMBER(low_port),
	NUMBER(utf8),
	NUMBER(drawing),
	TEXT(programs),
	{ 0 },
};

static const struct probe_fact *fact_named(const char *name, size_t len)
{
	for (const struct probe_fact *f = probe_fact_table; f->name; f++)
		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
			return f;
	return NULL;
}

static int read_fact(struct probe_facts *facts, const char *line,
		     struct err *err)
{
	const char *equals = strchr(line, '=');
	const struct probe_fact *fact =
		equals ? fact_named(line, (size_t)(equals - line)) : NULL;
	char *end = NULL;
	long long number;

	if (!fact)
		return err_set(err, EINVAL, _("'%s' is no fact"), line);
	if (fact->is_text) {
		(void)snprintf((char *)facts + fact->offset, PROBE_TEXT, "%s",
			       equals + 1);
		return 0;
	}
	errno = 0;
	number = strtoll(equals + 1, &end, 10);
	if (errno || end == equals + 1 || *end)
		return err_set(err, EINVAL, _("'%s': a whole number is wanted"),
			       line);
	*(int64_t *)(void *)((char *)facts + fact->offset) = number;
	return 0;
}

int probe_facts_read(struct probe_facts *facts, const char *text,
		     struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	int r = 0;

	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count && r == 0; i++)
		if (lines.items[i][0] && lines.items[i][0] != '#')
			r = read_fact(facts, lines.items[i], err);
	return r;
}

/* ---- trying in a child ---- */

/* No try may hold up the answer. */
static void set_alarm(void)
{
	sys_default_signal(SIGALRM);
	(void)alarm(PATIENCE_S);
}

int probe_in_child(probe_work *work, void *arg)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return errno;
	if (child == 0) {
		set_alarm();
		_exit(work(arg));
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ETIMEDOUT;
}

struct job {
	probe_work *work;
	void *arg;
};

static int do_job(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	int code;

	(void)reply;
	set_alarm();
	code = job->work(job->arg);
	return code ? err_set(err, code, "refused") : 0;
}

int probe_as_root(probe_work *work, void *arg)
{
	struct job job = { work, arg };
	struct err err = { 0 };

	return -userns_call(do_job, &job, true, NULL, &err);
}

long long probe_number(const char *path)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *end;
	long long number;

	if (fs_read(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return -1;
	number = strtoll(buf_text(&text), &end, 10);
	return end == buf_text(&text) ? -1 : number;
}

/* ---- the kernel ---- */

/* Calls that the runtime is built on, each made so that it can only fail: with ENOSYS
 * where the kernel, or a filter around us, does not know it. */
static void probe_kernel(struct probe_facts *facts)
{
	static const struct {
		long number;
		const char *name;
	} calls[] = {
		{ SYS_clone3, "clone3" },
		{ SYS_pidfd_open, "pidfd_open" },
		{ SYS_openat2, "openat2" },
		{ SYS_close_range, "close_range" },
		{ SYS_open_tree, "open_tree" },
		{ SYS_move_mount, "move_mount" },
	};
	struct utsname system;

	if (uname(&system) == 0)
		(void)snprintf(facts->kernel, sizeof(facts->kernel), "%s",
			       system.release);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		/* close_range(2): a last below its first is refused */
		long r = calls[i].number == SYS_close_range
				 ? syscall(SYS_close_range, 2u, 1u, 0u)
				 : syscall(calls[i].number, -1L, NULL, -1L,
					   NULL, -1L);

		if (r >= 0 || errno != ENOSYS)
			continue;
		facts->kernel_error = ENOSYS;
		(void)snprintf(facts->kernel_call, sizeof(facts->kernel_call),
			       "%s", calls[i].name);
		return;
	}
}

/* ID= and VERSION_ID= of os-release(5). */
static void read_release(const char *text, const char *key, char *out)
{
	const char *at = strstr(text, key);

	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, "\"'");
	(void)snprintf(out, PROBE_TEXT, "%.*s", (int)strcspn(at, "\"'\n"), at);
}

static void probe_system(struct probe_facts *facts)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	ssize_t len = readlink("/proc/self/exe", facts->program,
			       sizeof(facts->program) - 1);

	facts->program[len > 0 ? len : 0] = '\0';
	facts->uid = geteuid();
	facts->root = userns_kind() == USERNS_NONE;
	facts->systemd = access("/run/systemd/system", F_OK) == 0;
	buf_char(&text, '\n');
	if (fs_read(AT_FDCWD, "/etc/os-release", MOST_RELEASE, &text,
		    &ignored) < 0)
		return;
	read_release(buf_text(&text), "\nID=", facts->distro);
	read_release(buf_text(&text), "\nVERSION_ID=", facts->release);
}

void probe_measure(const char *home, struct probe_facts *out)
{
	*out = (struct probe_facts){ .drawing = -1 };
	probe_system(out);
	probe_kernel(out);
	probe_ids(out);
	probe_store(home, out);
	probe_net(out);
}
