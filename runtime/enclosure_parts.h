/* runtime/enclosure_parts.h - what the files of the enclosure share (enclosure_*.c). */
#ifndef RUNTIME_ENCLOSURE_PARTS_H
#define RUNTIME_ENCLOSURE_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/err.h"
#include "runtime/cgroup.h"
#include "runtime/enclosure.h"
#include "runtime/names.h"

/* Where the tree is put together, in a mount namespace of its own. */
#define ENCLOSURE_PLACE "/tmp"

/* Where what comes with the program is to be seen: base images and catalogues, not the
 * lessons. */
#define ENCLOSURE_SHARE "/usr/share/dockershell"

/* The program's other name. */
#define ENCLOSURE_DOCKER "/usr/bin/docker"

/* How many ids an enclosure of root's has, and the first of slot 0. */
enum { ENCLOSURE_IDS = 65536 };
#define ENCLOSURE_FIRST_ID 0x6E000000ul

/* What a making needs. Borrowed.
 *
 * control  the talk of who makes it, usher and process 1, with the caller
 * say      where the engine speaks
 * ask, answer  its questions (eventfd(2))
 * spare    a folder on a disk for what may be written to; NULL: in memory
 * first    the first of its ids, where root makes it; 0: the account's own
 * shared   memory that both see */
struct enclosure_making {
	const struct enclosure_spec *spec;
	struct enclosure_limits limits;
	int control;
	int say;
	int ask;
	int answer;
	char *spare;
	unsigned long first;
	struct enclosure_shared *shared;
};

/* A message over `control`: a plain value. */
enum enclosure_news {
	ENCLOSURE_MAP_ME = 1, /* the usher, new in its user namespace */
	ENCLOSURE_BORN,	      /* number: process 1; a descriptor of its disk with it */
	ENCLOSURE_FAILED,     /* err */
	ENCLOSURE_ENGINE,     /* the engine begins; the kernel adds who it is */
	ENCLOSURE_ENDED,      /* number: its status, or err */
	ENCLOSURE_SIGNALED,   /* number: the signal that ended it */
};
struct enclosure_news_item {
	enum enclosure_news kind;
	int number;
	struct err err;
};

/* fd: goes along, or -1. A receiver that is gone is no failure of ours. */
void enclosure_tell(int control, enum enclosure_news kind, int number, int fd,
		    const struct err *err);

/* Returns 1, or 0 when nobody will say anything more. *out_fd (given) or -1; *out_pid: of
 * who spoke, as we count. */
int enclosure_hear(int control, struct enclosure_news_item *out, int *out_fd,
		   pid_t *out_pid);

/* ---- made in this order ---- */

/* The usher's whole life. */
_Noreturn void enclosure_usher(const struct enclosure_making *making);

/* Mounts a tree on ENCLOSURE_PLACE, in a mount namespace of the caller's own, fills it and goes
 * there. *out_disk (given): a descriptor of what may be written to. */
int enclosure_tree(const struct enclosure_making *making, int *out_disk,
		   struct err *err);

/* Process 1 from its birth on, in its namespaces, the tree its current folder. */
_Noreturn void enclosure_process_1(const struct enclosure_making *making);

/* For process 1, before anybody else runs: closes what nobody in there is to have of the
 * kernel (enclosure_filter.c). Needs CAP_SYS_ADMIN in its user namespace. */
int enclosure_close_calls(struct err *err);

/* A folder on a disk, made in `where`, that holds what an enclosure writes. What callers
 * that were killed have left there is removed first. *out_path and the lock, *out_fd, are
 * given. */
int enclosure_spare_make(const char *where, char **out_path, int *out_fd,
			 struct err *err);
void enclosure_spare_remove(char *path, int fd);

/* ---- enclosure_cgroup.c ---- */

/* given  what can be seen of it in there: bits of its controllers, or all of version 2;
 *        0: nothing */
struct enclosure_cgroup {
	struct cgroup cgroup;
	char id[ID_LEN + 1];
	int folder_fd;
	unsigned given;
};

/* Makes one, where this account may; there need not be any. pid: process 1. */
void enclosure_cgroup_make(struct enclosure_cgroup *c,
			   const struct enclosure_making *making, int disk_fd,
			   pid_t pid);
void enclosure_cgroup_end(struct enclosure_cgroup *c);

/* What is used, and how often its own limit was met (not that of a container's in it).
 * False: nobody counts. */
bool enclosure_cgroup_memory(const struct enclosure_cgroup *c,
			     uint64_t *out_used, uint64_t *out_ooms);

/* The most processes and threads there ever were at once. 0: nobody counts, or the kernel
 * has no such number (before Linux 6.1). */
int64_t enclosure_cgroup_most(const struct enclosure_cgroup *c);

/* Process 1, once it is taken in: mounts what was given, and lets nobody make a cgroup
 * namespace from here on. */
int enclosure_cgroup_show(unsigned given, struct err *err);

/* In a mount namespace of a compartment's: nothing of it is to be seen there. */
int enclosure_cgroup_hide(struct err *err);

/* ---- enclosure_disk.c ---- */

/* fd           borrowed
 * spare        the disk's folder, where it is not in memory; borrowed
 * bytes, files the most that there may be
 * free         bytes, at the last look
 * reserve      bytes kept for the engine; 0: it has them
 * weighed_ms   when the folder was last looked through
 * ended_free   bytes that were free when its programs were ended
 * ended_now    ... and it was not looked through since */
struct enclosure_disk {
	int fd;
	const char *spare;
	int64_t bytes;
	int64_t files;
	int64_t free;
	int64_t reserve;
	int64_t weighed_ms;
	int64_t ended_free;
	bool ended_now;
};
void enclosure_disk_begin(struct enclosure_disk *disk, int fd,
			  const struct enclosure_making *making);

/* Looks how full it is. Returns the bytes on it that are memory. */
int64_t enclosure_disk_look(struct enclosure_disk *disk);

/* Whether somebody must be ended for it. Where there is room, part of it is kept. */
bool enclosure_disk_is_full(struct enclosure_disk *disk);

/* Its programs are ended now. */
void enclosure_disk_ending(struct enclosure_disk *disk);

/* Gives the engine what was kept. False: there is no room left even for it. */
bool enclosure_disk_give(struct enclosure_disk *disk);

/* ---- the watch ---- */

struct enclosure_watch;

/* pid: process 1; disk_fd is borrowed. */
struct enclosure_watch *
enclosure_watch_new(pid_t pid, int disk_fd,
		    const struct enclosure_making *making);
void enclosure_watch_free(struct enclosure_watch *watch);
unsigned enclosure_watch_given(const struct enclosure_watch *watch);
void enclosure_watch_engine(struct enclosure_watch *watch, pid_t engine);

/* One look at everything, every ENCLOSURE_LOOK_MS. Where a limit is met, ends what runs
 * in there. Returns false, with *out the limit, where the enclosure must end. */
enum { ENCLOSURE_LOOK_MS = 50 };
bool enclosure_watch_look(struct enclosure_watch *watch,
			  enum enclosure_limit *out);

/* Between two looks, every ENCLOSURE_GLANCE_MS. True: look at once. */
enum { ENCLOSURE_GLANCE_MS = 3 };
bool enclosure_watch_glance(struct enclosure_watch *watch);
int enclosure_watch_pause_ms(const struct enclosure_watch *watch);
bool enclosure_watch_was_out_of_memory(const struct enclosure_watch *watch);
void enclosure_watch_count(const struct enclosure_watch *watch,
			   struct enclosure_end *out);

/* ---- enclosure_count.c ---- */

/* Process 1 and all that came from it; returns how many threads they have. */
struct pids;
int64_t enclosure_find(pid_t first, struct pids *out);

/* Whether `pid` lives in the pid namespace of the enclosure's process 1, or further in. */
bool enclosure_is_in(pid_t first, pid_t pid);

/* most  threads that there were, since it was last set to 0
 * last  process id that was given when it was last looked at */
struct enclosure_glance {
	pid_t first;
	int fd;
	long last;
	int64_t most;
};
void enclosure_glance_begin(struct enclosure_glance *glance, pid_t first);
void enclosure_glance(struct enclosure_glance *glance);
void enclosure_glance_end(struct enclosure_glance *glance);

/* How deep in pid namespaces it is, as we see it; 0: gone. *out_first: it is number 1 of
 * its own. */
int enclosure_depth_of(pid_t pid, bool *out_first);

/* ---- enclosure_memory.c ---- */

/* Bytes that the process has which no file is behind. */
int64_t enclosure_memory_of(pid_t pid);

/* Bytes of files in memory that these processes can name or have open, but for the file
 * system `disk`. */
int64_t enclosure_files_in_memory(const struct pids *pids, dev_t disk);

/* ---- for all ---- */

/* What this process was called with is not to be read in /proc any more: a copy that uses
 * none of it. */
void enclosure_forget_args(void);

/* CLOCK_MONOTONIC. */
int64_t enclosure_now_ms(void);

#endif
