/* images/tar_out.c - see tar_out.h */
#include "images/tar_out.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"

enum { BLOCK = 256 << 10 };

struct tar_out {
	struct archive *archive;
	struct archive_entry *entry;
	const struct archive_watch *watch;
	struct err err; /* what the callback of libarchive's ran into */
	int64_t bytes;
	int fd;
};

static la_ssize_t write_some(struct archive *a, void *arg, const void *bytes,
			     size_t len)
{
	struct tar_out *out = arg;
	ssize_t put;

	(void)a;
	do {
		if (interrupt_seen()) {
			(void)interrupt_err(&out->err);
			return ARCHIVE_FATAL;
		}
		/* A reader that is gone must not end the program. */
		put = send(out->fd, bytes, len, MSG_NOSIGNAL);
		if (put < 0 && errno == ENOTSOCK)
			put = write(out->fd, bytes, len);
	} while (put < 0 && errno == EINTR);
	if (put < 0) {
		err_errno(&out->err, "write the archive");
		return ARCHIVE_FATAL;
	}
	out->bytes += put;
	if (out->watch && out->watch->moved)
		out->watch->moved(out->watch->arg, out->bytes);
	return put;
}

static int give_up(const struct tar_out *out, struct err *err)
{
	if (out->err.code) {
		*err = out->err;
		return -err->code;
	}
	return err_set(err, EIO, _("write the archive: %s"),
		       archive_error_string(out->archive));
}

int tar_out_open(int fd, const struct archive_watch *watch,
		 struct tar_out **out, struct err *err)
{
	struct tar_out *made = mem_zero(1, sizeof(*made));
	int code;
	int r;

	made->fd = fd;
	made->watch = watch;
	made->archive = archive_write_new();
	made->entry = archive_entry_new();
	code = archive_write_set_format_pax_restricted(made->archive);
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_per_block(made->archive, BLOCK);
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_in_last_block(made->archive,
							     512);
	if (code == ARCHIVE_OK)
		code = archive_write_open(made->archive, made, NULL, write_some,
					  NULL);
	if (code != ARCHIVE_OK) {
		r = give_up(made, err);
		tar_out_close(made);
		return r;
	}
	*out = made;
	return 0;
}

void tar_out_close(struct tar_out *out)
{
	if (!out)
		return;
	/* Not ended properly: what it still writes goes nowhere. */
	archive_write_fail(out->archive);
	archive_write_free(out->archive);
	archive_entry_free(out->entry);
	free(out);
}

int tar_out_end(struct tar_out *out, struct err *err)
{
	return archive_write_close(out->archive) == ARCHIVE_OK ?
		       0 :
		       give_up(out, err);
}

static void describe(struct tar_out *out, const char *name, unsigned type,
		     unsigned mode, int64_t mtime_s)
{
	archive_entry_clear(out->entry);
	archive_entry_set_pathname(out->entry, name);
	archive_entry_set_filetype(out->entry, type);
	archive_entry_set_perm(out->entry, (mode_t)mode);
	archive_entry_set_mtime(out->entry, (time_t)mtime_s, 0);
	archive_entry_set_size(out->entry, 0);
}

static int header(struct tar_out *out, struct err *err)
{
	return archive_write_header(out->archive, out->entry) < ARCHIVE_WARN ?
		       give_up(out, err) :
		       0;
}

int tar_out_folder(struct tar_out *out, const char *name, int64_t mtime_s,
		   struct err *err)
{
	describe(out, name, AE_IFDIR, 0755, mtime_s);
	return header(out, err);
}

int tar_out_link(struct tar_out *out, const char *name, const char *target,
		 int64_t mtime_s, struct err *err)
{
	describe(out, name, AE_IFLNK, 0777, mtime_s);
	archive_entry_set_symlink(out->entry, target);
	return header(out, err);
}

int tar_out_begin(struct tar_out *out, const char *name, int64_t size,
		  int64_t mtime_s, struct err *err)
{
	describe(out, name, AE_IFREG, 0644, mtime_s);
	archive_entry_set_size(out->entry, size);
	return header(out, err);
}

int tar_out_bytes(struct tar_out *out, const void *bytes, size_t len,
		  struct err *err)
{
	const char *at = bytes;

	while (len > 0) {
		la_ssize_t put = archive_write_data(out->archive, at, len);

		if (put < 0)
			return give_up(out, err);
		if (put == 0) /* more than the header said */
			return err_set(err, EINVAL,
				       _("there is more of it than was announced"));
		at += put;
		len -= (size_t)put;
	}
	return 0;
}

int tar_out_text(struct tar_out *out, const char *name, const void *bytes,
		 size_t len, int64_t mtime_s, struct err *err)
{
	int r = tar_out_begin(out, name, (int64_t)len, mtime_s, err);

	return r < 0 ? r : tar_out_bytes(out, bytes, len, err);
}
