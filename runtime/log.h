/* runtime/log.h - what a container printed, kept with its times.
 *
 * Owns containers/<id>/log: Docker's json-file form, one object a line:
 *   {"log":"hello\n","stream":"stdout","time":"2026-11-23T18:44:57.407726542Z"}
 * A line of output longer than 16 kB is several objects, the last of which ends
 * in "\n". The file is made when the first byte is printed.
 *
 * It is bounded. When it would grow past log_max_bytes it becomes log.1, what was
 * log.1 becomes log.2 and so on, and a new one is begun; there are log_max_files
 * of them at most. Without a choice that is 5 files of 20 MB, the bound of Docker's
 * own `local` driver: a container that never stops printing fills no disk.
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

enum { LOG_MAX_FILES = 64 };

/* A writer. partial: the last line of each stream while its end is missing. attrs:
 * what --details shows of each line, as JSON; empty: nothing. */
struct log_writer {
	int folder_fd; /* borrowed */
	int fd;
	int64_t size;
	int64_t max_bytes;
	int max_files;
	struct buf attrs;
	struct buf partial[2];
	struct buf lines; /* being made; its memory is used again */
};

void log_open(struct log_writer *log, int folder_fd, const struct spec *spec);
void log_write(struct log_writer *log, enum log_stream stream,
	       const char *bytes, size_t len);

/* Writes the unfinished lines and lets go. */
void log_close(struct log_writer *log);

/* Whether the file of that inode is still among the log's. */
bool log_has_file(const struct log_writer *log, uint64_t inode);

/* Whether as much output as one reads at a time may make it rotate; and how much
 * that is: so little that it rotates once at most. */
bool log_may_rotate(const struct log_writer *log);
size_t log_one_read(const struct log_writer *log, size_t most);

/* "log", "log.1" ...: the name of a file, 0 the newest. out: 16 bytes. */
const char *log_file_name(int number, char *out);

#endif
