/* lessons/listens.h - where the programs of a container listen.
 *
 * Owns reading /proc/PID/net/tcp and tcp6, which show the network namespace of that
 * process: "-p is there and nothing answers" is most often a server that listens at
 * 127.0.0.1, or at another port. Source: kernel networking/proc_net_tcp.rst. */
#ifndef LESSONS_LISTENS_H
#define LESSONS_LISTENS_H

#include <sys/types.h>

struct strs;

/* Adds "0.0.0.0:80", "127.0.0.1:8080", "[::]:80" ..., each once. A process that is
 * gone listens nowhere. */
void listens_read(pid_t pid, struct strs *out);

#endif
