/* shell/frame.c - see frame.h */
#include "shell/frame.h"

#include <string.h>

#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/style.h"

#define BOLD "\033[1m"
#define OFF "\033[0m"

void frame_done(struct frame *frame)
{
	buf_done(&frame->line);
}

/* A style that ends in the middle of a line would end the bold letters too. */
static void put_bold(const char *text, size_t len, struct buf *out)
{
	static const char end[] = OFF;
	const char *stop = text + len;

	buf_str(out, BOLD);
	while (text < stop) {
		const char *at = memmem(text, (size_t)(stop - text), end,
					sizeof(end) - 1);

		if (!at)
			break;
		buf_add(out, text, (size_t)(at - text));
		buf_str(out, OFF BOLD);
		text = at + sizeof(end) - 1;
	}
	buf_add(out, text, (size_t)(stop - text));
	buf_str(out, OFF);
}

static void put_piece(const struct frame *frame, const char *text, size_t len,
		      struct buf *out)
{
	if (len > 0)
		buf_fmt(out, "%*s", frame->margin, "");
	if (len > 0 && frame->bold)
		put_bold(text, len, out);
	else
		buf_add(out, text, len);
	buf_char(out, '\n');
}

/* How many bytes of `text` take at most `columns`; what steers the terminal takes
 * none. */
static size_t fit(const char *text, int columns)
{
	size_t at = 0;

	while (text[at] && columns > 0) {
		size_t plain = strcspn(text + at, "\033");
		OWN_FREE char *part = mem_strn(text + at, plain);
		size_t fits = style_fit(part, columns);

		at += fits;
		columns -= style_width(part);
		if (fits < plain)
			return at > 0 ? at : 1;
		if (text[at] == '\033')
			at += strcspn(text + at, "mK") + 1;
		if (at > strlen(text))
			return strlen(text);
	}
	return at;
}

/* A line that is too long goes on under itself, broken at a blank if there is one. */
static void put_line(const struct frame *frame, const char *text,
		     struct buf *out)
{
	do {
		size_t len = strlen(text);
		size_t fits = fit(text, frame->columns);
		size_t cut = fits;

		while (fits < len && cut > 0 && text[cut] != ' ')
			cut--;
		if (fits < len && cut > fits / 2)
			fits = cut;
		put_piece(frame, text, fits, out);
		text += fits;
		if (*text == ' ')
			text++;
	} while (*text);
}

static void line_came(struct frame *frame, struct buf *out)
{
	frame->lines++;
	if (frame->lines_max == 0 || frame->lines <= frame->lines_max)
		put_line(frame, buf_text(&frame->line), out);
	buf_clear(&frame->line);
}

void frame_add(struct frame *frame, const char *bytes, size_t len,
	       struct buf *out)
{
	if (len == 0)
		return;
	if (frame->margin == 0) {
		buf_add(out, bytes, len);
		frame->open = bytes[len - 1] != '\n';
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			line_came(frame, out);
		else if (bytes[i] != '\r' && bytes[i] != 0)
			buf_char(&frame->line, bytes[i]);
	}
}

void frame_end(struct frame *frame, struct buf *out)
{
	if (frame->open)
		buf_char(out, '\n');
	if (frame->line.len > 0)
		line_came(frame, out);
	if (frame->lines_max > 0 && frame->lines > frame->lines_max) {
		size_t more = frame->lines - frame->lines_max;
		OWN_FREE char *note = mem_fmt(
			more == 1 ? _("(%zu line more)") : _("(%zu lines more)"),
			more);

		put_line(frame, note, out);
	}
	frame->lines = 0;
	frame->open = false;
}

void frame_text(const struct frame *frame, const char *text, struct buf *out)
{
	struct frame all = { .columns = frame->columns,
			     .margin = frame->margin,
			     .bold = frame->bold };

	frame_add(&all, text, strlen(text), out);
	frame_end(&all, out);
	frame_done(&all);
}
