/* shell/paragraph.h - the text of a paragraph, character by character, and where its
 * lines may end.
 *
 * A line ends at a space, or between two characters of which one is wide, but for what
 * Japanese keeps together (kinsoku). Showing the lines is the caller's. */
#ifndef SHELL_PARAGRAPH_H
#define SHELL_PARAGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum glyph_style {
	GLYPH_BOLD = 1 << 0,
	GLYPH_CODE = 1 << 1,
	GLYPH_HEAD = 1 << 2
};

/* bytes  UTF-8 of one character, with room for marks that combine with it
 * width  columns
 * soft   a line end of the source: a space, or nothing */
struct glyph {
	char bytes[8];
	unsigned char len;
	unsigned char width;
	unsigned char style;
	bool soft;
	wchar_t wide;
};

/* style   GLYPH_ bits of what is added next
 * marked  code is shown with a mark on either side, a column each */
struct paragraph {
	struct glyph *glyphs;
	size_t count;
	size_t size;
	unsigned style;
	bool marked;
};

void paragraph_add(struct paragraph *p, const char *text, size_t len);
void paragraph_add_soft_end(struct paragraph *p);

/* Makes the line ends of the source what they are to be: spaces, or nothing. */
void paragraph_join(struct paragraph *p);

/* Where the line that begins at `from` ends: the index behind its last glyph. room: the
 * line's columns. */
size_t paragraph_line_end(const struct paragraph *p, size_t from, int room);

/* Columns of all of it. */
int paragraph_width(const struct paragraph *p);
void paragraph_done(struct paragraph *p);

#endif
