/* runtime/news.c - see news.h */
#include "runtime/news.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/trace.h"
#include "runtime/base/unconst.h"

enum packet_kind { PACKET_ERR, PACKET_EVENT, PACKET_TTY };

struct packet {
	enum packet_kind kind;
	union {
		struct err err;
		struct trace_event event;
	} u;
};

static_assert(sizeof(struct packet) < 8192, "one message carries it");

/* ---- the child's side of the talk ---- */

static void send_packet(int control, const struct packet *packet, int fd)
{
	struct iovec part = {
		.iov_base = unconst(packet),
		.iov_len = sizeof(*packet),
	};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *header;

		message.msg_control = &extra;
		message.msg_controllen = sizeof(extra);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	/* Nobody left to hear it: the child ends anyway. */
	(void)sendmsg(control, &message, MSG_NOSIGNAL);
}

void news_send_event(void *arg, const struct trace_event *event)
{
	struct packet packet = { .kind = PACKET_EVENT };

	packet.u.event = *event;
	send_packet(*(const int *)arg, &packet, -1);
}

_Noreturn void news_fail(int control, const struct err *err)
{
	struct packet packet = { .kind = PACKET_ERR };

	packet.u.err = *err;
	send_packet(control, &packet, -1);
	_exit(1);
}

void news_send_terminal(int control, int master)
{
	struct packet packet = { .kind = PACKET_TTY };

	send_packet(control, &packet, master);
}

/* ---- the parent's side ---- */

enum news news_receive(int control, int *out_fd,
				struct trace_event *event, struct err *err)
{
	struct packet packet;
	struct iovec part = { .iov_base = &packet, .iov_len = sizeof(packet) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &extra,
		.msg_controllen = sizeof(extra),
	};
	ssize_t got = recvmsg(control, &message,
			      MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *header;

	/* A child that died before it had read all that was said to it is a reset;
	 * what it said itself comes after. */
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ||
				       errno == ECONNRESET ?
			       NEWS_NOTHING :
			       NEWS_EXEC;
	if (got != (ssize_t)sizeof(packet))
		return NEWS_EXEC;
	switch (packet.kind) {
	case PACKET_ERR:
		*err = packet.u.err;
		return NEWS_FAILED;
	case PACKET_EVENT:
		*event = packet.u.event;
		return NEWS_EVENT;
	case PACKET_TTY:
		header = CMSG_FIRSTHDR(&message);
		if (!header || header->cmsg_type != SCM_RIGHTS)
			return NEWS_NOTHING;
		memcpy(out_fd, CMSG_DATA(header), sizeof(int));
		return NEWS_TTY;
	}
	return NEWS_NOTHING;
}
