/* images/words.c - see words.h
 *
 * Read from left to right, once; what a variable brought is not read again. Only
 * ${x:-...} goes deeper: its word is a text of the same kind up to the '}'. */
#include "images/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/words_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

enum {
	MAX_DEPTH = 32,
};

/* Where the result goes: whole, or cut into words.
 *
 * words  NULL where nothing is to be cut
 * word   the one that is being made */
struct result {
	struct buf whole;
	struct strs *words;
	struct buf word;
};

static void result_done(struct result *result)
{
	buf_done(&result->whole);
	buf_done(&result->word);
}
#define OWN_RESULT __attribute__((cleanup(result_done)))

/* ---- what comes out ---- */

size_t words_blank(const char *text)
{
	static const char *const wide[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if ((unsigned char)*text < 0x80)
		return *text && strchr(" \t\n\v\f\r", *text) ? 1 : 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	if (strncmp(text, "\xe2\x80", 2) == 0 &&
	    (unsigned char)text[2] >= 0x80 && (unsigned char)text[2] <= 0x8a)
		return 3;
	return 0;
}

static void end_word(struct result *out)
{
	if (out->words && out->word.len)
		strs_take(out->words, buf_give(&out->word));
}

/* What was quoted or escaped: its blanks cut nothing. */
static void add_raw(struct result *out, const char *text, size_t len)
{
	buf_add(&out->whole, text, len);
	if (out->words)
		buf_add(&out->word, text, len);
}

static void add_open(struct result *out, const char *text, size_t len)
{
	buf_add(&out->whole, text, len);
	for (size_t i = 0; out->words && i < len;) {
		size_t blank = words_blank(text + i);

		if (blank)
			end_word(out);
		else
			buf_char(&out->word, text[i]);
		i += blank ? blank : 1;
	}
}

static int check_size(const struct buf *text, struct err *err)
{
	if (text->len <= WORDS_MAX)
		return 0;
	err_set(err, EFBIG,
		_("the variables make a text of more than %d bytes"),
		WORDS_MAX);
	return err_hint(
		err, _("does a variable hold itself, twice, line after line?"));
}

/* ---- quotes ---- */

static int not_closed(const struct reader *reader, const char *kind, char quote,
		      struct err *err)
{
	OWN_FREE char *what = mem_fmt(
		"unexpected end of statement while looking for matching %s-quote",
		kind);

	word_refuse(reader, what, err);
	return err_hint(err, _("write %c%c for a quote that begins nothing"),
			reader->escape, quote);
}

/* Only '"', '$' and the escape itself need one in here; in front of all else it
 * stays. */
static void take_quoted_escape(struct reader *reader, struct buf *out)
{
	char c = *reader->p++;

	if (reader->keep_escapes)
		buf_char(out, c);
	if (!*reader->p)
		return;
	if (strchr("\"$", *reader->p) || *reader->p == reader->escape)
		c = *reader->p++;
	buf_char(out, c);
}

static int expand_double(struct reader *reader, struct buf *out,
			 struct err *err)
{
	int r = 0;

	for (reader->p++; r == 0 && *reader->p != '"';) {
		char c = *reader->p;

		if (!c)
			return not_closed(reader, "double", '"', err);
		if (c == '$') {
			r = word_variable(reader, out, err);
			if (r == 0)
				r = check_size(out, err);
		} else if (c == reader->escape) {
			take_quoted_escape(reader, out);
		} else {
			buf_char(out, c);
			reader->p++;
		}
	}
	if (r == 0)
		reader->p++;
	return r;
}

static int take_single(struct reader *reader, struct buf *out, struct err *err)
{
	const char *start = reader->p + 1;
	const char *end = strchr(start, '\'');

	if (!end)
		return not_closed(reader, "single", '\'', err);
	buf_add(out, start, (size_t)(end - start));
	reader->p = end + 1;
	return 0;
}

static int expand_quoted(struct reader *reader, struct result *out,
			 struct err *err)
{
	OWN_BUF struct buf inside = { 0 };
	char quote = *reader->p;
	int r;

	if (reader->rules->keep_quotes)
		buf_char(&inside, quote);
	r = quote == '"' ? expand_double(reader, &inside, err)
			 : take_single(reader, &inside, err);
	if (r < 0)
		return r;
	if (reader->rules->keep_quotes)
		buf_char(&inside, quote);
	add_raw(out, buf_text(&inside), inside.len);
	return 0;
}

/* ---- the whole ---- */

static void take_escaped(struct reader *reader, struct result *out)
{
	size_t len;

	if (reader->keep_escapes)
		add_raw(out, reader->p, 1);
	reader->p++;
	/* The last of all escapes nothing, and says nothing. */
	len = *reader->p ? utf8_len(reader->p, UTF8_MOST) : 0;
	if (!len && *reader->p)
		len = 1;
	add_raw(out, reader->p, len);
	reader->p += len;
}

static void take_plain(struct reader *reader, struct result *out)
{
	size_t blank = words_blank(reader->p);
	size_t len = blank ? blank : 1;

	add_open(out, reader->p, len);
	reader->p += len;
}

static int expand_one(struct reader *reader, struct result *out,
		      struct err *err)
{
	char c = *reader->p;

	if (c == '$') {
		OWN_BUF struct buf value = { 0 };
		int r = word_variable(reader, &value, err);

		if (r == 0)
			add_open(out, buf_text(&value), value.len);
		return r;
	}
	if ((c == '\'' || c == '"') && !reader->rules->plain_quotes)
		return expand_quoted(reader, out, err);
	if (c == reader->escape)
		take_escaped(reader, out);
	else
		take_plain(reader, out);
	return 0;
}

/* Up to `end`, which is taken too; NUL for the end of the text. */
static int expand_until(struct reader *reader, char end, struct result *out,
			struct err *err)
{
	int r = 0;

	while (r == 0) {
		if (!*reader->p && end)
			return word_refuse_braces(
				reader,
				end == '/' ? "syntax error: missing '/' in ${}"
					   : "syntax error: missing '}'",
				err);
		if (*reader->p == end)
			break;
		r = expand_one(reader, out, err);
		if (r == 0)
			r = check_size(&out->whole, err);
	}
	if (r == 0 && end)
		reader->p++;
	return r;
}

int word_operand(struct reader *reader, char end, bool pattern, struct buf *out,
		 struct err *err)
{
	OWN_RESULT struct result word = { 0 };
	bool before = reader->keep_escapes;
	int r;

	if (++reader->depth > MAX_DEPTH)
		return word_refuse_braces(
			reader, "syntax error: too many ${} within each other",
			err);
	reader->keep_escapes = pattern;
	r = expand_until(reader, end, &word, err);
	reader->keep_escapes = before;
	reader->depth--;
	if (r == 0)
		buf_str(out, buf_text(&word.whole));
	return r;
}

static int process(const char *text, const struct word_rules *rules,
		   struct result *out, struct err *err)
{
	struct reader reader = {
		.p = text,
		.text = text,
		.rules = rules,
		.escape = '\\',
		.keep_escapes = rules->keep_escapes,
	};
	int r;

	if (rules->escape)
		reader.escape = rules->escape;
	r = expand_until(&reader, '\0', out, err);
	if (r == 0)
		end_word(out);
	return r;
}

int words_expand_by(const char *text, const struct word_rules *rules,
		    char **out, struct err *err)
{
	OWN_RESULT struct result result = { 0 };
	int r = process(text, rules, &result, err);

	if (r == 0)
		*out = buf_give(&result.whole);
	return r;
}

int words_expand(const char *text, const struct strs *env, char **out,
		 struct err *err)
{
	struct word_rules rules = { .env = env };

	return words_expand_by(text, &rules, out, err);
}

int words_cut(const char *text, const struct word_rules *rules,
	      struct strs *out, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	OWN_RESULT struct result result = { .words = &words };
	int r = process(text, rules, &result, err);

	if (r == 0)
		strs_copy(out, &words);
	return r;
}
