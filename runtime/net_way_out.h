/* runtime/net_way_out.h - how a plain user's containers reach the world.
 *
 * The user's shared namespace has no card: a program of the user's, pasta or
 * slirp4netns, takes what comes to a device in there and says it again with sockets of
 * its own in the machine's namespace. Without either there is no way out. */
#ifndef RUNTIME_NET_WAY_OUT_H
#define RUNTIME_NET_WAY_OUT_H

#include <stdbool.h>
#include <sys/types.h>

/* pid      of the program, 0: none
 * exit_fd  slirp4netns ends when this is closed; -1: none */
struct way_out {
	pid_t pid;
	int exit_fd;
};
#define WAY_OUT_NONE ((struct way_out){ 0, -1 })

/* The program that would be used: "pasta", "slirp4netns", or NULL. Looks for it. */
const char *way_out_program(void);

/* The calling process, the keeper, is in the shared namespace: starts the program,
 * waits until it is ready, and notes it in run/net (lock_fd) for a sweep. Nothing
 * depends on it. */
void way_out_start(int lock_fd, struct way_out *out);
void way_out_end(struct way_out *way_out);

/* Ends the one that is noted there: its keeper was killed. */
void way_out_sweep(int lock_fd);

/* Whether the network namespace that the caller is in has one. */
bool way_out_is_there(void);

#endif
