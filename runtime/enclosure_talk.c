/* runtime/enclosure_talk.c - see enclosure_talk.h */
#include "runtime/enclosure_talk.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for what the kernel may add to a record, aligned as it wants it. */
union room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * TALK_FDS) +
		   CMSG_SPACE(sizeof(struct ucred))];
};

int talk_send(int fd, const struct talk *talk)
{
	union room room = { 0 };
	struct iovec part = { .iov_base = talk->bytes, .iov_len = talk->len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t size = sizeof(int) * (size_t)talk->count;
	ssize_t put;

	if (talk->count > 0) {
		message.msg_control = room.bytes;
		message.msg_controllen = CMSG_SPACE(size);
		room.header.cmsg_level = SOL_SOCKET;
		room.header.cmsg_type = SCM_RIGHTS;
		room.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&room.header), talk->fds, size);
	}
	do
		put = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return put < 0 ? -errno : 0;
}

/* The room that is kept for a sender's name is taken for more descriptors where the
 * socket asks for no name: what is too many is closed. */
static bool take_fds(const struct cmsghdr *h, struct talk *talk)
{
	size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
		if (talk->count < TALK_FDS)
			talk->fds[talk->count++] = fd;
		else
			close(fd);
	}
	return count <= TALK_FDS;
}

/* Returns false where there were more descriptors than a record may have. */
static bool take_extras(struct msghdr *message, struct talk *talk)
{
	bool fits = true;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h;
	     h = CMSG_NXTHDR(message, h)) {
		struct ucred who;

		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
			fits = take_fds(h, talk) && fits;
		} else if (h->cmsg_level == SOL_SOCKET &&
			   h->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(h), sizeof(who));
			talk->pid = who.pid;
		}
	}
	return fits;
}

int talk_receive(int fd, struct talk *talk)
{
	union room room = { 0 };
	struct iovec part = { .iov_base = talk->bytes, .iov_len = talk->len };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = room.bytes,
				  .msg_controllen = sizeof(room.bytes) };
	ssize_t got;
	bool fits;

	talk->count = 0;
	talk->pid = 0;
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? 0 : -errno;
	fits = take_extras(&message, talk);
	if (got > 0 && fits &&
	    !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		talk->len = (size_t)got;
		return 1;
	}
	for (int i = 0; i < talk->count; i++)
		close(talk->fds[i]);
	talk->count = 0;
	return got == 0 ? 0 : -EMSGSIZE;
}
