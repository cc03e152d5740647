/* images/copy_tar.h - the tar of a layer in the making, entry by entry.
 *
 * Owns what goes into it besides the files themselves: the folders above them, as
 * the image has them, or new ones; and the order in which that must be. The tar
 * begins with its first entry: a layer with nothing in it is not one byte. */
#ifndef IMAGES_COPY_TAR_H
#define IMAGES_COPY_TAR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct archive_entry;
struct copy_tar;
struct copy_tree;
struct err;
struct pack;

/* socket    where the tar goes; borrowed
 * image_fd  the image that the layer goes onto; -1: nothing; borrowed */
struct copy_tar *copy_tar_new(int socket, int image_fd);
int copy_tar_end(struct copy_tar *tar, struct err *err);
void copy_tar_free(struct copy_tar *tar); /* NULL is fine */

/* What lies where, so far. Borrowed. */
struct copy_tree *copy_tar_tree(struct copy_tar *tar);

/* When what is made by the way was made: folders that were missing, and those that
 * get a new file. Set before each source. */
void copy_tar_set_time(struct copy_tar *tar, int64_t mtime);

/* Sees to it that the folder `path` ("a/b"; "" is the root) is in the tar, and those
 * above it; new ones are 0755 and owned so. -ENOTDIR in Docker's words for what is
 * no folder. */
struct copy_tar_owner {
	uid_t uid;
	gid_t gid;
};
int copy_tar_folder(struct copy_tar *tar, const char *path,
		    struct copy_tar_owner owner, struct err *err);

/* Puts a plain file of the image into the layer as it is: something else wants to
 * be a second name of it. -ENOENT where there is none. */
int copy_tar_repeat_file(struct copy_tar *tar, const char *path,
			 struct err *err);

/* Begins an entry: its header, filled in by the caller (pack_entry) but for the
 * name, which is `path`. The folders above it must be there (copy_tar_folder). Its
 * content, if it has one, follows by pack_bytes. */
struct pack *copy_tar_pack(struct copy_tar *tar, struct err *err); /* or NULL */
int copy_tar_header(struct copy_tar *tar, const char *path,
		    struct archive_entry *entry, struct err *err);

#endif
