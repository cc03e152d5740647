/* runtime/log_read.h - what a container printed, read back and followed.
 *
 * Owns the way through the files of a log (runtime/log.h) while their writer adds
 * to them and moves them aside: each entry once, in the order in which it was
 * written. */
#ifndef RUNTIME_LOG_READ_H
#define RUNTIME_LOG_READ_H

#include "runtime/log.h"

struct err;

/* One entry as read back.
 *
 * time   as written: RFC 3339 with nine decimals
 * attrs  what --details shows, a JSON object, or NULL */
struct log_entry {
	enum log_stream stream;
	const char *time;
	char *text;
	size_t len;
	const char *attrs;
};

/* `entry` NULL: here lines are missing. Their file was removed by rotation before
 * they were read: the reader was slower than the container. */
typedef int log_reader(void *arg, const struct log_entry *entry);

/* What to show. tail -1: all; since, until 0: no bound. */
struct log_choice {
	long long tail;
	int64_t since_ns;
	int64_t until_ns;
};

/* Calls reader for each entry, oldest first, until it returns other than 0.
 * No log is no entry. Returns what reader returned, or -errno. */
int log_read(int folder_fd, const struct log_choice *choice,
	     log_reader *reader, void *arg, struct err *err);

/* Where what is followed goes. idle (may be NULL) is called before each sleep: what
 * was given so far is to be seen. */
struct log_sink {
	log_reader *reader;
	void (*idle)(void *arg);
	void *arg;
};

/* The same, and what is added later, until the container ends (monitor_fd, a
 * connection to its monitor, says so), until_ns has passed, or a signal comes
 * (-EINTR). Sleeps in poll(2) between: inotify(7) tells of each write. */
int log_follow(int folder_fd, int monitor_fd, const struct log_choice *choice,
	       const struct log_sink *sink, struct err *err);

#endif
