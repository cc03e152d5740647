/* runtime/sides.c - see sides.h */
#include "runtime/sides.h"

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
#include "runtime/base/own.h"
#include "runtime/processes.h"

enum { MAX_PROC = 1 << 20 };

/* ---- maps of ids ---- */

void id_map_parse(const char *text, struct id_map *out)
{
	*out = (struct id_map){ 0 };
	while (*text && out->count < ID_RANGES) {
		struct id_range *range = &out->ranges[out->count];
		int used = 0;

		/* NOLINTNEXTLINE(cert-err34-c): numbers that the kernel wrote */
		if (sscanf(text, " %u %u %u%n", &range->inside, &range->outside,
			   &range->count, &used) != 3)
			return;
		out->count++;
		text += used;
	}
}

int id_map_read(pid_t pid, const char *file, struct id_map *out,
		struct err *err)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/%s", pid, file);
	OWN_BUF struct buf text = { 0 };
	int r = fs_read(AT_FDCWD, path, MAX_PROC, &text, err);

	if (r < 0)
		return r == -ENOENT ? err_set(err, ESRCH, "%s is gone", path)
				    : r;
	id_map_parse(buf_text(&text), out);
	return 0;
}

int64_t id_map_inside(const struct id_map *map, uint32_t outside)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->ranges[i];

		if (outside >= r->outside && outside - r->outside < r->count)
			return (int64_t)r->inside + (outside - r->outside);
	}
	return -1;
}

int64_t id_map_outside(const struct id_map *map, uint32_t inside)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->ranges[i];

		if (inside >= r->inside && inside - r->inside < r->count)
			return (int64_t)r->outside + (inside - r->inside);
	}
	return -1;
}

uint64_t id_map_size(const struct id_map *map)
{
	uint64_t size = 0;

	for (size_t i = 0; i < map->count; i++)
		size += map->ranges[i].count;
	return size;
}

/* ---- one process ---- */

void sides_done(struct sides *sides)
{
	free(sides->command);
	*sides = (struct sides){ 0 };
}

/* What stands behind "\nKey:", blanks skipped; "" where it does not. */
static const char *value_of(const char *status, const char *key)
{
	OWN_FREE char *start = mem_fmt("\n%s:", key);
	const char *at = strstr(status, start);

	if (!at)
		return "";
	at += strlen(start);
	return at + strspn(at, " \t");
}

static uint32_t second_number(const char *text)
{
	char *rest = NULL;

	(void)strtoul(text, &rest, 10);
	return (uint32_t)strtoul(rest, NULL, 10);
}

static char *command_of(pid_t pid, const char *name)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/cmdline", pid);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	if (fs_read(AT_FDCWD, path, MAX_PROC, &text, &ignored) < 0 ||
	    !text.len || !text.data[0])
		return mem_fmt("[%s]", name);
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	return mem_str(buf_text(&text));
}

/* What a program called itself is shown on a terminal: nothing that steers one. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

int sides_read(pid_t pid, struct sides *out)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/status", pid);
	OWN_FREE struct id_map *map = mem_alloc(sizeof(*map));
	OWN_BUF struct buf status = { 0 };
	struct err gone = { 0 };
	const char *text;

	*out = (struct sides){ 0 };
	if (fs_read(AT_FDCWD, path, MAX_PROC, &status, &gone) < 0)
		return -ESRCH;
	text = buf_text(&status);
	*out = (struct sides){ .pid = pid, .inside_uid = -1, .inside_gid = -1 };
	snprintf(out->name, sizeof(out->name), "%.*s",
		 (int)strcspn(text + strcspn(text, "\t") + 1, "\n"),
		 text + strcspn(text, "\t") + 1);
	make_printable(out->name);
	out->state = value_of(text, "State")[0];
	out->parent = (pid_t)strtol(value_of(text, "PPid"), NULL, 10);
	out->inside = (pid_t)second_number(value_of(text, "NSpid"));
	out->uid = second_number(value_of(text, "Uid"));
	out->gid = second_number(value_of(text, "Gid"));
	if (id_map_read(pid, "uid_map", map, &gone) == 0)
		out->inside_uid = id_map_inside(map, out->uid);
	if (id_map_read(pid, "gid_map", map, &gone) == 0)
		out->inside_gid = id_map_inside(map, out->gid);
	out->command = command_of(pid, out->name);
	make_printable(out->command);
	return 0;
}

/* ---- namespaces ---- */

static unsigned long namespace_of(const char *process, const char *name)
{
	OWN_FREE char *path = mem_fmt("/proc/%s/ns/%s", process, name);
	struct stat st;

	return stat(path, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

void sides_namespaces(pid_t pid, struct side_namespace out[SIDES_NAMESPACES])
{
	static const char *const names[SIDES_NAMESPACES] = {
		"pid", "user", "mnt", "net", "uts", "ipc", "cgroup", "time",
	};
	OWN_FREE char *its = mem_fmt("%d", pid);

	for (size_t i = 0; i < SIDES_NAMESPACES; i++)
		out[i] = (struct side_namespace){
			.name = names[i],
			.ours = namespace_of("self", names[i]),
			.its = namespace_of(its, names[i]),
		};
}

/* A kernel may be without that file (CONFIG_PROC_CHILDREN): then all are asked. */
static void look_for_children(pid_t parent, struct pids *out)
{
	OWN_DIR DIR *dir = opendir("/proc");
	const struct dirent *entry;
	struct process p;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    process_read((pid_t)strtol(entry->d_name, NULL, 10), &p) ==
			    0 &&
		    p.parent == parent)
			pids_add(out, p.pid);
}

void sides_children(pid_t pid, struct pids *out)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/task/%d/children", pid, pid);
	OWN_BUF struct buf text = { 0 };
	struct err why = { 0 };
	char *rest;

	if (fs_read(AT_FDCWD, path, MAX_PROC, &text, &why) < 0) {
		look_for_children(pid, out);
		return;
	}
	for (const char *at = buf_text(&text);; at = rest) {
		long child = strtol(at, &rest, 10);

		if (rest == at)
			return;
		pids_add(out, (pid_t)child);
	}
}
