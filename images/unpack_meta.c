/* images/unpack_meta.c - see unpack_meta.h */
#include "images/unpack_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

void unpack_meta_done(struct unpack_meta *meta)
{
	for (size_t i = 0; i < meta->count; i++)
		free(meta->folders[i].path);
	free(meta->folders);
}

/* libarchive gives bytes where it could turn the tar's character set into ours,
 * and has UTF-8 where it could not. */
const char *unpack_meta_path(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	return path ? path : archive_entry_pathname_utf8(entry);
}

const char *unpack_meta_hardlink(struct archive_entry *entry)
{
	const char *path = archive_entry_hardlink(entry);

	return path ? path : archive_entry_hardlink_utf8(entry);
}

const char *unpack_meta_symlink(struct archive_entry *entry)
{
	const char *path = archive_entry_symlink(entry);

	return path ? path : archive_entry_symlink_utf8(entry);
}

/* For what only works on an open file. Folders and regular files alone. */
static int open_plain(int fd, const char *name, struct err *err)
{
	int file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					    O_CLOEXEC);

	return file < 0 ? err_errno(err, "open %s", name) : file;
}

static int set_xattr(int fd, const char *name, const char *attr,
		     const void *value, size_t len, struct err *err)
{
	OWN_FD int file = open_plain(fd, name, err);

	if (file < 0)
		return file;
	if (fsetxattr(file, attr, value, len, 0) < 0)
		return err_errno(err, "set the attribute %s of %s", attr, name);
	return 0;
}

int unpack_meta_opaque(struct unpack_meta *meta, int fd, const char *name,
		       struct err *err)
{
	return set_xattr(fd, name,
			 meta->rules.userxattr ? "user.overlay.opaque" :
						 "trusted.overlay.opaque",
			 "y", 1, err);
}

/* ---- owners ---- */

/* One line. */
int unpack_meta_note(struct unpack_meta *meta, const char *path,
		     struct archive_entry *entry, struct err *err)
{
	mode_t type = archive_entry_filetype(entry);
	const char *kind = type == AE_IFLNK ? "l" : type == AE_IFCHR ? "c" :
			   type == AE_IFBLK ? "b" : "p";
	OWN_BUF struct buf line = { 0 };

	buf_fmt(&line, "%s %" PRId64 " %" PRId64 " %o %u %u %s", kind,
		(int64_t)archive_entry_uid(entry),
		(int64_t)archive_entry_gid(entry),
		archive_entry_perm(entry) & 07777,
		(unsigned)archive_entry_rdevmajor(entry),
		(unsigned)archive_entry_rdevminor(entry), path);
	if (fs_write_all(meta->owners_fd, line.data, line.len + 1) < 0)
		return err_errno(err, "write the layer's owners");
	return 0;
}

static int note_owner(struct unpack_meta *meta, int fd, const char *name,
		      const char *path, struct archive_entry *entry,
		      struct err *err)
{
	mode_t type = archive_entry_filetype(entry);
	char value[48];

	if (type != AE_IFREG && type != AE_IFDIR)
		return unpack_meta_note(meta, path, entry, err);
	snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64,
		 (int64_t)archive_entry_uid(entry),
		 (int64_t)archive_entry_gid(entry));
	return set_xattr(fd, name, "user.dockershell.owner", value,
			 strlen(value), err);
}

static int set_owner(struct unpack_meta *meta, int fd, const char *name,
		     const char *path, struct archive_entry *entry,
		     struct err *err)
{
	int64_t uid = archive_entry_uid(entry);
	int64_t gid = archive_entry_gid(entry);

	/* The last one means "leave it" to chown(2). */
	if (uid < 0 || gid < 0 || uid >= UINT32_MAX || gid >= UINT32_MAX)
		return err_set(err, EINVAL,
			       _("the owner %lld:%lld is no user and group"),
			       (long long)uid, (long long)gid);
	if (meta->rules.single) {
		if (uid == 0 && gid == 0)
			return 0;
		return note_owner(meta, fd, name, path, entry, err);
	}
	if (fchownat(fd, name, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	/* EINVAL: outside of the range that this account has. */
	if (errno != EINVAL)
		return err_errno(err, "chown %s", name);
	return note_owner(meta, fd, name, path, entry, err);
}

/* ---- attributes ---- */

/* What an archive may bring: attributes of programs, and the capabilities of
 * files. Overlayfs' own would make it look elsewhere (redirect) or hide things,
 * ours would be false notes. */
static bool is_wanted(const char *attr)
{
	if (strcmp(attr, "security.capability") == 0)
		return true;
	return strncmp(attr, "user.", 5) == 0 &&
	       strncmp(attr, "user.overlay.", 13) != 0 &&
	       strncmp(attr, "user.dockershell.", 17) != 0;
}

static int set_attributes(int fd, const char *name, struct archive_entry *entry,
			  struct err *err)
{
	mode_t type = archive_entry_filetype(entry);
	const char *attr;
	const void *value;
	size_t len;

	if ((type != AE_IFREG && type != AE_IFDIR) ||
	    archive_entry_xattr_reset(entry) == 0)
		return 0;
	while (archive_entry_xattr_next(entry, &attr, &value, &len) ==
	       ARCHIVE_OK) {
		if (!attr || !is_wanted(attr))
			continue;
		/* A file system that has none, an account that may not: the
		 * file is there without, as in Docker. */
		if (set_xattr(fd, name, attr, value, len, err) < 0 &&
		    err->code != ENOTSUP && err->code != EPERM)
			return -err->code;
	}
	return 0;
}

/* ---- all of it ---- */

static struct timespec mtime_of(struct archive_entry *entry)
{
	struct timespec time = { archive_entry_mtime(entry),
				 archive_entry_mtime_nsec(entry) };

	return time;
}

static int set_mtime(int fd, const char *name, struct timespec mtime,
		     struct err *err)
{
	const struct timespec times[2] = { mtime, mtime };

	if (utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == EINVAL ? 0 : err_errno(err, "set the time of %s", name);
}

static void remember_folder(struct unpack_meta *meta, const char *path,
			    struct timespec mtime)
{
	if (meta->count == meta->size) {
		meta->size = meta->size ? meta->size * 2 : 64;
		meta->folders = mem_grow(meta->folders, meta->size,
					 sizeof(*meta->folders));
	}
	meta->folders[meta->count++] =
		(struct unpack_folder){ mem_str(path), mtime };
}

int unpack_meta_apply(struct unpack_meta *meta, int fd, const char *name,
		      const char *path, struct archive_entry *entry,
		      struct err *err)
{
	mode_t type = archive_entry_filetype(entry);
	int r = set_owner(meta, fd, name, path, entry, err);

	if (r < 0)
		return r;
	/* After the owner: chown(2) takes the setuid bit away. Nobody else
	 * is in here, so that the name is what was just made. */
	if (type != AE_IFLNK &&
	    fchmodat(fd, name, archive_entry_perm(entry) & 07777, 0) < 0)
		return err_errno(err, "chmod %s", name);
	r = set_attributes(fd, name, entry, err);
	if (r < 0)
		return r;
	if (!archive_entry_mtime_is_set(entry))
		return 0;
	if (type == AE_IFDIR) {
		remember_folder(meta, path, mtime_of(entry));
		return 0;
	}
	return set_mtime(fd, name, mtime_of(entry), err);
}

/* A folder that another entry replaced in the meantime keeps its own time. */
int unpack_meta_end(struct unpack_meta *meta, int root_fd, struct err *err)
{
	for (size_t i = meta->count; i-- > 0;) {
		const struct unpack_folder *folder = &meta->folders[i];
		const struct timespec times[2] = { folder->mtime,
						   folder->mtime };
		OWN_FD int fd =
			fs_openat2(root_fd, *folder->path ? folder->path : ".",
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
				   RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

		if (fd >= 0 && futimens(fd, times) < 0 && errno != EINVAL)
			return err_errno(err, "set the time of /%s",
					 folder->path);
	}
	return 0;
}
