/* runtime/cgroup_freezer.h - stopping a container where it stands.
 *
 * Owns cgroup.freeze of version 2 and freezer.state of version 1. A frozen
 * process gets no processor and notices nothing: unlike SIGSTOP, neither it nor
 * its parent can tell. Where there is no cgroup to be had, signals must do:
 * freeze_signals.h.
 *
 * Source: kernel admin-guide/cgroup-v2.rst, "cgroup.freeze";
 * cgroup-v1/freezer-subsystem.rst. */
#ifndef RUNTIME_CGROUP_FREEZER_H
#define RUNTIME_CGROUP_FREEZER_H

#include <stdbool.h>

struct cgroup;
struct err;

/* Whether the cgroup can be frozen. */
bool cgroup_freezer_is_there(const struct cgroup *cgroup);

/* Freezes, and waits until all of it stands (two seconds at most; -ETIMEDOUT,
 * and it goes on then). */
int cgroup_freezer_freeze(const struct cgroup *cgroup, struct err *err);
int cgroup_freezer_thaw(const struct cgroup *cgroup, struct err *err);

#endif
