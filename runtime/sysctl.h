/* runtime/sysctl.h - settings of the kernel that a namespace has for itself.
 *
 * Owns which ones those are (--sysctl): of networks, of System V ipc, of message
 * queues. All others are the whole machine's. */
#ifndef RUNTIME_SYSCTL_H
#define RUNTIME_SYSCTL_H

struct err;
struct spec;

/* "net.core.somaxconn=1024". -EINVAL: "sysctl 'x' is not whitelisted". */
int sysctl_check(const char *text, struct err *err);

/* Writes them, by a /proc that is mounted beneath root_fd. */
int sysctl_set(int root_fd, const struct spec *spec, struct err *err);

#endif
