/* images/tar_out.c - see tar_out.h */
#include "images/tar_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
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

/* A failure is kept and everything after it goes nowhere, for libarchive does not
 * free what it holds once a callback has failed. */
static la_ssize_t write_some(struct archive *a, void *arg, const void *bytes,
			     size_t len)
{
	struct tar_out *out = arg;
	ssize_t put;

	(void)a;
	if (out->fd < 0 || out->err.code)
		return (la_ssize_t)len;
	do {
		if (interrupt_seen()) {
			(void)interrupt_err(&out->err);
			return (la_ssize_t)len;
		}
		/* A reader that is gone must not end the program. */
		put = send(out->fd, bytes, len, MSG_NOSIGNAL);
		if (put < 0 && errno == ENOTSOCK)
			put = write(out->fd, bytes, len);
	} while (put < 0 && errno == EINTR);
	if (put < 0) {
		err_errno(&out->err, "write the archive");
		return (la_ssize_t)len;
	}
	out->bytes += put;
	if (out->watch && out->watch->moved)
		out->watch->moved(out->watch->arg, out->bytes);
	return put;
}

/* What came of a call of libarchive's. */
static int outcome(const struct tar_out *out, bool good, struct err *err)
{
	if (out->err.code) {
		*err = out->err;
		return -err->code;
	}
	return good ? 0 :
		      err_set(err, EIO, _("write the archive: %s"),
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
	r = outcome(made, code == ARCHIVE_OK, err);
	if (r < 0) {
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
	/* Not ended properly, it still writes: nowhere. */
	out->fd = -1;
	archive_write_free(out->archive);
	archive_entry_free(out->entry);
	free(out);
}

int tar_out_end(struct tar_out *out, struct err *err)
{
	int code = archive_write_close(out->archive);

	return outcome(out, code == ARCHIVE_OK, err);
}

int tar_out_item(struct tar_out *out, const struct tar_item *item,
		 struct err *err)
{
	size_t len = strlen(item->name);
	bool folder = len && item->name[len - 1] == '/';
	unsigned usual = item->link ? 0777 : folder ? 0755 : 0644;
	int code;

	archive_entry_clear(out->entry);
	archive_entry_set_pathname(out->entry, item->name);
	archive_entry_set_filetype(out->entry, item->link ? AE_IFLNK :
					       folder	  ? AE_IFDIR :
							    AE_IFREG);
	archive_entry_set_perm(out->entry, item->mode ? item->mode : usual);
	archive_entry_set_mtime(out->entry, (time_t)item->mtime_s, 0);
	archive_entry_set_size(out->entry, item->size);
	if (item->link)
		archive_entry_set_symlink(out->entry, item->link);
	code = archive_write_header(out->archive, out->entry);
	return outcome(out, code >= ARCHIVE_WARN, err);
}

int tar_out_bytes(struct tar_out *out, const void *bytes, size_t len,
		  struct err *err)
{
	const char *at = bytes;

	while (len > 0) {
		la_ssize_t put = archive_write_data(out->archive, at, len);
		int r = outcome(out, put >= 0, err);

		if (r < 0)
			return r;
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
	const struct tar_item item = { .name = name,
				       .size = (int64_t)len,
				       .mtime_s = mtime_s };
	int r = tar_out_item(out, &item, err);

	return r < 0 ? r : tar_out_bytes(out, bytes, len, err);
}
