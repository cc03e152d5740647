/* images/upper.c - see upper.h
 *
 *   child                                    we
 *   pack containers/<id>/upper  --- tar -->  stage_layer: layers/tmp-*, blob
 *
 * The child is root among the account's ids, so that each file has the owner in
 * the tar that it has in the container.
 *
 * What is left of a container after its layer was made is thrown away, if it was the
 * step of a build. Then the files need not be written once more: they are a layer
 * already, with the marks that overlayfs itself made of deletions. The tar is only
 * summed up, and the folder gets its new name. */
#include "images/upper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/layer.h"
#include "images/pack.h"
#include "images/stage.h"
#include "images/transfer.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

/* left_out      mount points, where they lie in this layer (rootfs.h: a store that
 *               may only be read); else NULL: what is of that name was changed
 * take          the folder itself is to become the layer
 * mine, theirs  the ends of the socket: the child's and the caller's */
struct request {
	const struct upper *upper;
	const char *const *left_out;
	bool take;
	int mine;
	int theirs;
};

/* What the child answers. whole: the tar has all that lies there. */
struct answer {
	bool whole;
	int64_t size_bytes;
};

static struct request request_for(const struct upper *upper)
{
	OWN_FREE char *init =
		upper->top ? mem_fmt("%s/../init", upper->top) : NULL;
	struct request request = { upper, NULL, false, -1, -1 };

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

/* As / of a layer it is like every other's: no tar has it. */
static int look_over(const struct pack *pack, int fd, struct buf *reply,
		     struct err *err)
{
	struct answer answer = { .whole = pack_is_whole(pack) };
	unsigned long long bytes = 0;

	if (fchown(fd, 0, 0) < 0 || fchmod(fd, 0755) < 0)
		return err_errno(err, "set the mode of the layer's /");
	if (fs_tree_size(fd, ".", &bytes, NULL, err) < 0)
		return -err->code;
	answer.size_bytes = (int64_t)bytes;
	buf_add(reply, &answer, sizeof(answer));
	return 0;
}

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
	/* Whoever reads the tar sees its end before the answer is read. */
	close(request->mine);
	if (r == 0 && request->take)
		r = look_over(pack, fd, reply, err);
	pack_free(pack);
	return r;
}

static int start_packing(struct request *request, struct userns_child *child,
			 struct err *err)
{
	const struct transfer_work work = { pack_work, request, USERNS_IDS,
					    &request->mine, &request->theirs };

	return transfer_start(&work, child, err);
}

int upper_stage(const struct upper *upper, struct stage *stage,
		const char *below, struct err *err)
{
	struct request request = request_for(upper);
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int place;
	int r = start_packing(&request, &child, err);

	if (r < 0)
		return r;
	place = stage_layer(stage, request.theirs, below, &ours);
	r = transfer_end(&child, request.theirs, true, &ours, err);
	return r < 0 ? r : place;
}

/* ---- the layer, without a copy ---- */

static int sum_up(int fd, struct layer *facts, struct err *err)
{
	enum { BLOCK = 64 << 10 };
	OWN_FREE char *block = mem_alloc(BLOCK);
	struct digest *digest = digest_new();
	ssize_t got;

	for (;;) {
		got = read(fd, block, BLOCK);
		if (interrupt_seen() || got == 0 ||
		    (got < 0 && errno != EINTR))
			break;
		if (got < 0)
			continue;
		digest_add(digest, block, (size_t)got);
		amount_add(got);
		facts->tar_bytes += got;
	}
	if (got != 0 || interrupt_seen()) {
		digest_free(digest);
		return interrupt_seen() ? interrupt_err(err) :
					  err_errno(err, "read the layer");
	}
	digest_end(digest, facts->diff);
	return 0;
}

/* *out_whole: whether the folder may be taken as it is. */
static int learn(const struct upper *upper, struct layer *facts,
		 bool *out_whole, struct err *err)
{
	struct request request = request_for(upper);
	struct userns_child child = { -1, -1 };
	OWN_BUF struct buf reply = { 0 };
	struct err ours = { 0 };
	struct answer answer = { 0 };
	int r;

	*out_whole = false;
	if (request.left_out)
		return 0;
	request.take = true;
	r = start_packing(&request, &child, err);
	if (r < 0)
		return r;
	(void)sum_up(request.theirs, facts, &ours);
	r = transfer_end_reply(&child, request.theirs, &ours, &reply, err);
	if (r == 0 && reply.len == sizeof(answer))
		memcpy(&answer, reply.data, sizeof(answer));
	facts->size_bytes = answer.size_bytes;
	*out_whole = answer.whole;
	return r;
}

int upper_take(const struct upper *upper, struct stage *stage,
	       const char *below, struct err *err)
{
	OWN_FREE char *folder = mem_fmt("containers/%s/upper", upper->id);
	struct layer facts = { 0 };
	struct err unmoved = { 0 };
	bool whole;
	int place = -1;
	int r = learn(upper, &facts, &whole, err);

	if (r < 0)
		return r;
	if (below)
		snprintf(facts.parent, sizeof(facts.parent), "%s", below);
	if (whole)
		place = stage_take(stage, folder, &facts, &unmoved);
	return place >= 0 ? place : upper_stage(upper, stage, below, err);
}
