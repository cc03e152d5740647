/* runtime/stragglers.c - see stragglers.h */
#include "runtime/stragglers.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/own.h"
#include "runtime/sys.h"

enum { ROUNDS = 200, PAUSE_NS = 5000000 };

static uint64_t namespace_of(const char *process)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", process);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

uint64_t stragglers_mount_namespace(void)
{
	return namespace_of("self");
}

/* The number may pass to another process between looking and killing, so a
 * descriptor is taken first, and then looked once more. */
static bool end_one(const char *process, uint64_t wanted)
{
	pid_t pid = (pid_t)strtol(process, NULL, 10);
	OWN_FD int pidfd = -1;

	if (pid <= 0 || namespace_of(process) != wanted)
		return false;
	pidfd = sys_pidfd_open(pid);
	if (pidfd < 0 || namespace_of(process) != wanted)
		return false;
	(void)sys_pidfd_send_signal(pidfd, SIGKILL);
	return true;
}

static int end_all(uint64_t wanted)
{
	OWN_DIR DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    end_one(entry->d_name, wanted))
			found++;
	return found;
}

/* Again until a round finds none: one that forks while we look is found then. */
void stragglers_end(uint64_t mount_namespace)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; mount_namespace && i < ROUNDS; i++) {
		if (end_all(mount_namespace) == 0)
			return;
		(void)nanosleep(&pause, NULL);
	}
}
