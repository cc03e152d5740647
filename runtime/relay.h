/* runtime/relay.h - bytes between a program and those who watch it.
 *
 *     program --stdout, stderr--> pipes ---+--> log file, where there is one
 *     (or one terminal)                    +--> queue of each client that
 *                                               asked for it
 *     program <--stdin---------- pending <----- the clients' input
 *
 * Owns these streams and the clients, for whoever stays with a program: the
 * monitor of a container, the keeper of an exec. Nothing here ever waits for a
 * client: what it has not read yet is queued, and while a queue is long the
 * program's output is not read, so that a slow terminal slows the program down as
 * it would without a container.
 *
 * One that follows the log (WIRE_FOLLOW) is waited for as well, at the moment when
 * what it has yet to read would be rotated away; but only for as long as it goes
 * on reading: after two seconds without progress it misses lines, and knows it. */
#ifndef RUNTIME_RELAY_H
#define RUNTIME_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/wire.h"

struct err;
struct log_writer;

enum {
	RELAY_MAX_CLIENTS = 64,
	/* places in the list of what is waited for */
	RELAY_AT_OUT = 0,
	RELAY_AT_ERR,
	RELAY_AT_IN,
	RELAY_AT_LISTEN,
	RELAY_AT_CLIENTS,
	RELAY_MAX_FDS = RELAY_AT_CLIENTS + RELAY_MAX_CLIENTS,
};

/* starter  the one whose breaking pipe is the program's
 * traced   it wants to hear of steps
 * follows  it reads the log, of which it has come to the file `file` */
struct relay_client {
	int fd;
	struct wire_attach streams;
	bool starter;
	bool traced;
	bool follows;
	int64_t file;
	struct buf in;
	struct buf queue;
	size_t sent; /* of the queue */
};

/* output    our ends of stdout and stderr, or the terminal in [0]; -1: ended
 * input     our end of stdin, or -1
 * seen_terminal  the program's terminal has come: until then it keeps what was typed
 *           already, and the size that was said last
 * listener  where further clients come in, or -1
 * log       NULL: nothing is kept
 * stdin_once  the program's input ends when any client's does, not only the
 *           starter's
 * give_up_ms  when one that follows the log is no longer waited for; 0: nobody is
 * obey      gets each message, those about the streams after they were obeyed */
struct relay {
	int output[2];
	int input;
	bool tty;
	bool seen_terminal;
	bool input_ends;
	bool stdin_once;
	struct wire_size early_size;
	int64_t give_up_ms;
	struct buf pending;
	size_t written; /* of pending */
	int listener;
	struct relay_client clients[RELAY_MAX_CLIENTS];
	int client_count;
	struct log_writer *log;
	void (*obey)(void *arg, int client, const struct wire_message *message);
	void *arg;
};

/* All descriptors -1. The clients must be told from then on by what follows. */
void relay_init(struct relay *m);

/* Pipes for a program without a terminal: theirs go to stdio[3] (given), stdin
 * only with `with_input`. */
int relay_make_pipes(struct relay *m, bool with_input, int stdio[3],
		     struct err *err);

/* The terminal's master (taken) is output and input. It is made inside, some while after
 * the first client came. */
void relay_take_terminal(struct relay *m, int master);

/* fd is taken; closed where there are too many. */
void relay_add_client(struct relay *m, int fd, struct wire_attach streams,
		      bool starter);

/* Whether the one that it was started by is still there. */
bool relay_has_starter(const struct relay *m);

/* Queues a message for one, or for all. A client that is gone is dropped, and
 * the last one takes its place: walk backwards. */
void relay_tell(struct relay *m, int index, enum wire_kind kind,
		const void *bytes, size_t len);
void relay_tell_all(struct relay *m, enum wire_kind kind,
		    const void *bytes, size_t len);

/* Writes down what is waited for, RELAY_MAX_FDS places at most; returns their
 * number. After poll(2), relay_serve does what there is to do. */
int relay_watch(struct relay *m, struct pollfd *fds);
void relay_serve(struct relay *m, const struct pollfd *fds);

/* The program is gone: closes what led to it. */
void relay_close_streams(struct relay *m);

/* The clients stay, but what comes from now on is not theirs: the program that they
 * were joined to has ended. */
void relay_end_streams(struct relay *m);

/* Reads what the program, now gone, still had in its pipes, until their end; one
 * who holds them without a word for half a second, or for longer than at_most_ms
 * (-1: no bound) altogether, is not waited for. */
void relay_drain(struct relay *m, int at_most_ms);

/* Some client has not yet read what was told to it. relay_flush stays until
 * each has, or has left. */
bool relay_is_behind(const struct relay *m);
void relay_flush(struct relay *m);

#endif
