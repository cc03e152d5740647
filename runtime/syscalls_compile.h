/* runtime/syscalls_compile.h - the table of system calls, made into a filter.
 *
 * Owns the translation of syscalls.def to BPF by libseccomp. It runs when the
 * program is built (seccomp/generate.c), in the tests, and for containers with
 * added capabilities. */
#ifndef RUNTIME_SYSCALLS_COMPILE_H
#define RUNTIME_SYSCALLS_COMPILE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct sock_filter;

enum syscalls_kind {
	SYSCALLS_ALLOW,  /* always */
	SYSCALLS_NEEDS,  /* one of the capabilities in caps */
	SYSCALLS_NEVER,  /* never */
	SYSCALLS_PARTLY, /* depends on the arguments */
};

/* One row of syscalls.def.
 *
 * number  on this machine where the table says it, else -1: ask libseccomp
 * why     NULL for what is always allowed */
struct syscalls_row {
	const char *name;
	const char *why;
	uint64_t caps;
	int number;
	enum syscalls_kind kind;
};

/* All rows, closed by one without a name. */
const struct syscalls_row *syscalls_rows(void);

/* A row's number on this machine, or -1 where it has no such call. */
int syscalls_number(const struct syscalls_row *row);

/* The capabilities that open calls which are closed without them. */
uint64_t syscalls_caps_that_open(void);

/* Compiles the filter for `caps`. *out_code is given to the caller, to be
 * freed. Returns 0, or -errno with *err filled in. */
int syscalls_compile(uint64_t caps, struct sock_filter **out_code,
		     size_t *out_count, struct err *err);

#endif
