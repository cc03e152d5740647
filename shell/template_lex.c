/* shell/template_lex.c - a template's text, cut into tokens.
 *
 * Outside of {{ and }} everything is text. A dash inside, with a space beside it,
 * eats the white space before ({{- x) or behind (x -}}) the action. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "shell/template_parts.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool begins(const struct lexer *l, const char *what)
{
	return strncmp(l->text + l->at, what, strlen(what)) == 0;
}

/* "{{- " and "{{-\n"; "{{-3}}" is a number. */
static bool begins_trimmed(const struct lexer *l)
{
	return begins(l, "{{-") && is_blank(l->text[l->at + 3]);
}

static bool ends_trimmed(const struct lexer *l)
{
	return is_blank(l->text[l->at]) && l->text[l->at + 1] == '-' &&
	       l->text[l->at + 2] == '}' && l->text[l->at + 3] == '}';
}

static struct token fail(struct lexer *l, size_t pos, const char *message)
{
	snprintf(l->message, sizeof(l->message), "%s", message);
	return (struct token){ TOKEN_ERROR, pos, l->at, false };
}

static struct token token(const struct lexer *l, enum token_kind kind,
			  size_t pos)
{
	return (struct token){ kind, pos, l->at, false };
}

/* Behind "{{": a comment is skipped whole. Returns 1 where there was one, -1
 * where it has no end. */
static int skip_comment(struct lexer *l)
{
	const char *open = l->text + l->at + 2 + (begins_trimmed(l) ? 2 : 0);
	const char *close;

	if (strncmp(open, "/*", 2) != 0)
		return 0;
	close = strstr(open + 2, "*/");
	if (!close)
		return -1;
	l->at = (size_t)(close + 2 - l->text);
	l->trim = ends_trimmed(l);
	if (l->trim)
		l->at += 2;
	if (!begins(l, "}}"))
		return -1;
	l->at += 2;
	return 1;
}

static struct token lex_text(struct lexer *l)
{
	size_t pos = l->at;
	const char *text = l->text + l->at;
	const char *open = strstr(text, "{{");
	size_t len = open ? (size_t)(open - text) : strlen(text);

	buf_clear(&l->value);
	l->at += len;
	if (l->trim) {
		while (len && is_blank(*text)) {
			text++;
			len--;
		}
	}
	l->trim = false;
	if (open && begins_trimmed(l))
		while (len && is_blank(text[len - 1]))
			len--;
	buf_add(&l->value, text, len);
	return token(l, TOKEN_TEXT, pos);
}

static void add_rune(struct buf *out, unsigned long rune)
{
	if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
		rune = 0xfffd;
	if (rune < 0x80) {
		buf_char(out, (char)rune);
	} else if (rune < 0x800) {
		buf_char(out, (char)(0xc0 | rune >> 6));
		buf_char(out, (char)(0x80 | (rune & 0x3f)));
	} else if (rune < 0x10000) {
		buf_char(out, (char)(0xe0 | rune >> 12));
		buf_char(out, (char)(0x80 | (rune >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (rune & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | rune >> 18));
		buf_char(out, (char)(0x80 | (rune >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (rune >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (rune & 0x3f)));
	}
}

/* `digits` of a base behind an escape; false where they are not there. */
static bool escape_number(struct lexer *l, int digits, int base, bool rune)
{
	unsigned long value = 0;

	for (int i = 0; i < digits; i++, l->at++) {
		char c = l->text[l->at];
		int digit = c >= '0' && c <= '9' ? c - '0' :
			    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			    c >= 'A' && c <= 'F' ? c - 'A' + 10 :
						   99;

		if (digit >= base)
			return false;
		value = value * (unsigned long)base + (unsigned long)digit;
	}
	if (rune)
		add_rune(&l->value, value);
	else if (value > 0xff)
		return false;
	else
		buf_char(&l->value, (char)value);
	return true;
}

static bool escape(struct lexer *l)
{
	static const char from[] = "abfnrtv\\'\"";
	static const char to[] = "\a\b\f\n\r\t\v\\'\"";
	char c = l->text[l->at];
	const char *found = c ? strchr(from, c) : NULL;

	if (found) {
		buf_char(&l->value, to[found - from]);
		l->at++;
		return true;
	}
	if (c >= '0' && c <= '7')
		return escape_number(l, 3, 8, false);
	l->at++;
	if (c == 'x')
		return escape_number(l, 2, 16, false);
	if (c == 'u')
		return escape_number(l, 4, 16, true);
	if (c == 'U')
		return escape_number(l, 8, 16, true);
	return false;
}

static struct token lex_quoted(struct lexer *l)
{
	size_t pos = l->at++;
	bool good = true;

	buf_clear(&l->value);
	for (;;) {
		char c = l->text[l->at];

		if (c == '\0' || c == '\n')
			return fail(l, pos, "unterminated quoted string");
		if (c == '"')
			break;
		l->at++;
		if (c != '\\')
			buf_char(&l->value, c);
		else if (l->text[l->at] && l->text[l->at] != '\n')
			good = escape(l) && good;
	}
	l->at++;
	if (!good)
		return fail(l, pos, "invalid syntax");
	return token(l, TOKEN_STRING, pos);
}

static struct token lex_raw(struct lexer *l)
{
	size_t pos = l->at;
	const char *end = strchr(l->text + pos + 1, '`');

	if (!end)
		return fail(l, pos, "unterminated raw quoted string");
	buf_clear(&l->value);
	buf_add(&l->value, l->text + pos + 1,
		(size_t)(end - l->text) - pos - 1);
	l->at = (size_t)(end - l->text) + 1;
	return token(l, TOKEN_STRING, pos);
}

static struct token lex_number(struct lexer *l)
{
	size_t pos = l->at;

	if (strchr("+-", l->text[l->at]))
		l->at++;
	while (is_letter(l->text[l->at]) || l->text[l->at] == '.' ||
	       (strchr("+-", l->text[l->at]) && l->text[l->at] &&
		strchr("eE", l->text[l->at - 1])))
		l->at++;
	return token(l, TOKEN_NUMBER, pos);
}

/* A letter in quotes is its number. */
static struct token lex_char(struct lexer *l)
{
	size_t pos = l->at;
	const char *end = strchr(l->text + pos + 1, '\'');

	if (end == l->text + pos + 2 && end[-1] != '\\') {
		l->at = pos + 3;
		return token(l, TOKEN_NUMBER, pos);
	}
	return fail(l, pos, end ? "malformed character constant" :
				  "unterminated character constant");
}

static void skip_name(struct lexer *l)
{
	while (is_letter(l->text[l->at]))
		l->at++;
}

/* What may stand behind a name: nothing that would make it another one. */
static struct token lex_name(struct lexer *l, enum token_kind kind)
{
	size_t pos = l->at++;
	char bad[64];

	skip_name(l);
	if (kind == TOKEN_FIELD && l->at == pos + 1)
		kind = TOKEN_DOT;
	if (is_blank(l->text[l->at]) || strchr(".,|:=()", l->text[l->at]) ||
	    begins(l, "}}"))
		return token(l, kind, pos);
	snprintf(bad, sizeof(bad), "bad character U+%04X '%c'",
		 (unsigned)(unsigned char)l->text[l->at], l->text[l->at]);
	return fail(l, pos, bad);
}

static struct token lex_mark(struct lexer *l)
{
	static const struct {
		char c;
		enum token_kind kind;
	} marks[] = {
		{ '|', TOKEN_PIPE },
		{ '=', TOKEN_ASSIGN },
		{ ',', TOKEN_COMMA },
		{ '(', TOKEN_LEFT },
		{ ')', TOKEN_RIGHT },
	};
	size_t pos = l->at++;
	char c = l->text[pos];
	char bad[64];

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (marks[i].c != c)
			continue;
		l->parens += c == '(' ? 1 : c == ')' ? -1 : 0;
		if (l->parens < 0)
			return fail(l, pos, "unexpected right paren");
		return token(l, marks[i].kind, pos);
	}
	if (c == ':') {
		if (l->text[l->at] != '=')
			return fail(l, pos, "expected :=");
		l->at++;
		return token(l, TOKEN_DECLARE, pos);
	}
	snprintf(bad, sizeof(bad),
		 "unrecognized character in action: U+%04X '%c'",
		 (unsigned)(unsigned char)c, isprint((unsigned char)c) ? c : '?');
	return fail(l, pos, bad);
}

static struct token lex_word(struct lexer *l)
{
	char c = l->text[l->at];
	bool digit_next = c && isdigit((unsigned char)l->text[l->at + 1]);

	if (c == '"')
		return lex_quoted(l);
	if (c == '`')
		return lex_raw(l);
	if (c == '\'')
		return lex_char(l);
	if (c == '$')
		return lex_name(l, TOKEN_VARIABLE);
	if (isdigit((unsigned char)c) ||
	    (strchr("+-.", c) && digit_next))
		return lex_number(l);
	if (c == '.')
		return lex_name(l, TOKEN_FIELD);
	if (is_letter(c))
		return lex_name(l, TOKEN_NAME);
	return lex_mark(l);
}

static struct token lex_inside(struct lexer *l)
{
	size_t start = l->at;
	struct token found;

	while (is_blank(l->text[l->at]) && !ends_trimmed(l))
		l->at++;
	if (ends_trimmed(l) || begins(l, "}}")) {
		size_t pos = l->at;

		if (l->parens)
			return fail(l, pos, "unclosed left paren");
		l->trim = !begins(l, "}}");
		l->at += l->trim ? 4 : 2;
		l->inside = false;
		found = token(l, TOKEN_CLOSE, pos);
	} else if (l->text[l->at] == '\0') {
		return fail(l, l->at, "unclosed action");
	} else {
		found = lex_word(l);
	}
	found.space = found.pos > start;
	return found;
}

struct token lexer_next(struct lexer *l)
{
	size_t pos;

	if (l->inside)
		return lex_inside(l);
	if (l->text[l->at] == '\0')
		return token(l, TOKEN_EOF, l->at);
	if (!begins(l, "{{"))
		return lex_text(l);
	pos = l->at;
	switch (skip_comment(l)) {
	case -1:
		return fail(l, pos, "unclosed comment");
	case 1:
		buf_clear(&l->value); /* a comment is an empty text */
		return token(l, TOKEN_TEXT, pos);
	default:
		break;
	}
	/* The blank behind "{{-" stays: it keeps "- 3" apart from "-3". */
	l->at += begins_trimmed(l) ? 3 : 2;
	l->inside = true;
	l->parens = 0;
	return token(l, TOKEN_OPEN, pos);
}
