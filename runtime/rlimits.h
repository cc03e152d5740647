/* runtime/rlimits.h - limits of the process itself (--ulimit).
 *
 * Source: getrlimit(2); names and messages are docker/go-units'. */
#ifndef RUNTIME_RLIMITS_H
#define RUNTIME_RLIMITS_H

#include <sys/resource.h>

struct err;
struct strs;

struct rlimit_wish {
	const char *name;
	int resource; /* RLIMIT_... */
	struct rlimit value;
};

/* "nofile=1024:2048", "core=0", "-1" for no bound. -EINVAL: Docker's sentence. */
int rlimits_parse(const char *text, struct rlimit_wish *out, struct err *err);

/* Sets them for the calling process. -EPERM: a hard limit can be raised by
 * nobody without CAP_SYS_RESOURCE on the machine. */
int rlimits_set(const struct strs *ulimits, struct err *err);

#endif
