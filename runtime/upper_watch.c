/* runtime/upper_watch.c - see upper_watch.h
 *
 * child --pipe--> caller, a line each: change, kind, bytes, bytes before, path
 *
 *   N f 12 4096 0        the first look: how many, bytes, whether there are more
 *   A f 12 0 /tmp/a
 *
 * The child ends when nobody reads any more. */
#include "runtime/upper_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"

enum { MOST_DEPTH = 128, PATIENCE_MS = 10000, IDLE_SHARE = 10 };

/* ---- the child ---- */

struct entry {
	char *path;
	int64_t bytes;
	int64_t time_ns;
	char kind; /* f, d, or w: a whiteout */
};

struct look {
	struct entry *items;
	size_t count;
	size_t size;
	uint64_t bytes;
	bool more;
};

struct watching {
	const struct home *home;
	const struct spec *spec;
	int interval_ms;
	int read_fd;
	int write_fd;
	int depth;
};

static void look_done(struct look *look)
{
	for (size_t i = 0; i < look->count; i++)
		free(look->items[i].path);
	free(look->items);
	*look = (struct look){ 0 };
}

static void keep(struct look *look, const char *path, const struct stat *st)
{
	struct entry *entry;

	if (look->count == look->size) {
		look->size = look->size ? look->size * 2 : 256;
		look->items =
			mem_grow(look->items, look->size, sizeof(*look->items));
	}
	entry = &look->items[look->count++];
	*entry = (struct entry){
		.path = mem_str(path),
		.bytes = S_ISDIR(st->st_mode) ? 0 : (int64_t)st->st_size,
		.time_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			   st->st_mtim.tv_nsec,
		.kind = S_ISCHR(st->st_mode) && st->st_rdev == 0 ? 'w'
			: S_ISDIR(st->st_mode)                   ? 'd'
								 : 'f',
	};
	look->bytes += (uint64_t)entry->bytes;
}

static bool is_mount_point(const char *path)
{
	for (const char *const *p = rootfs_mount_points; *p; p++)
		if (strcmp(*p, path + 1) == 0)
			return true;
	return false;
}

static void look_through(struct watching *w, int fd, const char *path,
			 struct look *look);

static void look_at(struct watching *w, int dir_fd, const char *folder,
		    const char *name, struct look *look)
{
	OWN_FREE char *path = mem_fmt("%s/%s", folder, name);
	struct stat st;

	if (look->count >= UPPER_WATCH_MOST)
		look->more = true;
	if (look->more || is_mount_point(path) ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	keep(look, path, &st);
	if (S_ISDIR(st.st_mode) && w->depth < MOST_DEPTH)
		look_through(
			w,
			openat(dir_fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			path, look);
}

/* Takes the descriptor; -1, a folder that is gone, is fine. */
static void look_through(struct watching *w, int fd, const char *path,
			 struct look *look)
{
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	w->depth++;
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			look_at(w, dirfd(dir), path, entry->d_name, look);
	w->depth--;
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	return strcmp(x->path, y->path);
}

static void look_anew(struct watching *w, int upper_fd, struct look *look)
{
	*look = (struct look){ 0 };
	look_through(w,
		     openat(upper_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		     "", look);
	if (look->count)
		qsort(look->items, look->count, sizeof(*look->items), by_path);
}

/* Whether a layer of the image has something of that name. */
static bool in_image(const struct watching *w, const char *path)
{
	const struct strs *layers = &w->spec->layers;

	for (size_t i = 0; i < layers->count; i++) {
		OWN_FREE char *name = mem_fmt("%s%s", layers->items[i], path);
		struct stat st;

		if (fstatat(w->home->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return !(S_ISCHR(st.st_mode) && st.st_rdev == 0);
	}
	return false;
}

static void tell(struct buf *lines, enum upper_change change,
		 const struct entry *entry, int64_t before)
{
	size_t at;

	buf_fmt(lines, "%c %c %" PRId64 " %" PRId64 " ", (char)change,
		entry->kind, entry->bytes, before);
	at = lines->len;
	buf_fmt(lines, "%s\n", entry->path);
	for (; at + 1 < lines->len; at++)
		if ((unsigned char)lines->data[at] < ' ' ||
		    lines->data[at] == 127)
			lines->data[at] = '?';
}

static void tell_new(const struct watching *w, const struct entry *entry,
		     struct buf *lines)
{
	tell(lines,
	     entry->kind == 'w'         ? UPPER_HIDDEN
	     : in_image(w, entry->path) ? UPPER_COPIED
					: UPPER_ADDED,
	     entry, 0);
}

/* A folder's time moves with each name in it: that says nothing new. */
static void tell_same(const struct watching *w, const struct entry *old,
		      const struct entry *now, struct buf *lines)
{
	if (old->kind != now->kind)
		tell_new(w, now, lines);
	else if (now->kind == 'f' &&
		 (old->bytes != now->bytes || old->time_ns != now->time_ns))
		tell(lines, UPPER_WRITTEN, now, old->bytes);
}

static void compare(const struct watching *w, const struct look *old,
		    const struct look *now, struct buf *lines)
{
	size_t i = 0;
	size_t k = 0;

	while (i < old->count || k < now->count) {
		int order = i >= old->count ? 1
			    : k >= now->count
				    ? -1
				    : by_path(&old->items[i], &now->items[k]);

		if (order == 0)
			tell_same(w, &old->items[i++], &now->items[k++], lines);
		else if (order > 0)
			tell_new(w, &now->items[k++], lines);
		else {
			tell(lines, UPPER_GONE, &old->items[i],
			     old->items[i].bytes);
			i++;
		}
	}
}

/* Until the caller has closed its end. */
static bool wait_ms(const struct watching *w, int64_t ms)
{
	struct pollfd reader = { .fd = w->write_fd };

	return poll(&reader, 1, (int)ms) == 0;
}

static int watch(void *arg, struct buf *reply, struct err *err)
{
	struct watching *w = arg;
	OWN_FREE char *path = mem_fmt("containers/%s/upper", w->spec->id);
	OWN_FD int upper_fd = fs_open_dir(w->home->fd, path, err);
	OWN_BUF struct buf lines = { 0 };
	struct look old = { 0 };
	int64_t ms = w->interval_ms;

	(void)reply;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)prctl(PR_SET_NAME, "dsh-watch");
	if (upper_fd < 0)
		return upper_fd;
	close(w->read_fd);
	look_anew(w, upper_fd, &old);
	buf_fmt(&lines, "N f %zu %" PRIu64 " %d\n", old.count, old.bytes,
		old.more);
	while (fs_write_all(w->write_fd, buf_text(&lines), lines.len) == 0 &&
	       wait_ms(w, ms)) {
		int64_t before = clock_ms();
		struct look now;

		buf_clear(&lines);
		look_anew(w, upper_fd, &now);
		compare(w, &old, &now, &lines);
		look_done(&old);
		old = now;
		ms = (clock_ms() - before) * IDLE_SHARE;
		ms = ms < w->interval_ms ? w->interval_ms : ms;
	}
	look_done(&old);
	return 0;
}

/* ---- the caller ---- */

/* A whole line from what was read, its newline cut off; NULL where there is none. */
static char *take_line(struct upper_watch *watch)
{
	char *line = watch->text.data ? watch->text.data + watch->at : NULL;
	char *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	watch->at = (size_t)(end + 1 - watch->text.data);
	return line;
}

static bool read_more(struct upper_watch *watch)
{
	ssize_t got;

	if (watch->fd < 0)
		return false;
	if (watch->at) {
		size_t rest = watch->text.len - watch->at;

		memmove(watch->text.data, watch->text.data + watch->at,
			rest + 1);
		watch->text.len = rest;
		watch->at = 0;
	}
	got = read(watch->fd, buf_room(&watch->text, 65536), 65536);
	if (got > 0) {
		watch->text.len += (size_t)got;
		watch->text.data[watch->text.len] = '\0';
		return true;
	}
	if (got == 0)
		close(own_give_fd(&watch->fd));
	return false;
}

int upper_watch_next(struct upper_watch *watch, struct upper_event *out)
{
	char *line = take_line(watch);
	char change;
	char kind;
	int path = 0;

	if (!line && read_more(watch))
		line = take_line(watch);
	/* NOLINTNEXTLINE(cert-err34-c): numbers of our own making */
	if (!line || sscanf(line, "%c %c %" SCNd64 " %" SCNd64 " %n", &change,
			    &kind, &out->bytes, &out->before, &path) != 4)
		return 0;
	out->change = (enum upper_change)change;
	out->folder = kind == 'd';
	out->path = line + path;
	return 1;
}

static int first_look(struct upper_watch *watch, struct err *err)
{
	int64_t until = clock_ms() + PATIENCE_MS;
	struct pollfd news = { .fd = watch->fd, .events = POLLIN };
	struct upper_event first;

	while (watch->fd >= 0 && clock_ms() < until) {
		(void)poll(&news, 1, 100);
		if (upper_watch_next(watch, &first) == 0)
			continue;
		watch->count = (uint64_t)first.bytes;
		watch->bytes = (uint64_t)first.before;
		watch->more = first.path[0] == '1';
		return 0;
	}
	/* It ended: why, it says itself. */
	if (watch->fd < 0 && userns_finish(&watch->child, NULL, err) < 0) {
		watch->child.pid = -1;
		return -err->code;
	}
	return err_set(err, ETIMEDOUT,
		       "look through the container's writable layer");
}

int upper_watch_begin(const struct home *home,
		      const struct container *container, int interval_ms,
		      struct upper_watch *out, struct err *err)
{
	struct watching w = { home, &container->spec, interval_ms, -1, -1, 0 };
	int pair[2];
	int r;

	*out = UPPER_WATCH_NONE;
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_errno(err, "pipe");
	w.read_fd = out->fd = pair[0];
	w.write_fd = pair[1];
	/* The child may wait for a slow reader; the reader waits for nobody. */
	(void)fcntl(pair[1], F_SETFL, 0);
	r = userns_start(watch, &w, USERNS_IDS, &out->child, err);
	close(pair[1]);
	if (r == 0)
		r = first_look(out, err);
	if (r < 0)
		upper_watch_end(out);
	return r;
}

void upper_watch_end(struct upper_watch *watch)
{
	struct err ignored = { 0 };

	if (watch->fd >= 0)
		close(watch->fd);
	if (watch->child.pid > 0)
		(void)userns_finish(&watch->child, NULL, &ignored);
	buf_done(&watch->text);
	*watch = UPPER_WATCH_NONE;
}
