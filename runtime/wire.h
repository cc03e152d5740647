/* runtime/wire.h - what a monitor and its clients say to each other.
 *
 * A stream socket carries messages: one byte of kind, four bytes of length (this
 * machine's order: both ends are one machine), then the bytes. */
#ifndef RUNTIME_WIRE_H
#define RUNTIME_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum wire_kind {
	/* from a client */
	WIRE_ATTACH = 1, /* struct wire_attach: streams wanted from now on */
	WIRE_INPUT,	 /* bytes for standard input */
	WIRE_INPUT_END,
	WIRE_RESIZE, /* struct wire_size */
	WIRE_SIGNAL, /* struct wire_signal: to process 1 */
	WIRE_BROKEN, /* nobody reads the output any more: let writers know */
	WIRE_LEAVE,  /* the user detached: the program is to go on */
	WIRE_PAUSE,
	WIRE_UNPAUSE,
	WIRE_UPDATE, /* struct limits_change */
	WIRE_END,     /* struct wire_end: end the container */
	WIRE_CHANGED, /* the record on disk was changed: read it again */
	WIRE_NETWORKS, /* the record's networks were changed: be on those */
	WIRE_TRACE,   /* the steps of what is asked from here on are to be told */
	WIRE_FOLLOW,  /* int64: the number of the log's file that is being read */
	/* from the monitor */
	WIRE_STARTED, /* int32: process 1's id; the program runs */
	WIRE_FAILED,  /* struct err: it could not be started */
	WIRE_OUTPUT,  /* bytes of standard output (or of the terminal) */
	WIRE_ERROR,   /* bytes of standard error */
	WIRE_EXIT,    /* int32: exit code; the last message */
	WIRE_EVENT,   /* struct trace_event */
	WIRE_DONE,    /* int32: errno of the last WIRE_SIGNAL or WIRE_END, 0 if it
		       * was sent; or the last WIRE_FOLLOW was heard */
	WIRE_ANSWER,  /* struct err, code 0 for done: to PAUSE, UNPAUSE, UPDATE,
		       * NETWORKS */
	WIRE_WORD,    /* text: what the starter should know beside */
};

struct wire_attach {
	bool output;
	bool error;
	bool input;
};

struct wire_size {
	uint16_t rows;
	uint16_t columns;
};

/* why: WIRE_STOP marks an end that was asked for (restart policies). */
enum wire_why { WIRE_KILL, WIRE_STOP, WIRE_PROXY };
struct wire_signal {
	int32_t signal;
	int32_t why;
};

/* signal     what process 1 is asked with
 * timeout_s  when it is killed; -1: never
 * how        what comes after */
enum wire_how { WIRE_TO_STOP, WIRE_TO_RESTART };
struct wire_end {
	int32_t signal;
	int32_t timeout_s;
	int32_t how;
};

enum { WIRE_MAX = 1 << 16 };

struct wire_message {
	enum wire_kind kind;
	size_t len;
	const void *bytes; /* inside the buffer, until the next wire_next */
};

/* Writes one message, blocking. Returns 0 or -errno (EPIPE: the other end is
 * gone; never a signal). */
int wire_send(int fd, enum wire_kind kind, const void *bytes, size_t len);

/* Adds one message to a queue that is written later. */
void wire_queue(struct buf *queue, enum wire_kind kind, const void *bytes,
		size_t len);

/* Reads what is there into `in`. Returns 1, 0 at the end of the stream, or
 * -errno (-EAGAIN: nothing yet). */
int wire_read(int fd, struct buf *in);

/* Takes the next whole message out of what was read; *at is the reader's place
 * in `in`, 0 at first. Returns false when there is none: what was taken is then
 * dropped from `in` and *at is 0 again. A message over WIRE_MAX is -EPROTO in
 * *out_bad (may be NULL). */
bool wire_next(struct buf *in, size_t *at, struct wire_message *out,
	       bool *out_bad);

/* Drops what was taken, where the reader leaves the rest to somebody else. */
void wire_taken(struct buf *in, size_t *at);

#endif
