/* runtime/sides.h - one process, seen from this machine and from inside of its
 * container.
 *
 * There is only one process. Its pid namespace gives it a second number, its user
 * namespace other ids; the kernel tells both sides in /proc/PID/status (NSpid) and
 * /proc/PID/uid_map. */
#ifndef RUNTIME_SIDES_H
#define RUNTIME_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

/* One line of uid_map or gid_map: `count` ids from `inside` on are those from
 * `outside` on. */
struct id_range {
	uint32_t inside;
	uint32_t outside;
	uint32_t count;
};

enum { ID_RANGES = 340 }; /* as many as the kernel takes */

struct id_map {
	struct id_range ranges[ID_RANGES];
	size_t count;
};

/* Reads the text of such a file. */
void id_map_parse(const char *text, struct id_map *out);

/* Of process `pid`: "uid_map" or "gid_map". -ESRCH: it is gone. */
int id_map_read(pid_t pid, const char *file, struct id_map *out,
		struct err *err);

/* -1: there is no such id on the other side. */
int64_t id_map_inside(const struct id_map *map, uint32_t outside);
int64_t id_map_outside(const struct id_map *map, uint32_t inside);

/* How many ids there are inside. */
uint64_t id_map_size(const struct id_map *map);

/* inside      0: it has no number but this machine's
 * uid, gid    effective, as this machine has them; inside_uid -1: not mapped
 * command     its argv, blanks between; "[name]" where it has none. Owned */
struct sides {
	pid_t pid;
	pid_t inside;
	pid_t parent;
	uid_t uid;
	gid_t gid;
	int64_t inside_uid;
	int64_t inside_gid;
	char state;
	char name[64];
	char *command;
};
void sides_done(struct sides *sides);
#define OWN_SIDES __attribute__((cleanup(sides_done)))

/* -ESRCH: it is gone, *out is empty. */
int sides_read(pid_t pid, struct sides *out);

/* The namespaces of a process, and whether they are ours. */
enum { SIDES_NAMESPACES = 8 };
struct side_namespace {
	const char *name; /* "mnt", as in /proc/PID/ns */
	unsigned long ours;
	unsigned long its; /* 0: cannot be read */
};
void sides_namespaces(pid_t pid, struct side_namespace out[SIDES_NAMESPACES]);

/* The children that the main thread of a process has. */
struct pids;
void sides_children(pid_t pid, struct pids *out);

#endif
