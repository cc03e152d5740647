/* runtime/net_way_out.h - how a plain user's containers reach the world.
 *
 * The user's shared namespace has no card: a program of the user's, pasta or
 * slirp4netns, takes what comes to a device in there and says it again with sockets of
 * its own in the machine's namespace. Without either there is no way out. */
#ifndef RUNTIME_NET_WAY_OUT_H
#define RUNTIME_NET_WAY_OUT_H

#include <stdbool.h>
#include <sys/types.h>

/* The program that would be used: "pasta", "slirp4netns", or NULL and *out_why (borrowed,
 * translated) says what is missing. Looks for it. The caller is in the machine's network
 * namespace. */
const char *way_out_program(const char **out_why);

/* Which of them is started, whether or not it can work then: it says so itself. NULL:
 * neither is installed. */
const char *way_out_chosen(void);

/* Starts it, or tries to, for the namespaces of process `keeper`, and notes it in run/net (lock_fd).
 * The caller is in the machine's network namespace, where the program stays. exit_fd:
 * the program may end when the other end of this pipe is closed. Returns its number, 0
 * where there is none: nothing depends on it. */
pid_t way_out_start(int lock_fd, pid_t keeper, int exit_fd);

/* Waits until it is ready; the caller is in the shared namespace by now. pid 0: there is
 * none, and whoever follows the steps is told why. */
void way_out_wait(pid_t pid);

/* Ends the one that is noted. */
void way_out_end(int lock_fd);

/* Whether the network namespace of the netlink socket fd has one. */
bool way_out_is_there(int fd);

#endif
