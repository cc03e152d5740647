/* runtime/namespaces.h - which views a container has for itself, and which it
 * shares.
 *
 * Owns the meaning of --pid, --ipc, --uts, --cgroupns, --network host and
 * container:x: a view of its own (a flag of clone3), the machine's (no flag), or
 * another container's (setns on its process 1). */
#ifndef RUNTIME_NAMESPACES_H
#define RUNTIME_NAMESPACES_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct home;
struct spec;

/* Descriptors of the other containers' process 1; -1: none is joined. Two may be
 * of one container and are two descriptors all the same. */
struct namespaces {
	int pid;
	int ipc;
	int uts;
	int net;
};
#define NAMESPACES_NONE ((struct namespaces){ -1, -1, -1, -1 })

/* "container:<id>" gives "<id>", anything else NULL. */
const char *namespaces_donor(const char *mode);
bool namespaces_is_host(const char *mode);

/* Flags of those that are made for this container, CLONE_NEWUSER where ids are
 * mapped and nobody else's are joined. */
uint64_t namespaces_fresh(const struct spec *spec);

/* From here on no container gets a cgroup namespace of its own, in this process and its
 * children: none can be made here. */
void namespaces_share_cgroup(void);
bool namespaces_cgroup_is_shared(void);

/* Flags of those in which its process 1 lives and the machine does not, for a
 * program that joins later. */
int namespaces_of_process_1(const struct spec *spec);

/* Opens the donors. Fails in Docker's words where one does not run. */
int namespaces_open(const struct home *home, const struct spec *spec,
		    struct namespaces *out, struct err *err);
void namespaces_close(struct namespaces *namespaces);
bool namespaces_any(const struct namespaces *namespaces);

/* The process goes among the donors' ids, and its next child is born among the
 * donor's processes. Only a process that is about to end may do this. */
int namespaces_enter_user_and_pid(const struct namespaces *namespaces,
				  struct err *err);

/* The others: the calling process goes there. */
int namespaces_enter_rest(const struct namespaces *namespaces, struct err *err);

/* A tree (open_tree) of the /dev/shm that the ipc donor has, or -errno. The
 * current folder stays. */
int namespaces_shm_of_donor(const struct namespaces *namespaces,
			    struct err *err);

#endif
