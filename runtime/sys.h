/* runtime/sys.h - system calls that libc does not wrap.
 *
 * Each returns what the kernel returns, -1 with errno on failure. */
#ifndef RUNTIME_SYS_H
#define RUNTIME_SYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* clone3(2) as a fork with namespaces: the child goes on here with a copy of
 * everything. out_pidfd may be NULL; else it gets a close-on-exec descriptor of
 * the child. `flags` are CLONE_NEW...; SIGCHLD is the exit signal. */
pid_t sys_clone(uint64_t flags, int *out_pidfd);

/* As sys_clone, born in the cgroup of version 2 that cgroup_fd is open on
 * (-1: in the caller's). */
pid_t sys_clone_into(uint64_t flags, int cgroup_fd, int *out_pidfd);

/* Gives a signal back its default action, libc's own two included. */
void sys_default_signal(int signal);

/* open_tree(2) with OPEN_TREE_CLONE: a mount that is not yet mounted anywhere. The
 * whole of what is mounted below it with `recursive`. path "": fd itself. */
int sys_open_tree(int fd, const char *path, bool recursive);

/* move_mount(2) of that onto the thing that at_fd is open on. */
int sys_move_mount(int tree_fd, int at_fd);

/* mount_setattr(2), Linux 5.12: a mount, and all below it, opens no device nodes. */
int sys_mount_nodev(int tree_fd);

int sys_pivot_root(const char *new_root, const char *put_old);
int sys_pidfd_open(pid_t pid);
int sys_pidfd_send_signal(int pidfd, int signal);

/* Marks all descriptors from `first` on close-on-exec. */
int sys_cloexec_from(unsigned first);

/* Closes all descriptors from `first` on but those in `keep` (count of them). */
void sys_close_all_but(unsigned first, const int *keep, int count);

#endif
