/* images/blob_out.c - see blob_out.h
 *
 * The blocks lie in a ring. The caller fills the block at `head`, the thread takes
 * the one at `tail`; each waits for the other where the ring is full or empty. What
 * lies in a block belongs to one of the two at any time, so only the two counters
 * are guarded. */
#include "images/blob_out.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"

enum {
	BLOCKS = 8,
	BLOCK = 256 << 10,
};

/* packer  NULL where nothing is compressed
 * err     of whoever writes: the thread, once there is one
 * ended   no more blocks come; gone: nobody wants them any more */
struct blob_out {
	int fd;
	struct archive *packer;
	struct digest *digest;
	int64_t bytes;
	struct err err;

	pthread_t thread;
	bool threaded;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t head;
	size_t tail;
	bool ended;
	bool gone;
	size_t lens[BLOCKS];
	char *blocks[BLOCKS];
};

/* ---- compressing and writing: in the thread, or in the caller ---- */

static int write_out(struct blob_out *blob, const void *bytes, size_t len)
{
	digest_add(blob->digest, bytes, len);
	blob->bytes += (int64_t)len;
	if (fs_write_all(blob->fd, bytes, len) < 0)
		return err_errno(&blob->err, "write the layer's blob");
	return 0;
}

static la_ssize_t write_packed(struct archive *a, void *arg, const void *bytes,
			       size_t len)
{
	(void)a;
	return write_out(arg, bytes, len) < 0 ? ARCHIVE_FATAL : (la_ssize_t)len;
}

static int packer_failed(struct blob_out *blob)
{
	if (!blob->err.code)
		err_set(&blob->err, EIO, _("compress the layer: %s"),
			archive_error_string(blob->packer));
	return -blob->err.code;
}

static int take(struct blob_out *blob, const void *bytes, size_t len)
{
	if (!blob->packer)
		return write_out(blob, bytes, len);
	return archive_write_data(blob->packer, bytes, len) < 0
		       ? packer_failed(blob)
		       : 0;
}

static int finish(struct blob_out *blob)
{
	if (blob->packer && archive_write_close(blob->packer) != ARCHIVE_OK)
		return packer_failed(blob);
	return 0;
}

static int open_packer(struct blob_out *blob)
{
	struct archive_entry *entry = archive_entry_new();
	struct archive *packer = archive_write_new();
	int code = archive_write_set_format_raw(packer);

	blob->packer = packer;
	if (code == ARCHIVE_OK)
		code = archive_write_add_filter_zstd(packer);
	if (code == ARCHIVE_OK)
		code = archive_write_set_options(packer,
						 "zstd:compression-level=1");
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_in_last_block(packer, 1);
	if (code == ARCHIVE_OK)
		code = archive_write_open(packer, blob, NULL, write_packed,
					  NULL);
	archive_entry_set_filetype(entry, AE_IFREG);
	if (code == ARCHIVE_OK)
		code = archive_write_header(packer, entry);
	archive_entry_free(entry);
	return code == ARCHIVE_OK ? 0 : packer_failed(blob);
}

/* ---- the thread ---- */

static void *work(void *arg)
{
	struct blob_out *blob = arg;
	int r = 0;

	(void)pthread_mutex_lock(&blob->lock);
	for (;;) {
		size_t place = blob->tail % BLOCKS;

		while (blob->tail == blob->head && !blob->ended && !blob->gone)
			(void)pthread_cond_wait(&blob->changed, &blob->lock);
		if (blob->gone || blob->tail == blob->head)
			break;
		(void)pthread_mutex_unlock(&blob->lock);
		/* After a failure the rest is let go by. */
		if (r == 0)
			r = take(blob, blob->blocks[place], blob->lens[place]);
		(void)pthread_mutex_lock(&blob->lock);
		blob->tail++;
		(void)pthread_cond_signal(&blob->changed);
	}
	(void)pthread_mutex_unlock(&blob->lock);
	return NULL;
}

/* Without it the caller does the work itself: there is no failure. A signal is the
 * caller's, whose system calls it is to end. */
static void start(struct blob_out *blob)
{
	sigset_t all;
	sigset_t old;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	blob->threaded = pthread_create(&blob->thread, NULL, work, blob) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void join(struct blob_out *blob, bool gone)
{
	if (!blob->threaded)
		return;
	(void)pthread_mutex_lock(&blob->lock);
	blob->ended = true;
	blob->gone = gone;
	(void)pthread_cond_signal(&blob->changed);
	(void)pthread_mutex_unlock(&blob->lock);
	(void)pthread_join(blob->thread, NULL);
	blob->threaded = false;
}

/* ---- the caller ---- */

int blob_out_open(int fd, bool compress, struct blob_out **out, struct err *err)
{
	struct blob_out *blob = mem_zero(1, sizeof(*blob));

	blob->fd = fd;
	blob->digest = digest_new();
	(void)pthread_mutex_init(&blob->lock, NULL);
	(void)pthread_cond_init(&blob->changed, NULL);
	if (compress && open_packer(blob) < 0) {
		*err = blob->err;
		blob_out_close(blob);
		return -err->code;
	}
	*out = blob;
	return 0;
}

/* The block being filled is full. */
static int hand_over(struct blob_out *blob)
{
	if (!blob->threaded)
		start(blob);
	if (!blob->threaded) {
		int r = take(blob, blob->blocks[0], blob->lens[0]);

		blob->lens[0] = 0;
		return r;
	}
	(void)pthread_mutex_lock(&blob->lock);
	blob->head++;
	(void)pthread_cond_signal(&blob->changed);
	while (blob->head - blob->tail == BLOCKS)
		(void)pthread_cond_wait(&blob->changed, &blob->lock);
	(void)pthread_mutex_unlock(&blob->lock);
	blob->lens[blob->head % BLOCKS] = 0;
	return 0;
}

int blob_out_add(struct blob_out *blob, const void *bytes, size_t len,
		 struct err *err)
{
	const char *from = bytes;

	while (len > 0) {
		size_t place = blob->head % BLOCKS;
		size_t room = BLOCK - blob->lens[place];
		size_t now = len < room ? len : room;

		if (!blob->blocks[place])
			blob->blocks[place] = mem_alloc(BLOCK);
		memcpy(blob->blocks[place] + blob->lens[place], from, now);
		blob->lens[place] += now;
		from += now;
		len -= now;
		if (now == room && hand_over(blob) < 0) {
			*err = blob->err;
			return -err->code;
		}
	}
	return 0;
}

int blob_out_end(struct blob_out *blob, char out_digest[DIGEST_SIZE],
		 int64_t *out_bytes, struct err *err)
{
	size_t place = blob->head % BLOCKS;
	int r = 0;

	join(blob, false);
	if (!blob->err.code && blob->lens[place])
		r = take(blob, blob->blocks[place], blob->lens[place]);
	if (r == 0 && !blob->err.code)
		r = finish(blob);
	if (r < 0 || blob->err.code) {
		*err = blob->err;
		return -err->code;
	}
	digest_end(blob->digest, out_digest);
	blob->digest = NULL;
	*out_bytes = blob->bytes;
	return 0;
}

void blob_out_close(struct blob_out *blob)
{
	if (!blob)
		return;
	join(blob, true);
	/* On the way out of a failure: what it still writes goes nowhere. */
	if (blob->packer)
		(void)archive_write_fail(blob->packer);
	archive_write_free(blob->packer);
	digest_free(blob->digest);
	for (size_t i = 0; i < BLOCKS; i++)
		free(blob->blocks[i]);
	(void)pthread_mutex_destroy(&blob->lock);
	(void)pthread_cond_destroy(&blob->changed);
	free(blob);
}
