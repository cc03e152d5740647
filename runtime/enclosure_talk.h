/* runtime/enclosure_talk.h - records with descriptors, over a socket of the kind
 * SOCK_SEQPACKET. unix(7), "SCM_RIGHTS" and "SCM_CREDENTIALS". */
#ifndef RUNTIME_ENCLOSURE_TALK_H
#define RUNTIME_ENCLOSURE_TALK_H

#include <stddef.h>
#include <sys/types.h>

enum { TALK_FDS = 4 };

/* One record. fds: borrowed for sending, given on receipt (close-on-exec), count of
 * them. pid: on receipt, of who sent it, as we count; 0 where the socket does not ask
 * for it (SO_PASSCRED). */
struct talk {
	void *bytes;
	size_t len;
	int fds[TALK_FDS];
	int count;
	pid_t pid;
};

/* Returns 0 or -errno. */
int talk_send(int fd, const struct talk *talk);

/* `len` is the room in `bytes`, then what came. Returns 1, 0 at the end, or -errno;
 * -EMSGSIZE: a record with more than there was room for, dropped. */
int talk_receive(int fd, struct talk *talk);

#endif
