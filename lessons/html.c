/* lessons/html.c - see html.h
 *
 * Line by line: each line says which block it belongs to; when that changes, the one
 * before is closed. What is inside a block is gathered first, so that a `code` may
 * go over the end of a line. */
#include "lessons/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"

void html_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			buf_str(out, "&amp;");
		else if (c == '<')
			buf_str(out, "&lt;");
		else if (c == '>')
			buf_str(out, "&gt;");
		else if (c == '"')
			buf_str(out, "&quot;");
		else if (c == '\'')
			buf_str(out, "&#39;");
		else if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t')
			buf_char(out, *text);
	}
}

static void put_part(struct buf *out, const char *text, size_t len)
{
	OWN_BUF struct buf part = { 0 };

	buf_add(&part, text, len);
	html_text(out, buf_text(&part));
}

/* "`code`" or "**bold**" at `at`: puts it and returns how long it is; 0: it is
 * neither. */
static size_t put_span(struct buf *out, const char *at)
{
	const char *mark = *at == '`' ? "`" : "**";
	size_t marks = strlen(mark);
	const char *tag = *at == '`' ? "code" : "strong";
	const char *end;

	if (strncmp(at, mark, marks) != 0)
		return 0;
	end = strstr(at + marks, mark);
	if (!end || end == at + marks)
		return 0;
	buf_fmt(out, "<%s>", tag);
	if (*at == '`') {
		put_part(out, at + 1, (size_t)(end - at - 1));
	} else {
		OWN_BUF struct buf bold = { 0 };

		buf_add(&bold, at + marks, (size_t)(end - at) - marks);
		html_line(out, buf_text(&bold));
	}
	buf_fmt(out, "</%s>", tag);
	return (size_t)(end - at) + marks;
}

/* NOLINTNEXTLINE(misc-no-recursion): code in bold letters, no deeper. */
void html_line(struct buf *out, const char *markdown)
{
	while (*markdown) {
		size_t plain = strcspn(markdown, "`*\\");
		size_t span;

		put_part(out, markdown, plain);
		markdown += plain;
		if (!*markdown)
			return;
		span = *markdown == '\\' ? 0 : put_span(out, markdown);
		/* A backslash makes the sign behind it an ordinary one. */
		if (*markdown == '\\' && ispunct((unsigned char)markdown[1]))
			markdown++;
		if (span == 0) {
			put_part(out, markdown, 1);
			span = 1;
		}
		markdown += span;
	}
}

/* ---- blocks ---- */

enum block { NONE, PARAGRAPH, BULLETS, NUMBERS, CODE, FENCE, QUOTE };

static const struct {
	const char *open;
	const char *close;
} tags[] = {
	[NONE] = { "", "" },
	[PARAGRAPH] = { "<p>", "</p>\n" },
	[BULLETS] = { "<ul>\n<li>", "</li>\n</ul>\n" },
	[NUMBERS] = { "<ol>\n<li>", "</li>\n</ol>\n" },
	[CODE] = { "<pre><code>", "</code></pre>\n" },
	[FENCE] = { "<pre><code>", "</code></pre>\n" },
	[QUOTE] = { "<blockquote><p>", "</p></blockquote>\n" },
};

/* block  the one under way
 * text   of it, or of its last item, so far */
struct blocks {
	struct buf *out;
	enum block block;
	struct buf text;
};

static void put_gathered(struct blocks *blocks)
{
	if (blocks->block == CODE || blocks->block == FENCE)
		html_text(blocks->out, buf_text(&blocks->text));
	else
		html_line(blocks->out, buf_text(&blocks->text));
	buf_clear(&blocks->text);
}

static void change(struct blocks *blocks, enum block to)
{
	if (blocks->block == to && to != NONE)
		return;
	put_gathered(blocks);
	buf_str(blocks->out, tags[blocks->block].close);
	blocks->block = to;
	buf_str(blocks->out, tags[to].open);
}

/* Where two lines of Japanese meet there is no blank, as a browser would put one. */
static bool meets_closely(const struct blocks *blocks, const char *text)
{
	const struct buf *so_far = &blocks->text;

	return blocks->block != CODE && blocks->block != FENCE &&
	       (unsigned char)so_far->data[so_far->len - 1] >= 0x80 &&
	       (unsigned char)*text >= 0x80;
}

static void gather(struct blocks *blocks, const char *text)
{
	if (blocks->text.len > 0 && !meets_closely(blocks, text))
		buf_char(&blocks->text, '\n');
	buf_str(&blocks->text, text);
}

static void add_item(struct blocks *blocks, enum block kind, const char *text)
{
	if (blocks->block == kind) {
		put_gathered(blocks);
		buf_str(blocks->out, "</li>\n<li>");
	}
	change(blocks, kind);
	gather(blocks, text);
}

/* How long "12. " is, or 0. */
static size_t number_len(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	return digits > 0 && digits < 4 && line[digits] == '.' &&
			       line[digits + 1] == ' '
		       ? digits + 2
		       : 0;
}

static bool goes_on(enum block block)
{
	return block == BULLETS || block == NUMBERS || block == PARAGRAPH;
}

static void add_line(struct blocks *blocks, const char *line)
{
	const char *text = line + strspn(line, " ");
	size_t indent = (size_t)(text - line);

	if (strncmp(line, "```", 3) == 0)
		change(blocks, blocks->block == FENCE ? NONE : FENCE);
	else if (blocks->block == FENCE)
		gather(blocks, line);
	else if (!*text)
		change(blocks, NONE);
	else if ((line[0] == '-' || line[0] == '*') && line[1] == ' ')
		add_item(blocks, BULLETS, line + 2);
	else if (number_len(line) > 0)
		add_item(blocks, NUMBERS, line + number_len(line));
	else if (indent >= 4 && !goes_on(blocks->block)) {
		change(blocks, CODE);
		gather(blocks, line + 4);
	} else if (line[0] == '>') {
		change(blocks, QUOTE);
		gather(blocks, line + 1 + (line[1] == ' '));
	} else {
		if (!goes_on(blocks->block))
			change(blocks, PARAGRAPH);
		gather(blocks, text);
	}
}

void html_blocks(struct buf *out, const char *markdown)
{
	OWN_STRS struct strs lines = { 0 };
	struct blocks blocks = { .out = out };

	strs_split(&lines, markdown, '\n');
	for (size_t i = 0; i < lines.count; i++)
		add_line(&blocks, lines.items[i]);
	change(&blocks, NONE);
	buf_done(&blocks.text);
}
