/* runtime/syscalls_profile.h - a system call filter of the user's own.
 *
 * Owns the reading of Docker's JSON profiles (--security-opt seccomp=FILE). Source:
 * OCI runtime-spec config-linux.md, "Seccomp"; Docker's profiles/seccomp, whose
 * includes and excludes (capabilities, machines, kernels) are resolved here. */
#ifndef RUNTIME_SYSCALLS_PROFILE_H
#define RUNTIME_SYSCALLS_PROFILE_H

#include <stdint.h>

#include "runtime/syscalls.h"

struct err;

/* Compiles the profile for a process that will have `caps`. Calls that this
 * libseccomp does not know are left out, as in Docker. -EINVAL: "Decoding seccomp
 * profile failed: ...", or what is wrong in it. */
int syscalls_compile_profile(const char *json, uint64_t caps,
			     struct syscalls_filter *out, struct err *err);

#endif
