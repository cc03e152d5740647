/* images/extract_meta.c - see extract_meta.h */
#include "images/extract_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/extract.h"
#include "images/unpack_meta.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

static int note_owner(int fd, struct archive_entry *entry, struct err *err)
{
	char value[48];

	/* A link carries no attributes, nor does every file system. */
	snprintf(value, sizeof(value), "%lld:%lld",
		 (long long)archive_entry_uid(entry),
		 (long long)archive_entry_gid(entry));
	if (fsetxattr(fd, "user.dockershell.owner", value, strlen(value), 0) <
		    0 &&
	    errno != EBADF && errno != ENOTSUP && errno != EPERM)
		return err_errno(err, "note the owner of %s",
				 unpack_meta_path(entry));
	return 0;
}

int extract_meta_owner(const struct extract_rules *rules, int fd,
		       struct archive_entry *entry, struct err *err)
{
	const char *path = unpack_meta_path(entry);
	int64_t uid = archive_entry_uid(entry);
	int64_t gid = archive_entry_gid(entry);

	if (rules->owner == EXTRACT_MINE)
		return 0;
	if (rules->owner == EXTRACT_ROOT)
		uid = gid = 0;
	if (uid < 0 || gid < 0 || uid >= UINT32_MAX || gid >= UINT32_MAX)
		return err_set(err, EINVAL, _("the owner %lld:%lld of %s is no user and group"),
			       (long long)uid, (long long)gid, path);
	if (fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH) == 0)
		return 0;
	/* A plain user may give nothing away; in a container that has not all
	 * ids it is noted, as for layers (unpack.h). */
	if (!rules->daemon)
		return errno == EPERM ?
			       0 :
			       err_errno(err, "chown %s", path);
	if (errno != EINVAL)
		return err_errno(err, "chown %s", path);
	return note_owner(fd, entry, err);
}

mode_t extract_meta_mode(const struct extract_rules *rules,
			 struct archive_entry *entry)
{
	mode_t mode = archive_entry_perm(entry) & 07777;

	if (rules->owner == EXTRACT_MINE &&
	    archive_entry_filetype(entry) != AE_IFDIR)
		mode &= ~(mode_t)(S_ISUID | S_ISGID);
	return mode;
}

void extract_meta_capabilities(const struct extract_rules *rules, int fd,
			       struct archive_entry *entry)
{
	const char *name;
	const void *value;
	size_t len;

	if (rules->owner == EXTRACT_MINE ||
	    archive_entry_xattr_reset(entry) == 0)
		return;
	/* Where it may not be set the file is there without, as in Docker. */
	while (archive_entry_xattr_next(entry, &name, &value, &len) ==
	       ARCHIVE_OK)
		if (name && strcmp(name, "security.capability") == 0)
			(void)!fsetxattr(fd, name, value, len, 0);
}

bool extract_meta_times(struct archive_entry *entry, struct timespec times[2])
{
	times[1].tv_sec = archive_entry_mtime(entry);
	times[1].tv_nsec = archive_entry_mtime_nsec(entry);
	times[0] = times[1];
	return archive_entry_mtime_is_set(entry);
}
