/* shell/paragraph.c - see paragraph.h */
#include "shell/paragraph.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"

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

static void add_glyph(struct paragraph *p, const char *bytes, size_t len,
		      wchar_t c, bool soft)
{
	struct glyph *last = p->count > 0 ? &p->glyphs[p->count - 1] : NULL;

	/* A mark that combines stays with what it stands on. */
	if (c != 0 && c != L' ' && width_of(c) == 0) {
		if (last && last->len + len <= sizeof(last->bytes)) {
			memcpy(last->bytes + last->len, bytes, len);
			last->len = (unsigned char)(last->len + len);
		}
		return;
	}
	if (p->count == p->size) {
		p->size = p->size ? 2 * p->size : 256;
		p->glyphs = mem_grow(p->glyphs, p->size, sizeof(*p->glyphs));
	}
	last = &p->glyphs[p->count++];
	*last = (struct glyph){ .len = (unsigned char)len,
				.width = (unsigned char)width_of(c),
				.style = (unsigned char)p->style,
				.soft = soft,
				.wide = c };
	memcpy(last->bytes, bytes, len);
}

void paragraph_add(struct paragraph *p, const char *text, size_t len)
{
	while (len > 0) {
		wchar_t c = 0;
		size_t one = decode(text, len, &c);

		add_glyph(p, c == L'\n' ? " " : text, one,
			  c == L'\n' ? L' ' : c, false);
		text += one;
		len -= one;
	}
}

void paragraph_add_soft_end(struct paragraph *p)
{
	add_glyph(p, " ", 1, L' ', true);
}

/* ---- where a line may end ---- */

/* Whether a line may end before glyph i. A command that is to be typed stays on one
 * line, or it would read as two. */
static bool may_break(const struct paragraph *p, size_t i, bool in_code)
{
	const struct glyph *before = &p->glyphs[i - 1];
	const struct glyph *after = &p->glyphs[i];

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

void paragraph_join(struct paragraph *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct glyph *glyph = &p->glyphs[i];

		if (glyph->soft && kept > 0 && i + 1 < p->count &&
		    is_nothing(&p->glyphs[kept - 1], &p->glyphs[i + 1]))
			continue;
		p->glyphs[kept++] = *glyph;
	}
	p->count = kept;
}

/* A piece of code has a mark on either side; i may be the end. */
static int marks_before(const struct paragraph *p, size_t i)
{
	unsigned before = i > 0 ? p->glyphs[i - 1].style : 0;
	unsigned after = i < p->count ? p->glyphs[i].style : 0;

	return p->marked && ((before ^ after) & GLYPH_CODE) != 0;
}

/* Where the line that begins at `from` ends: the last place that fits and where
 * it may. What is wider than the line is broken at a space all the same, or cut. */
static size_t line_end(const struct paragraph *p, size_t from, int room,
		       bool in_code)
{
	size_t best = 0;
	int width = 0;

	for (size_t i = from; i <= p->count; i++) {
		bool last = i == p->count;
		bool space = !last && p->glyphs[i].wide == L' ';
		int marks = marks_before(p, i);

		if (i > from && !last && may_break(p, i, in_code))
			best = i;
		width += marks + (last ? 0 : p->glyphs[i].width);
		/* A space that ends the line need not fit; the mark of code must. */
		if (width - space <= room || (marks == 0 && (last || space)))
			continue;
		if (best > from)
			return best;
		if (!in_code)
			return line_end(p, from, room, true);
		return i > from ? i : i + 1;
	}
	return p->count;
}

size_t paragraph_line_end(const struct paragraph *p, size_t from, int room)
{
	return line_end(p, from, room, false);
}

int paragraph_width(const struct paragraph *p)
{
	int width = 0;

	for (size_t i = 0; i < p->count; i++)
		width += p->glyphs[i].width;
	return width;
}

void paragraph_done(struct paragraph *p)
{
	free(p->glyphs);
	*p = (struct paragraph){ 0 };
}
