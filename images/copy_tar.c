/* images/copy_tar.c - see copy_tar.h */
#include "images/copy_tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive_entry.h>

#include "images/copy_tree.h"
#include "images/pack.h"
#include "images/pack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

enum { BLOCK = 64 << 10 };

struct copy_tar {
	int socket;
	int image_fd;
	struct pack *pack; /* NULL until the first entry */
	struct copy_tree *tree;
	int64_t mtime;
};

struct copy_tar *copy_tar_new(int socket, int image_fd)
{
	struct copy_tar *tar = mem_zero(1, sizeof(*tar));

	tar->socket = socket;
	tar->image_fd = image_fd;
	tar->tree = copy_tree_new(image_fd);
	return tar;
}

int copy_tar_end(struct copy_tar *tar, struct err *err)
{
	return tar->pack ? pack_end(tar->pack, NULL, err) : 0;
}

void copy_tar_free(struct copy_tar *tar)
{
	if (!tar)
		return;
	pack_free(tar->pack);
	copy_tree_free(tar->tree);
	free(tar);
}

struct copy_tree *copy_tar_tree(struct copy_tar *tar)
{
	return tar->tree;
}

void copy_tar_set_time(struct copy_tar *tar, int64_t mtime)
{
	tar->mtime = mtime;
}

struct pack *copy_tar_pack(struct copy_tar *tar, struct err *err)
{
	static const struct pack_rules rules = { 0 };

	if (!tar->pack && pack_open(tar->socket, &rules, &tar->pack, err) < 0)
		return NULL;
	return tar->pack;
}

/* A file came between the image's folder and this one, so overlayfs would join the
 * two; the mark says that nothing of the first is left. */
static int write_opaque(struct copy_tar *tar, const char *folder,
			struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s/.wh..wh..opq", folder);
	struct archive_entry *entry = pack_entry(tar->pack);

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, 0);
	archive_entry_set_mtime(entry, tar->mtime, 0);
	return pack_header(tar->pack, err);
}

int copy_tar_header(struct copy_tar *tar, const char *path,
		    struct archive_entry *entry, struct err *err)
{
	mode_t type = archive_entry_filetype(entry);
	bool link = archive_entry_hardlink(entry) || type != AE_IFLNK;
	enum copy_tree_kind kind = archive_entry_hardlink(entry) ? TREE_OTHER
				   : type == AE_IFDIR            ? TREE_FOLDER
				   : type == AE_IFLNK            ? TREE_LINK
								 : TREE_OTHER;
	bool opaque = copy_tree_put(tar->tree, path, kind,
				    link ? NULL : archive_entry_symlink(entry));
	int r;

	archive_entry_set_pathname(entry, path);
	r = pack_header(tar->pack, err);
	return r == 0 && opaque ? write_opaque(tar, path, err) : r;
}

/* ---- folders by the way ---- */

static int no_folder(const char *path, struct err *err)
{
	return err_docker(err, ERR_BARE, ENOTDIR, "mkdir /%s: not a directory",
			  path);
}

/* As the image has it, so that the layer changes nothing about it but its time, and
 * that only where it gets a new name. */
static int repeat_folder(struct copy_tar *tar, const char *path,
			 const struct stat *looked, bool gets_name,
			 struct err *err)
{
	OWN_FD int fd =
		fs_open_beneath(tar->image_fd, path,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	struct pack *pack = fd < 0 ? NULL : copy_tar_pack(tar, err);
	struct archive_entry *entry;
	struct stat st = *looked;

	if (!pack)
		return -err->code;
	if (gets_name && st.st_mtime < tar->mtime)
		st.st_mtime = tar->mtime;
	entry = pack_entry(pack);
	pack_meta_fill(entry, path, &st);
	pack_meta_attributes(entry, fd);
	if (userns_kind() != USERNS_NONE)
		pack_meta_owner(entry, fd);
	return copy_tar_header(tar, path, entry, err);
}

static int new_folder(struct copy_tar *tar, const char *path,
		      struct copy_tar_owner owner, struct err *err)
{
	const struct stat st = {
		.st_mode = S_IFDIR | 0755,
		.st_uid = owner.uid,
		.st_gid = owner.gid,
		.st_mtim.tv_sec = tar->mtime,
	};
	struct pack *pack = copy_tar_pack(tar, err);
	struct archive_entry *entry;

	if (!pack)
		return -err->code;
	entry = pack_entry(pack);
	pack_meta_fill(entry, path, &st);
	return copy_tar_header(tar, path, entry, err);
}

/* gets_name: something new will lie right in it. */
static int add_folder(struct copy_tar *tar, const char *path,
		      struct copy_tar_owner owner, bool gets_name,
		      struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *parent = NULL;
	struct copy_tree_look look;
	int r = 0;

	copy_tree_look(copy_tar_tree(tar), path, &look);
	if (!*path || (look.made && look.kind == TREE_FOLDER))
		return 0;
	if (slash) {
		parent = mem_strn(path, (size_t)(slash - path));
		r = add_folder(tar, parent, owner, look.kind == TREE_NOTHING,
			       err);
	}
	if (r < 0)
		return r;
	if (look.kind == TREE_FOLDER)
		return repeat_folder(tar, path, &look.st, gets_name, err);
	if (look.kind == TREE_NOTHING)
		return new_folder(tar, path, owner, err);
	return no_folder(path, err);
}

int copy_tar_folder(struct copy_tar *tar, const char *path,
		    struct copy_tar_owner owner, struct err *err)
{
	return add_folder(tar, path, owner, true, err);
}

/* ---- a file of the image ---- */

static int copy_content(struct pack *pack, int fd, struct err *err)
{
	OWN_FREE char *block = mem_alloc(BLOCK);
	ssize_t got;

	while ((got = read(fd, block, BLOCK)) > 0)
		if (pack_bytes(pack, block, (size_t)got, err) < 0)
			return -err->code;
	return got < 0 ? err_errno(err, "read") : 0;
}

int copy_tar_repeat_file(struct copy_tar *tar, const char *path,
			 struct err *err)
{
	static const struct copy_tar_owner root = { 0, 0 };
	const char *slash = strrchr(path, '/');
	OWN_FREE char *parent =
		slash ? mem_strn(path, (size_t)(slash - path)) : mem_str("");
	OWN_FD int fd =
		fs_open_beneath(tar->image_fd, path,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, err);
	struct archive_entry *entry;
	struct pack *pack;
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ENOENT, "/%s", path);
	r = copy_tar_folder(tar, parent, root, err);
	pack = r < 0 ? NULL : copy_tar_pack(tar, err);
	if (!pack)
		return -err->code;
	entry = pack_entry(pack);
	pack_meta_fill(entry, path, &st);
	pack_meta_capabilities(entry, fd);
	if (userns_kind() != USERNS_NONE)
		pack_meta_owner(entry, fd);
	r = copy_tar_header(tar, path, entry, err);
	return r == 0 ? copy_content(pack, fd, err) : r;
}
