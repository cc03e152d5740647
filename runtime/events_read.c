/* runtime/events_read.c - reading events, those past and those to come.
 *
 * The reader holds the older and the present file. When the present one has been
 * moved aside it becomes the older one, and is still read: a writer that opened it
 * before the move may add to it after. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/events.h"
#include "runtime/home.h"

enum { OLDER, PRESENT, CHUNK = 64 << 10 };

static int watch_file(const struct events_reader *r, struct err *err)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", r->fds[PRESENT]);
	if (inotify_add_watch(r->watch, path, IN_MODIFY | IN_MOVE_SELF) < 0) {
		err_errno(err, "watch %s/events", r->home->path);
		return err->code == ENOSPC ?
			       err_hint(err, _("fs.inotify.max_user_watches says how many a user may have")) :
			       -err->code;
	}
	return 0;
}

static bool is_held(const struct events_reader *r, int which, const char *name)
{
	struct stat held;
	struct stat named;

	return r->fds[which] >= 0 && fstat(r->fds[which], &held) == 0 &&
	       fstatat(r->home->fd, name, &named, 0) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Opens the file after the older one. Whoever was away for long finds that what
 * came after it has been moved as well; and it may be moved while we look. */
static void open_next(struct events_reader *r)
{
	bool first = r->fds[OLDER] < 0;

	for (;;) {
		bool behind = !first && !is_held(r, OLDER, "events.1");

		r->fds[PRESENT] = behind ? openat(r->home->fd, "events.1",
						  O_RDONLY | O_CLOEXEC) :
					   -1;
		/* Made where it is not there yet: what is to be watched must
		 * be. */
		if (r->fds[PRESENT] < 0)
			r->fds[PRESENT] = openat(r->home->fd, "events",
						 O_RDONLY | O_CREAT | O_CLOEXEC,
						 0600);
		if (first || behind || is_held(r, OLDER, "events.1"))
			return;
		own_close_fd(&r->fds[PRESENT]);
	}
}

static int open_present(struct events_reader *r, struct err *err)
{
	open_next(r);
	if (r->fds[PRESENT] < 0)
		return err_errno(err, "open %s/events", r->home->path);
	return watch_file(r, err);
}

int events_open(const struct home *home, bool past,
		struct events_reader *reader, struct err *err)
{
	struct events_reader r = { .home = home, .fds = { -1, -1 } };
	int result;

	r.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (r.watch < 0) {
		err_errno(err, "inotify_init1");
		return err_hint(err, _("fs.inotify.max_user_instances says how many a user may have"));
	}
	if (past)
		r.fds[OLDER] = openat(home->fd, "events.1",
				      O_RDONLY | O_CLOEXEC);
	result = open_present(&r, err);
	if (result < 0) {
		events_close(&r);
		return result;
	}
	if (!past)
		(void)lseek(r.fds[PRESENT], 0, SEEK_END);
	*reader = r;
	return 0;
}

void events_close(struct events_reader *reader)
{
	for (int i = 0; i < 2; i++) {
		own_close_fd(&reader->fds[i]);
		reader->fds[i] = -1;
		buf_done(&reader->text[i]);
	}
	own_close_fd(&reader->watch);
	reader->watch = -1;
}

/* A whole line of what was read, or of what there is to read. */
static int next_line(struct events_reader *r, int which, const char **out_line,
		     struct err *err)
{
	struct buf *text = &r->text[which];

	while (r->fds[which] >= 0) {
		char *line = text->data ? text->data + r->at[which] : NULL;
		char *end = line ? memchr(line, '\n', text->len - r->at[which]) :
				   NULL;
		ssize_t got;

		if (end) {
			*end = '\0';
			r->at[which] += (size_t)(end - line) + 1;
			*out_line = line;
			return 1;
		}
		if (line && r->at[which] > 0) {
			text->len -= r->at[which];
			memmove(text->data, line, text->len);
			r->at[which] = 0;
		}
		got = read(r->fds[which], buf_room(text, CHUNK), CHUNK);
		if (got < 0 && errno != EINTR)
			return err_errno(err, "read %s/events", r->home->path);
		if (got == 0)
			return 0;
		text->len += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

int events_next(struct events_reader *r, const char **out_line,
		struct err *err)
{
	char news[4096];
	int result;

	/* What woke us is said again by the files themselves. */
	while (read(r->watch, news, sizeof(news)) > 0)
		;
	for (;;) {
		result = next_line(r, OLDER, out_line, err);
		if (result == 0)
			result = next_line(r, PRESENT, out_line, err);
		if (result || is_held(r, PRESENT, "events"))
			return result;
		own_close_fd(&r->fds[OLDER]);
		buf_done(&r->text[OLDER]);
		r->fds[OLDER] = r->fds[PRESENT];
		r->text[OLDER] = r->text[PRESENT];
		r->at[OLDER] = r->at[PRESENT];
		r->fds[PRESENT] = -1;
		r->text[PRESENT] = (struct buf){ 0 };
		r->at[PRESENT] = 0;
		result = open_present(r, err);
		if (result < 0)
			return result;
	}
}
