/* runtime/log.h - what a container printed, kept with its times.
 *
 * Owns containers/<id>/log: Docker's json-file form, one object a line:
 *   {"log":"hello\n","stream":"stdout","time":"2026-11-23T18:44:57.407726542Z"}
 * A line of output longer than 16 kB is several objects, the last of which ends
 * in "\n". The file is made when the first byte is printed.
 *
 * It is bounded. When it would grow past log_max_bytes it is moved aside to log.1,
 * the one after it to log.2 and so on, and the oldest are removed, so that there are
 * log_max_files of them at most:
 *   log.7 log.8 log      <- the oldest first; `log` is the one that is written
 * Without a choice that is 5 files of 20 MB, the bound of Docker's own `local`
 * driver: a container that never stops printing fills no disk.
 *
 * Reading and following is log_read.h's. */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

struct spec;

enum log_stream { LOG_STDOUT, LOG_STDERR };

/* A writer. partial: the last line of each stream while its end is missing. attrs:
 * what --details shows of each line, as JSON; empty: nothing. */
struct log_writer {
	int folder_fd; /* borrowed */
	int fd;
	int64_t size;
	int64_t max_bytes;
	int max_files;
	int64_t oldest; /* the lowest number that may still be there */
	int64_t next; /* the number that `log` gets when it is moved; 0: unknown */
	struct buf attrs;
	struct buf partial[2];
	struct buf lines; /* being made; its memory is used again */
};

void log_open(struct log_writer *log, int folder_fd, const struct spec *spec);
void log_write(struct log_writer *log, enum log_stream stream,
	       const char *bytes, size_t len);

/* Writes the unfinished lines and lets go. */
void log_close(struct log_writer *log);

/* For one who follows: he has the file of that number open, whatever becomes of it,
 * and needs the one after it. Whether another rotation would remove that one, and
 * as much output as is read at a time may make it rotate; and how much that is, so
 * little that it rotates once at most. */
bool log_must_wait(const struct log_writer *log, int64_t number);
size_t log_one_read(const struct log_writer *log, size_t most);

/* Which files were moved aside: the numbers of the oldest and of the newest, 0 and
 * 0 where there is none. */
void log_numbers(int folder_fd, int64_t *out_first, int64_t *out_last);

/* "log.7". Returns out. */
#define LOG_NAME sizeof("log.9223372036854775807")
char *log_file_name(char out[LOG_NAME], int64_t number);

#endif
