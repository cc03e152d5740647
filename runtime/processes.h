/* runtime/processes.h - which processes are a container's.
 *
 * Seen from outside, with this machine's numbers. A container with a pid
 * namespace of its own has the processes in it (and in namespaces that were made
 * in there). One that shares a pid namespace (`--pid host`) has what its cgroup
 * holds, and where it has none, process 1 and its descendants. */
#ifndef RUNTIME_PROCESSES_H
#define RUNTIME_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct pids {
	pid_t *items; /* ascending */
	size_t count;
};
void pids_done(struct pids *pids);
#define OWN_PIDS __attribute__((cleanup(pids_done)))
void pids_add(struct pids *pids, pid_t pid);
bool pids_have(const struct pids *pids, pid_t pid);

/* first      process 1
 * cgroup_fd  a folder of its cgroup, or -1
 *
 * -ESRCH: process 1 is gone. */
int processes_find(pid_t first, int cgroup_fd, struct pids *out,
		   struct err *err);

/* Reads cgroup.procs of a folder and of those below it. */
void processes_of_cgroup(int cgroup_fd, struct pids *out);

/* What /proc/PID/stat says. Times in clock ticks (sysconf(_SC_CLK_TCK));
 * started since boot. name: up to 15 bytes. */
struct process {
	pid_t pid;
	char name[64];
	char state;
	pid_t parent;
	pid_t group;
	pid_t session;
	int terminal; /* device number, 0 for none */
	pid_t foreground;
	unsigned long flags;
	uint64_t user_ticks;
	uint64_t system_ticks;
	uint64_t child_ticks; /* of children that were waited for */
	long priority;
	long nice;
	long threads;
	uint64_t started_ticks;
	uint64_t virtual_bytes;
	long resident_pages;
	int processor;
};

/* -ESRCH: it is gone. */
int process_read(pid_t pid, struct process *out);

#endif
