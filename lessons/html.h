/* lessons/html.h - the little Markdown that lessons are written in, as HTML.
 *
 * Paragraphs, lists, quotes, code, bold: what shell/markdown.h draws on a terminal.
 * Needs no library, for a notebook must be exported everywhere. What stands in the
 * text is text: no tag and no entity in it gets through. */
#ifndef LESSONS_HTML_H
#define LESSONS_HTML_H

struct buf;

/* Adds `text` with & < > and quotes escaped; control characters but tab and newline
 * are left out, no HTML may hold them. */
void html_text(struct buf *out, const char *text);

/* Adds one line of Markdown: `code`, **bold**; no block around it. */
void html_line(struct buf *out, const char *markdown);

/* Adds blocks: <p>, <ul>, <ol>, <pre>, <blockquote>. */
void html_blocks(struct buf *out, const char *markdown);

#endif
