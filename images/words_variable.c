/* images/words_variable.c - $NAME and ${...}, see words.h */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/word_pattern.h"
#include "images/words_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

enum {
	MAX_SHOWN = 2000,
};

int word_refuse(const struct reader *reader, const char *what, struct err *err)
{
	OWN_BUF struct buf quoted = { 0 };

	go_quote(&quoted, reader->text);
	/* A message has an end, and the reason has to stand in it. */
	if (quoted.len > MAX_SHOWN) {
		quoted.data[quoted.len = MAX_SHOWN] = '\0';
		buf_str(&quoted, "...\"");
	}
	return err_docker(err, ERR_DAEMON, EINVAL, "failed to process %s: %s",
			  buf_text(&quoted), what);
}

int word_refuse_braces(const struct reader *reader, const char *what,
		       struct err *err)
{
	word_refuse(reader, what, err);
	return err_hint(
		err,
		_("expected: ${NAME}, ${NAME:-WORD}, ${NAME:+WORD} ..., or %c$ for a $"),
		reader->escape);
}

/* Letters of all languages: above ASCII whatever is no blank and no sign of
 * punctuation (Latin-1's, U+2000 to U+2BFF, U+3000 to U+303F). */
static size_t name_char_len(const char *p)
{
	size_t len = utf8_len(p, UTF8_MOST);

	if ((unsigned char)*p < 0x80)
		return isalnum((unsigned char)*p) || *p == '_' ? 1 : 0;
	if (words_blank(p) ||
	    (*p == '\xc2' && p[1] != '\xaa' && p[1] != '\xb5' &&
	     p[1] != '\xba') ||
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

static int bad_pattern(const struct reader *reader, const char *pattern,
		       struct err *err)
{
	OWN_FREE char *why = mem_fmt(
		"invalid pattern (%s) in substitution: a \\ stands in front of *, ?, \\, / or }",
		pattern);

	return word_refuse(reader, why, err);
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
	r = word_operand(reader, '/', true, &pattern, err);
	if (r == 0)
		r = word_operand(reader, '}', true, &word, err);
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
				     word->len ? word->data
				     : value   ? "is not allowed to be empty"
					       : "is not allowed to be unset");

	return word_refuse(reader, why, err);
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

/* The operator at reader->p, which is one or two characters: "-", ":-". Given;
 * NULL where there is no such. */
static char *take_sign(struct reader *reader, struct err *err)
{
	bool colon = *reader->p == ':';
	char *sign = mem_strn(reader->p, colon && reader->p[1] ? 2 : 1);
	size_t len = strlen(sign);
	OWN_FREE char *why = NULL;

	if (strchr(colon ? "-+?" : "-+?#%", sign[len - 1])) {
		reader->p += len;
		return sign;
	}
	why = mem_fmt("unsupported modifier (%s) in substitution", sign);
	free(sign);
	word_refuse_braces(reader, why, err);
	return NULL;
}

/* ${name:-word} and the others with one operand. */
static int expand_form(struct reader *reader, const char *name, struct buf *out,
		       struct err *err)
{
	OWN_BUF struct buf word = { 0 };
	OWN_FREE char *sign = take_sign(reader, err);
	const char *value = value_of(reader, name);
	bool is_set;
	char form;
	int r;

	if (!sign)
		return -err->code;
	form = sign[strlen(sign) - 1];
	is_set = value && (*value || *sign != ':');
	r = word_operand(reader, '}', form == '#' || form == '%', &word, err);
	if (r < 0)
		return r;
	if (!value && reader->rules->keep_unset)
		buf_fmt(out, "${%s%s%s}", name, sign, buf_text(&word));
	else if (form == '#' || form == '%')
		return expand_trim(reader, value ? value : "", form,
				   buf_text(&word), out, err);
	else if (form == '?' && !is_set)
		return unset_error(reader, name, value, &word, err);
	else if (is_set == (form == '+'))
		buf_str(out, buf_text(&word));
	else if (is_set)
		buf_str(out, value);
	return 0;
}

static int expand_braces(struct reader *reader, struct buf *out,
			 struct err *err)
{
	OWN_FREE char *name = NULL;
	const char *value;

	if (!*reader->p)
		return word_refuse_braces(reader, "syntax error: missing '}'",
					  err);
	if (strchr("{}:", *reader->p))
		return word_refuse_braces(
			reader, "syntax error: bad substitution", err);
	name = take_name(reader);
	value = value_of(reader, name);
	switch (*reader->p) {
	case '\0':
		return word_refuse_braces(reader, "syntax error: missing '}'",
					  err);
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

int word_variable(struct reader *reader, struct buf *out, struct err *err)
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
