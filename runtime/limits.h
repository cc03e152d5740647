/* runtime/limits.h - which settings of a container are limits, and who keeps
 * them.
 *
 * Owns their rules: what is allowed (Docker's checks and words), what `update`
 * makes of them, and how they are put into force: by the container's cgroup where
 * it has one, else by limits of the processes themselves where these mean nearly
 * the same, else not at all, which limits_notes says beforehand.
 *
 *   setting          cgroup v2 / v1                       without a cgroup
 *   memory           memory.max / limit_in_bytes          RLIMIT_DATA, of each process
 *   pids-limit       pids.max                             RLIMIT_NPROC, of the user
 *   cpuset-cpus      cpuset.cpus                          sched_setaffinity(2)
 *   cpus, shares ... cpu.max, cpu.weight / cpu.cfs_...    -
 *   blkio-weight     io.weight / blkio.weight             -
 */
#ifndef RUNTIME_LIMITS_H
#define RUNTIME_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup;
struct err;
struct spec;
struct strs;

/* What `update` changes: a plain value, as it goes over the monitor's socket.
 * `given` says which of the fields count. */
enum limits_field {
	LIMITS_MEMORY = 1 << 0,
	LIMITS_MEMORY_SWAP = 1 << 1,
	LIMITS_MEMORY_RESERVATION = 1 << 2,
	LIMITS_NANO_CPUS = 1 << 3,
	LIMITS_CPU_SHARES = 1 << 4,
	LIMITS_CPU_PERIOD = 1 << 5,
	LIMITS_CPU_QUOTA = 1 << 6,
	LIMITS_CPUSET_CPUS = 1 << 7,
	LIMITS_CPUSET_MEMS = 1 << 8,
	LIMITS_PIDS = 1 << 9,
	LIMITS_BLKIO_WEIGHT = 1 << 10,
	LIMITS_RESTART = 1 << 11,
};

struct limits_change {
	uint32_t given;
	int64_t memory_bytes;
	int64_t memory_swap_bytes;
	int64_t memory_reservation_bytes;
	int64_t nano_cpus;
	int64_t cpu_shares;
	int64_t cpu_period_us;
	int64_t cpu_quota_us;
	int64_t pids_limit;
	int32_t blkio_weight;
	int32_t restart_max;
	char restart_policy[32];
	char cpuset_cpus[256];
	char cpuset_mems[256];
};

/* Docker's checks of a container's limits by themselves, in its words: "Minimum
 * memory limit allowed is 6MB." ... -EINVAL. With `update` some are left out. */
int limits_check(const struct spec *spec, bool update, struct err *err);

/* Checks a restart policy ("always", "on-failure" ...) in Docker's words. */
int limits_check_restart(const char *policy, int max, struct err *err);

/* Applies a change to the settings, by Docker's rules of what may change.
 * -EINVAL, -EBUSY with Docker's words; the settings are as before then. */
int limits_apply(const struct limits_change *change, struct spec *spec,
		 struct err *err);

/* Which controllers the settings need (CGROUP_BIT); 0: no limit is set. */
unsigned limits_controllers(const struct spec *spec);

/* Puts the limits into the cgroup's files, as far as it has them. */
int limits_set(const struct cgroup *cgroup, const struct spec *spec,
	       struct err *err);

/* What is in force now, and that put back, also where there was no bound. */
void limits_read(const struct cgroup *cgroup, struct strs *out);
void limits_put_back(const struct cgroup *cgroup, const struct strs *before);

/* In the child, before it gives up its rights: what the cgroup has not got is
 * made up for by limits of the process. */
int limits_enter(const struct cgroup *cgroup, const struct spec *spec,
		 struct err *err);

/* -ENOTSUP: a limit that nothing at all would keep here, in Docker's words. */
int limits_check_machine(const struct spec *spec, struct err *err);

/* Whether the kernel shares out disks by weight. */
bool limits_weighs_disks(void);

/* Says of each limit that is not fully kept on this machine, by this account:
 * Docker's warning, and in the chosen language what is done instead ("": nothing
 * is); at last, without a warning (NULL), how to get the rest. Looks at the
 * machine only where there is a limit. */
typedef void limits_note(void *arg, const char *warning, const char *hint);
void limits_notes(const struct spec *spec, limits_note *note, void *arg);

#endif
