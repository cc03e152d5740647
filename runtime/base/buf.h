/* runtime/base/buf.h - growable text.
 *
 * A struct buf owns one block of memory that is always NUL-terminated once
 * anything was added. Out of memory ends the program with a message: there is
 * nothing sensible a teaching shell could do about it. */
#ifndef RUNTIME_BASE_BUF_H
#define RUNTIME_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* data  NULL while nothing was added, else NUL-terminated
 * len   bytes in use, the NUL not counted */
struct buf {
	char *data;
	size_t len;
	size_t size;
};

/* OWN_BUF struct buf b = { 0 }; is freed at scope end. */
void buf_done(struct buf *buf);
#define OWN_BUF __attribute__((cleanup(buf_done)))

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_str(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_fmt(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Makes room for `len` more bytes (and a NUL) and returns where they go; the
 * caller adds what it wrote to buf->len. */
char *buf_room(struct buf *buf, size_t len);

/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);

/* The text, "" where nothing was added. Borrowed, until the next change. */
const char *buf_text(const struct buf *buf);

/* Gives the text to the caller, to be freed; the buffer is empty again. Never
 * NULL. */
char *buf_give(struct buf *buf);

/* malloc and friends that end the program instead of returning NULL. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);
char *mem_str(const char *text);                /* NULL gives NULL */
char *mem_strn(const char *text, size_t len);
char *mem_fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
