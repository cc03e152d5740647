/* runtime/base/buf.c - see buf.h */
#include "runtime/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
	static const char text[] = "dockershell: out of memory\n";

	/* stdio may want memory itself, so the sentence goes out raw. */
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

void *mem_alloc(size_t size)
{
	void *block = malloc(size ? size : 1);

	if (!block)
		out_of_memory();
	return block;
}

void *mem_zero(size_t count, size_t size)
{
	void *block = calloc(count ? count : 1, size ? size : 1);

	if (!block)
		out_of_memory();
	return block;
}

void *mem_grow(void *old, size_t count, size_t size)
{
	void *block = reallocarray(old, count ? count : 1, size);

	if (!block)
		out_of_memory();
	return block;
}

char *mem_str(const char *text)
{
	return text ? mem_strn(text, strlen(text)) : NULL;
}

char *mem_strn(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *mem_fmt(const char *format, ...)
{
	struct buf buf = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&buf, format, args);
	va_end(args);
	return buf_give(&buf);
}

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

char *buf_room(struct buf *buf, size_t len)
{
	size_t want;

	if (len > SIZE_MAX / 2 - buf->len - 1)
		out_of_memory();
	want = buf->len + len + 1;
	if (want > buf->size) {
		buf->size = want < 64 ? 64 : want + want / 2;
		buf->data = mem_grow(buf->data, buf->size, 1);
	}
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	char *room = buf_room(buf, len);

	if (len)
		memcpy(room, bytes, len);
	room[len] = '\0';
	buf->len += len;
}

void buf_str(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_vfmt(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len > 0) {
		vsnprintf(buf_room(buf, (size_t)len), (size_t)len + 1, format,
			  again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void buf_fmt(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vfmt(buf, format, args);
	va_end(args);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_give(struct buf *buf)
{
	char *text = buf->data ? buf->data : mem_str("");

	*buf = (struct buf){ 0 };
	return text;
}
