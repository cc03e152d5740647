/* shell/ps_columns.c - see ps_columns.h */
#include "shell/ps_columns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum { MAX_COMMAND = 1 << 21, MAX_STATUS = 1 << 16, NAME_WIDTH = 8 };

/* ---- the facts ---- */

static uint64_t ticks_per_s(void)
{
	return (uint64_t)sysconf(_SC_CLK_TCK);
}

/* The ids behind "Uid:" or "Gid:", real and effective. */
static void read_ids(const char *status, const char *key, unsigned out[2])
{
	const char *line = strstr(status, key);

	out[0] = out[1] = 0;
	if (line)
		/* cert-err34: numbers of the kernel's own making */
		(void)sscanf(line + strlen(key), "%u %u", /* NOLINT(cert-err34-c) */
			     &out[0], &out[1]);
}

/* Whatever a program calls itself, it must not write to the terminal. */
static void add_clean(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\0')
			buf_char(out, ' ');
		else if (c < ' ' || c == 0x7f)
			buf_char(out, '?');
		else
			buf_char(out, text[i]);
	}
}

static char *read_command(pid_t pid, const char *name)
{
	char path[32];
	OWN_BUF struct buf bytes = { 0 };
	struct err ignored = { 0 };
	struct buf out = { 0 };

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	(void)fs_read(AT_FDCWD, path, MAX_COMMAND, &bytes, &ignored);
	while (bytes.len > 0 && bytes.data[bytes.len - 1] == '\0')
		bytes.len--;
	add_clean(&out, bytes.data, bytes.len);
	if (out.len == 0) {
		buf_char(&out, '[');
		add_clean(&out, name, strlen(name));
		buf_char(&out, ']');
	}
	return buf_give(&out);
}

int ps_facts_read(pid_t pid, struct ps_facts *out)
{
	char path[32];
	OWN_BUF struct buf status = { 0 };
	struct err ignored = { 0 };
	struct timespec up;
	uint64_t started_s;

	*out = (struct ps_facts){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (process_read(pid, &out->process) < 0 ||
	    fs_read(AT_FDCWD, path, MAX_STATUS, &status, &ignored) < 0)
		return -ESRCH;
	read_ids(buf_text(&status), "\nUid:", out->uid);
	read_ids(buf_text(&status), "\nGid:", out->gid);
	out->command = read_command(pid, out->process.name);
	clock_gettime(CLOCK_BOOTTIME, &up);
	started_s = out->process.started_ticks / ticks_per_s();
	out->age_s = (uint64_t)up.tv_sec > started_s ?
			     (uint64_t)up.tv_sec - started_s :
			     0;
	out->started = time(NULL) - (time_t)out->age_s;
	return 0;
}

void ps_facts_done(struct ps_facts *facts)
{
	free(facts->command);
	facts->command = NULL;
}

/* ---- the columns ---- */

static void show_pid(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%d", f->process.pid);
}

static void show_parent(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%d", f->process.parent);
}

static void show_process_group(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%d", f->process.group);
}

static void show_session(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%d", f->process.session);
}

/* A name that does not fit is cut and marked, as ps does. */
static void add_name(struct buf *out, const char *name, unsigned id)
{
	if (!name)
		buf_fmt(out, "%u", id);
	else if (strlen(name) > NAME_WIDTH)
		buf_fmt(out, "%.*s+", NAME_WIDTH - 1, name);
	else
		buf_str(out, name);
}

static void add_user(struct buf *out, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	add_name(out, entry ? entry->pw_name : NULL, uid);
}

static void add_group(struct buf *out, gid_t gid)
{
	const struct group *entry = getgrgid(gid);

	add_name(out, entry ? entry->gr_name : NULL, gid);
}

static void show_user(const struct ps_facts *f, struct buf *out)
{
	add_user(out, f->uid[1]);
}

static void show_real_user(const struct ps_facts *f, struct buf *out)
{
	add_user(out, f->uid[0]);
}

static void show_uid(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%u", f->uid[1]);
}

static void show_real_uid(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%u", f->uid[0]);
}

static void show_group(const struct ps_facts *f, struct buf *out)
{
	add_group(out, f->gid[1]);
}

static void show_gid(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%u", f->gid[1]);
}

static uint64_t used_ticks(const struct ps_facts *f)
{
	return f->process.user_ticks + f->process.system_ticks;
}

/* In thousandths of one processor, over its whole life. */
static uint64_t share(const struct ps_facts *f)
{
	return f->age_s ? used_ticks(f) * 1000 / ticks_per_s() / f->age_s : 0;
}

static void show_c(const struct ps_facts *f, struct buf *out)
{
	uint64_t percent = share(f) / 10;

	buf_fmt(out, "%" PRIu64, percent > 99 ? 99 : percent);
}

static void show_cpu(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%" PRIu64 ".%" PRIu64, share(f) / 10, share(f) % 10);
}

static uint64_t resident_kb(const struct ps_facts *f)
{
	return (uint64_t)f->process.resident_pages *
	       (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void show_memory(const struct ps_facts *f, struct buf *out)
{
	struct sysinfo info;
	uint64_t thousandths = 0;

	if (sysinfo(&info) == 0 && info.totalram)
		thousandths = resident_kb(f) * 1000 /
			      (info.totalram * info.mem_unit / 1024);
	buf_fmt(out, "%" PRIu64 ".%" PRIu64, thousandths / 10,
		thousandths % 10);
}

static void show_virtual(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%" PRIu64, f->process.virtual_bytes / 1024);
}

static void show_resident(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%" PRIu64, resident_kb(f));
}

/* Numbers of devices: the kernel's admin-guide/devices.txt. */
static void show_terminal(const struct ps_facts *f, struct buf *out)
{
	unsigned device = (unsigned)f->process.terminal;
	unsigned kind = major(device);
	unsigned number = minor(device);

	if (kind >= 136 && kind <= 143)
		buf_fmt(out, "pts/%u", (kind - 136) * 256 + number);
	else if (kind == 4 && number < 64)
		buf_fmt(out, "tty%u", number);
	else if (kind == 4)
		buf_fmt(out, "ttyS%u", number - 64);
	else
		buf_char(out, '?');
}

static void show_state(const struct ps_facts *f, struct buf *out)
{
	buf_char(out, f->process.state);
}

static void show_state_flags(const struct ps_facts *f, struct buf *out)
{
	const struct process *p = &f->process;

	buf_char(out, p->state);
	if (p->nice)
		buf_char(out, p->nice < 0 ? '<' : 'N');
	if (p->session == p->pid)
		buf_char(out, 's');
	if (p->threads > 1)
		buf_char(out, 'l');
	if (p->group == p->foreground)
		buf_char(out, '+');
}

static void add_started(const struct ps_facts *f, const char *today,
			const char *this_year, struct buf *out)
{
	time_t now = time(NULL);
	struct tm then;
	struct tm here;
	char text[40];
	const char *form = today;

	localtime_r(&f->started, &then);
	localtime_r(&now, &here);
	if (then.tm_year != here.tm_year)
		form = "%Y";
	else if (then.tm_yday != here.tm_yday)
		form = this_year;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)strftime(text, sizeof(text), form, &then);
#pragma GCC diagnostic pop
	buf_str(out, text);
}

static void show_started(const struct ps_facts *f, struct buf *out)
{
	add_started(f, "%H:%M", "%b%d", out);
}

static void show_start(const struct ps_facts *f, struct buf *out)
{
	add_started(f, "%H:%M:%S", "%b %d", out);
}

static void show_long_start(const struct ps_facts *f, struct buf *out)
{
	struct tm then;
	char text[40];

	localtime_r(&f->started, &then);
	(void)strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &then);
	buf_str(out, text);
}

static void add_clock(struct buf *out, uint64_t s, bool with_hours)
{
	if (s >= 86400)
		buf_fmt(out, "%" PRIu64 "-", s / 86400);
	if (with_hours || s >= 3600)
		buf_fmt(out, "%02" PRIu64 ":", s % 86400 / 3600);
	buf_fmt(out, "%02" PRIu64 ":%02" PRIu64, s % 3600 / 60, s % 60);
}

static void show_time(const struct ps_facts *f, struct buf *out)
{
	add_clock(out, used_ticks(f) / ticks_per_s(), true);
}

static void show_short_time(const struct ps_facts *f, struct buf *out)
{
	uint64_t s = used_ticks(f) / ticks_per_s();

	buf_fmt(out, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

static void show_age(const struct ps_facts *f, struct buf *out)
{
	add_clock(out, f->age_s, false);
}

static void show_age_seconds(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%" PRIu64, f->age_s);
}

static void show_nice(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%ld", f->process.nice);
}

/* ps counts it so that higher is more: 39 - the kernel's number. */
static void show_priority(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%ld", 39 - f->process.priority);
}

static void show_threads(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%ld", f->process.threads);
}

static void show_processor(const struct ps_facts *f, struct buf *out)
{
	buf_fmt(out, "%d", f->process.processor);
}

static void show_name(const struct ps_facts *f, struct buf *out)
{
	add_clean(out, f->process.name, strlen(f->process.name));
}

static void show_command(const struct ps_facts *f, struct buf *out)
{
	buf_str(out, f->command);
}

static const struct ps_column columns[] = {
	{ ",pid,tgid,", "PID", show_pid },
	{ ",ppid,", "PPID", show_parent },
	{ ",pgid,pgrp,", "PGID", show_process_group },
	{ ",sid,sess,session,", "SID", show_session },
	{ ",user,euser,uname,", "USER", show_user },
	{ ",ruser,", "RUSER", show_real_user },
	{ ",uid,euid,", "UID", show_uid },
	{ ",ruid,", "RUID", show_real_uid },
	{ ",group,egroup,", "GROUP", show_group },
	{ ",gid,egid,", "GID", show_gid },
	{ ",c,", "C", show_c },
	{ ",pcpu,%cpu,", "%CPU", show_cpu },
	{ ",pmem,%mem,", "%MEM", show_memory },
	{ ",vsz,vsize,", "VSZ", show_virtual },
	{ ",rss,rssize,rsz,", "RSS", show_resident },
	{ ",tty,tt,", "TT", show_terminal },
	{ ",tname,", "TTY", show_terminal },
	{ ",s,state,", "S", show_state },
	{ ",stat,", "STAT", show_state_flags },
	{ ",stime,", "STIME", show_started },
	{ ",start_time,", "START", show_started },
	{ ",start,", "STARTED", show_start },
	{ ",lstart,", "STARTED", show_long_start },
	{ ",time,cputime,", "TIME", show_time },
	{ ",bsdtime,", "TIME", show_short_time },
	{ ",etime,", "ELAPSED", show_age },
	{ ",etimes,", "ELAPSED", show_age_seconds },
	{ ",ni,nice,", "NI", show_nice },
	{ ",pri,", "PRI", show_priority },
	{ ",nlwp,thcount,", "NLWP", show_threads },
	{ ",psr,", "PSR", show_processor },
	{ ",comm,ucomm,", "COMMAND", show_name },
	{ ",ucmd,", "CMD", show_name },
	{ ",args,command,", "COMMAND", show_command },
	{ ",cmd,", "CMD", show_command },
	{ NULL, NULL, NULL },
};

const struct ps_column *ps_column_named(const char *name)
{
	OWN_FREE char *word = mem_fmt(",%s,", name);

	for (const struct ps_column *c = columns; c->names; c++)
		if (strstr(c->names, word))
			return c;
	return NULL;
}
