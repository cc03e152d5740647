/* images/stack_walk.c - what lies in each layer; see stack_private.h
 *
 * Each layer is walked once, by descriptors, no link is followed. Folders that belong
 * to another of this account's ids are open to root among these alone: layers that
 * cannot be read as they are are walked in a child that is. */
#include "images/stack_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/pack_meta.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

/* path  of the folder under way, "" or "/etc" */
struct walk {
	struct buf path;
	struct buf *out;
	struct err *err;
	int depth;
};

static uint8_t kind_of(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return STACK_FILE;
	if (S_ISDIR(st->st_mode))
		return STACK_FOLDER;
	if (S_ISLNK(st->st_mode))
		return STACK_LINK;
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0))
		return STACK_WHITEOUT;
	return STACK_SPECIAL;
}

static void put(const struct walk *walk, const struct stat *st, bool opaque)
{
	const struct stack_record record = {
		.mode = st->st_mode,
		.links = (uint32_t)st->st_nlink,
		.size = S_ISDIR(st->st_mode) ? 0 : st->st_size,
		.mtime_s = st->st_mtime,
		.inode = st->st_ino,
		.path_len = (uint16_t)walk->path.len,
		.kind = kind_of(st),
		.opaque = opaque,
	};

	buf_add(walk->out, &record, sizeof(record));
	buf_add(walk->out, buf_text(&walk->path), walk->path.len + 1);
}

static int walk_folder(struct walk *walk, int parent_fd, const char *name);

static int walk_entry(struct walk *walk, int dir_fd, const char *name)
{
	size_t before = walk->path.len;
	struct stat st;
	int r = 0;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : /* gone while we look */
			       err_errno(walk->err, "stat %s", name);
	buf_char(&walk->path, '/');
	buf_str(&walk->path, name);
	if (walk->path.len > UINT16_MAX)
		r = err_set(walk->err, ENAMETOOLONG,
			    _("a path of more than %d bytes"), UINT16_MAX);
	else if (S_ISDIR(st.st_mode))
		r = walk_folder(walk, dir_fd, name);
	else
		put(walk, &st, false);
	walk->path.len = before;
	if (walk->path.data)
		walk->path.data[before] = '\0';
	return r;
}

static int walk_entries(struct walk *walk, DIR *dir)
{
	struct dirent *entry;
	int r = 0;

	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = walk_entry(walk, dirfd(dir), entry->d_name);
	return r;
}

static int walk_folder(struct walk *walk, int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct stat st;
	int r;

	if (!dir) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		if (code == ENOENT && walk->depth)
			return 0;
		errno = code;
		return err_errno(walk->err, "open %s", name);
	}
	if (interrupt_seen())
		return interrupt_err(walk->err);
	if (fstat(fd, &st) < 0)
		return err_errno(walk->err, "stat %s", name);
	if (walk->depth++ > TAR_MAX_DEPTH)
		return err_set(walk->err, ELOOP, _("folders more than %d deep"),
			       TAR_MAX_DEPTH);
	put(walk, &st, pack_meta_is_opaque(fd));
	r = walk_entries(walk, dir);
	walk->depth--;
	return r;
}

static int walk_layer(const struct home *home, const char *folder,
		      struct buf *out, struct err *err)
{
	struct walk walk = { .out = out, .err = err };
	int r = walk_folder(&walk, home->fd, folder);

	buf_done(&walk.path);
	return r < 0 ? err_wrap(err, _("the layer %.30s cannot be read"),
				folder) :
		       0;
}

/* ---- those that only root among our ids may read ---- */

struct refused {
	const struct home *home;
	const struct stack *stack;
	const bool *layers; /* which */
};

/* The reply: of each its length and its records. */
static int walk_refused(void *arg, struct buf *reply, struct err *err)
{
	const struct refused *refused = arg;

	for (size_t i = 0; i < refused->stack->layer_count; i++) {
		OWN_BUF struct buf out = { 0 };
		uint64_t len;
		int r;

		if (!refused->layers[i])
			continue;
		r = walk_layer(refused->home, refused->stack->layers[i].folder,
			       &out, err);
		if (r < 0)
			return r;
		len = out.len;
		buf_add(reply, &len, sizeof(len));
		buf_add(reply, out.data, out.len);
	}
	return 0;
}

static int walk_as_root(const struct home *home, struct stack *stack,
			const bool *layers, struct err *err)
{
	struct refused refused = { home, stack, layers };
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(walk_refused, &refused, false, &reply, err);
	const char *at = buf_text(&reply);

	for (size_t i = 0; r == 0 && i < stack->layer_count; i++) {
		uint64_t len;

		if (!layers[i])
			continue;
		memcpy(&len, at, sizeof(len));
		buf_clear(&stack->memory->walks[i]);
		buf_add(&stack->memory->walks[i], at + sizeof(len), len);
		at += sizeof(len) + len;
	}
	return r;
}

int stack_walk(const struct home *home, struct stack *stack, struct err *err)
{
	OWN_FREE bool *refused = mem_zero(stack->layer_count + 1, sizeof(bool));
	bool any = false;

	for (size_t i = 0; i < stack->layer_count; i++) {
		struct err why = { 0 };
		int r = walk_layer(home, stack->layers[i].folder,
				   &stack->memory->walks[i], &why);

		if (r == -EACCES && userns_kind() != USERNS_NONE) {
			refused[i] = any = true;
		} else if (r < 0) {
			*err = why;
			return r;
		}
	}
	return any ? walk_as_root(home, stack, refused, err) : 0;
}
