/* images/tarsum.c - see tarsum.h */
#include "images/tarsum.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

static char type_flag(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return '5';
	case S_IFLNK:
		return '2';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	case S_IFIFO:
		return '6';
	default:
		return '0';
	}
}

struct digest *tarsum_begin(const struct tarsum_file *file)
{
	const struct stat *st = file->st;
	bool device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
	unsigned uid = file->of_image ? st->st_uid : 0;
	unsigned gid = file->of_image ? st->st_gid : 0;
	struct digest *digest = digest_new();
	OWN_BUF struct buf text = { 0 };

	buf_fmt(&text, "name%s%s", file->name, S_ISDIR(st->st_mode) ? "/" : "");
	buf_fmt(&text, "mode%uuid%ugid%u", st->st_mode, uid, gid);
	buf_fmt(&text, "size%" PRId64,
		S_ISREG(st->st_mode) ? (int64_t)st->st_size : (int64_t)0);
	buf_fmt(&text, "typeflag%clinkname%s", type_flag(st->st_mode),
		file->target ? file->target : "");
	buf_fmt(&text, "uname%sgname%s",
		file->of_image && uid == 0 ? "root" : "",
		file->of_image && gid == 0 ? "root" : "");
	buf_fmt(&text, "devmajor%udevminor%u", device ? major(st->st_rdev) : 0,
		device ? minor(st->st_rdev) : 0);
	if (file->capabilities) {
		buf_str(&text, "security.capability");
		buf_add(&text, file->capabilities, file->capabilities_len);
	}
	digest_add(digest, text.data, text.len);
	return digest;
}

char *tarsum_join(const char *kind, const struct strs *sums)
{
	OWN_FREE char *all = strs_join(sums, ",");
	char digest[DIGEST_SIZE];

	digest_of(all, strlen(all), digest);
	return mem_fmt("%s:%s", kind, digest_hex(digest));
}
