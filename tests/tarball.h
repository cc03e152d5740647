/* tests/tarball.h - archives made up for a test, honest and not.
 *
 * Headers are written by hand, block by block, so that they may say what no tar
 * program would: "../x", a device 0:0, a size of a terabyte. */
#ifndef TESTS_TARBALL_H
#define TESTS_TARBALL_H

#include "runtime/base/buf.h"
#include "runtime/home.h"
#include "images/store.h"
#include "tests/test.h"

/* One entry. type: '0' file, '1' hard link, '2' link, '3' '4' devices, '5'
 * folder, '6' fifo. mode 0 means 0644, 0755 for folders. */
struct tar_entry {
	const char *name;
	const char *link;
	const char *content;
	const char *xattr;       /* "name=value" */
	unsigned long long size; /* of content, where it is not said there */
	long mtime;
	unsigned mode;
	unsigned uid;
	unsigned gid;
	unsigned major;
	unsigned minor;
	char type;
};

void tarball_add(struct buf *tar, const struct tar_entry *entry);

/* A file of these bytes, whatever they are. */
void tarball_add_file(struct buf *tar, const char *name,
		      const struct buf *bytes);
void tarball_end(struct buf *tar);

/* Entries, the last one without a name, as a whole archive. */
void tarball_make(struct buf *tar, const struct tar_entry *entries);

/* A descriptor to read the bytes from, like a pipe's. */
int tarball_fd(const struct buf *tar);

/* A home with an empty store in a scratch folder: no image comes with it. */
struct shop {
	struct scratch *scratch;
	struct home home;
	struct store *store;
};
void shop_open(struct scratch *scratch, struct shop *shop);
void shop_close(struct shop *shop);
#define OWN_SHOP __attribute__((cleanup(shop_close)))

/* Imports the archive as `name` (NULL: nameless). Returns import_image's answer;
 * out_id may be NULL. */
int shop_import(struct shop *shop, const struct buf *tar, const char *name,
		char *out_id, struct err *err);

/* As shop_import of these entries. */
int shop_import_entries(struct shop *shop, const struct tar_entry *entries,
			const char *name, struct err *err);

/* The path, in the scratch folder, of a file of the image's lowest layer.
 * Borrowed until the next call. */
const char *shop_file(struct shop *shop, const char *image, const char *path);

#endif
