/* shell/words.c - see words.h
 *
 * Source of the rules: POSIX, Shell Command Language, "Quoting" and "Token
 * Recognition". */
#include "shell/words.h"

#include <ctype.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/env.h"

void words_done(struct words *words)
{
	strs_done(&words->words);
	*words = (struct words){ 0 };
}

/* "$ ", "dockershell> ", "dockershell diff 2/5 [1]> ": how long it is, or 0. What stands
 * before the > tells it from a line that writes to a file. */
static size_t prompt_len(const char *line)
{
	static const char ours[] = "dockershell";
	const char *end;

	if (line[0] == '$' && line[1] == ' ')
		return 2;
	if (strncmp(line, ours, strlen(ours)) != 0)
		return 0;
	line += strlen(ours);
	end = strpbrk(line, ">\n");
	if (!end || end[0] != '>' || end[1] != ' ')
		return 0;
	if (end > line && (line[0] != ' ' ||
			   (end[-1] != ']' && !isdigit((unsigned char)end[-1]))))
		return 0;
	return (size_t)(end - line) + strlen(ours) + strlen("> ");
}

const char *words_begin(const char *line)
{
	line += strspn(line, " \t\r\n");
	line += prompt_len(line);
	return line + strspn(line, " \t");
}

char *words_without_prompts(const char *text)
{
	OWN_BUF struct buf out = { 0 };
	const char *first = text + strspn(text, " \t\r\n");

	if (prompt_len(first) == 0)
		return mem_str(text);
	for (const char *line = first; *line;) {
		size_t len = strcspn(line, "\n");
		bool goes_on = out.len > 1 && out.data[out.len - 2] == '\\';
		size_t skip = goes_on && strncmp(line, "> ", 2) == 0
				      ? 2
				      : prompt_len(line);

		len += line[len] == '\n';
		buf_add(&out, line + skip, len - skip);
		line += len;
	}
	return buf_give(&out);
}

/* ---- into words ---- */

/* word      the one being read; begun even when it is still empty, as in ''
 * quoted    it holds a quote or a backslash
 * operators there was one */
struct reader {
	const char *at;
	struct words *out;
	struct buf word;
	bool begun;
	bool quoted;
	bool operators;
};

static void end_word(struct reader *r)
{
	if (!r->begun)
		return;
	if (r->out->words.count == 0)
		r->out->quoted_first = r->quoted;
	strs_add(&r->out->words, buf_text(&r->word));
	buf_clear(&r->word);
	r->begun = false;
	r->quoted = false;
}

static void add(struct reader *r, char c)
{
	buf_char(&r->word, c);
	r->begun = true;
}

/* Syntax that makes words of words. */
static void expands(struct reader *r)
{
	r->out->syntax = true;
	r->out->expands = true;
}

/* $( ... ) or ` ... `, as it stands: what is in it is sh's. r->at is behind its
 * last character afterwards, or at the end of the text. */
static void read_substitution(struct reader *r, char end)
{
	int depth = 1;

	expands(r);
	add(r, *r->at++);
	if (end == ')')
		add(r, *r->at++); /* the ( behind the $ */
	for (; *r->at; add(r, *r->at++)) {
		if (*r->at == '\\' && r->at[1])
			add(r, *r->at++);
		else if (end == ')' && *r->at == '(')
			depth++;
		else if (*r->at == end && --depth == 0)
			break;
	}
	if (*r->at)
		add(r, *r->at++);
}

/* At a $ or a backquote. False: it is a $ that stands for a variable. */
static bool read_if_substitution(struct reader *r)
{
	if (*r->at == '`')
		read_substitution(r, '`');
	else if (*r->at == '$' && r->at[1] == '(')
		read_substitution(r, ')');
	else
		return false;
	return true;
}

static void read_single_quotes(struct reader *r)
{
	r->begun = true;
	r->quoted = true;
	for (r->at++; *r->at && *r->at != '\''; r->at++)
		add(r, *r->at);
	if (*r->at)
		r->at++;
	else
		r->out->syntax = true; /* open: sh will say so */
}

static void read_double_quotes(struct reader *r)
{
	r->begun = true;
	r->quoted = true;
	r->at++;
	while (*r->at && *r->at != '"') {
		if (read_if_substitution(r))
			continue;
		if (*r->at == '$')
			expands(r);
		if (strncmp(r->at, "\\\n", 2) == 0) {
			r->at += 2;
			continue; /* the line goes on */
		}
		if (*r->at == '\\' && r->at[1] &&
		    strchr("$`\"\\", r->at[1]))
			r->at++;
		add(r, *r->at++);
	}
	if (*r->at)
		r->at++;
	else
		r->out->syntax = true;
}

static void read_backslash(struct reader *r)
{
	r->at++;
	if (*r->at == '\n') {
		r->at++;
		return; /* the line goes on */
	}
	r->quoted = true;
	if (*r->at)
		add(r, *r->at++);
	else
		r->out->syntax = true;
}

/* An operator, which a shell alone understands. A lone & at the end is told. */
static void read_operator(struct reader *r)
{
	end_word(r);
	r->out->syntax = true;
	r->out->expands = false;
	if (*r->at == '&' && r->at[1] == '&')
		r->at++;
	else if (*r->at == '&' &&
		 r->at[1 + strspn(r->at + 1, " \t\r\n")] == '\0')
		r->out->background = true;
	r->at++;
}

/* A newline at the very end separates nothing. */
static void read_separator(struct reader *r)
{
	r->operators |= *r->at != '\n' ||
			r->at[strspn(r->at, " \t\r\n")] != '\0';
	if (r->operators) {
		read_operator(r);
	} else {
		end_word(r);
		r->at++;
	}
}

/* At the begin of a word, and behind the = and each : of NAME=~/a:~/b, a ~ is a folder. */
static bool tilde_counts(const struct reader *r)
{
	const char *word = buf_text(&r->word);
	size_t len = strcspn(word, "=");

	if (!r->begun)
		return true;
	return word[len] && env_is_name(word, len) &&
	       strchr("=:", word[r->word.len - 1]);
}

static void read_plain(struct reader *r)
{
	if (read_if_substitution(r))
		return;
	if (strchr("$*?[", *r->at) || (*r->at == '~' && tilde_counts(r)))
		expands(r);
	add(r, *r->at++);
}

void words_read(const char *line, struct words *out)
{
	struct reader r = { .at = line, .out = out };

	while (*r.at) {
		char c = *r.at;

		if (c == ' ' || c == '\t' || c == '\r') {
			end_word(&r);
			r.at++;
		} else if (c == '\'') {
			read_single_quotes(&r);
		} else if (c == '"') {
			read_double_quotes(&r);
		} else if (c == '\\') {
			read_backslash(&r);
		} else if (strchr("|&;<>()\n", c)) {
			read_separator(&r);
		} else if (c == '#' && !r.begun) {
			end_word(&r);
			r.at += strcspn(r.at, "\n"); /* a comment */
		} else {
			read_plain(&r);
		}
	}
	end_word(&r);
	buf_done(&r.word);
	if (r.operators)
		out->expands = false;
}

/* ---- is it whole? ----
 *
 * Walks over the text with a stack of what is open: a letter each, '"' for
 * double quotes, ')' for $( and (, '}' for ${, '`' for backquotes. Inside single
 * quotes nothing is special, so they need no place on it. */

#define DEEPEST 64

struct scan {
	const char *at;
	char open[DEEPEST];
	const char *opened[DEEPEST]; /* where each begins */
	int depth;
	bool word; /* the character before belongs to a word */
	bool operator_last;
	struct strs here; /* delimiters of here-documents to come */
};

static char innermost(const struct scan *s)
{
	if (s->depth == 0)
		return '\0';
	return s->open[s->depth - 1];
}

/* In double quotes, also behind a ${ in them: there a ' is only a character. */
static bool in_double_quotes(const struct scan *s)
{
	int i = s->depth - 1;

	while (i >= 0 && s->open[i] == '}')
		i--;
	return i >= 0 && s->open[i] == '"';
}

static void push(struct scan *s, char c)
{
	if (s->depth >= DEEPEST)
		return; /* let sh judge it */
	s->opened[s->depth] = s->at;
	s->open[s->depth++] = c;
}

/* "<<-  'EOF'": notes "-EOF" (with the dash, where tabs are stripped). */
static void note_here_document(struct scan *s)
{
	OWN_BUF struct buf name = { 0 };
	const char *p = s->at + 2;

	if (*p == '<') { /* <<<: not of POSIX, no document */
		s->at = p;
		return;
	}
	buf_char(&name, *p == '-' ? '-' : '+');
	p += *p == '-';
	p += strspn(p, " \t");
	for (; *p && !strchr(" \t\n;|&<>()", *p); p++)
		if (!strchr("'\"\\", *p))
			buf_char(&name, *p);
	if (name.len > 1)
		strs_add(&s->here, buf_text(&name));
	s->at = p - 1;
}

/* After a newline: skips the bodies. False when one has no end yet. */
static bool skip_here_documents(struct scan *s)
{
	while (s->here.count > 0) {
		const char *name = s->here.items[0];
		const char *line = s->at;
		size_t len;

		if (!*line)
			return false;
		len = strcspn(line, "\n");
		s->at += len + (line[len] == '\n');
		if (name[0] == '-')
			while (len > 0 && *line == '\t')
				line++, len--;
		if (strlen(name + 1) == len &&
		    strncmp(name + 1, line, len) == 0)
			strs_remove(&s->here, 0);
	}
	return true;
}

/* Both skip to the last character of what they stand at. False: it has no end. */
static bool skip_escaped(struct scan *s)
{
	if (!s->at[1] || (s->at[1] == '\n' && !s->at[2]))
		return false;
	s->at++;
	return true;
}

static bool skip_single_quotes(struct scan *s)
{
	const char *end = strchr(s->at + 1, '\'');

	if (end)
		s->at = end;
	return end != NULL;
}

/* What means something in neither double quotes nor ${...}. */
static void scan_syntax(struct scan *s)
{
	if (*s->at == '(')
		push(s, ')');
	else if (*s->at == '#' && !s->word)
		s->at += strcspn(s->at, "\n") - 1;
	else if (*s->at == '<' && s->at[1] == '<')
		note_here_document(s);
}

/* One character outside of single quotes. False: it is unfinished. */
static bool scan_one(struct scan *s)
{
	char c = *s->at;
	char in = innermost(s);

	if (c == '\\')
		return skip_escaped(s);
	if (c == '\'' && !in_double_quotes(s))
		return skip_single_quotes(s);
	if (c == in) {
		s->depth--;
	} else if (c == '$' && (s->at[1] == '(' || s->at[1] == '{')) {
		s->at++;
		push(s, *s->at == '(' ? ')' : '}');
	} else if (c == '"' || c == '`') {
		push(s, c);
	} else if (in != '"' && in != '}') {
		scan_syntax(s);
	}
	return true;
}

/* Up to the end, or to where it is seen to be unfinished: then false. */
static bool scan_all(struct scan *s, const char *text)
{
	bool whole = true;

	s->at = text;
	while (whole && *s->at) {
		char c = *s->at;

		whole = scan_one(s);
		if (!whole)
			break;
		if (!strchr(" \t\n", c))
			s->operator_last =
				(c == '|' || (c == '&' && s->at > text &&
					      s->at[-1] == '&')) &&
				innermost(s) != '"';
		s->word = !strchr(" \t\n;&|()", c);
		if (*s->at)
			s->at++;
		if (c == '\n' && s->here.count > 0)
			whole = skip_here_documents(s);
	}
	return whole;
}

bool words_unfinished(const char *text)
{
	struct scan s = { 0 };
	bool whole = scan_all(&s, text);

	whole = whole && s.depth == 0 && s.here.count == 0 &&
		!s.operator_last;
	strs_done(&s.here);
	return !whole;
}

bool words_open_quote(const char *text, int *out_line)
{
	struct scan s = { 0 };
	bool whole = scan_all(&s, text);
	const char *quote = NULL;

	strs_done(&s.here);
	if (!whole && *s.at == '\'')
		quote = s.at;
	for (int i = s.depth - 1; i >= 0; i--)
		if (s.open[i] == '"')
			quote = s.opened[i];
	*out_line = 0;
	for (const char *p = text; quote && p < quote; p++)
		*out_line += *p == '\n';
	return quote != NULL;
}
