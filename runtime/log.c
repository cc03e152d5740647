/* runtime/log.c - see log.h */
#include "runtime/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum { LONGEST_LINE = 16384 };
static const int64_t default_max_bytes = 100 << 20;

/* ---- writing ---- */

void log_open(struct log_writer *log, int folder_fd)
{
	*log = (struct log_writer){
		.folder_fd = folder_fd,
		.fd = -1,
		.max_bytes = default_max_bytes,
	};
}

static void add_time(struct buf *out)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	buf_fmt(out, "%s.%09ldZ", text, now.tv_nsec);
}

/* A JSON string. Bytes that are not UTF-8 pass as they are: the file's first
 * reader is `logs`, which gives them back unchanged. */
static void add_quoted(struct buf *out, const char *bytes, size_t len)
{
	buf_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '"' || c == '\\') {
			buf_char(out, '\\');
			buf_char(out, (char)c);
		} else if (c == '\n') {
			buf_str(out, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			buf_fmt(out, "\\u%04x", c);
		} else {
			buf_char(out, (char)c);
		}
	}
	buf_char(out, '"');
}

static void make_room(struct log_writer *log, size_t len)
{
	if (log->fd >= 0 && log->size + (int64_t)len > log->max_bytes) {
		close(log->fd);
		log->fd = -1;
		log->size = 0;
		(void)renameat(log->folder_fd, "log", log->folder_fd, "log.1");
	}
	if (log->fd < 0) {
		struct stat st;

		log->fd = openat(log->folder_fd, "log",
				 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				 0600);
		if (log->fd >= 0 && fstat(log->fd, &st) == 0)
			log->size = st.st_size;
	}
}

static void write_lines(struct log_writer *log, const struct buf *lines)
{
	if (lines->len == 0)
		return;
	make_room(log, lines->len);
	/* A full disk must not stop the container: the line is lost, the
	 * terminal that is attached still shows it. */
	if (log->fd >= 0 && fs_write_all(log->fd, lines->data, lines->len) == 0)
		log->size += (int64_t)lines->len;
}

static void add_entry(struct buf *out, enum log_stream stream,
		      const char *bytes, size_t len)
{
	buf_str(out, "{\"log\":");
	add_quoted(out, bytes, len);
	buf_fmt(out, ",\"stream\":\"%s\",\"time\":\"",
		stream == LOG_STDOUT ? "stdout" : "stderr");
	add_time(out);
	buf_str(out, "\"}\n");
}

void log_write(struct log_writer *log, enum log_stream stream,
	       const char *bytes, size_t len)
{
	struct buf *partial = &log->partial[stream];
	OWN_BUF struct buf lines = { 0 };

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t part = newline ? (size_t)(newline - bytes) + 1 : len;

		if (part > LONGEST_LINE - partial->len) {
			part = LONGEST_LINE - partial->len;
			newline = bytes; /* as full as a line gets */
		}
		if (newline && partial->len == 0) {
			add_entry(&lines, stream, bytes, part);
		} else {
			buf_add(partial, bytes, part);
		}
		if (newline && partial->len) {
			add_entry(&lines, stream, partial->data, partial->len);
			buf_clear(partial);
		}
		bytes += part;
		len -= part;
	}
	write_lines(log, &lines);
}

void log_close(struct log_writer *log)
{
	for (int i = 0; i < 2; i++) {
		OWN_BUF struct buf line = { 0 };

		if (log->partial[i].len)
			add_entry(&line, (enum log_stream)i,
				  log->partial[i].data, log->partial[i].len);
		write_lines(log, &line);
		buf_done(&log->partial[i]);
	}
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

/* ---- reading ---- */

static int64_t parse_time(const char *text)
{
	struct tm utc = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
	int64_t ns = 0;
	int64_t unit = 100000000;

	if (!rest)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
			ns += unit * (*rest - '0');
			unit /= 10;
		}
	return (int64_t)timegm(&utc) * 1000000000 + ns;
}

/* The four digits behind "\u", -1 where there are fewer. */
static int code_at(const char *digits)
{
	int code = 0;

	for (int i = 0; i < 4; i++) {
		const char *all = "0123456789abcdef";
		const char *found = digits[i] ? strchr(all, digits[i]) : NULL;

		if (!found)
			return -1;
		code = code * 16 + (int)(found - all);
	}
	return code;
}

/* Takes a JSON string apart where it stands; it can only become shorter.
 * Returns its end, or NULL. */
static char *unquote(char *at, char **out_text, size_t *out_len)
{
	char *to = at + 1;

	if (*at++ != '"')
		return NULL;
	*out_text = to;
	while (*at && *at != '"') {
		int code;

		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		switch (*at) {
		case 'n':
			*to++ = '\n';
			at++;
			break;
		case 'u':
			code = code_at(at + 1);
			if (code < 0)
				return NULL;
			*to++ = (char)code;
			at += 5;
			break;
		default:
			*to++ = *at++;
		}
	}
	if (*at != '"')
		return NULL;
	*out_len = (size_t)(to - *out_text);
	return at + 1;
}

/* One line of the file. A line that a crash cut short is no entry. */
static bool parse_line(char *line, struct log_entry *entry)
{
	static const char head[] = "{\"log\":";
	static const char middle[] = ",\"stream\":\"";
	char *text;
	char *at;

	if (strncmp(line, head, sizeof(head) - 1) != 0)
		return false;
	at = unquote(line + sizeof(head) - 1, &text, &entry->len);
	if (!at || strncmp(at, middle, sizeof(middle) - 1) != 0)
		return false;
	entry->text = text;
	at += sizeof(middle) - 1;
	entry->stream = strncmp(at, "stderr", 6) == 0 ? LOG_STDERR :
							LOG_STDOUT;
	at = strstr(at, "\"time\":\"");
	if (!at)
		return false;
	at += strlen("\"time\":\"");
	entry->time = at;
	at = strchr(at, '"');
	if (!at)
		return false;
	*at = '\0';
	entry->time_ns = parse_time(entry->time);
	return true;
}

/* Counts the entries of a file, for --tail. */
static long long count_lines(FILE *file)
{
	long long count = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF)
		count += c == '\n';
	rewind(file);
	return count;
}

struct pass {
	const struct log_choice *choice;
	log_reader *reader;
	void *arg;
	long long skip;
};

static int read_file(FILE *file, struct pass *pass)
{
	OWN_FREE char *line = NULL;
	size_t room = 0;
	int r = 0;

	while (r == 0 && getline(&line, &room, file) > 0) {
		struct log_entry entry;

		if (pass->skip > 0) {
			pass->skip--;
			continue;
		}
		if (!parse_line(line, &entry))
			continue;
		if (entry.time_ns < pass->choice->since_ns)
			continue;
		if (pass->choice->until_ns &&
		    entry.time_ns > pass->choice->until_ns)
			break;
		r = pass->reader(pass->arg, &entry);
	}
	return r;
}

static FILE *open_log(int folder_fd, const char *name)
{
	int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

int log_read(int folder_fd, const struct log_choice *choice,
	     log_reader *reader, void *arg, struct err *err)
{
	OWN_FILE FILE *older = open_log(folder_fd, "log.1");
	OWN_FILE FILE *newer = open_log(folder_fd, "log");
	struct pass pass = { choice, reader, arg, 0 };
	int r = 0;

	(void)err;
	if (choice->tail >= 0) {
		long long all = (older ? count_lines(older) : 0) +
				(newer ? count_lines(newer) : 0);

		pass.skip = all > choice->tail ? all - choice->tail : 0;
	}
	if (older)
		r = read_file(older, &pass);
	if (r == 0 && newer)
		r = read_file(newer, &pass);
	return r;
}
