/* images/word_pattern.c - see word_pattern.h
 *
 * A pattern is cut at its stars into pieces of known length:
 *
 *   a?c*de*f    "a?c"  "de"  "f"
 *
 * The first piece stands where the match begins, each of the others at the first
 * place behind the one before (a later place never fits better), and of the
 * longest match the last piece stands at the last place there is. So every piece
 * goes over the value once: no input makes it slow. Texts are compared by
 * character; the end of a value is its beginning read backwards. */
#include "images/word_pattern.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

/* What a character of a pattern can be besides a character. */
enum {
	STAR = -1,
	ANY_ONE = -2,
};

/* Characters, each as the bytes it has in UTF-8, read as one number; a byte that
 * belongs to none stands for itself. */
struct chars {
	int64_t *items;
	size_t count;
};

static void chars_done(struct chars *chars)
{
	free(chars->items);
	*chars = (struct chars){ 0 };
}
#define OWN_CHARS __attribute__((cleanup(chars_done)))

/* The character at *p, which moves on. */
static int64_t next_char(const char **p)
{
	size_t len = utf8_len(*p, UTF8_MOST);
	int64_t c = 0;

	for (len = len ? len : 1; len > 0; len--)
		c = c << 8 | (unsigned char)*(*p)++;
	return c;
}

static void chars_read(const char *text, struct chars *out)
{
	out->items = mem_zero(strlen(text) + 1, sizeof(*out->items));
	while (*text)
		out->items[out->count++] = next_char(&text);
}

static void chars_write(const struct chars *chars, size_t from, size_t to,
			struct buf *out)
{
	for (size_t i = from; i < to; i++)
		for (int shift = 24; shift >= 0; shift -= 8)
			if (chars->items[i] >> shift)
				buf_char(out, (char)(chars->items[i] >> shift));
}

static void chars_reverse(struct chars *chars)
{
	for (size_t i = 0; i < chars->count / 2; i++) {
		int64_t c = chars->items[i];

		chars->items[i] = chars->items[chars->count - 1 - i];
		chars->items[chars->count - 1 - i] = c;
	}
}

static int pattern_read(const char *text, struct chars *out)
{
	out->items = mem_zero(strlen(text) + 1, sizeof(*out->items));
	while (*text) {
		int64_t c = next_char(&text);

		if (c == '*')
			c = STAR;
		else if (c == '?')
			c = ANY_ONE;
		else if (c == '\\' && (!*text || !strchr("*?\\/}", *text)))
			return -EINVAL;
		else if (c == '\\' && (*text == '/' || *text == '}'))
			continue;
		else if (c == '\\')
			c = next_char(&text);
		out->items[out->count++] = c;
	}
	return 0;
}

/* ---- matching ---- */

/* Pattern characters from..to, without a star. */
struct piece {
	const int64_t *items;
	size_t count;
};

static bool piece_fits(const struct piece *piece, const struct chars *value,
		       size_t at)
{
	if (piece->count > value->count || at > value->count - piece->count)
		return false;
	for (size_t i = 0; i < piece->count; i++)
		if (piece->items[i] != ANY_ONE &&
		    piece->items[i] != value->items[at + i])
			return false;
	return true;
}

/* The first place from `at` on; SIZE_MAX where there is none. */
static size_t piece_first(const struct piece *piece, const struct chars *value,
			  size_t at)
{
	for (; at + piece->count <= value->count; at++)
		if (piece_fits(piece, value, at))
			return at;
	return SIZE_MAX;
}

static size_t piece_last(const struct piece *piece, const struct chars *value,
			 size_t at)
{
	for (size_t i = value->count - piece->count + 1; i > at; i--)
		if (piece_fits(piece, value, i - 1))
			return i - 1;
	return SIZE_MAX;
}

/* The piece that begins at pattern character `*i`, which moves behind it. */
static struct piece piece_take(const struct chars *pattern, size_t *i)
{
	struct piece piece = { .items = pattern->items + *i };

	while (*i < pattern->count && pattern->items[*i] != STAR) {
		piece.count++;
		(*i)++;
	}
	return piece;
}

/* Where a match ends whose first piece ended at `at`; `i` is behind that piece in
 * the pattern. SIZE_MAX: there is none. */
static size_t match_rest(const struct chars *pattern, size_t i,
			 const struct chars *value, size_t at, bool longest)
{
	while (i < pattern->count) {
		struct piece piece;
		bool last;

		i++; /* the star */
		piece = piece_take(pattern, &i);
		last = i == pattern->count;
		if (last && longest && !piece.count)
			return value->count;
		if (piece.count > value->count)
			return SIZE_MAX;
		at = last && longest ? piece_last(&piece, value, at)
				     : piece_first(&piece, value, at);
		if (at == SIZE_MAX)
			return at;
		at += piece.count;
	}
	return at;
}

/* Where a match that begins at 0 ends; SIZE_MAX: there is none. */
static size_t match_beginning(const struct chars *pattern,
			      const struct chars *value, bool longest)
{
	size_t i = 0;
	struct piece first = piece_take(pattern, &i);

	if (!piece_fits(&first, value, 0))
		return SIZE_MAX;
	return match_rest(pattern, i, value, first.count, longest);
}

/* The first match from `at` on, as long as it can be: where it begins. Where the
 * first piece is found but not the others, they are not found later either. */
static size_t match_anywhere(const struct chars *pattern,
			     const struct chars *value, size_t at,
			     size_t *out_end)
{
	size_t i = 0;
	struct piece first = piece_take(pattern, &i);

	at = piece_first(&first, value, at);
	if (at == SIZE_MAX)
		return at;
	*out_end = match_rest(pattern, i, value, at + first.count, true);
	return *out_end == SIZE_MAX ? SIZE_MAX : at;
}

/* ---- what is made of it ---- */

int word_trim(const char *value, const char *pattern, enum word_side side,
	      bool longest, struct buf *out)
{
	OWN_CHARS struct chars chars = { 0 };
	OWN_CHARS struct chars signs = { 0 };
	size_t end;

	if (pattern_read(pattern, &signs) < 0)
		return -EINVAL;
	chars_read(value, &chars);
	if (side == WORD_END) {
		chars_reverse(&chars);
		chars_reverse(&signs);
	}
	end = match_beginning(&signs, &chars, longest);
	if (end == SIZE_MAX)
		end = 0;
	if (side == WORD_END) {
		chars_reverse(&chars);
		chars_write(&chars, 0, chars.count - end, out);
	} else {
		chars_write(&chars, end, chars.count, out);
	}
	return 0;
}

int word_replace(const char *value, const char *pattern, enum word_often often,
		 const char *word, struct buf *out)
{
	OWN_CHARS struct chars chars = { 0 };
	OWN_CHARS struct chars signs = { 0 };
	size_t done = 0; /* characters that are in `out` by now */
	size_t from = 0;
	size_t at;
	size_t end;

	if (pattern_read(pattern, &signs) < 0)
		return -EINVAL;
	chars_read(value, &chars);
	while (from <= chars.count && out->len <= WORDS_MAX &&
	       (at = match_anywhere(&signs, &chars, from, &end)) != SIZE_MAX) {
		chars_write(&chars, done, at, out);
		/* Nothing right behind a match is no second match. */
		if (end > at || at > done || at == 0)
			buf_str(out, word);
		done = end;
		from = end > at ? end : end + 1;
		if (often == WORD_FIRST)
			break;
	}
	chars_write(&chars, done, chars.count, out);
	return 0;
}
