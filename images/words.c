/* images/words.c - see words.h
 *
 * Read from left to right, once; what a variable brought is not read again. Only
 * ${x:-...} goes deeper: its word is a text of the same kind up to the '}'. */
#include "images/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/word_pattern.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

enum {
	MAX_DEPTH = 32,
};

/* p             what is left of the text
 * keep_escapes  as the rules say, or because a pattern is read
 * depth         of ${a:-${b:-...}} */
struct reader {
	const char *p;
	const char *text;
	const struct word_rules *rules;
	char escape;
	bool keep_escapes;
	int depth;
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

static int expand_until(struct reader *reader, char end, struct result *out,
			struct err *err);

static int bad(const struct reader *reader, const char *what, struct err *err)
{
	OWN_BUF struct buf quoted = { 0 };

	go_quote(&quoted, reader->text);
	return err_docker(err, ERR_DAEMON, EINVAL, "failed to process %s: %s",
			  buf_text(&quoted), what);
}

/* ---- what comes out ---- */

size_t words_blank(const char *text)
{
	static const char *const wide[] = {
		"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if ((unsigned char)*text < 0x80)
		return *text && strchr(" \t\n\v\f\r", *text) ? 1 : 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	if (strncmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0x80 &&
	    (unsigned char)text[2] <= 0x8a)
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
	err_set(err, EFBIG, _("the variables make a text of more than %d bytes"),
		WORDS_MAX);
	return err_hint(err, _("does a variable hold itself, twice, line after line?"));
}

/* ---- variables ---- */

/* Letters of all languages: above ASCII whatever is no blank and no sign of
 * punctuation (Latin-1's, U+2000 to U+2BFF, U+3000 to U+303F). */
static size_t name_char_len(const char *p)
{
	size_t len = utf8_len(p, UTF8_MOST);

	if ((unsigned char)*p < 0x80)
		return isalnum((unsigned char)*p) || *p == '_' ? 1 : 0;
	if (words_blank(p) ||
	    (*p == '\xc2' && p[1] != '\xaa' && p[1] != '\xb5' && p[1] != '\xba') ||
	    (*p == '\xe2' && (unsigned char)p[1] < 0xb0) ||
	    (*p == '\xe3' && p[1] == '\x80'))
		return 0;
	return len;
}

/* "NAME", "42", or one of the shell's special names ("@"): those are empty in a
 * Dockerfile. Given; "" where no name stands. */
static char *take_name(struct reader *reader)
{
	const char *start = reader->p;
	size_t len;

	if (isdigit((unsigned char)*start)) {
		while (isdigit((unsigned char)*reader->p))
			reader->p++;
	} else if (*start && strchr("@*#?-$!", *start)) {
		reader->p++;
	} else {
		while ((len = name_char_len(reader->p)) > 0)
			reader->p += len;
	}
	return mem_strn(start, (size_t)(reader->p - start));
}

static const char *value_of(const struct reader *reader, const char *name)
{
	const char *value = NULL;

	if (reader->rules->env)
		value = strs_get_env(reader->rules->env, name);
	if (!value && reader->rules->args)
		value = strs_get_env(reader->rules->args, name);
	return value;
}

/* The word behind an operator, up to `end`. As a pattern it keeps its escapes:
 * \* is a star. */
static int take_operand(struct reader *reader, char end, bool pattern,
			struct buf *out, struct err *err)
{
	OWN_RESULT struct result word = { 0 };
	bool before = reader->keep_escapes;
	int r;

	if (++reader->depth > MAX_DEPTH)
		return bad(reader, "syntax error: too many ${} within each other",
			   err);
	reader->keep_escapes = pattern;
	r = expand_until(reader, end, &word, err);
	reader->keep_escapes = before;
	reader->depth--;
	if (r == 0)
		buf_str(out, buf_text(&word.whole));
	return r;
}

static int bad_pattern(const struct reader *reader, const char *pattern,
		       struct err *err)
{
	OWN_FREE char *why = mem_fmt(
		"invalid pattern (%s) in substitution: a \\ stands in front of *, ?, \\, / or }",
		pattern);

	return bad(reader, why, err);
}

/* ${name/pattern/word}, ${name//pattern/word}; reader->p is behind the first
 * '/'. */
static int expand_replace(struct reader *reader, const char *name,
			  struct buf *out, struct err *err)
{
	OWN_BUF struct buf pattern = { 0 };
	OWN_BUF struct buf word = { 0 };
	const char *value = value_of(reader, name);
	bool all = *reader->p == '/';
	int r;

	if (all)
		reader->p++;
	r = take_operand(reader, '/', true, &pattern, err);
	if (r == 0)
		r = take_operand(reader, '}', true, &word, err);
	if (r < 0)
		return r;
	if (!value && reader->rules->keep_unset) {
		buf_fmt(out, "${%s/%s/%s}", name, buf_text(&pattern),
			buf_text(&word));
		return 0;
	}
	r = word_replace(value ? value : "", buf_text(&pattern),
			 all ? WORD_ALL : WORD_FIRST, buf_text(&word), out);
	return r < 0 ? bad_pattern(reader, buf_text(&pattern), err) : 0;
}

static int unset_error(const struct reader *reader, const char *name,
		       const char *value, const struct buf *word,
		       struct err *err)
{
	OWN_FREE char *why = mem_fmt("%s: %s", name,
				     word->len ? word->data :
				     value     ? "is not allowed to be empty" :
						 "is not allowed to be unset");

	return bad(reader, why, err);
}

static int expand_trim(const struct reader *reader, const char *value,
		       char form, const char *pattern, struct buf *out,
		       struct err *err)
{
	bool longest = *pattern == form;
	int r = word_trim(value, pattern + longest,
			  form == '%' ? WORD_END : WORD_BEGINNING, longest,
			  out);

	return r < 0 ? bad_pattern(reader, pattern + longest, err) : 0;
}

/* ${name:-word} and the others with one operand; reader->p is on the operator. */
static int expand_form(struct reader *reader, const char *name,
		       struct buf *out, struct err *err)
{
	OWN_BUF struct buf word = { 0 };
	const char *value = value_of(reader, name);
	bool colon = *reader->p == ':';
	bool is_set = value && !(colon && !*value);
	OWN_FREE char *sign = mem_strn(reader->p, colon && reader->p[1] ? 2 : 1);
	char form = sign[strlen(sign) - 1];
	int r;

	if (!strchr(colon ? "-+?" : "-+?#%", form)) {
		OWN_FREE char *why = mem_fmt(
			"unsupported modifier (%s) in substitution", sign);

		return bad(reader, why, err);
	}
	reader->p += strlen(sign);
	r = take_operand(reader, '}', form == '#' || form == '%', &word, err);
	if (r < 0)
		return r;
	if (!value && reader->rules->keep_unset)
		buf_fmt(out, "${%s%s%s}", name, sign, buf_text(&word));
	else if (form == '#' || form == '%')
		return expand_trim(reader, value ? value : "", form,
				   buf_text(&word), out, err);
	else if (form == '?' && !is_set)
		return unset_error(reader, name, value, &word, err);
	else if (form == '+')
		buf_str(out, is_set ? buf_text(&word) : "");
	else
		buf_str(out, is_set ? value : buf_text(&word));
	return 0;
}

static int expand_braces(struct reader *reader, struct buf *out,
			 struct err *err)
{
	OWN_FREE char *name = NULL;
	const char *value;

	if (!*reader->p)
		return bad(reader, "syntax error: missing '}'", err);
	if (strchr("{}:", *reader->p))
		return bad(reader, "syntax error: bad substitution", err);
	name = take_name(reader);
	value = value_of(reader, name);
	switch (*reader->p) {
	case '\0':
		return bad(reader, "syntax error: missing '}'", err);
	case '}':
		reader->p++;
		if (!value && reader->rules->keep_unset)
			buf_fmt(out, "${%s}", name);
		else
			buf_str(out, value ? value : "");
		return 0;
	case '/':
		reader->p++;
		return expand_replace(reader, name, out, err);
	default:
		return expand_form(reader, name, out, err);
	}
}

/* reader->p is on the '$'. */
static int expand_dollar(struct reader *reader, struct buf *out,
			 struct err *err)
{
	OWN_FREE char *name = NULL;
	const char *value;

	reader->p++;
	if (*reader->p == '{') {
		reader->p++;
		return expand_braces(reader, out, err);
	}
	name = take_name(reader);
	value = value_of(reader, name);
	if (!*name || (!value && reader->rules->keep_unset))
		buf_fmt(out, "$%s", name);
	else
		buf_str(out, value ? value : "");
	return 0;
}

/* ---- quotes ---- */

static int expand_double(struct reader *reader, struct buf *out,
			 struct err *err)
{
	reader->p++;
	for (;;) {
		char c = *reader->p;
		int r = 0;

		if (!c)
			return bad(reader, "unexpected end of statement while looking for matching double-quote", err);
		if (c == '$') {
			r = expand_dollar(reader, out, err);
			if (r == 0)
				r = check_size(out, err);
			if (r < 0)
				return r;
			continue;
		}
		reader->p++;
		if (c == '"')
			return 0;
		if (c == reader->escape) {
			if (reader->keep_escapes)
				buf_char(out, c);
			/* Of all others the escape itself stays. */
			if (*reader->p == '"' || *reader->p == '$' ||
			    *reader->p == reader->escape)
				c = *reader->p++;
			else if (!*reader->p)
				continue;
		}
		buf_char(out, c);
	}
}

static int take_single(struct reader *reader, struct buf *out, struct err *err)
{
	const char *start = reader->p + 1;
	const char *end = strchr(start, '\'');

	if (!end)
		return bad(reader, "unexpected end of statement while looking for matching single-quote", err);
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
	r = quote == '"' ? expand_double(reader, &inside, err) :
			   take_single(reader, &inside, err);
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
		int r = expand_dollar(reader, &value, err);

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
			return bad(reader,
				   end == '/' ? "syntax error: missing '/' in ${}" :
						"syntax error: missing '}'",
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
