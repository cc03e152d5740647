/* images/transfer.c - see transfer.h */
#include "images/transfer.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "images/archive.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

enum { BLOCK = 64 << 10 };

/* A socket whose other end is gone must not end the program. */
static int put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t done = send(fd, bytes, len, MSG_NOSIGNAL);

		if (done < 0 && errno == ENOTSOCK)
			done = write(fd, bytes, len);
		if (done < 0 && errno == EINTR && !interrupt_seen())
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		len -= (size_t)done;
	}
	return 0;
}

int transfer_start(const struct transfer_work *work,
		   struct userns_child *out, struct err *err)
{
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	*work->ours = pair[0];
	*work->childs = pair[1];
	r = userns_start(work->work, work->arg, work->where, out, err);
	close(pair[1]);
	if (r < 0)
		close(pair[0]);
	return r;
}

int transfer_pump(int from_fd, int to_fd, const struct archive_watch *watch,
		  struct err *err)
{
	OWN_FREE char *block = mem_alloc(BLOCK);
	int64_t bytes = 0;

	/* A Ctrl-C anywhere in here is seen at the next turn. */
	for (;;) {
		ssize_t got = interrupt_seen() ? -1 :
						 read(from_fd, block, BLOCK);
		int r;

		if (interrupt_seen())
			return interrupt_err(err);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read the archive");
		if (got == 0)
			return 0;
		r = put(to_fd, block, (size_t)got);
		if (r < 0 && !interrupt_seen()) {
			errno = -r;
			return err_errno(err, "write the archive");
		}
		bytes += got;
		if (watch && watch->moved)
			watch->moved(watch->arg, bytes);
	}
}

/* The other end is gone: with what it had not read yet, it is a reset. */
static bool is_broken_pipe(const struct err *err)
{
	return err->code == EPIPE || err->code == ECONNRESET;
}

static int end(struct userns_child *child, bool child_writes,
	       const struct err *ours, struct buf *reply, struct err *err)
{
	struct err theirs = { 0 };
	const struct err *writer = child_writes ? &theirs : ours;
	const struct err *reader = child_writes ? ours : &theirs;

	(void)userns_finish(child, reply, &theirs);
	if (!ours->code && !theirs.code)
		return 0;
	if (ours->code == EINTR)
		*err = *ours;
	else if (writer->code && (!is_broken_pipe(writer) || !reader->code))
		*err = *writer;
	else
		*err = *reader;
	return -err->code;
}

int transfer_end(struct userns_child *child, int fd, bool child_writes,
		 const struct err *ours, struct err *err)
{
	/* A child that writes to us, or reads from us, sees the end now. */
	close(fd);
	return end(child, child_writes, ours, NULL, err);
}

int transfer_end_reply(struct userns_child *child, int fd,
		       const struct err *ours, struct buf *reply,
		       struct err *err)
{
	close(fd);
	return end(child, true, ours, reply, err);
}
