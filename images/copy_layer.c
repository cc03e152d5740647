/* images/copy_layer.c - the layer of COPY and ADD; see build_copy.h
 *
 *   child                                      we
 *   files --> headers, owners --- tar -->  stage_layer: digests, layers/tmp-*
 *
 * The child sees the image that the layer goes onto, and the one that files come
 * from, and is root among the account's ids there; files of a build context it
 * reads as who we are. What Docker does by writing into a mounted image and looking
 * afterwards what has changed is decided here before: Docker's copy.go, performCopy,
 * is followed step by step. */
#include "images/copy_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive_entry.h>

#include "images/copy_archive.h"
#include "images/copy_private.h"
#include "images/copy_tar.h"
#include "images/copy_tree.h"
#include "images/owners.h"
#include "images/pack.h"
#include "images/pack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"

enum { BLOCK = 256 << 10 };

/* ---- one file ---- */

/* The file that was found before; no link is followed on the way to it. */
static int open_item(const struct copy_layering *l,
		     const struct copy_item *item, struct stat *out_st,
		     struct err *err)
{
	bool plain = S_ISREG(item->mode) || S_ISDIR(item->mode);
	OWN_FD int fd = fs_openat2(
		l->root.root_fd, item->path,
		(plain ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH) |
			O_NOFOLLOW,
		0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR))
		return copy_changed(item->path, err);
	if (fd < 0 || fstat(fd, out_st) < 0)
		return err_errno(err, "open %s", item->path);
	/* An image does not change, and each mount of it has other numbers. */
	if (l->root.of_image)
		return own_give_fd(&fd);
	if (out_st->st_dev != item->device || out_st->st_ino != item->inode ||
	    (out_st->st_mode & S_IFMT) != (item->mode & S_IFMT) ||
	    (S_ISREG(item->mode) &&
	     (out_st->st_size != item->size ||
	      out_st->st_ctim.tv_sec * 1000000000LL + out_st->st_ctim.tv_nsec !=
		      item->changed_ns)))
		return copy_changed(item->path, err);
	return own_give_fd(&fd);
}

/* The mode in the layer. A change of owner takes a program's setuid bit away
 * (chown(2)), and Docker always changes it for what comes from a context. */
static mode_t layer_mode(const struct copy_layering *l, mode_t mode)
{
	if (l->has_chmod)
		return (mode & S_IFMT) | l->chmod;
	if (l->keep_owner || S_ISDIR(mode))
		return mode;
	mode &= ~(mode_t)S_ISUID;
	return mode & S_IXGRP ? mode & ~(mode_t)S_ISGID : mode;
}

/* The next bytes of an item's file into the block. */
static ssize_t read_block(struct copy_layering *l, int fd, int64_t left,
			  const struct copy_item *item, struct err *err)
{
	ssize_t got;

	do {
		if (interrupt_seen())
			return interrupt_err(err);
		got = read(fd, l->block, left < BLOCK ? (size_t)left : BLOCK);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, "read %s", item->path);
	return got == 0 ? copy_changed(item->path, err) : got;
}

/* pack, digest: where it goes; either may be NULL. */
static int write_content(struct copy_layering *l, struct pack *pack,
			 struct digest *digest, int fd,
			 const struct copy_item *item, struct err *err)
{
	int64_t left = item->size;

	if (!l->block)
		l->block = mem_alloc(BLOCK);
	while (left > 0) {
		ssize_t got = read_block(l, fd, left, item, err);

		if (got < 0)
			return -err->code;
		if (digest)
			digest_add(digest, l->block, (size_t)got);
		if (pack && pack_bytes(pack, l->block, (size_t)got, err) < 0)
			return -err->code;
		left -= got;
	}
	return 0;
}

/* The content of an item's file, and its sum where that is made now. st: as the
 * file is. */
static int read_item(struct copy_layering *l, struct pack *pack, int fd,
		     const struct copy_item *item, const struct stat *st,
		     struct err *err)
{
	size_t place = (size_t)(item - l->found->items);
	struct digest *digest = NULL;
	char target[PATH_MAX] = "";
	struct stat after;
	ssize_t len;
	int r = 0;

	if (l->sums && !item->sum) {
		len = S_ISLNK(st->st_mode)
			      ? readlinkat(fd, "", target, sizeof(target) - 1)
			      : 0;
		target[len < 0 ? 0 : len] = '\0';
		digest = copy_sum_begin(&l->root, item->path, st, fd, target);
	}
	if (S_ISREG(st->st_mode) && (pack || digest))
		r = write_content(l, pack, digest, fd, item, err);
	if (r == 0 && item->size > BLOCK && S_ISREG(st->st_mode) &&
	    (fstat(fd, &after) < 0 || after.st_size != item->size ||
	     after.st_mtim.tv_nsec != st->st_mtim.tv_nsec ||
	     after.st_mtim.tv_sec != st->st_mtim.tv_sec))
		r = copy_changed(item->path, err);
	if (r < 0)
		digest_free(digest);
	else if (digest)
		l->sums[place] = copy_sum_end(digest);
	return r;
}

/* For an item that is not written itself. */
static int sum_item(struct copy_layering *l, const struct copy_item *item,
		    struct err *err)
{
	struct stat st = { 0 };
	OWN_FD int fd = -1;

	if (!l->sums || item->sum)
		return 0;
	fd = open_item(l, item, &st, err);
	if (fd < 0)
		return fd;
	if (l->root.of_image)
		pack_meta_true_owner(&st, fd);
	return read_item(l, NULL, fd, item, &st, err);
}

/* Everything of the header but the name. fd: open on the file; st: as it is. */
static void fill_header(struct copy_layering *l, struct archive_entry *entry,
			int fd, const struct copy_item *item,
			const struct stat *st)
{
	struct stat there = *st;
	char target[PATH_MAX];
	ssize_t len;

	there.st_mode =
		layer_mode(l, item->implied ? S_IFDIR | 0755 : st->st_mode);
	pack_meta_fill(entry, item->path, &there);
	if (S_ISREG(st->st_mode) && l->keep_owner)
		pack_meta_capabilities(entry, fd);
	if (l->owners)
		owners_apply(l->owners, item->path, entry);
	if (!l->keep_owner) {
		archive_entry_set_uid(entry, l->owner.uid);
		archive_entry_set_gid(entry, l->owner.gid);
	}
	if (!S_ISLNK(st->st_mode))
		return;
	len = readlinkat(fd, "", target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	archive_entry_set_symlink(entry, target);
}

/* path: where it goes; the folder above is there. */
static int add_item(struct copy_layering *l, const struct copy_item *item,
		    const char *path, struct err *err)
{
	struct stat st = { 0 };
	OWN_FD int fd = open_item(l, item, &st, err);
	struct pack *pack = fd < 0 ? NULL : copy_tar_pack(l->tar, err);
	struct archive_entry *entry;
	const char *first = NULL;
	bool has_content;
	int r;

	if (!pack)
		return -err->code;
	if (l->root.of_image)
		pack_meta_true_owner(&st, fd);
	entry = pack_entry(pack);
	fill_header(l, entry, fd, item, &st);
	if (l->in_folder && st.st_nlink > 1 && !S_ISDIR(st.st_mode))
		first = hardlinks_first(&l->links, &st, path);
	if (first) {
		archive_entry_set_hardlink(entry, first);
		archive_entry_unset_size(entry);
	}
	/* What this account keeps as an empty file may be a device in truth. */
	has_content = !first && archive_entry_filetype(entry) == AE_IFREG;
	r = copy_tar_header(l->tar, path, entry, err);
	return r < 0 ? r
		     : read_item(l, has_content ? pack : NULL, fd, item, &st,
				 err);
}

/* ---- one source ---- */

static int wrap(struct err *err, const char *context)
{
	/* Not for our own sentences, and not for "nobody reads any more". */
	if (err->voice == ERR_OURS || err->code == EPIPE || err->code == EINTR)
		return -err->code;
	return err_wrap(err, "%s", context);
}

static char *join(const char *folder, const char *name)
{
	return *folder ? mem_fmt("%s/%s", folder, name) : mem_str(name);
}

/* The folder that something is put into; new ones get the owner. */
static int need_parent(struct copy_layering *l, const char *path,
		       struct copy_tar_owner owner, struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *parent =
		slash ? mem_strn(path, (size_t)(slash - path)) : mem_str("");

	return copy_tar_folder(l->tar, parent, owner, err);
}

static int copy_folder(struct copy_layering *l,
		       const struct copy_source *source, const char *dest,
		       struct err *err)
{
	static const struct copy_tar_owner root = { 0, 0 };
	size_t prefix = *source->path ? strlen(source->path) + 1 : 0;
	struct copy_tree_look look;
	int r = 0;

	copy_tree_look(copy_tar_tree(l->tar), dest, &look);
	if (look.kind == TREE_OTHER || look.kind == TREE_LINK)
		return err_docker(
			err, ERR_BARE, ENOTDIR,
			"failed to copy directory: mkdir /%s: not a directory",
			dest);
	if (look.kind == TREE_NOTHING) {
		/* Its parents are root's, whoever the files belong to. */
		r = need_parent(l, dest, root, err);
		if (r == 0)
			r = copy_tar_folder(l->tar, dest,
					    l->keep_owner ? root : l->owner,
					    err);
		if (r < 0)
			return wrap(err, "failed to copy directory");
	}
	l->in_folder = true;
	for (size_t i = 0; i < source->count && r == 0; i++) {
		const struct copy_item *item =
			&l->found->items[source->first + i];
		OWN_FREE char *path = NULL;

		if (strcmp(item->path, source->path) == 0) {
			r = sum_item(l, item, err);
			continue;
		}
		path = join(dest, item->path + prefix);
		r = need_parent(l, path, root, err);
		if (r == 0)
			r = add_item(l, item, path, err);
	}
	return r < 0 ? wrap(err, "failed to copy directory") : 0;
}

/* A heredoc, or what a URL gave. */
static int add_content(struct copy_layering *l,
		       const struct copy_source *source, const char *path,
		       struct err *err)
{
	const struct copy_item *item = &l->found->items[source->first];
	struct pack *pack = copy_tar_pack(l->tar, err);
	const struct stat st = {
		.st_mode = layer_mode(l, item->mode),
		.st_size = item->size,
		.st_uid = l->owner.uid,
		.st_gid = l->owner.gid,
		.st_mtim.tv_sec = item->mtime,
	};
	struct archive_entry *entry;
	int r;

	if (!pack)
		return -err->code;
	entry = pack_entry(pack);
	pack_meta_fill(entry, path, &st);
	r = copy_tar_header(l->tar, path, entry, err);
	if (r < 0)
		return r;
	if (source->kind == COPY_TEXT)
		return pack_bytes(pack, source->text, (size_t)item->size, err);
	if (lseek(source->fd, 0, SEEK_SET) < 0)
		return err_errno(err, "seek");
	return write_content(l, pack, NULL, source->fd, item, err);
}

/* dest: where the destination leads; inside: it ends with a '/'. */
static int copy_file(struct copy_layering *l, const struct copy_source *source,
		     const char *dest, bool inside, struct err *err)
{
	static const struct copy_tar_owner root = { 0, 0 };
	struct copy_tree_look look;
	OWN_FREE char *path = NULL;
	int r;

	copy_tree_look(copy_tar_tree(l->tar), dest, &look);
	path = inside || look.kind == TREE_FOLDER ? join(dest, source->name)
						  : mem_str(dest);
	r = need_parent(l, path, l->keep_owner ? root : l->owner, err);
	if (r < 0)
		return wrap(err, "failed to create new directory");
	if (source->kind == COPY_TEXT || source->kind == COPY_FETCHED)
		return add_content(l, source, path, err);
	return add_item(l, &l->found->items[source->first], path, err);
}

/* When the newest of its files was changed. */
static int64_t newest(const struct copy_found *found,
		      const struct copy_source *source)
{
	int64_t mtime = 0;

	for (size_t i = 0; i < source->count; i++)
		if (found->items[source->first + i].mtime > mtime)
			mtime = found->items[source->first + i].mtime;
	return mtime;
}

/* 1: it is an archive, and is in the layer now. */
static int try_archive(struct copy_layering *l,
		       const struct copy_source *source, const char *dest,
		       struct err *err)
{
	const struct copy_item *item = &l->found->items[source->first];
	struct stat st = { 0 };
	OWN_FD int fd = -1;
	int r;

	if (source->kind != COPY_FILE || !S_ISREG(item->mode))
		return 0;
	fd = open_item(l, item, &st, err);
	r = fd < 0 ? fd : copy_archive(l->tar, fd, dest, err);
	if (r == 1 && sum_item(l, item, err) < 0)
		return -err->code;
	return r;
}

static int copy_source(struct copy_layering *l,
		       const struct copy_source *source, struct err *err)
{
	const char *asked = l->dest;
	OWN_FREE char *dest = NULL;
	int r = copy_tree_follow(copy_tar_tree(l->tar), "", asked, true, &dest,
				 err);

	if (r < 0)
		return r;
	copy_tar_set_time(l->tar, newest(l->found, source));
	hardlinks_done(&l->links); /* of the source before */
	l->in_folder = false;
	if (source->kind == COPY_FOLDER)
		return copy_folder(l, source, dest, err);
	if (l->found->request.add)
		r = try_archive(l, source, dest, err);
	if (r != 0)
		return r < 0 ? r : 0;
	return copy_file(l, source, dest,
			 asked[0] && asked[strlen(asked) - 1] == '/', err);
}

int copy_layer_write(struct copy_layering *l, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < l->found->source_count && r == 0; i++)
		r = copy_source(l, &l->found->sources[i], err);
	if (r < 0)
		(void)wrap(err, "failed to copy files");
	else
		r = copy_tar_end(l->tar, err);
	hardlinks_done(&l->links);
	free(l->block);
	return r;
}
