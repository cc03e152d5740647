/* runtime/log.c - see log.h */
#include "runtime/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/json_text.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/spec.h"

enum { LONGEST_LINE = 16384, DEFAULT_FILES = 5, KEEP_BYTES = 256 << 10 };
static const int64_t default_bytes = 20 << 20;

/* ---- opening ---- */

/* --log-opt labels=a,b and env=X,Y: which of the container's labels and of its
 * environment stand beside each line. */
static void add_chosen(struct strs *out, const char *names,
		       const struct strs *values)
{
	OWN_STRS struct strs chosen = { 0 };

	strs_split(&chosen, names, ',');
	for (size_t i = 0; i < chosen.count; i++) {
		const char *value = strs_get_env(values, chosen.items[i]);

		if (value)
			strs_addf(out, "%s=%s", chosen.items[i], value);
	}
}

static void make_attrs(struct buf *out, const struct spec *spec)
{
	OWN_STRS struct strs attrs = { 0 };
	const char *labels = strs_get_env(&spec->log_opts, "labels");
	const char *env = strs_get_env(&spec->log_opts, "env");

	if (labels)
		add_chosen(&attrs, labels, &spec->labels);
	if (env)
		add_chosen(&attrs, env, &spec->env);
	strs_sort(&attrs);
	for (size_t i = 0; i < attrs.count; i++) {
		const char *pair = attrs.items[i];
		size_t len = strcspn(pair, "=");

		buf_char(out, i ? ',' : '{');
		json_text_add_bytes(out, pair, len);
		buf_char(out, ':');
		json_text_add(out, pair + len + 1);
	}
	if (attrs.count)
		buf_char(out, '}');
}

void log_open(struct log_writer *log, int folder_fd, const struct spec *spec)
{
	bool bounded = spec->log_max_bytes > 0;
	int files = spec->log_max_files > 0 ? spec->log_max_files :
		    bounded		    ? 1 : /* Docker's max-file */
					      DEFAULT_FILES;

	*log = (struct log_writer){
		.folder_fd = folder_fd,
		.fd = -1,
		.max_bytes = bounded ? spec->log_max_bytes : default_bytes,
		.max_files = files,
	};
	/* With one file all would be gone at once, and nobody could follow. */
	if (files == 1) {
		log->max_files = 2;
		log->max_bytes /= 2;
	}
	if (spec->log_opts.count)
		make_attrs(&log->attrs, spec);
}

/* ---- the files ---- */

char *log_file_name(char out[LOG_NAME], int64_t number)
{
	snprintf(out, LOG_NAME, "log.%lld", (long long)number);
	return out;
}

void log_numbers(int folder_fd, int64_t *out_first, int64_t *out_last)
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	*out_first = *out_last = 0;
	if (!dir) {
		own_close_fd(&fd);
		return;
	}
	while ((entry = readdir(dir))) {
		struct err no_number = { 0 };
		int64_t number;

		if (strncmp(entry->d_name, "log.", 4) != 0 ||
		    parse_int(entry->d_name + 4, 1, INT64_MAX - 1, &number,
			      &no_number) < 0)
			continue;
		if (*out_first == 0 || number < *out_first)
			*out_first = number;
		if (number > *out_last)
			*out_last = number;
	}
}

/* A line of one byte takes about forty in the file, other lines a smaller
 * multiple: a 64th of the bound never becomes more than two thirds of it. */
size_t log_one_read(const struct log_writer *log, size_t most)
{
	int64_t part = log->max_bytes / 64;

	return part < 64 ? 64 : part < (int64_t)most ? (size_t)part : most;
}

bool log_must_wait(const struct log_writer *log, int64_t number)
{
	int64_t removed = log->next - log->max_files + 1; /* by a rotation now */

	return log->size > log->max_bytes / 3 && number + 1 <= removed;
}

static void close_file(struct log_writer *log)
{
	own_close_fd(&log->fd);
	log->fd = -1;
	log->size = 0;
}

/* Moves the present file aside and removes what is too much, also what a container
 * with another bound has left. False: it stays where it is (a disk that has no room
 * for one more name). */
static bool rotate(struct log_writer *log)
{
	char name[LOG_NAME];
	int64_t first = log->next - log->max_files + 1;

	close_file(log);
	if (renameat(log->folder_fd, "log", log->folder_fd,
		     log_file_name(name, log->next)) < 0)
		return errno == ENOENT; /* somebody took it away */
	for (int64_t i = log->oldest; i <= first; i++)
		(void)unlinkat(log->folder_fd, log_file_name(name, i), 0);
	log->oldest = first < 1 ? 1 : first + 1;
	log->next++;
	return true;
}

/* A line that a crash cut short must not swallow the next one. */
static void mend_end(struct log_writer *log)
{
	OWN_FD int fd = openat(log->folder_fd, "log",
			       O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char last = '\n';

	if (fd >= 0 && pread(fd, &last, 1, log->size - 1) == 1 && last != '\n' &&
	    fs_write_all(log->fd, "\n", 1) == 0)
		log->size++;
}

static bool open_file(struct log_writer *log)
{
	struct stat st;

	if (log->fd >= 0)
		return true;
	log->fd = openat(log->folder_fd, "log",
			 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log->fd < 0 || fstat(log->fd, &st) < 0)
		return false;
	log->size = st.st_size;
	if (log->next == 0) {
		log_numbers(log->folder_fd, &log->oldest, &log->next);
		log->oldest += log->oldest == 0;
		log->next++;
	}
	if (log->size > 0)
		mend_end(log);
	return true;
}

/* How much of the lines goes into the file that is open: whole lines, and at
 * least one where the file is empty. 0: it is full. */
static size_t part_that_fits(const struct log_writer *log, const char *lines,
			     size_t len)
{
	int64_t room = log->max_bytes - log->size;
	const char *end = NULL;

	if ((int64_t)len <= room)
		return len;
	if (room > 0)
		end = memrchr(lines, '\n', (size_t)room);
	if (!end && log->size == 0)
		end = memchr(lines, '\n', len);
	return end ? (size_t)(end - lines) + 1 : 0;
}

static void write_lines(struct log_writer *log)
{
	const char *at = log->lines.data;
	size_t left = log->lines.len;

	while (left > 0 && open_file(log)) {
		size_t part = part_that_fits(log, at, left);

		/* A full disk must not stop the container: the lines are lost,
		 * the terminal that is attached still shows them. What was
		 * written of them is closed off when there is room again. */
		if (part == 0 && !rotate(log))
			break;
		if (part == 0)
			continue;
		if (fs_write_all(log->fd, at, part) < 0) {
			close_file(log);
			break;
		}
		log->size += (int64_t)part;
		at += part;
		left -= part;
	}
	buf_clear(&log->lines);
	/* One burst of output is no reason to keep its memory for ever. */
	if (log->lines.size > KEEP_BYTES)
		buf_done(&log->lines);
}

/* ---- the lines ---- */

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* A JSON string. Bytes that are not UTF-8 pass as they are: the file's first
 * reader is `logs`, which gives them back unchanged. */
static void add_quoted(struct buf *out, const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	/* Room for the worst case at once: a log is written byte by byte in
	 * no other way. */
	char *start = buf_room(out, 6 * len + 2);
	char *to = start;

	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (is_plain(c)) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '\\';
		if (c == '\n') {
			*to++ = 'n';
		} else if (c == '"' || c == '\\') {
			*to++ = (char)c;
		} else {
			*to++ = 'u';
			*to++ = '0';
			*to++ = '0';
			*to++ = digits[c >> 4];
			*to++ = digits[c & 15];
		}
	}
	*to++ = '"';
	out->len += (size_t)(to - start);
}

struct stamp {
	char text[128]; /* what stands behind the line: stream and time */
	size_t len;
};

static void add_entry(struct log_writer *log, const struct stamp *stamp,
		      const char *bytes, size_t len)
{
	static const char head[] = "{\"log\":";

	buf_add(&log->lines, head, sizeof(head) - 1);
	add_quoted(&log->lines, bytes, len);
	if (log->attrs.len) {
		buf_str(&log->lines, ",\"attrs\":");
		buf_add(&log->lines, log->attrs.data, log->attrs.len);
	}
	buf_add(&log->lines, stamp->text, stamp->len);
}

static struct stamp stamp_of(enum log_stream stream)
{
	struct stamp stamp;
	char time[CLOCK_UTC];
	int len;

	clock_utc(time, clock_now_ns());
	len = snprintf(stamp.text, sizeof(stamp.text),
		       ",\"stream\":\"%s\",\"time\":\"%s\"}\n",
		       stream == LOG_STDOUT ? "stdout" : "stderr", time);
	stamp.len = (size_t)len;
	return stamp;
}

/* A piece of a line; `whole`: its end is among it, or it is as long as a line
 * gets. */
static void add_piece(struct log_writer *log, const struct stamp *stamp,
		      struct buf *partial, const char *bytes, size_t len,
		      bool whole)
{
	if (whole && partial->len == 0) {
		add_entry(log, stamp, bytes, len);
		return;
	}
	buf_add(partial, bytes, len);
	if (!whole)
		return;
	add_entry(log, stamp, partial->data, partial->len);
	buf_clear(partial);
}

void log_write(struct log_writer *log, enum log_stream stream,
	       const char *bytes, size_t len)
{
	struct buf *partial = &log->partial[stream];
	/* What came in one piece came at one time. */
	struct stamp stamp = stamp_of(stream);

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t part = newline ? (size_t)(newline - bytes) + 1 : len;
		bool full = part > LONGEST_LINE - partial->len;

		if (full)
			part = LONGEST_LINE - partial->len;
		add_piece(log, &stamp, partial, bytes, part, newline || full);
		bytes += part;
		len -= part;
	}
	if (log->lines.len)
		write_lines(log);
}

void log_close(struct log_writer *log)
{
	for (int i = 0; i < 2; i++) {
		if (log->partial[i].len) {
			struct stamp stamp = stamp_of((enum log_stream)i);

			add_entry(log, &stamp, log->partial[i].data,
				  log->partial[i].len);
		}
		buf_done(&log->partial[i]);
	}
	if (log->lines.len)
		write_lines(log);
	buf_done(&log->lines);
	buf_done(&log->attrs);
	close_file(log);
}
