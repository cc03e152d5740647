/* shell/markdown.c - see markdown.h.
 *
 * md4c calls back for each block, span and piece of text. Text of a paragraph is
 * collected (paragraph.h); when the paragraph ends, it is put out line by line. What
 * stands in front of a line (a quote's bar, a list's indent) is a stack of prefixes:
 *
 *     | - first line of an item
 *     |   second line
 *     ^^^^ one prefix for the quote, one for the item; the item's mark is shown
 *          once, then spaces of the same width */
#include "shell/markdown.h"

#include <dlfcn.h>
#include <md4c.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "shell/paragraph.h"
#include "shell/style.h"

#define MAX_DEPTH 16

struct prefix {
	char first[16]; /* "- "; shown once */
	char rest[16];  /* "  " */
	bool used;
	bool ordered; /* of a list: items are numbered from `number` */
	unsigned number;
};

struct page {
	const struct markdown_look *look;
	struct buf *out;
	struct paragraph text;
	struct prefix prefixes[MAX_DEPTH];
	int depth;
	bool in_code; /* a block of code: kept as it is */
	bool tight_before; /* no empty line before the next block */
	struct buf code;
};

/* ---- lines ---- */

static void put_prefix(struct page *page)
{
	for (int i = 0; i < page->depth; i++) {
		struct prefix *prefix = &page->prefixes[i];

		buf_str(page->out, prefix->used ? prefix->rest : prefix->first);
		prefix->used = true;
	}
}

static int prefix_width(const struct page *page)
{
	int width = 0;

	for (int i = 0; i < page->depth; i++)
		width += style_width(page->prefixes[i].rest);
	return width;
}

static void put_style(struct page *page, unsigned from, unsigned to)
{
	if (from == to)
		return;
	if (page->text.marked) {
		/* Marks instead of colours: only code needs them. */
		if ((from ^ to) & GLYPH_CODE)
			buf_char(page->out, '`');
		return;
	}
	buf_str(page->out, "\033[0m");
	if (to & (GLYPH_BOLD | GLYPH_HEAD))
		buf_str(page->out, "\033[1m");
	if (to & GLYPH_CODE)
		buf_str(page->out, "\033[36m");
}

static void put_glyphs(struct page *page, size_t from, size_t to)
{
	unsigned style = 0;

	for (size_t i = from; i < to; i++) {
		const struct glyph *glyph = &page->text.glyphs[i];

		put_style(page, style, glyph->style);
		style = glyph->style;
		buf_add(page->out, glyph->bytes, glyph->len);
	}
	put_style(page, style, 0);
}

static void flush(struct page *page)
{
	struct paragraph *text = &page->text;
	int room = page->look->width - prefix_width(page);
	size_t from = 0;

	paragraph_join(text);
	if (room < 10)
		room = 10;
	while (from < text->count) {
		size_t end = paragraph_line_end(text, from, room);
		size_t shown = end;

		while (shown > from && text->glyphs[shown - 1].wide == L' ')
			shown--;
		put_prefix(page);
		put_glyphs(page, from, shown);
		buf_char(page->out, '\n');
		from = end;
	}
	text->count = 0;
}

/* ---- blocks ---- */

static bool unicode(const struct page *page)
{
	return !page->look->ascii && !page->look->plain;
}

static void push(struct page *page, const char *first, const char *rest)
{
	struct prefix *prefix = &page->prefixes[page->depth];

	if (page->depth + 1 >= MAX_DEPTH)
		return;
	page->depth++;
	*prefix = (struct prefix){ 0 };
	(void)snprintf(prefix->first, sizeof(prefix->first), "%s", first);
	(void)snprintf(prefix->rest, sizeof(prefix->rest), "%s", rest);
}

static void pop(struct page *page)
{
	if (page->depth > 0)
		page->depth--;
}

/* A line of nothing but what stands in front of it: the bar of a quote goes on, and
 * no blank is left at its end. */
static void blank_line(struct page *page)
{
	OWN_BUF struct buf front = { 0 };
	size_t len;

	for (int i = 0; i < page->depth; i++)
		buf_str(&front, page->prefixes[i].rest);
	len = front.len;
	while (len > 0 && front.data[len - 1] == ' ')
		len--;
	buf_add(page->out, buf_text(&front), len);
	buf_char(page->out, '\n');
}

static void empty_line(struct page *page)
{
	if (page->out->len > 0 && !page->tight_before)
		blank_line(page);
	page->tight_before = false;
}

static void open_item(struct page *page)
{
	struct prefix *list = &page->prefixes[page->depth - 1];
	char mark[16];

	if (list->ordered)
		(void)snprintf(mark, sizeof(mark), "%u. ", list->number++);
	else
		(void)snprintf(mark, sizeof(mark), "%s ",
			       unicode(page) ? "•" : "-");
	push(page, mark, list->ordered ? "   " : "  ");
}

static void open_list(struct page *page, bool ordered, unsigned number)
{
	/* In an item without paragraphs its text is still waiting. */
	if (page->text.count > 0)
		flush(page);
	else
		empty_line(page);
	push(page, " ", " ");
	page->prefixes[page->depth - 1].ordered = ordered;
	page->prefixes[page->depth - 1].number = number;
	page->tight_before = true;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct page *page = arg;
	const char *bar = unicode(page) ? "│ " : "| ";

	if (type == MD_BLOCK_P || type == MD_BLOCK_H || type == MD_BLOCK_CODE ||
	    type == MD_BLOCK_QUOTE)
		empty_line(page);
	if (type == MD_BLOCK_H)
		page->text.style |= GLYPH_HEAD;
	else if (type == MD_BLOCK_CODE)
		page->in_code = true;
	else if (type == MD_BLOCK_QUOTE)
		push(page, bar, bar);
	else if (type == MD_BLOCK_UL)
		open_list(page, false, 0);
	else if (type == MD_BLOCK_OL)
		open_list(page, true, ((MD_BLOCK_OL_DETAIL *)detail)->start);
	else if (type == MD_BLOCK_LI)
		open_item(page);
	if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_LI)
		page->tight_before = true;
	return 0;
}

static void close_heading(struct page *page, unsigned level)
{
	int width = paragraph_width(&page->text);

	page->text.style &= ~(unsigned)GLYPH_HEAD;
	flush(page);
	/* Bold alone would be colour's work: the main ones are underlined. */
	if (level > 2 || page->look->plain)
		return;
	put_prefix(page);
	for (int i = 0; i < width && i < page->look->width; i++)
		buf_str(page->out, unicode(page) ? "─" : "-");
	buf_char(page->out, '\n');
}

static void close_code(struct page *page)
{
	unsigned style = page->text.marked ? 0 : GLYPH_CODE;
	char *line = page->code.data;

	page->in_code = false;
	while (line && *line) {
		size_t len = strcspn(line, "\n");

		if (len == 0) {
			blank_line(page);
			line++;
			continue;
		}
		put_prefix(page);
		buf_str(page->out, "    ");
		put_style(page, 0, style);
		buf_add(page->out, line, len);
		put_style(page, style, 0);
		buf_char(page->out, '\n');
		line += len + (line[len] == '\n');
	}
	buf_clear(&page->code);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct page *page = arg;

	if (type == MD_BLOCK_H)
		close_heading(page, ((MD_BLOCK_H_DETAIL *)detail)->level);
	else if (type == MD_BLOCK_CODE)
		close_code(page);
	else if (type == MD_BLOCK_P || type == MD_BLOCK_LI)
		flush(page); /* a tight item has no paragraph in it */
	if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL ||
	    type == MD_BLOCK_OL || type == MD_BLOCK_LI)
		pop(page);
	page->tight_before = type == MD_BLOCK_LI;
	return 0;
}

/* ---- spans and text ---- */

static unsigned style_of(MD_SPANTYPE type)
{
	if (type == MD_SPAN_CODE)
		return GLYPH_CODE;
	return type == MD_SPAN_STRONG || type == MD_SPAN_EM ? GLYPH_BOLD : 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct page *page = arg;

	(void)detail;
	page->text.style |= style_of(type);
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct page *page = arg;

	(void)detail;
	page->text.style &= ~style_of(type);
	return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE len,
		   void *arg)
{
	struct page *page = arg;

	if (page->in_code)
		buf_add(&page->code, text, len);
	else if (type == MD_TEXT_SOFTBR)
		paragraph_add_soft_end(&page->text);
	else if (type == MD_TEXT_BR)
		flush(page);
	else
		paragraph_add(&page->text, text, len);
	return 0;
}

/* ---- the way in ---- */

typedef int parse_function(const MD_CHAR *text, MD_SIZE size,
			   const MD_PARSER *parser, void *userdata);

bool markdown_render(const char *markdown, const struct markdown_look *look,
		     struct buf *out)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_NOHTML,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = on_text,
	};
	struct buf own = { 0 }; /* "first in the text" is not "first in out" */
	struct page page = {
		.look = look,
		.out = &own,
		.text = { .marked = !look->color || look->plain },
	};
	void *library = dlopen("libmd4c.so.0", RTLD_NOW | RTLD_LOCAL);
	parse_function *parse = NULL;

	style_locale();
	if (library)
		*(void **)&parse = dlsym(library, "md_parse");
	if (!parse) {
		if (library)
			dlclose(library);
		buf_str(out, markdown);
		buf_char(out, '\n');
		return false;
	}
	(void)parse(markdown, (MD_SIZE)strlen(markdown), &parser, &page);
	dlclose(library);
	buf_str(out, buf_text(&own));
	buf_done(&own);
	buf_done(&page.code);
	paragraph_done(&page.text);
	return true;
}
