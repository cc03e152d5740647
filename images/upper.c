/* images/upper.c - see upper.h
 *
 *   child                                    we
 *   pack containers/<id>/upper  --- tar -->  stage_layer: layers/tmp-*, blob
 *
 * The child is root among the account's ids, so that each file has the owner in
 * the tar that it has in the container. */
#include "images/upper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/pack.h"
#include "images/stage.h"
#include "images/transfer.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

/* left_out      mount points, where they lie in this layer (rootfs.h: a store that
 *               may only be read); else NULL: what is of that name was changed
 * mine, theirs  the ends of the socket: the child's and the caller's */
struct request {
	const struct upper *upper;
	const char *const *left_out;
	int mine;
	int theirs;
};

static struct request request_for(const struct upper *upper)
{
	OWN_FREE char *init =
		upper->top ? mem_fmt("%s/../init", upper->top) : NULL;
	struct request request = { upper, NULL, -1, -1 };

	if (init && !fs_exists(upper->home->fd, init))
		request.left_out = rootfs_mount_points;
	return request;
}

static int open_upper(const struct request *request, struct err *err)
{
	OWN_FREE char *path =
		mem_fmt("containers/%s/upper", request->upper->id);

	return fs_open_dir(request->upper->home->fd, path, err);
}

/* ---- is there anything ---- */

/* One byte of reply where there is anything that goes into a layer. */
static int look_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	OWN_FD int fd = open_upper(request, err);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return fd < 0 ? fd : err_errno(err, "read the layer");
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir)) && !reply->len) {
		bool counts = strcmp(entry->d_name, ".") != 0 &&
			      strcmp(entry->d_name, "..") != 0;

		for (const char *const *p = request->left_out; p && *p; p++)
			counts = counts && strcmp(*p, entry->d_name) != 0;
		if (counts)
			buf_char(reply, '+');
	}
	return 0;
}

int upper_has_changes(const struct upper *upper, struct err *err)
{
	struct request request = request_for(upper);
	OWN_BUF struct buf reply = { 0 };
	struct err closed = { 0 };
	int r = look_work(&request, &reply, &closed);

	/* Its / may have been closed to the account, not to its root. */
	if (r == -EACCES)
		r = userns_call(look_work, &request, false, &reply, err);
	else if (r < 0)
		*err = closed;
	return r < 0 ? r : reply.len > 0;
}

/* ---- the layer ---- */

static int pack_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const struct pack_rules rules = {
		.layer = true,
		.attributes = true,
		.noted_owners = userns_kind() != USERNS_NONE,
		.left_out = request->left_out,
	};
	OWN_FD int fd = open_upper(request, err);
	struct pack *pack = NULL;
	int r;

	(void)reply;
	if (fd < 0)
		return fd;
	close(request->theirs);
	archive_prepare();
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return err_errno(err, "chroot to the container's layer");
	r = pack_open(request->mine, &rules, &pack, err);
	if (r == 0)
		r = pack_add_inside(pack, fd, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

int upper_stage(const struct upper *upper, struct stage *stage,
		const char *below, struct err *err)
{
	struct request request = request_for(upper);
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int pair[2];
	int place;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	request.theirs = pair[0];
	request.mine = pair[1];
	r = userns_start(pack_work, &request, USERNS_IDS, &child, err);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	place = stage_layer(stage, pair[0], below, &ours);
	r = transfer_end(&child, pair[0], true, &ours, err);
	return r < 0 ? r : place;
}
