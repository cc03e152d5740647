/* images/copy_archive.c - see copy_archive.h
 *
 * Source: Docker 20.10, pkg/archive, Unpack and createTarFile. */
#include "images/copy_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "images/copy_tar.h"
#include "images/copy_tree.h"
#include "images/pack.h"
#include "images/unpack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static const struct copy_tar_owner root_owner = { 0, 0 };

static int refuse(int code, const char *what, struct err *err)
{
	return err_docker(err, ERR_BARE, code,
			  "Error processing tar file(exit status 1): %s", what);
}

/* Go's filepath.Clean of a name, and Docker's refusal. *out: relative, "" is the
 * destination itself. Given. */
static int clean(const char *name, char **out, struct err *err)
{
	OWN_FREE char *cleaned = fs_clean_path(name);
	OWN_FREE char *sentence = NULL;
	const char *below = cleaned + strspn(cleaned, "/");

	if (strcmp(cleaned, "..") == 0 || strncmp(cleaned, "../", 3) == 0) {
		sentence = mem_fmt("\"%s\" is outside of \"/\"", cleaned);
		return refuse(EINVAL, sentence, err);
	}
	*out = mem_str(strcmp(below, ".") == 0 ? "" : below);
	return 0;
}

/* Where an entry's name leads in the layer; its folder is made. Given. */
static int find_place(struct copy_tar *tar, const char *dest, const char *name,
		      char **out, struct err *err)
{
	OWN_FREE char *below = NULL;
	OWN_FREE char *path = NULL;
	OWN_FREE char *parent = NULL;
	char *slash;
	int r = clean(name, &below, err);

	if (r == 0)
		r = copy_tree_follow(copy_tar_tree(tar), dest, below, false,
				     &path, err);
	if (r < 0 || !path)
		return r;
	slash = strrchr(path, '/');
	parent = slash ? mem_strn(path, (size_t)(slash - path)) : mem_str("");
	r = copy_tar_folder(tar, parent, root_owner, err);
	if (r == 0)
		*out = own_give_ptr(&path);
	return r;
}

/* ---- one entry ---- */

static void copy_capabilities(struct archive_entry *from,
			      struct archive_entry *to)
{
	const char *name;
	const void *value;
	size_t len;

	(void)archive_entry_xattr_reset(from);
	while (archive_entry_xattr_next(from, &name, &value, &len) ==
	       ARCHIVE_OK)
		if (strcmp(name, "security.capability") == 0)
			archive_entry_xattr_add_entry(to, name, value, len);
}

/* What Docker takes from a header. */
static void fill_header(struct archive_entry *from, struct archive_entry *to)
{
	const char *target = unpack_meta_symlink(from);

	archive_entry_set_mode(to, archive_entry_mode(from));
	archive_entry_set_uid(to, archive_entry_uid(from));
	archive_entry_set_gid(to, archive_entry_gid(from));
	archive_entry_set_mtime(to, archive_entry_mtime(from), 0);
	archive_entry_set_size(to, archive_entry_filetype(from) == AE_IFREG
					   ? archive_entry_size(from)
					   : 0);
	if (archive_entry_filetype(from) == AE_IFCHR ||
	    archive_entry_filetype(from) == AE_IFBLK)
		archive_entry_set_rdev(to, archive_entry_rdev(from));
	if (target)
		archive_entry_set_symlink(to, target);
	copy_capabilities(from, to);
}

/* Block by block; a hole is what libarchive leaves out between two. */
static int copy_content(struct pack *pack, struct tar_in *in, int64_t size,
			struct err *err)
{
	static const char zeros[64 << 10];
	int64_t at = 0;
	const void *bytes;
	int64_t offset;
	size_t len;
	int r;

	for (;;) {
		r = tar_in_block(in, &bytes, &len, &offset, err);
		if (r < 0)
			return r;
		if (r == 0) {
			offset = size;
			len = 0;
		}
		while (at < offset) {
			size_t hole = offset - at < (int64_t)sizeof(zeros)
					      ? (size_t)(offset - at)
					      : sizeof(zeros);

			if (pack_bytes(pack, zeros, hole, err) < 0)
				return -err->code;
			at += (int64_t)hole;
		}
		if (r == 0)
			return 0;
		if (pack_bytes(pack, bytes, len, err) < 0)
			return -err->code;
		at += (int64_t)len;
	}
}

static int no_link(const char *target, const char *path, const char *why,
		   struct err *err)
{
	OWN_FREE char *sentence =
		mem_fmt("link /%s /%s: %s", target, path, why);

	return refuse(ENOENT, sentence, err);
}

/* A second name for a file. The first one must be in this layer; one of the image
 * is repeated in it, as overlayfs does that. */
static int add_hardlink(struct copy_tar *tar, const char *dest,
			const char *path, struct archive_entry *from,
			struct err *err)
{
	const char *target = unpack_meta_hardlink(from);
	OWN_FREE char *below = NULL;
	OWN_FREE char *first = NULL;
	struct err ignored = { 0 };
	struct copy_tree_look look;
	struct archive_entry *entry;
	struct pack *pack;
	int r = clean(target, &below, err);

	if (r == 0)
		r = copy_tree_follow(copy_tar_tree(tar), dest, below, false,
				     &first, err);
	if (r < 0 || !first || strcmp(first, path) == 0)
		return r;
	copy_tree_look(copy_tar_tree(tar), first, &look);
	if (look.kind == TREE_FOLDER)
		return no_link(below, path, "operation not permitted", err);
	if (!look.made && (look.kind != TREE_OTHER ||
			   copy_tar_repeat_file(tar, first, &ignored) < 0))
		return no_link(below, path, "no such file or directory", err);
	pack = copy_tar_pack(tar, err);
	if (!pack)
		return -err->code;
	entry = pack_entry(pack);
	fill_header(from, entry);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_unset_size(entry);
	archive_entry_set_hardlink(entry, first);
	return copy_tar_header(tar, path, entry, err);
}

static int add_entry(struct copy_tar *tar, struct tar_in *in,
		     struct archive_entry *from, const char *dest,
		     struct err *err)
{
	const char *name = unpack_meta_path(from);
	mode_t type = archive_entry_filetype(from);
	OWN_FREE char *path = NULL;
	struct archive_entry *entry;
	struct pack *pack;
	int r;

	if (!name)
		return err_set(err, EINVAL,
			       _("the archive has an entry without a name"));
	r = find_place(tar, dest, name, &path, err);
	/* The destination itself is there and stays as it is. */
	if (r < 0 || !path || strcmp(path, dest) == 0)
		return r;
	if (unpack_meta_hardlink(from))
		return add_hardlink(tar, dest, path, from, err);
	if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK &&
	    type != AE_IFCHR && type != AE_IFBLK && type != AE_IFIFO)
		return err_set(
			err, EINVAL,
			_("the archive has an entry of an unknown kind: %s"),
			name);
	pack = copy_tar_pack(tar, err);
	if (!pack)
		return -err->code;
	entry = pack_entry(pack);
	fill_header(from, entry);
	r = copy_tar_header(tar, path, entry, err);
	if (r == 0 && type == AE_IFREG)
		r = copy_content(pack, in, archive_entry_size(from), err);
	return r;
}

/* ---- all of them ---- */

static int make_dest(struct copy_tar *tar, const char *dest, struct err *err)
{
	struct copy_tree_look look;

	copy_tree_look(copy_tar_tree(tar), dest, &look);
	if (look.kind == TREE_FOLDER)
		return 0;
	return copy_tar_folder(tar, dest, root_owner, err);
}

static int add_all(struct copy_tar *tar, struct tar_in *in,
		   struct archive_entry *first, const char *dest,
		   struct err *err)
{
	struct archive_entry *entry = first;
	struct tar_facts facts;
	int r = make_dest(tar, dest, err);

	if (r < 0)
		return r;
	for (r = 1; r == 1; r = tar_in_next(in, &entry, err)) {
		r = add_entry(tar, in, entry, dest, err);
		if (r < 0)
			return r;
	}
	return r == 0 ? tar_in_end(in, &facts, err) : r;
}

int copy_archive(struct copy_tar *tar, int fd, const char *dest,
		 struct err *err)
{
	struct archive_entry *entry = NULL;
	struct tar_in *in = NULL;
	struct err no_archive = { 0 };
	int r = tar_in_open(fd, TAR_NO_DIGESTS, &in, &no_archive);

	/* Any file at all may be added: what cannot be read as a tar is one. */
	if (r == 0)
		r = tar_in_next(in, &entry, &no_archive);
	if (r == 1)
		r = add_all(tar, in, entry, dest, err) < 0 ? -err->code : 1;
	else if (r == -EINTR)
		*err = no_archive;
	else
		r = 0;
	tar_in_close(in);
	return r;
}
