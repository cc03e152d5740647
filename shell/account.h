/* shell/account.h - what an id is called, on this machine and in a container. */
#ifndef SHELL_ACCOUNT_H
#define SHELL_ACCOUNT_H

#include <stdint.h>
#include <sys/types.h>

struct buf;
struct shell;

/* "1000 student" or "1000". Given. */
char *account_outside(uid_t uid);

/* The text of a container's /etc/passwd or /etc/group; empty where it has none, or one
 * that is too large to be one. */
void account_read(const struct shell *shell, const char *container,
		  const char *file, struct buf *out);

/* "0 root" by that text; "not mapped" for -1. Given. */
char *account_inside(const struct buf *passwd, int64_t id);

#endif
