/* shell/ps_columns.h - what can be said of a process, one column each. */
#ifndef SHELL_PS_COLUMNS_H
#define SHELL_PS_COLUMNS_H

#include <sys/types.h>
#include <time.h>

#include "runtime/processes.h"

struct buf;

/* uid, gid  real and effective; numbers of this machine
 * command   the arguments with blanks between, or "[name]" */
struct ps_facts {
	struct process process;
	uid_t uid[2];
	gid_t gid[2];
	char *command;
	time_t started;
	uint64_t age_s;
};

/* -ESRCH: it is gone. */
int ps_facts_read(pid_t pid, struct ps_facts *out);
void ps_facts_done(struct ps_facts *facts);
#define OWN_PS_FACTS __attribute__((cleanup(ps_facts_done)))

/* names  with commas around each: ",pid," */
struct ps_column {
	const char *names;
	const char *heading;
	void (*show)(const struct ps_facts *facts, struct buf *out);
};

/* The column of that name, or NULL. */
const struct ps_column *ps_column_named(const char *name);

#endif
