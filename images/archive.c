/* images/archive.c - see archive.h */
#include "images/archive.h"

#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/blob_out.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	BLOCK = 64 << 10,
	RATIO_FROM = 1 << 30,
};

static const int64_t max_bytes = (int64_t)TAR_MAX_GIB << 30;

/* outer      bytes to tar; inner: tar to entries
 * blob       what is kept of it, or NULL
 * err        what a callback of libarchive's ran into
 * keep_raw   the blob gets the bytes as they come
 * file_bytes the sum of the entries' lengths */
struct tar_in {
	struct archive *outer;
	struct archive *inner;
	struct blob_out *blob;
	struct digest *tar_digest;
	struct err err;
	int fd;
	int blob_fd;
	int64_t came_bytes;
	int64_t tar_bytes;
	int64_t file_bytes;
	int64_t entries;
	bool keep_raw;
	struct archive_watch watch;
	char block[BLOCK];
};

void archive_prepare(void)
{
	iconv_t conversion;

	digest_prepare();
	(void)setlocale(LC_ALL, "C");
	/* Names are bytes, and libarchive wants them to be UTF-8. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	conversion = iconv_open("UTF-8", "UTF-8");
	if ((intptr_t)conversion != -1)
		(void)iconv_close(conversion);
	(void)strerror(ENOENT);
	lang_prepare();
}

/* ---- what libarchive calls ---- */

/* The bytes as they come. Whether they are compressed is not known before
 * libarchive has seen the first ones; until then they are kept as if. */
static la_ssize_t read_bytes(struct archive *a, void *arg, const void **out)
{
	struct tar_in *in = arg;
	ssize_t got;

	(void)a;
	/* The block before is done with when the next one is asked for. */
	do {
		if (interrupt_seen()) {
			(void)interrupt_err(&in->err);
			return ARCHIVE_FATAL;
		}
		got = read(in->fd, in->block, sizeof(in->block));
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		err_errno(&in->err, "read the archive");
		return ARCHIVE_FATAL;
	}
	if (got > 0 && in->keep_raw && in->blob &&
	    blob_out_add(in->blob, in->block, (size_t)got, &in->err) < 0)
		return ARCHIVE_FATAL;
	in->came_bytes += got;
	if (in->watch.moved)
		in->watch.moved(in->watch.arg, in->came_bytes);
	else
		amount_add(got);
	*out = in->block;
	return got;
}

static int check_bounds(struct tar_in *in)
{
	if (in->tar_bytes > max_bytes)
		return err_set(&in->err, EFBIG,
			       _("the archive has more than %d GiB, the limit"),
			       TAR_MAX_GIB);
	if (in->tar_bytes > RATIO_FROM &&
	    in->tar_bytes / TAR_MAX_RATIO > in->came_bytes)
		return err_set(&in->err, EFBIG,
			       _("the archive decompresses to more than %d times its size, the limit"),
			       TAR_MAX_RATIO);
	return 0;
}

/* The bytes of the tar, out of the outer reader. */
static la_ssize_t read_tar(struct archive *a, void *arg, const void **out)
{
	struct tar_in *in = arg;
	la_int64_t offset;
	size_t len = 0;
	int code = archive_read_data_block(in->outer, out, &len, &offset);

	(void)a;
	if (code == ARCHIVE_EOF)
		return 0;
	if (code < ARCHIVE_WARN || in->err.code) {
		if (!in->err.code)
			err_set(&in->err, EINVAL, _("the archive is damaged: %s"),
				archive_error_string(in->outer));
		return ARCHIVE_FATAL;
	}
	if (in->tar_digest)
		digest_add(in->tar_digest, *out, len);
	in->tar_bytes += (int64_t)len;
	if (check_bounds(in) < 0)
		return ARCHIVE_FATAL;
	if (!in->keep_raw && in->blob &&
	    blob_out_add(in->blob, *out, len, &in->err) < 0)
		return ARCHIVE_FATAL;
	return (la_ssize_t)len;
}

/* ---- opening ---- */

static int give_up(struct tar_in *in, struct archive *a, struct err *err)
{
	const char *said = a ? archive_error_string(a) : NULL;

	if (in->err.code) {
		*err = in->err;
		return -err->code;
	}
	if (said && strstr(said, "too large"))
		return err_set(err, EFBIG,
			       _("the archive has a header of more than 1 MiB, the limit"));
	return err_set(err, EINVAL, _("the archive is damaged: %s"),
		       said ? said : _("no reason given"));
}

/* It came uncompressed: what the blob has so far is taken back. */
static int start_packing(struct tar_in *in, struct err *err)
{
	in->keep_raw = false;
	if (in->blob_fd < 0)
		return 0;
	blob_out_close(own_give_ptr(&in->blob));
	if (ftruncate(in->blob_fd, 0) < 0 ||
	    lseek(in->blob_fd, 0, SEEK_SET) < 0)
		return err_errno(err, "empty the layer's blob");
	return blob_out_open(in->blob_fd, true, &in->blob, err);
}

/* "raw" takes anything for one file; "empty" takes nothing at all. */
static int open_outer(struct tar_in *in, bool *out_empty, struct err *err)
{
	struct archive_entry *entry;
	int code;

	in->outer = archive_read_new();
	(void)archive_read_support_filter_gzip(in->outer);
	(void)archive_read_support_filter_bzip2(in->outer);
	(void)archive_read_support_filter_xz(in->outer);
	(void)archive_read_support_filter_zstd(in->outer);
	(void)archive_read_support_format_raw(in->outer);
	(void)archive_read_support_format_empty(in->outer);
	code = archive_read_open(in->outer, in, NULL, read_bytes, NULL);
	if (code == ARCHIVE_OK)
		code = archive_read_next_header(in->outer, &entry);
	*out_empty = code == ARCHIVE_EOF;
	return code == ARCHIVE_OK || *out_empty ? 0 :
						  give_up(in, in->outer, err);
}

int tar_in_open(int fd, int blob_fd, struct tar_in **out, struct err *err)
{
	struct tar_in *in = mem_zero(1, sizeof(*in));
	bool empty = false;
	int r;

	in->fd = fd;
	in->blob_fd = blob_fd;
	in->keep_raw = true;
	if (blob_fd != TAR_NO_DIGESTS)
		in->tar_digest = digest_new();
	r = blob_fd < 0 ? 0 : blob_out_open(blob_fd, false, &in->blob, err);
	if (r == 0)
		r = open_outer(in, &empty, err);
	/* Count 1 is the reader itself: nothing was decompressed. */
	if (r == 0 && archive_filter_count(in->outer) == 1)
		r = start_packing(in, err);
	if (r == 0 && !empty) {
		in->inner = archive_read_new();
		(void)archive_read_support_format_tar(in->inner);
		if (archive_read_open(in->inner, in, NULL, read_tar, NULL) !=
		    ARCHIVE_OK)
			r = in->err.code ? give_up(in, NULL, err) :
					   err_set(err, EINVAL,
						   _("this is no tar archive"));
	}
	if (r < 0) {
		tar_in_close(in);
		return r;
	}
	*out = in;
	return 0;
}

void tar_in_watch(struct tar_in *in, const struct archive_watch *watch)
{
	if (watch)
		in->watch = *watch;
}

void tar_in_close(struct tar_in *in)
{
	if (!in)
		return;
	archive_read_free(in->inner);
	blob_out_close(in->blob);
	archive_read_free(in->outer);
	digest_free(in->tar_digest);
	free(in);
}

/* ---- reading ---- */

int tar_in_next(struct tar_in *in, struct archive_entry **out_entry,
		struct err *err)
{
	int code;

	if (!in->inner)
		return 0;
	do {
		code = archive_read_next_header(in->inner, out_entry);
	} while (code == ARCHIVE_RETRY);
	if (code == ARCHIVE_EOF)
		return 0;
	if (code < ARCHIVE_WARN && in->entries == 0 && !in->err.code &&
	    archive_format(in->inner) == 0)
		return err_set(err, EINVAL, _("this is no tar archive"));
	if (code < ARCHIVE_WARN)
		return give_up(in, in->inner, err);
	if (++in->entries > TAR_MAX_ENTRIES)
		return err_set(err, EFBIG,
			       _("the archive has more than %d entries, the limit"),
			       TAR_MAX_ENTRIES);
	in->file_bytes += archive_entry_size(*out_entry);
	if (archive_entry_size(*out_entry) > max_bytes ||
	    in->file_bytes > max_bytes)
		return err_set(err, EFBIG,
			       _("the archive's files have more than %d GiB, the limit"),
			       TAR_MAX_GIB);
	return 1;
}

/* A hole is what libarchive leaves out between two blocks. */
int tar_in_block(struct tar_in *in, const void **out_bytes, size_t *out_len,
		 int64_t *out_offset, struct err *err)
{
	la_int64_t offset = 0;
	int code = archive_read_data_block(in->inner, out_bytes, out_len,
					   &offset);

	*out_offset = offset;
	if (code == ARCHIVE_EOF)
		return 0;
	if (code != ARCHIVE_OK)
		return give_up(in, in->inner, err);
	if (offset > max_bytes - (int64_t)*out_len || offset < 0)
		return err_set(err, EFBIG,
			       _("a file in the archive has more than %d GiB, the limit"),
			       TAR_MAX_GIB);
	return 1;
}

int tar_in_copy(struct tar_in *in, int fd, struct err *err)
{
	int64_t end = 0;
	int64_t size = 0;
	const void *bytes;
	int64_t offset;
	size_t len;
	int r;

	while ((r = tar_in_block(in, &bytes, &len, &offset, err)) == 1) {
		if (offset != end && lseek(fd, offset, SEEK_SET) < 0)
			return err_errno(err, "seek");
		if (fs_write_all(fd, bytes, len) < 0)
			return err_errno(err, "write");
		end = offset + (int64_t)len;
		size = end > size ? end : size;
	}
	if (r < 0)
		return r;
	/* The hole behind the last block. */
	if (offset > size && offset <= max_bytes && ftruncate(fd, offset) < 0)
		return err_errno(err, "ftruncate");
	return 0;
}

/* The end of a tar is two empty blocks, but tar programs pad further, and the
 * diff id is of all of it. */
static int drain(struct tar_in *in, struct err *err)
{
	const void *bytes;
	la_ssize_t got;

	while (in->inner && (got = read_tar(NULL, in, &bytes)) != 0)
		if (got < 0)
			return give_up(in, in->outer, err);
	while ((got = read_bytes(NULL, in, &bytes)) != 0)
		if (got < 0)
			return give_up(in, in->outer, err);
	return 0;
}

int tar_in_end(struct tar_in *in, struct tar_facts *out, struct err *err)
{
	struct tar_facts facts = { 0 };
	const char *type = "zstd";
	int r = drain(in, err);

	if (r < 0)
		return r;
	if (in->blob &&
	    blob_out_end(in->blob, facts.blob, &facts.blob_bytes, err) < 0)
		return -err->code;
	if (in->keep_raw)
		type = archive_filter_name(in->outer, 0);
	facts.tar_bytes = in->tar_bytes;
	facts.entries = in->entries;
	snprintf(facts.blob_type, sizeof(facts.blob_type), "%s", type);
	if (in->tar_digest)
		digest_end(own_give_ptr(&in->tar_digest), facts.diff);
	*out = facts;
	return 0;
}
