/* runtime/tracer_parts.h - what the tracer keeps while it follows; for tracer.c. */
#ifndef RUNTIME_TRACER_PARTS_H
#define RUNTIME_TRACER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/tracer.h"

/* More calls of the kinds that steps are made of are counted, but not kept. */
enum { TRACER_MOST = 20000 };

/* One process that is followed. call: the one it is in, of the report's; -1: none
 * that is kept. */
struct tracee {
	pid_t pid;
	long call;
};

struct tracer_work {
	pid_t main;
	int mark_fd;
	struct tracee *tracees;
	size_t tracee_count;
	struct tracer_report report;
};

/* ---- decoding ---- */

/* One call that is put into words. blind: memory that could not be read. */
struct reading {
	const struct tracer_entry *entry;
	struct buf *out;
	bool blind;
};

#define ARG(n) (r->entry->args[n])

/* Bytes of the other process; false (and zeros) where they cannot be had. */
bool reading_get(struct reading *r, uint64_t address, void *bytes, size_t len);

/* A string of it, given; NULL where the address is 0. */
char *reading_string(struct reading *r, uint64_t address);

/* Adds a string as text; a folder's descriptor, or AT_FDCWD. */
void reading_put_string(struct reading *r, uint64_t address);
void reading_put_at(struct reading *r, uint64_t fd);

/* Calls about files and sockets. Each returns false for a call that is no step. */
bool tracer_do_mkdir(struct reading *r);
bool tracer_do_mkdirat(struct reading *r);
bool tracer_do_mknodat(struct reading *r);
bool tracer_do_rmdir(struct reading *r);
bool tracer_do_symlink(struct reading *r);
bool tracer_do_renameat2(struct reading *r);
bool tracer_do_symlinkat(struct reading *r);
bool tracer_do_rename(struct reading *r);
bool tracer_do_renameat(struct reading *r);
bool tracer_do_unlinkat(struct reading *r);
bool tracer_do_syncfs(struct reading *r);
bool tracer_do_chdir(struct reading *r);
bool tracer_do_write(struct reading *r);
bool tracer_do_openat(struct reading *r);
bool tracer_do_ioctl(struct reading *r);
bool tracer_do_socket(struct reading *r);
bool tracer_do_bind(struct reading *r);
bool tracer_do_listen(struct reading *r);
bool tracer_do_sendto(struct reading *r);

#endif
