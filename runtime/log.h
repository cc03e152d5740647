/* runtime/log.h - what a container printed, kept with its times.
 *
 * Owns containers/<id>/log: Docker's json-file form, one object a line:
 *   {"log":"hello\n","stream":"stdout","time":"2026-11-23T18:44:57.407726542Z"}
 * A line of output longer than 16 kB is several objects, the last of which ends
 * in "\n". The file is made when the first byte is printed. When it would grow
 * past a bound, it becomes log.1 and a new one is begun. */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/buf.h"

struct err;

enum log_stream { LOG_STDOUT, LOG_STDERR };

/* A writer. partial: the last line of each stream while its end is missing. */
struct log_writer {
	int folder_fd; /* borrowed */
	int fd;
	int64_t size;
	int64_t max_bytes;
	struct buf partial[2];
};

void log_open(struct log_writer *log, int folder_fd);
void log_write(struct log_writer *log, enum log_stream stream,
	       const char *bytes, size_t len);

/* Writes the unfinished lines and lets go. */
void log_close(struct log_writer *log);

/* One entry as read back. */
struct log_entry {
	enum log_stream stream;
	int64_t time_ns;
	const char *time; /* as written */
	const char *text;
	size_t len;
};

typedef int log_reader(void *arg, const struct log_entry *entry);

/* What to show. tail -1: all; since, until 0: no bound. */
struct log_choice {
	long long tail;
	int64_t since_ns;
	int64_t until_ns;
};

/* Calls reader for each entry, oldest first, until it returns other than 0.
 * No log is no entry. */
int log_read(int folder_fd, const struct log_choice *choice,
	     log_reader *reader, void *arg, struct err *err);

#endif
