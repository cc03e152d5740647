/* runtime/file_owners.c - see file_owners.h */
#include "runtime/file_owners.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum { MOST_DEPTH = 256 };

void file_owners_done(struct file_owners *owners)
{
	free(owners->items);
	*owners = (struct file_owners){ 0 };
}

static struct file_owner *owner_of(struct file_owners *owners, uint32_t uid)
{
	size_t at = 0;

	while (at < owners->count && owners->items[at].uid < uid)
		at++;
	if (at < owners->count && owners->items[at].uid == uid)
		return &owners->items[at];
	owners->items = mem_grow(owners->items, owners->count + 1,
				 sizeof(*owners->items));
	memmove(&owners->items[at + 1], &owners->items[at],
		(owners->count - at) * sizeof(*owners->items));
	owners->items[at] = (struct file_owner){ .uid = uid };
	owners->count++;
	return &owners->items[at];
}

struct walk {
	struct file_owners owners;
	uint64_t looked;
	int depth;
};

static void walk_folder(struct walk *walk, int fd);

static void look_at(struct walk *walk, int dir_fd, const char *name)
{
	struct file_owner *owner;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (S_ISCHR(st.st_mode) && st.st_rdev == 0))
		return;
	owner = owner_of(&walk->owners, st.st_uid);
	owner->files++;
	owner->bytes += S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)
				? (uint64_t)st.st_size
				: 0;
	if (S_ISDIR(st.st_mode) && walk->depth < MOST_DEPTH)
		walk_folder(walk, openat(dir_fd, name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						 O_CLOEXEC));
}

/* Takes the descriptor; -1, a folder that is gone or hidden, is fine. */
static void walk_folder(struct walk *walk, int fd)
{
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	walk->depth++;
	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (walk->looked >= FILE_OWNERS_LOOKED) {
			walk->owners.more = true;
			break;
		}
		walk->looked++;
		look_at(walk, dirfd(dir), entry->d_name);
	}
	walk->depth--;
}

struct job {
	const struct home *home;
	const char *path;
};

static int count(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	struct walk walk = { 0 };
	int fd = fs_open_dir(job->home->fd, job->path, err);

	if (fd < 0)
		return fd;
	walk_folder(&walk, fd);
	buf_fmt(reply, "%d\n", walk.owners.more);
	for (size_t i = 0; i < walk.owners.count; i++)
		buf_fmt(reply, "%u %" PRIu64 " %" PRIu64 "\n",
			walk.owners.items[i].uid, walk.owners.items[i].files,
			walk.owners.items[i].bytes);
	file_owners_done(&walk.owners);
	return 0;
}

int file_owners_read(const struct home *home, const char *path,
		     struct file_owners *out, struct err *err)
{
	struct job job = { home, path };
	OWN_BUF struct buf reply = { 0 };
	const char *at;
	struct file_owner one;
	int used = 0;
	int r = userns_call(count, &job, false, &reply, err);

	if (r < 0)
		return r;
	at = buf_text(&reply);
	*out = (struct file_owners){ .more = *at == '1' };
	at += strcspn(at, "\n");
	/* NOLINTNEXTLINE(cert-err34-c): numbers of our own making */
	while (sscanf(at, " %u %" SCNu64 " %" SCNu64 "%n", &one.uid, &one.files,
		      &one.bytes, &used) == 3) {
		*owner_of(out, one.uid) = one;
		at += used;
	}
	return 0;
}
