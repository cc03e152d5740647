/* runtime/log_read.c - see log_read.h
 *
 *   log.7   log.8   log         a file moved aside keeps its number
 *   +----+  +----+  +----+
 *   | old|  |    |  | new| <--- the writer adds here; it will be number 9
 *   +----+  +----+  +----+
 *             ^ the reader keeps a file open and knows its number, so that it can
 *               read it to its end whatever has become of it, and knows which one
 *               comes next and whether that is still there. */
#include "runtime/log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/log_line.h"
#include "runtime/wire.h"

enum { CHUNK = 64 << 10, DONE = 1, TELL_MS = 250 };

/* fd, st, number  the file being read; -1: none yet
 * text     read of it and not yet given out, from `at` on
 * monitor_fd  told which file is being read, at told_ms for the last time; -1: nobody is
 * in       what it says; heard: that it knows, ended: its last word */
struct reading {
	int folder_fd;
	int monitor_fd;
	int64_t told_ms;
	const struct log_choice *choice;
	log_reader *reader;
	void *arg;
	int fd;
	struct stat st;
	int64_t number;
	struct buf text;
	size_t at;
	struct buf in;
	bool heard;
	bool ended;
};

/* ---- files ---- */

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static int open_file(int folder_fd, const char *name)
{
	return openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* So that the next one is not removed before we have come to it. */
static void tell_number(struct reading *r)
{
	if (r->monitor_fd < 0)
		return;
	(void)wire_send(r->monitor_fd, WIRE_FOLLOW, &r->number,
			sizeof(r->number));
	r->told_ms = clock_ms();
}

static void take_file(struct reading *r, int fd, int64_t number)
{
	own_close_fd(&r->fd);
	r->fd = fd;
	r->number = number;
	buf_clear(&r->text);
	r->at = 0;
	(void)fstat(fd, &r->st);
	tell_number(r);
}

enum taken { TAKEN, NONE_YET, MOVED };

/* Takes the file that is being written, if none from number `from` on was moved
 * aside. What its own number will be is sure when none was while we opened it; else
 * MOVED, and nothing is taken. */
static enum taken try_present(struct reading *r, int64_t from)
{
	int64_t first;
	int64_t last;
	int64_t still;
	OWN_FD int fd = -1;

	log_numbers(r->folder_fd, &first, &last);
	fd = open_file(r->folder_fd, "log");
	log_numbers(r->folder_fd, &first, &still);
	if (still != last || last >= from)
		return MOVED;
	if (fd < 0)
		return NONE_YET;
	take_file(r, own_give_fd(&fd), last + 1);
	return TAKEN;
}

/* Takes the first file from number `from` on, the present one behind all others.
 * Returns false where there is none yet. */
static bool take_from(struct reading *r, int64_t from)
{
	int64_t first;
	int64_t last;

	for (;;) {
		char name[LOG_NAME];
		int64_t number;
		int fd;

		log_numbers(r->folder_fd, &first, &last);
		if (last < from) {
			enum taken taken = try_present(r, from);

			/* MOVED: it may be one with a number by now. */
			if (taken != MOVED)
				return taken == TAKEN;
			continue;
		}
		number = first > from ? first : from;
		fd = open_file(r->folder_fd, log_file_name(name, number));
		if (fd >= 0) {
			take_file(r, fd, number);
			return true;
		}
		if (errno != ENOENT) /* ENOENT: removed meanwhile */
			return false;
	}
}

/* Whether the file being read is no longer the one that is written: then it is
 * complete. */
static bool has_successor(const struct reading *r)
{
	struct stat st;

	return r->fd >= 0 && (fstatat(r->folder_fd, "log", &st,
				      AT_SYMLINK_NOFOLLOW) < 0 ||
			      !same(&st, &r->st));
}

/* Goes on to the file after the one that was read. Returns false where there is
 * none yet. */
static bool take_next(struct reading *r)
{
	int64_t wanted = r->number + 1;

	if (!take_from(r, wanted))
		return false;
	if (r->number > wanted)
		(void)r->reader(r->arg, NULL);
	return true;
}

/* ---- entries ---- */

/* -1 before what is wanted, 1 behind it. */
static int place_of(const struct log_choice *choice,
		    const struct log_entry *entry)
{
	struct err bad = { 0 };
	int64_t ns = 0;

	if (parse_time(entry->time, &ns, &bad) < 0 || ns < choice->since_ns)
		return -1;
	return choice->until_ns && ns > choice->until_ns ? 1 : 0;
}

/* Gives one line out. Returns what the reader says, DONE behind the last entry
 * that is wanted. */
static int give(struct reading *r, char *line, size_t len)
{
	struct log_entry entry;
	int place = 0;
	int given;

	if (!log_line_parse(line, len, &entry))
		return 0;
	if (r->choice->since_ns || r->choice->until_ns)
		place = place_of(r->choice, &entry);
	if (place)
		return place < 0 ? 0 : DONE;
	given = r->reader(r->arg, &entry);
	return given < 0 ? given : given > 0 ? DONE : 0;
}

/* Gives out the whole lines of what was read. One without its end stays: it is
 * being written. */
static int give_lines(struct reading *r)
{
	char *end;
	int result = 0;

	while (result == 0 && r->at < r->text.len &&
	       (end = memchr(r->text.data + r->at, '\n',
			     r->text.len - r->at))) {
		char *line = r->text.data + r->at;

		*end = '\0';
		r->at += (size_t)(end - line) + 1;
		result = give(r, line, (size_t)(end - line));
	}
	if (result == 0 && r->at > 0) {
		r->text.len -= r->at;
		memmove(r->text.data, r->text.data + r->at, r->text.len);
		r->at = 0;
	}
	return result;
}

/* Takes in what the monitor has said. */
static void hear(struct reading *r)
{
	struct wire_message message;
	size_t at = 0;
	int got = wire_read(r->monitor_fd, &r->in);

	while (wire_next(&r->in, &at, &message, NULL)) {
		r->heard |= message.kind == WIRE_DONE;
		r->ended |= message.kind == WIRE_EXIT ||
			    message.kind == WIRE_FAILED;
	}
	r->ended |= got <= 0 && got != -EAGAIN;
}

/* Where lines go slowly a file takes its time: who is not heard of is not waited for.
 * The monitor's answers are taken in, too, or they would fill its queue. */
static void tell_progress(struct reading *r)
{
	if (r->monitor_fd < 0 || clock_ms() < r->told_ms + TELL_MS)
		return;
	tell_number(r);
	hear(r);
}

/* Reads the file to its present end. */
static int drain(struct reading *r, struct err *err)
{
	ssize_t got = 1;
	int result = 0;

	while (r->fd >= 0 && result == 0 && got != 0) {
		if (interrupt_seen())
			return interrupt_err(err);
		got = read(r->fd, buf_room(&r->text, CHUNK), CHUNK);
		if (got < 0 && errno != EINTR)
			return err_errno(err, "read the log");
		r->text.len += got > 0 ? (size_t)got : 0;
		result = give_lines(r);
		if (got > 0)
			tell_progress(r);
	}
	return result;
}

/* Reads all files to the present end of the newest. A file is read once more
 * after it was seen to have a successor: nothing is added to it from then on. */
static int drain_all(struct reading *r, struct err *err)
{
	int result;

	do {
		if (r->fd < 0)
			(void)take_from(r, r->number + 1);
		result = drain(r, err);
		if (result == 0 && !has_successor(r))
			return 0;
		if (result == 0)
			result = drain(r, err);
	} while (result == 0 && take_next(r));
	return result;
}

/* ---- tail ---- */

/* Looks for the `wanted`th line end from the end of a file; *wanted becomes what
 * is still missing. Returns the offset behind it, 0: all of the file. */
static off_t seek_back(int fd, off_t size, long long *wanted)
{
	OWN_FREE char *block = mem_alloc(CHUNK);

	for (off_t end = size; end > 0;) {
		size_t len = end < CHUNK ? (size_t)end : CHUNK;
		ssize_t got = pread(fd, block, len, end - (off_t)len);

		if (got != (ssize_t)len)
			break;
		for (size_t i = len; i > 0; i--)
			if (block[i - 1] == '\n' && (*wanted)-- == 0)
				return end - (off_t)(len - i);
		end -= (off_t)len;
	}
	return 0;
}

/* Takes the newest file there is. */
static bool take_newest(struct reading *r)
{
	char name[LOG_NAME];
	int64_t first;
	int64_t last;
	enum taken taken;

	do {
		taken = try_present(r, INT64_MAX);
		if (taken == NONE_YET) { /* or it is just being moved */
			log_numbers(r->folder_fd, &first, &last);
			if (last == 0)
				return false;
			take_file(r,
				  open_file(r->folder_fd,
					    log_file_name(name, last)),
				  last);
			taken = r->fd >= 0 ? TAKEN : MOVED;
		}
	} while (taken == MOVED);
	return true;
}

/* Begins `tail` entries before the end of the newest file. */
static void begin_at_tail(struct reading *r)
{
	long long wanted = r->choice->tail;
	int64_t number;

	if (!take_newest(r))
		return;
	number = r->number;
	for (;;) {
		char name[LOG_NAME];
		off_t from = seek_back(r->fd, r->st.st_size, &wanted);
		int fd;

		(void)lseek(r->fd, from, SEEK_SET);
		if (wanted < 0 || --number < 1)
			return;
		fd = open_file(r->folder_fd, log_file_name(name, number));
		if (fd < 0)
			return;
		take_file(r, fd, number);
	}
}

/* ---- the two ways to read ---- */

static void begin(struct reading *r)
{
	if (r->choice->tail >= 0)
		begin_at_tail(r);
	if (r->fd < 0)
		(void)take_from(r, 1);
}

static void done(struct reading *r)
{
	own_close_fd(&r->fd);
	buf_done(&r->text);
	buf_done(&r->in);
}

int log_read(int folder_fd, const struct log_choice *choice,
	     log_reader *reader, void *arg, struct err *err)
{
	struct reading r = { .folder_fd = folder_fd,
			     .monitor_fd = -1,
			     .choice = choice,
			     .reader = reader,
			     .arg = arg,
			     .fd = -1 };
	int result;

	begin(&r);
	result = drain_all(&r, err);
	done(&r);
	return result == DONE ? 0 : result;
}

/* Begins, and sees to it that the monitor knows where: only what is there once it
 * knows is sure to stay until it was read. */
static void begin_to_follow(struct reading *r)
{
	int64_t first;
	int64_t last;

	do {
		r->heard = false;
		own_close_fd(&r->fd);
		r->fd = -1;
		begin(r);
		if (r->fd < 0) { /* nothing yet: the first one is needed */
			log_numbers(r->folder_fd, &first, &r->number);
			tell_number(r);
		}
		while (!r->heard && !r->ended && !interrupt_seen()) {
			struct pollfd news = { r->monitor_fd, POLLIN, 0 };

			(void)poll(&news, 1, -1);
			hear(r);
		}
		log_numbers(r->folder_fd, &first, &last);
	} while (!r->ended && !interrupt_seen() && first > r->number + 1);
}

static int wait_for_more(int watch, int monitor_fd, int64_t until_ns,
			 struct err *err)
{
	struct pollfd fds[2] = { { watch, POLLIN, 0 },
				 { monitor_fd, POLLIN, 0 } };
	int64_t left = until_ns ? (until_ns - clock_now_ns()) / 1000000 + 1 :
				  -1;
	char news[4096];

	if (interrupt_seen())
		return interrupt_err(err);
	if (until_ns && left <= 0)
		return DONE;
	if (poll(fds, 2, left > INT32_MAX ? INT32_MAX : (int)left) < 0)
		return errno == EINTR ? interrupt_err(err) :
					err_errno(err, "poll");
	while (read(watch, news, sizeof(news)) > 0)
		;
	return 0;
}

static int watch_folder(int folder_fd, struct err *err)
{
	OWN_FD int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder_fd);
	if (watch < 0 ||
	    inotify_add_watch(watch, path,
			      IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		err_errno(err, "watch the log");
		return err_hint(err, _("fs.inotify.max_user_instances and max_user_watches say how many a user may have"));
	}
	return own_give_fd(&watch);
}

int log_follow(int folder_fd, int monitor_fd, const struct log_choice *choice,
	       const struct log_sink *sink, struct err *err)
{
	struct reading r = { .folder_fd = folder_fd,
			     .monitor_fd = monitor_fd,
			     .choice = choice,
			     .reader = sink->reader,
			     .arg = sink->arg,
			     .fd = -1 };
	OWN_FD int watch = watch_folder(folder_fd, err);
	int result;

	if (watch < 0)
		return watch;
	begin_to_follow(&r);
	result = drain_all(&r, err);
	while (result == 0 && !r.ended) {
		if (sink->idle)
			sink->idle(sink->arg);
		result = wait_for_more(watch, monitor_fd, choice->until_ns,
				       err);
		if (result)
			break;
		/* In this order: what was printed before the end is in the
		 * files by the time that the end is told. */
		hear(&r);
		result = drain_all(&r, err);
	}
	done(&r);
	return result == DONE ? 0 : result;
}
