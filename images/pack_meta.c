/* images/pack_meta.c - see pack_meta.h */
#include "images/pack_meta.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <archive_entry.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

void pack_meta_fill(struct archive_entry *entry, const char *as,
		    const struct stat *st)
{
	archive_entry_copy_stat(entry, st);
	archive_entry_set_pathname(entry, as);
	/* Docker's tars have whole seconds and one time only. */
	archive_entry_set_mtime(entry, st->st_mtime, 0);
	archive_entry_unset_atime(entry);
	archive_entry_unset_ctime(entry);
	archive_entry_unset_birthtime(entry);
	if (!S_ISREG(st->st_mode))
		archive_entry_set_size(entry, 0);
}

static bool is_wanted(const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return true;
	return strncmp(name, "user.", 5) == 0 &&
	       strncmp(name, "user.overlay.", 13) != 0 &&
	       strncmp(name, "user.dockershell.", 17) != 0;
}

static void add_attribute(struct archive_entry *entry, int fd,
			  const char *name)
{
	ssize_t len = fgetxattr(fd, name, NULL, 0);
	OWN_FREE char *value = NULL;

	if (len < 0)
		return;
	value = mem_alloc((size_t)len + 1);
	len = fgetxattr(fd, name, value, (size_t)len);
	if (len >= 0)
		archive_entry_xattr_add_entry(entry, name, value, (size_t)len);
}

void pack_meta_attributes(struct archive_entry *entry, int fd)
{
	ssize_t len = flistxattr(fd, NULL, 0);
	OWN_FREE char *names = NULL;

	/* None, or a file system that knows none. */
	if (len <= 0)
		return;
	names = mem_alloc((size_t)len);
	len = flistxattr(fd, names, (size_t)len);
	for (const char *name = names; len > 0 && name < names + len;
	     name += strlen(name) + 1)
		if (is_wanted(name))
			add_attribute(entry, fd, name);
}

void pack_meta_capabilities(struct archive_entry *entry, int fd)
{
	add_attribute(entry, fd, "security.capability");
}

static bool noted_owner(int fd, unsigned long *out_uid, unsigned long *out_gid)
{
	char text[48];
	ssize_t len = fgetxattr(fd, "user.dockershell.owner", text,
				sizeof(text) - 1);
	char *end;

	if (len <= 0)
		return false;
	text[len] = '\0';
	*out_uid = strtoul(text, &end, 10);
	if (*end != ':')
		return false;
	*out_gid = strtoul(end + 1, &end, 10);
	return !*end && *out_uid < UINT32_MAX && *out_gid < UINT32_MAX;
}

void pack_meta_owner(struct archive_entry *entry, int fd)
{
	unsigned long uid;
	unsigned long gid;

	if (!noted_owner(fd, &uid, &gid))
		return;
	archive_entry_set_uid(entry, (la_int64_t)uid);
	archive_entry_set_gid(entry, (la_int64_t)gid);
}

void pack_meta_true_owner(struct stat *st, int fd)
{
	unsigned long uid;
	unsigned long gid;

	if (userns_kind() == USERNS_NONE || !noted_owner(fd, &uid, &gid))
		return;
	st->st_uid = (uid_t)uid;
	st->st_gid = (gid_t)gid;
}

bool pack_meta_is_opaque(int fd)
{
	char value;

	return (fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 &&
		value == 'y') ||
	       (fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 &&
		value == 'y');
}
