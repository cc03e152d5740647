/* images/layer_tar.c - see layer_tar.h */
#include "images/layer_tar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "images/layer.h"
#include "images/owners.h"
#include "images/pack.h"
#include "images/transfer.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum { BLOCK = 64 << 10 };

/* The bytes on their way: counted, digested, passed on. */
struct flow {
	const struct layer *layer;
	const struct layer_sink *sink;
	struct digest *digest;
	int64_t bytes;
};

static int flow_put(struct flow *flow, const void *bytes, size_t len,
		    struct err *err)
{
	if (interrupt_seen())
		return interrupt_err(err);
	digest_add(flow->digest, bytes, len);
	flow->bytes += (int64_t)len;
	return flow->sink->put(flow->sink->arg, bytes, len, err);
}

/* ---- from the blob ---- */

static int open_blob(const struct home *home, const struct layer *layer)
{
	struct err ignored = { 0 };
	OWN_FREE char *path = NULL;

	if (!layer->blob[0])
		return -ENOENT;
	path = mem_fmt("blobs/sha256/%s", digest_hex(layer->blob));
	return fs_open(home->fd, path, O_RDONLY, 0, &ignored);
}

static int unpack_blob(struct archive *a, int fd, struct flow *flow,
		       struct err *err)
{
	struct archive_entry *entry;
	const void *bytes;
	la_int64_t offset;
	size_t len;
	int code;
	int r = 0;

	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_zstd(a);
	(void)archive_read_support_format_raw(a);
	(void)archive_read_support_format_empty(a);
	code = archive_read_open_fd(a, fd, BLOCK);
	if (code == ARCHIVE_OK)
		code = archive_read_next_header(a, &entry);
	if (code == ARCHIVE_EOF)
		return 0;
	while (code == ARCHIVE_OK && r == 0) {
		code = archive_read_data_block(a, &bytes, &len, &offset);
		if (code == ARCHIVE_OK)
			r = flow_put(flow, bytes, len, err);
	}
	if (r < 0)
		return r;
	return code == ARCHIVE_EOF ?
		       0 :
		       err_set(err, EIO, _("the layer's blob %.19s is damaged: %s"),
			       flow->layer->blob, archive_error_string(a));
}

static int send_blob(int fd, struct flow *flow, struct err *err)
{
	struct archive *a = archive_read_new();
	int r = unpack_blob(a, fd, flow, err);

	archive_read_free(a);
	return r;
}

/* ---- from the files ---- */

struct request {
	int dir_fd;
	struct owners *owners;
	int mine;
	int theirs;
};

static int pack_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const struct pack_rules rules = {
		.layer = true,
		.attributes = true,
		.noted_owners = userns_kind() != USERNS_NONE,
		.owners = request->owners,
	};
	struct pack *pack = NULL;
	int r;

	(void)reply;
	close(request->theirs);
	archive_prepare();
	if (fchdir(request->dir_fd) < 0 || chroot(".") < 0)
		return err_errno(err, "chroot to the layer");
	r = pack_open(request->mine, &rules, &pack, err);
	if (r == 0)
		r = pack_add_inside(pack, request->dir_fd, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

static int pump(int fd, struct flow *flow, struct err *err)
{
	OWN_FREE char *block = mem_alloc(BLOCK);

	for (;;) {
		ssize_t got = read(fd, block, BLOCK);
		int r;

		if (got < 0 && errno == EINTR && !interrupt_seen())
			continue;
		if (got < 0)
			return interrupt_seen() ? interrupt_err(err) :
						  err_errno(err, "read");
		if (got == 0)
			return 0;
		r = flow_put(flow, block, (size_t)got, err);
		if (r < 0)
			return r;
	}
}

static int start_packing(struct request *request, struct userns_child *child,
			 struct err *err)
{
	const struct transfer_work work = { pack_work, request, USERNS_IDS,
					    &request->mine, &request->theirs };

	return transfer_start(&work, child, err);
}

static int send_files(const struct home *home, struct flow *flow,
		      struct err *err)
{
	OWN_FREE char *path =
		mem_fmt("layers/%s/diff", digest_hex(flow->layer->chain));
	OWN_FD int dir_fd = fs_open_dir(home->fd, path, err);
	OWN_STRS struct strs layers = { 0 };
	struct request request = { .dir_fd = dir_fd };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int r = 0;

	if (dir_fd < 0)
		return dir_fd;
	strs_add(&layers, path);
	/* Nothing lies above it, so nothing hides what was noted of it. */
	if (userns_kind() != USERNS_NONE)
		r = owners_read(home, "", &layers, &request.owners, err);
	if (r == 0)
		r = start_packing(&request, &child, err);
	owners_free(request.owners);
	if (r < 0)
		return r;
	(void)pump(request.theirs, flow, &ours);
	return transfer_end(&child, request.theirs, true, &ours, err);
}

/* ---- both ---- */

static int check(const struct flow *flow, const char *digest, bool had_blob,
		 struct err *err)
{
	const struct layer *layer = flow->layer;

	if (strcmp(digest, layer->diff) == 0)
		return 0;
	err_set(err, EIO, _("the layer %.19s cannot be given: its bytes make %.19s"),
		layer->diff, digest);
	if (!had_blob && layer->blob[0])
		return err_hint(err, _("the archive it came from is gone (blobs/sha256/%.12s), and its files alone make another one"),
				digest_hex(layer->blob));
	return err_hint(err, _("it was changed on disk: layers/%.12s in the store"),
			digest_hex(layer->chain));
}

int layer_tar_send(const struct home *home, const struct layer *layer,
		   const struct layer_sink *sink, struct err *err)
{
	OWN_FD int blob_fd = open_blob(home, layer);
	struct flow flow = { layer, sink, digest_new(), 0 };
	char digest[DIGEST_SIZE];
	int r = blob_fd >= 0 ? send_blob(blob_fd, &flow, err) :
			       send_files(home, &flow, err);

	digest_end(flow.digest, digest);
	return r < 0 ? r : check(&flow, digest, blob_fd >= 0, err);
}
