/* tests/tarball.c - see tarball.h */
#include "tests/tarball.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/import.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum {
	BLOCK = 512,
};

static void pad(struct buf *tar)
{
	static const char zeros[BLOCK];

	if (tar->len % BLOCK)
		buf_add(tar, zeros, BLOCK - tar->len % BLOCK);
}

static void octal(char *field, size_t size, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*llo", (int)size - 1, value);
	/* More digits than fit: base 256, as GNU tar writes them. */
	if (strlen(text) >= size) {
		memset(field, 0, size);
		for (size_t i = size; i-- > 0 && value; value >>= 8)
			field[i] = (char)(value & 255);
		field[0] |= (char)0x80;
		return;
	}
	memcpy(field, text, size);
}

static void header(struct buf *tar, const struct tar_entry *entry,
		   unsigned long long size)
{
	static const char magic[8] = { 'u', 's', 't', 'a', 'r', 0, '0', '0' };
	char block[BLOCK] = { 0 };
	unsigned sum = 0;
	unsigned mode = entry->mode ? entry->mode :
			entry->type == '5' ? 0755 : 0644;

	/* Longer than the field: a GNU "L" entry comes before it. */
	strncpy(block, entry->name, 100);
	octal(block + 100, 8, mode);
	octal(block + 108, 8, entry->uid);
	octal(block + 116, 8, entry->gid);
	octal(block + 124, 12, size);
	octal(block + 136, 12, (unsigned long long)entry->mtime);
	memset(block + 148, ' ', 8);
	block[156] = entry->type;
	if (entry->link)
		strncpy(block + 157, entry->link, 100);
	memcpy(block + 257, magic, sizeof(magic));
	octal(block + 329, 8, entry->major);
	octal(block + 337, 8, entry->minor);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	buf_add(tar, block, BLOCK);
}

/* "27 SCHILY.xattr.name=value\n": the length counts itself. */
static void pax(struct buf *tar, const char *xattr)
{
	struct tar_entry extra = { .name = "pax", .type = 'x' };
	OWN_FREE char *rest = mem_fmt(" SCHILY.xattr.%s\n", xattr);
	size_t len = strlen(rest) + 2;
	OWN_FREE char *record = NULL;

	if (len >= 100)
		len++;
	record = mem_fmt("%zu%s", len, rest);
	header(tar, &extra, strlen(record));
	buf_str(tar, record);
	pad(tar);
}

void tarball_add(struct buf *tar, const struct tar_entry *entry)
{
	size_t len = entry->content ? strlen(entry->content) : 0;

	if (entry->xattr)
		pax(tar, entry->xattr);
	if (strlen(entry->name) > 100) {
		struct tar_entry name = { .name = "././@LongLink", .type = 'L' };

		header(tar, &name, strlen(entry->name) + 1);
		buf_add(tar, entry->name, strlen(entry->name) + 1);
		pad(tar);
	}
	header(tar, entry, entry->size ? entry->size : len);
	buf_add(tar, entry->content ? entry->content : "", len);
	pad(tar);
}

void tarball_add_file(struct buf *tar, const char *name,
		      const struct buf *bytes)
{
	const struct tar_entry entry = { .name = name, .type = '0' };

	header(tar, &entry, bytes->len);
	buf_add(tar, buf_text(bytes), bytes->len);
	pad(tar);
}

void tarball_end(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	buf_add(tar, zeros, sizeof(zeros));
}

void tarball_make(struct buf *tar, const struct tar_entry *entries)
{
	for (; entries->name; entries++)
		tarball_add(tar, entries);
	tarball_end(tar);
}

int tarball_fd(const struct buf *tar)
{
	int fd = memfd_create("tarball", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, buf_text(tar), tar->len), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* ---- a store ---- */

void shop_open(struct scratch *scratch, struct shop *shop)
{
	OWN_FREE char *home = scratch_path(scratch, "home");
	OWN_FREE char *share = scratch_path(scratch, "share");
	struct err err = { 0 };

	*shop = (struct shop){ .scratch = scratch, .home = { .fd = -1 } };
	if (geteuid() != 0)
		need_userns();
	scratch_write(scratch, "share/base/base.json", "{\"images\":[]}");
	setenv("DOCKERSHELL_SHARE", share, 1);
	assert_ok(home_open(home, &shop->home, &err), &err);
	assert_ok(store_open(&shop->home, &shop->store, &err), &err);
}

void shop_close(struct shop *shop)
{
	store_close(shop->store);
	home_close(&shop->home);
}

int shop_import(struct shop *shop, const struct buf *tar, const char *name,
		char *out_id, struct err *err)
{
	const struct import_choice choice = { .name = name };
	OWN_FD int fd = tarball_fd(tar);
	char id[DIGEST_SIZE];

	return import_image(shop->store, fd, &choice, out_id ? out_id : id,
			    err);
}

int shop_import_entries(struct shop *shop, const struct tar_entry *entries,
			const char *name, struct err *err)
{
	OWN_BUF struct buf tar = { 0 };

	tarball_make(&tar, entries);
	return shop_import(shop, &tar, name, NULL, err);
}

const char *shop_file(struct shop *shop, const char *image, const char *path)
{
	static char where[PATH_MAX];
	OWN_IMAGE struct image found = { 0 };
	struct err err = { 0 };

	assert_ok(image_find(shop->store, image, &found, &err), &err);
	snprintf(where, sizeof(where), "home/%s/%s",
		 found.links.items[found.links.count - 1], path);
	return where;
}
