/* runtime/syscalls.h - the system call filter of a container.
 *
 * Owns which calls a container may make (the table is syscalls.def, after
 * Docker's default profile) and how the kernel is told. The filter of Docker's
 * default capabilities is compiled when the program is built: libseccomp would
 * need most of a millisecond for it at each start. Only where capabilities were
 * added that open further calls is it compiled at run time.
 *
 * The kernel checks each call by number and arguments before it is looked at:
 * what is refused gives EPERM, what is newer than the table ENOSYS, and calls in
 * the manner of another machine (a 32-bit program's) ENOSYS too. */
#ifndef RUNTIME_SYSCALLS_H
#define RUNTIME_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct sock_filter;

/* A filter ready to load.
 *
 * code   `count` instructions of classic BPF
 * owned  the same memory where it was compiled at run time, else NULL */
struct syscalls_filter {
	const struct sock_filter *code;
	struct sock_filter *owned;
	size_t count;
};

/* The filter for a process that will have `caps` (bits by capability number).
 * To be called before clone: it may allocate. Returns 0, or -errno (ENOMEM, or
 * libseccomp's) with *err filled in. */
int syscalls_prepare(uint64_t caps, struct syscalls_filter *out,
		     struct err *err);
void syscalls_done(struct syscalls_filter *filter);
#define OWN_SYSCALLS __attribute__((cleanup(syscalls_done)))

/* Loads it into the calling thread, for good: exec keeps it, children inherit
 * it. Async-signal-safe, for a child between clone and exec; to be called last,
 * for whatever is done afterwards must pass it. The caller must have
 * CAP_SYS_ADMIN in its user namespace or no_new_privs set.
 * Returns 0, or -errno:
 *   -EACCES  neither of the two
 *   -EINVAL  the kernel has no filters (CONFIG_SECCOMP_FILTER)
 * Source: seccomp(2), SECCOMP_SET_MODE_FILTER. */
int syscalls_load(const struct syscalls_filter *filter);

/* Both at once, where there is no clone in between. */
int syscalls_install(uint64_t caps, struct err *err);

#endif
