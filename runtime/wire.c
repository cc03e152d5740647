/* runtime/wire.c - see wire.h */
#include "runtime/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/base/unconst.h"

enum { HEADER = 5 };

static void put_header(char *header, enum wire_kind kind, size_t len)
{
	uint32_t length = (uint32_t)len;

	header[0] = (char)kind;
	memcpy(header + 1, &length, sizeof(length));
}

int wire_send(int fd, enum wire_kind kind, const void *bytes, size_t len)
{
	char header[HEADER];
	struct iovec parts[2] = {
		{ .iov_base = header, .iov_len = HEADER },
		{ .iov_base = unconst(bytes), .iov_len = len },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	size_t left = HEADER + len;

	put_header(header, kind, len);
	while (left > 0) {
		ssize_t put = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		left -= (size_t)put;
		for (size_t i = 0; i < 2; i++) {
			size_t part = (size_t)put < parts[i].iov_len ?
					      (size_t)put :
					      parts[i].iov_len;

			parts[i].iov_base = (char *)parts[i].iov_base + part;
			parts[i].iov_len -= part;
			put -= (ssize_t)part;
		}
	}
	return 0;
}

void wire_queue(struct buf *queue, enum wire_kind kind, const void *bytes,
		size_t len)
{
	char header[HEADER];

	put_header(header, kind, len);
	buf_add(queue, header, HEADER);
	buf_add(queue, bytes, len);
}

int wire_read(int fd, struct buf *in)
{
	ssize_t got = recv(fd, buf_room(in, WIRE_MAX), WIRE_MAX, MSG_DONTWAIT);

	if (got < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (got == 0)
		return 0;
	in->len += (size_t)got;
	return 1;
}

void wire_taken(struct buf *in, size_t *at)
{
	if (*at == 0)
		return;
	memmove(in->data, in->data + *at, in->len - *at);
	in->len -= *at;
	*at = 0;
}

bool wire_next(struct buf *in, size_t *at, struct wire_message *out,
	       bool *out_bad)
{
	uint32_t length;

	if (in->len - *at >= HEADER) {
		memcpy(&length, in->data + *at + 1, sizeof(length));
		if (length > WIRE_MAX) {
			if (out_bad)
				*out_bad = true;
			return false;
		}
		if (in->len - *at - HEADER >= length) {
			out->kind = (enum wire_kind)in->data[*at];
			out->len = length;
			out->bytes = in->data + *at + HEADER;
			*at += HEADER + length;
			return true;
		}
	}
	wire_taken(in, at);
	return false;
}
