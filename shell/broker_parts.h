/* shell/broker_parts.h - what the broker's files share; see broker.h.
 *
 * A request is one record of a SOCK_SEQPACKET socket: texts, each with its closing zero:
 * the folder, the number of words, the words, the environment; with it the client's
 * three streams. After it the client may send single ints, signals for the command. The
 * broker answers with one int, the exit status. */
#ifndef SHELL_BROKER_PARTS_H
#define SHELL_BROKER_PARTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/enclosure.h"

/* Of a command that the broker runs: home and work, a line each. */
#define BROKER_SERVED "DOCKERSHELL_SERVED"

enum { BROKER_MOST = 128 << 10, BROKER_NOBODY = 125 };

/* home, work  as broker_new got them
 * serving     the home of the shell that the broker's process knows, "" before it began
 * pid         of that process */
struct broker {
	struct enclosure_inside inside;
	char *home;
	char *work;
	char *serving;
	char *base;
	pid_t pid;
};

/* Whether this program is a command that the broker runs, and its work. */
bool broker_serves(int count, char **words, int *out_status);

/* The broker's process: takes requests until it is ended. */
_Noreturn void broker_serve(const struct broker *broker, int listen_fd);

#endif
