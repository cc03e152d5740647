/* runtime/enclosure_disk.c - the disk of an enclosure: how full it is, and the part of it
 * that is kept for the engine.
 *
 *   in memory            a tmpfs of that size: the kernel says at once how full it is, and
 *                        refuses at the end. A file of no name that anybody in there
 *                        knows keeps a 32nd part, which the engine gets once who filled
 *                        the rest was ended
 *   a folder on a disk   (spare) has no size of its own: twice a second it is looked
 *                        through, and nobody is refused, only ended */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/userns.h"

/* WEIGH_MS     between two looks through a folder
 * LITTLE_DISK  so few bytes left are none
 * FEW_FILES    so few files, too */
enum { WEIGH_MS = 500, LITTLE_DISK = 32768, FEW_FILES = 8 };

/* On the disk, beside the folders that can be seen in there. */
#define RESERVE "reserve"

void enclosure_disk_begin(struct enclosure_disk *disk, int fd,
			  const struct enclosure_making *making)
{
	*disk = (struct enclosure_disk){
		.fd = fd,
		.spare = making->spare,
		.bytes = making->limits.disk_bytes,
		.files = making->limits.files,
		.free = making->limits.disk_bytes,
		.ended_free = INT64_MAX,
	};
}

/* ---- how full ---- */

static int weigh_tree(void *arg, struct buf *reply, struct err *err)
{
	unsigned long long sums[2] = { 0 };
	int r = fs_tree_size(AT_FDCWD, arg, &sums[0], &sums[1], err);

	buf_add(reply, sums, sizeof(sums));
	return r;
}

/* A folder has no size of its own: it is looked through, among the ids that own what is
 * in it. What comes and goes meanwhile makes that fail: the next time will do. */
static void weigh_spare(struct enclosure_disk *disk)
{
	OWN_BUF struct buf reply = { 0 };
	OWN_FREE char *path = mem_str(disk->spare);
	unsigned long long sums[2];
	struct err ignored = { 0 };

	if (enclosure_now_ms() < disk->weighed_ms + WEIGH_MS)
		return;
	if (userns_call(weigh_tree, path, false, &reply, &ignored) == 0 &&
	    reply.len == sizeof(sums)) {
		memcpy(sums, reply.data, sizeof(sums));
		disk->free = (int64_t)sums[1] > disk->files
				     ? 0
				     : disk->bytes - (int64_t)sums[0];
	}
	disk->weighed_ms = enclosure_now_ms();
	/* They went on writing until they were ended. */
	if (disk->ended_now && disk->free < disk->ended_free)
		disk->ended_free = disk->free;
	disk->ended_now = false;
}

int64_t enclosure_disk_look(struct enclosure_disk *disk)
{
	struct statvfs fs;

	if (disk->spare) {
		weigh_spare(disk);
		return 0;
	}
	if (fstatvfs(disk->fd, &fs) < 0)
		return 0;
	disk->free = fs.f_ffree < FEW_FILES
			     ? 0
			     : (int64_t)(fs.f_bfree * fs.f_frsize);
	return (int64_t)((fs.f_blocks - fs.f_bfree) * fs.f_frsize) -
	       disk->reserve;
}

/* ---- full ---- */

/* Whether nothing was written since programs were ended for it: then who runs now may be
 * making room. */
static bool spare_is_quiet(const struct enclosure_disk *disk)
{
	return disk->spare && disk->ended_free < LITTLE_DISK &&
	       (disk->ended_now || disk->free >= disk->ended_free);
}

/* A file that nobody in there has a name for. Without it a full disk would be the
 * engine's trouble, too. */
static void keep_reserve(struct enclosure_disk *disk)
{
	int64_t bytes = disk->bytes / 32;
	OWN_FD int fd = -1;

	if (disk->spare || disk->reserve || disk->free < 3 * bytes)
		return;
	fd = openat(disk->fd, RESERVE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && posix_fallocate(fd, 0, bytes) == 0)
		disk->reserve = bytes;
	else
		(void)unlinkat(disk->fd, RESERVE, 0);
}

bool enclosure_disk_is_full(struct enclosure_disk *disk)
{
	if (disk->free < LITTLE_DISK)
		return !spare_is_quiet(disk);
	disk->ended_free = INT64_MAX;
	keep_reserve(disk);
	return false;
}

void enclosure_disk_ending(struct enclosure_disk *disk)
{
	disk->ended_free = disk->free;
	disk->ended_now = true;
}

bool enclosure_disk_give(struct enclosure_disk *disk)
{
	/* On a disk of the machine's there is room, for who is to be believed. */
	if (disk->spare)
		return disk->free > -disk->bytes;
	if (!disk->reserve)
		return false;
	(void)unlinkat(disk->fd, RESERVE, 0);
	disk->reserve = 0;
	return true;
}
