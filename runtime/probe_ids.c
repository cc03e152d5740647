/* runtime/probe_ids.c - namespaces and ids of this account; see probe.h
 *
 * Three things are easily taken for one: whether a user namespace may be made at all;
 * whether it then gives the rights that it should (AppArmor on Ubuntu lets it be made and
 * takes the rights away); and whether it can hold more than the one id that everybody may
 * map. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/own.h"
#include "runtime/namespaces.h"
#include "runtime/probe.h"
#include "runtime/probe_parts.h"
#include "runtime/userns.h"

/* Ids are given out in portions of this size; adduser(8) begins at the first. */
enum { FIRST_IDS = 100000, MANY_IDS = 65536 };

/* What the child of try_userns has to say besides how it ended. */
struct answer {
	int making;
	int rights;
};

static int write_text(const char *path, const char *text)
{
	OWN_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return errno;
	return 0;
}

static int map_own_id(uid_t uid, gid_t gid)
{
	char map[64];
	int r;

	(void)snprintf(map, sizeof(map), "0 %u 1\n", uid);
	r = write_text("/proc/self/uid_map", map);
	if (r == 0)
		r = write_text("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1\n", gid);
	return r ? r : write_text("/proc/self/gid_map", map);
}

/* A plain user's own: one id, and then the other namespaces, for which one has to have
 * rights in there. Root makes these without. */
static int try_userns(void *arg)
{
	const int others =
		CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
		(namespaces_cgroup_is_shared() ? 0 : CLONE_NEWCGROUP);
	struct answer *answer = arg;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (userns_kind() != USERNS_NONE) {
		if (unshare(CLONE_NEWUSER) < 0) {
			answer->making = errno;
			return 0;
		}
		/* Inside one that is not the machine's first, more may be mapped. */
		answer->rights = map_own_id(uid, gid);
	}
	if (answer->rights == 0 && unshare(others) < 0)
		answer->rights = errno;
	return 0;
}

static void probe_userns(struct probe_facts *facts)
{
	struct answer *answer =
		mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (answer == MAP_FAILED) {
		facts->userns_error = errno;
		return;
	}
	r = probe_in_child(try_userns, answer);
	facts->userns_error = r ? r : answer->making;
	facts->cap_error = answer->rights;
	(void)munmap(answer, sizeof(*answer));
}

/* In there: to be somebody else, as USER of a Dockerfile asks. */
static int become_second(void *arg)
{
	(void)arg;
	if (setgroups(0, NULL) < 0 || setresgid(1, 1, 1) < 0 ||
	    setresuid(1, 1, 1) < 0)
		return errno;
	return 0;
}

/* Where the next account's ids would begin: behind all that are given. */
static unsigned long end_of_ids(const char *path)
{
	OWN_FILE FILE *file = fopen(path, "re");
	OWN_FREE char *line = NULL;
	unsigned long end = 0;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		const char *colon = strchr(line, ':');
		char *next = NULL;
		unsigned long first = colon ? strtoul(colon + 1, &next, 10) : 0;
		unsigned long count =
			next && *next == ':' ? strtoul(next + 1, NULL, 10) : 0;

		/* Numbers of a directory service lie far above. */
		if (first + count > end && first < 1u << 29)
			end = first + count;
	}
	return end;
}

static int64_t free_ids(void)
{
	unsigned long uids = end_of_ids("/etc/subuid");
	unsigned long gids = end_of_ids("/etc/subgid");
	unsigned long end = uids > gids ? uids : gids;

	if (end <= FIRST_IDS)
		return FIRST_IDS;
	end += MANY_IDS - 1 - (end - FIRST_IDS + MANY_IDS - 1) % MANY_IDS;
	return (int64_t)end;
}

void probe_ids(struct probe_facts *facts)
{
	unsigned long uids = 0;
	unsigned long gids = 0;

	facts->max_userns = probe_number("/proc/sys/user/max_user_namespaces");
	facts->userns_clone =
		probe_number("/proc/sys/kernel/unprivileged_userns_clone");
	facts->apparmor = probe_number(
		"/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
	probe_userns(facts);
	userns_subordinate(&uids, &gids);
	facts->subuids = (int64_t)uids;
	facts->subgids = (int64_t)gids;
	facts->free_ids = free_ids();
	facts->id_helpers = access("/usr/bin/newuidmap", X_OK) == 0 &&
			    access("/usr/bin/newgidmap", X_OK) == 0;
	facts->ids_error = userns_kind() == USERNS_SINGLE
				   ? -1
				   : probe_as_root(become_second, NULL);
}
