/* images/pack.h - a tree of files becomes a tar.
 *
 * Owns the walk and the form: pax where ustar has no room, ids as numbers, whole
 * seconds, names in order, as Docker writes its tars. The tree may be changed by
 * somebody meanwhile: each folder is opened by its parent's descriptor and no link
 * is ever followed, a file that shrinks is filled up with zeros, what is gone is
 * left out. */
#ifndef IMAGES_PACK_H
#define IMAGES_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_watch;
struct err;
struct owners;
struct pack;

/* layer         the tree is a writable layer: overlayfs' marks become .wh.NAME and
 *               .wh..wh..opq (see unpack.h), its own attributes stay out
 * attributes    capabilities of files and user.* attributes go along
 * noted_owners  this account could not give files to all users: the owners that
 *               were noted instead (unpack.h) are the true ones
 * owners        what was noted beside the layers, or NULL; borrowed
 * left_out      names, NULL-terminated, that are not packed; or NULL */
struct pack_rules {
	bool layer;
	bool attributes;
	bool noted_owners;
	struct owners *owners;
	const char *const *left_out;
	const struct archive_watch *watch;
};

/* socket  where the tar goes; borrowed. The rules are copied, what they point to
 *         is borrowed. */
int pack_open(int socket, const struct pack_rules *rules, struct pack **out,
	      struct err *err);

/* Adds `name` in dir_fd, and all that is in it, as `as`. Sockets are left out, as
 * in Docker. -EPIPE: nobody reads any more; -EINTR after Ctrl-C. */
int pack_add(struct pack *pack, int dir_fd, const char *name, const char *as,
	     struct err *err);

/* Adds all that is in a folder, each under its own name. */
int pack_add_inside(struct pack *pack, int dir_fd, struct err *err);

/* For those who walk by themselves: an entry to be filled in (borrowed, until the
 * next call of any of these), then its header, then as many bytes as that says. */
struct archive_entry;
struct archive_entry *pack_entry(struct pack *pack);
int pack_header(struct pack *pack, struct err *err);
int pack_bytes(struct pack *pack, const void *bytes, size_t len,
	       struct err *err);

/* Writes the tar's end. *out_entries (may be NULL): how many there were. */
int pack_end(struct pack *pack, int64_t *out_entries, struct err *err);
void pack_free(struct pack *pack); /* NULL is fine */

/* Whether all that was there went in: no socket, nothing of rules->left_out. */
bool pack_is_whole(const struct pack *pack);

#endif
