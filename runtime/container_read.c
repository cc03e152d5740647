/* runtime/container_read.c - a container's files, seen from outside.
 *
 * Of a running container /proc/PID/root is the way in; of one that does not run,
 * its layers are mounted once more, read-only, in a mount namespace that nobody
 * else sees and that goes with the helper process; the descriptor that it sends
 * over stays good. Every path is resolved beneath the root's descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/process_1.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

struct look {
	const struct home *home;
	const struct spec *spec;
	const char *path;
	int socket; /* where the descriptor goes */
};

static int send_fd(int socket, int fd, struct err *err)
{
	char byte = 'f';
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &extra,
		.msg_controllen = sizeof(extra),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
		return err_errno(err, "hand a file over");
	return 0;
}

static int receive_fd(int socket, struct err *err)
{
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
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
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0)
		return err_errno(err, "be handed a file");
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return err_set(err, EPROTO, _("no file was handed over"));
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

static int open_and_send(void *arg, struct buf *reply, struct err *err)
{
	const struct look *look = arg;
	OWN_FD int root = -1;
	OWN_FD int fd = -1;

	(void)reply;
	root = rootfs_mount_to_read(look->home, look->spec, false, err);
	if (root < 0)
		return root;
	fd = fs_open_beneath(root, look->path, O_RDONLY | O_NONBLOCK, 0, err);
	return fd < 0 ? fd : send_fd(look->socket, fd, err);
}

static int open_in_layers(const struct home *home, const struct spec *spec,
			  const char *path, struct err *err)
{
	OWN_FD int ours = -1;
	OWN_FD int theirs = -1;
	struct look look = { home, spec, path, -1 };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	look.socket = theirs;
	r = userns_call(open_and_send, &look, true, NULL, err);
	return r < 0 ? r : receive_fd(ours, err);
}

/* The root of process 1, or -1 where it has just ended. Numbers of processes are used
 * again: only if it is there still, this number was its own till now. */
static int open_running(const struct home *home, const struct container *c)
{
	OWN_FD int root = -1;
	OWN_FD int pidfd = -1;
	struct err passing = { 0 };
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/root", c->pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0)
		pidfd = process_1_hold(home, c, &passing);
	return pidfd < 0 ? -1 : own_give_fd(&root);
}

int container_open_file(const struct home *home, const char *id,
			const char *path, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int root = -1;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (c.status == CONTAINER_RUNNING)
		root = open_running(home, &c);
	if (root >= 0)
		return fs_open_beneath(root, path, O_RDONLY | O_NONBLOCK, 0,
				       err);
	return open_in_layers(home, &c.spec, path, err);
}
