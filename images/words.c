/* images/words.c - see words.h */
#include "images/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

/* p     what is left of the text
 * depth of ${a:-${b:-...}} */
struct reader {
	const char *p;
	const char *text;
	const struct strs *env;
	int depth;
};

enum {
	MAX_DEPTH = 32,
};

static int expand_until(struct reader *reader, char end, struct buf *out,
			struct err *err);

static int bad(const struct reader *reader, const char *what, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "failed to process \"%s\": %s", reader->text, what);
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "NAME", or one of the shell's special names ("1", "@"), which are empty. */
static char *take_name(struct reader *reader)
{
	const char *start = reader->p;

	if (isdigit((unsigned char)*start) || (*start && strchr("@*#!$?-", *start))) {
		reader->p++;
		return mem_strn(start, 1);
	}
	while (is_name_char(*reader->p))
		reader->p++;
	return mem_strn(start, (size_t)(reader->p - start));
}

/* Behind "${NAME": "}", ":-word}", ":+word}" or ":?word}". */
static int expand_form(struct reader *reader, const char *name,
		       const char *value, struct buf *out, struct err *err)
{
	OWN_BUF struct buf word = { 0 };
	bool is_set = value && *value;
	char form;
	int r;

	if (*reader->p == '}') {
		reader->p++;
		buf_str(out, value ? value : "");
		return 0;
	}
	if (*reader->p != ':' || !reader->p[1] || !strchr("-+?", reader->p[1]))
		return bad(reader, *reader->p ? "unsupported modifier in substitution" :
						"syntax error: missing '}'", err);
	form = reader->p[1];
	reader->p += 2;
	if (++reader->depth > MAX_DEPTH)
		return bad(reader, "too many substitutions within each other",
			   err);
	r = expand_until(reader, '}', &word, err);
	reader->depth--;
	if (r < 0)
		return r;
	if (form == '?' && !is_set)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "failed to process \"%s\": %s: %s",
				  reader->text, name,
				  word.len ? word.data :
					     "not allowed to be unset");
	if (form == '+')
		buf_str(out, is_set ? buf_text(&word) : "");
	else
		buf_str(out, is_set ? value : buf_text(&word));
	return 0;
}

/* Behind '$'. */
static int expand_dollar(struct reader *reader, struct buf *out,
			 struct err *err)
{
	bool braced = *reader->p == '{';
	OWN_FREE char *name = NULL;
	const char *value;

	if (braced)
		reader->p++;
	if (braced && (*reader->p == '}' || *reader->p == ':'))
		return bad(reader, "bad substitution", err);
	name = take_name(reader);
	if (!*name) {
		if (braced)
			return bad(reader, "bad substitution", err);
		buf_char(out, '$');
		return 0;
	}
	value = strs_get_env(reader->env, name);
	if (braced)
		return expand_form(reader, name, value, out, err);
	buf_str(out, value ? value : "");
	return 0;
}

static int expand_double(struct reader *reader, struct buf *out,
			 struct err *err)
{
	for (;;) {
		char c = *reader->p;
		int r = 0;

		if (!c)
			return bad(reader, "unexpected end of statement while looking for matching double-quote", err);
		reader->p++;
		if (c == '"')
			return 0;
		if (c == '$') {
			r = expand_dollar(reader, out, err);
		} else if (c == '\\' && *reader->p && strchr("\"$\\", *reader->p)) {
			buf_char(out, *reader->p++);
		} else {
			buf_char(out, c);
		}
		if (r < 0)
			return r;
	}
}

static int take_single(struct reader *reader, struct buf *out, struct err *err)
{
	const char *end = strchr(reader->p, '\'');

	if (!end)
		return bad(reader, "unexpected end of statement while looking for matching single-quote", err);
	buf_add(out, reader->p, (size_t)(end - reader->p));
	reader->p = end + 1;
	return 0;
}

/* Up to `end`, which is taken too; NUL for the end of the text. */
static int expand_until(struct reader *reader, char end, struct buf *out,
			struct err *err)
{
	int r = 0;

	while (r == 0) {
		char c = *reader->p;

		if (!c && end)
			return bad(reader, "syntax error: missing '}'", err);
		if (!c)
			return 0;
		reader->p++;
		if (c == end)
			return 0;
		if (c == '\'')
			r = take_single(reader, out, err);
		else if (c == '"')
			r = expand_double(reader, out, err);
		else if (c == '$')
			r = expand_dollar(reader, out, err);
		else if (c == '\\' && *reader->p)
			buf_char(out, *reader->p++);
		else if (c != '\\') /* the last of all says nothing */
			buf_char(out, c);
	}
	return r;
}

int words_expand(const char *text, const struct strs *env, char **out,
		 struct err *err)
{
	struct reader reader = { .p = text, .text = text, .env = env };
	OWN_BUF struct buf result = { 0 };
	int r = expand_until(&reader, '\0', &result, err);

	if (r == 0)
		*out = buf_give(&result);
	return r;
}

void words_split(const char *text, struct strs *out)
{
	const char *p = text;

	for (;;) {
		const char *start;
		char quote = '\0';

		while (isspace((unsigned char)*p))
			p++;
		if (!*p)
			return;
		for (start = p; *p && (quote || !isspace((unsigned char)*p));
		     p++) {
			if (*p == '\\' && p[1] && quote != '\'')
				p++;
			else if (quote && *p == quote)
				quote = '\0';
			else if (!quote && (*p == '\'' || *p == '"'))
				quote = *p;
		}
		strs_take(out, mem_strn(start, (size_t)(p - start)));
	}
}
