/* shell/markdown.h - Markdown on a terminal.
 *
 * Headings, paragraphs, lists, quotes, code, bold: what lessons need. Text is
 * wrapped to the width by what the terminal shows (wcwidth); Japanese may be
 * broken at any character, except that no closing mark begins a line and no
 * opening one ends it. Reading is md4c's, which is opened (dlopen) when the first
 * text is shown. */
#ifndef SHELL_MARKDOWN_H
#define SHELL_MARKDOWN_H

#include <stdbool.h>

struct buf;

/* width  columns, 20 at least
 * color  bold and colour by escape sequences; without, `code` keeps its marks
 * ascii  no character beyond what was in the text: "-" and "|" instead of
 *        bullets and bars
 * plain  as without colour and with ascii, and nothing underlined */
struct markdown_look {
	int width;
	bool color;
	bool ascii;
	bool plain;
};

/* Adds the text, ready to be printed. Returns false where md4c could not be
 * opened: then the text was added as it is. */
bool markdown_render(const char *markdown, const struct markdown_look *look,
		     struct buf *out);

#endif
