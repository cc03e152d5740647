/* shell/markdown.c - see markdown.h.
 *
 * md4c calls back for each block, span and piece of text. Text of a paragraph is
 * collected as glyphs (a character, its width, its style); when the paragraph
 * ends, they are laid out in lines. What stands in front of a line (a quote's
 * bar, a list's indent) is a stack of prefixes:
 *
 *     | - first line of an item
 *     |   second line
 *     ^^^^ one prefix for the quote, one for the item; the item's mark is shown
 *          once, then spaces of the same width */
#include "shell/markdown.h"

#include <dlfcn.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "runtime/base/buf.h"
#include "shell/style.h"

#define MAX_DEPTH 16

enum glyph_style {
	GLYPH_BOLD = 1 << 0,
	GLYPH_CODE = 1 << 1,
	GLYPH_HEAD = 1 << 2
};

struct glyph {
	char bytes
		[8]; /* UTF-8 of one character and its combining marks' room */
	unsigned char len;
	unsigned char width;
	unsigned char style;
	bool soft; /* a line end of the source: a space, or nothing */
	wchar_t wide;
};

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
	struct glyph *glyphs;
	size_t count;
	size_t size;
	struct prefix prefixes[MAX_DEPTH];
	int depth;
	unsigned style;
	bool in_code; /* a block of code: kept as it is */
	bool at_line_start;
	bool tight_before; /* no empty line before the next block */
	struct buf code;
};

/* ---- characters ---- */

/* Line-start and line-end rules (kinsoku): what may not begin a line, and what
 * may not end one. JIS X 4051. */
static const wchar_t not_first[] =
	L"、。，．・：；？！）］｝〕〉》」』】ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
	L"々ゝゞヽヾ…‥%‰),.:;?!]}";
static const wchar_t not_last[] = L"（［｛〔〈《「『【([{";

/* Decodes one character: its length in bytes; a bad byte is one of width 1. */
static size_t decode(const char *at, size_t left, wchar_t *out)
{
	mbstate_t state = { 0 };
	size_t len = mbrtowc(out, at, left, &state);

	if (len == 0 || len > left) {
		*out = (unsigned char)*at < 0x80 ? (wchar_t)*at : L'?';
		return 1;
	}
	return len;
}

static int width_of(wchar_t c)
{
	int width = wcwidth(c);

	return width < 0 ? 0 : width;
}

static bool is_in(const wchar_t *set, wchar_t c)
{
	return c != 0 && wcschr(set, c) != NULL;
}

static void add_glyph(struct page *page, const char *bytes, size_t len,
		      wchar_t c, bool soft)
{
	struct glyph *last =
		page->count > 0 ? &page->glyphs[page->count - 1] : NULL;

	/* A mark that combines stays with what it stands on. */
	if (c != 0 && c != L' ' && width_of(c) == 0) {
		if (last && last->len + len <= sizeof(last->bytes)) {
			memcpy(last->bytes + last->len, bytes, len);
			last->len = (unsigned char)(last->len + len);
		}
		return;
	}
	if (page->count == page->size) {
		page->size = page->size ? 2 * page->size : 256;
		page->glyphs = mem_grow(page->glyphs, page->size,
					sizeof(*page->glyphs));
	}
	last = &page->glyphs[page->count++];
	*last = (struct glyph){ .len = (unsigned char)len,
				.width = (unsigned char)width_of(c),
				.style = (unsigned char)page->style,
				.soft = soft,
				.wide = c };
	memcpy(last->bytes, bytes, len);
}

static void add_text(struct page *page, const char *text, size_t left)
{
	while (left > 0) {
		wchar_t c = 0;
		size_t len = decode(text, left, &c);

		add_glyph(page, c == L'\n' ? " " : text, len,
			  c == L'\n' ? L' ' : c, false);
		text += len;
		left -= len;
	}
}

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
	if (!page->look->color || page->look->plain) {
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
		put_style(page, style, page->glyphs[i].style);
		style = page->glyphs[i].style;
		buf_add(page->out, page->glyphs[i].bytes, page->glyphs[i].len);
	}
	put_style(page, style, 0);
}

/* Without colour a piece of code has a mark on either side. */
static int marks_before(const struct page *page, size_t i)
{
	unsigned before = i > 0 ? page->glyphs[i - 1].style : 0;

	if (page->look->color && !page->look->plain)
		return 0;
	return ((before ^ page->glyphs[i].style) & GLYPH_CODE) != 0;
}

/* Whether a line may end before glyph i. A command that is to be typed stays on one
 * line, or it would read as two. */
static bool may_break(const struct page *page, size_t i, bool in_code)
{
	const struct glyph *before = &page->glyphs[i - 1];
	const struct glyph *after = &page->glyphs[i];

	if (!in_code && (before->style & after->style & GLYPH_CODE))
		return false;
	if (before->wide == L' ' || after->wide == L' ')
		return before->wide == L' ' && after->wide != L' ';
	if (before->width < 2 && after->width < 2)
		return false;
	return !is_in(not_first, after->wide) && !is_in(not_last, before->wide);
}

/* Japanese has no space where the source has a line end: between two wide
 * characters, and beside a mark that has its own room. */
static bool is_nothing(const struct glyph *before, const struct glyph *after)
{
	if (before->width == 2 && after->width == 2)
		return true;
	return (before->width == 2 && is_in(not_first, before->wide)) ||
	       (after->width == 2 && is_in(not_last, after->wide));
}

static void drop_soft_ends(struct page *page)
{
	size_t kept = 0;

	for (size_t i = 0; i < page->count; i++) {
		const struct glyph *glyph = &page->glyphs[i];

		if (glyph->soft && kept > 0 && i + 1 < page->count &&
		    is_nothing(&page->glyphs[kept - 1], &page->glyphs[i + 1]))
			continue;
		page->glyphs[kept++] = *glyph;
	}
	page->count = kept;
}

/* Where the line that begins at `from` ends: the last place that fits and where
 * it may. What is wider than the line is broken at a space all the same, or cut. */
static size_t line_end(const struct page *page, size_t from, int room,
		       bool in_code)
{
	size_t best = 0;
	int width = 0;

	for (size_t i = from; i < page->count; i++) {
		const struct glyph *glyph = &page->glyphs[i];

		if (i > from && may_break(page, i, in_code))
			best = i;
		width += glyph->width + marks_before(page, i);
		/* A space that ends the line need not fit. */
		if (width <= room || glyph->wide == L' ')
			continue;
		if (best > from)
			return best;
		if (!in_code)
			return line_end(page, from, room, true);
		return i > from ? i : i + 1;
	}
	return page->count;
}

static void flush(struct page *page)
{
	int room = page->look->width - prefix_width(page);
	size_t from = 0;

	drop_soft_ends(page);
	if (room < 10)
		room = 10;
	while (from < page->count) {
		size_t end = line_end(page, from, room, false);
		size_t shown = end;

		while (shown > from && page->glyphs[shown - 1].wide == L' ')
			shown--;
		put_prefix(page);
		put_glyphs(page, from, shown);
		buf_char(page->out, '\n');
		from = end;
	}
	page->count = 0;
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
	if (page->count > 0)
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
		page->style |= GLYPH_HEAD;
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
	int width = 0;

	for (size_t i = 0; i < page->count; i++)
		width += page->glyphs[i].width;
	page->style &= ~(unsigned)GLYPH_HEAD;
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
		put_style(page, 0,
			  page->look->color && !page->look->plain ? GLYPH_CODE
								  : 0);
		buf_add(page->out, line, len);
		put_style(page,
			  page->look->color && !page->look->plain ? GLYPH_CODE
								  : 0,
			  0);
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
	page->style |= style_of(type);
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct page *page = arg;

	(void)detail;
	page->style &= ~style_of(type);
	return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE len,
		   void *arg)
{
	struct page *page = arg;

	if (page->in_code)
		buf_add(&page->code, text, len);
	else if (type == MD_TEXT_SOFTBR)
		add_glyph(page, " ", 1, L' ', true);
	else if (type == MD_TEXT_BR)
		flush(page);
	else
		add_text(page, text, len);
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
	struct page page = { .look = look, .out = &own };
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
	free(page.glyphs);
	return true;
}
