/* images/ignore_pattern.c - see ignore_pattern.h
 *
 * A regular expression without alternatives is a row of atoms. All places of the
 * path that the atoms so far can lead to are kept at once, as a row of marks, and
 * each atom moves the marks on: nothing is ever tried twice. */
#include "images/ignore_pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "images/go_match.h"
#include "images/ignore_set.h"
#include "runtime/base/buf.h"
#include "runtime/base/own.h"

/* What decides: most patterns are plain text, with ** at an end or without. */
enum how { EXACT, PREFIX, SUFFIX, REGEX };

/* SET     one character of a set
 * DIRS    "(.*\/)?": nothing, or anything up to a '/'
 * BEGIN, END, WORD, NO_WORD  a place, no character */
enum kind { SET, DIRS, BEGIN, END, WORD, NO_WORD };
enum times { ONCE, MAYBE, ANY_TIMES };

struct atom {
	enum kind kind;
	enum times times;
	struct ignore_set set;
};

struct ignore_pattern {
	char *text;
	enum how how;
	struct atom *atoms;
	size_t count;
};

/* ---- from a pattern to a regular expression ---- */

/* "*" and what follows it. Returns how the pattern is decided from now on. */
static enum how translate_stars(const char **p, bool first, enum how how,
				struct buf *out)
{
	if (**p != '*') {
		buf_str(out, "[^/]*");
		return REGEX;
	}
	++*p;
	if (**p == '/')
		++*p;
	if (**p) {
		buf_str(out, "(.*/)?");
		how = REGEX;
	} else if (how == EXACT) {
		how = PREFIX;
	} else {
		buf_str(out, ".*");
		how = REGEX;
	}
	return first ? SUFFIX : how;
}

static void add_rune(struct buf *out, const char *from, const char *to)
{
	/* What is no UTF-8 has become U+FFFD by now. */
	if (to - from == 1 && (unsigned char)*from >= 0x80)
		buf_str(out, "\xEF\xBF\xBD");
	else
		buf_add(out, from, (size_t)(to - from));
}

/* "\x": what is behind the backslash means itself, or what it means to Go. */
static enum how translate_escape(const char **p, enum how how, struct buf *out)
{
	const char *from = *p;

	buf_char(out, '\\');
	if (!go_rune(p))
		return how;
	add_rune(out, from, *p);
	return REGEX;
}

/* Anything else; what means something to Go alone loses that. */
static enum how translate_plain(uint32_t rune, const char *from, const char *to,
				enum how how, struct buf *out)
{
	if (rune < 0x80 && strchr(".+()|{}$", (int)rune))
		buf_char(out, '\\');
	add_rune(out, from, to);
	return rune == '[' || rune == ']' ? REGEX : how;
}

static enum how translate(const char *text, struct buf *out)
{
	enum how how = EXACT;

	for (const char *p = text; *p;) {
		const char *from = p;
		uint32_t rune = go_rune(&p);

		if (rune == '*') {
			how = translate_stars(&p, from == text, how, out);
		} else if (rune == '?') {
			buf_str(out, "[^/]");
			how = REGEX;
		} else if (rune == '\\') {
			how = translate_escape(&p, how, out);
		} else {
			how = translate_plain(rune, from, p, how, out);
		}
	}
	return how;
}

/* ---- from a regular expression to atoms ---- */

static struct atom *add_atom(struct ignore_pattern *pattern, enum kind kind)
{
	struct atom *atom;

	pattern->atoms = mem_grow(pattern->atoms, pattern->count + 1,
				  sizeof(*pattern->atoms));
	atom = &pattern->atoms[pattern->count++];
	*atom = (struct atom){ .kind = kind };
	return atom;
}

/* "\A" and the like: no character but a place. */
static bool is_place(char letter, enum kind *out)
{
	*out = letter == 'A'   ? BEGIN
	       : letter == 'z' ? END
	       : letter == 'b' ? WORD
			       : NO_WORD;
	return letter && strchr("AzbB", letter);
}

/* "\Qtext\E": the text is meant as it stands. */
static void add_quoted(struct ignore_pattern *pattern, const char **p)
{
	const char *end = strstr(*p, "\\E");

	if (!end)
		end = *p + strlen(*p);
	while (*p < end) {
		uint32_t rune = go_rune(p);

		ignore_set_add(&add_atom(pattern, SET)->set, rune, rune);
	}
	if (*end)
		*p = end + 2;
}

static int parse_atom(struct ignore_pattern *pattern, const char **p)
{
	enum kind place;
	uint32_t rune;

	if (strncmp(*p, "(.*/)?", 6) == 0) {
		*p += 6;
		(void)add_atom(pattern, DIRS);
		return 0;
	}
	if (**p == '[')
		return ignore_set_class(&add_atom(pattern, SET)->set, p);
	if (**p == '\\' && is_place((*p)[1], &place)) {
		*p += 2;
		(void)add_atom(pattern, place);
		return 0;
	}
	if (**p == '\\' && (*p)[1] == 'Q') {
		*p += 2;
		add_quoted(pattern, p);
		return 0;
	}
	if (**p == '\\')
		return ignore_set_escape(&add_atom(pattern, SET)->set, p);
	rune = go_rune(p);
	if (rune == '^')
		(void)add_atom(pattern, BEGIN);
	else if (rune == '.')
		ignore_set_dot(&add_atom(pattern, SET)->set);
	else
		ignore_set_add(&add_atom(pattern, SET)->set, rune, rune);
	return 0;
}

static int parse(struct ignore_pattern *pattern, const char *text)
{
	while (*text) {
		size_t before = pattern->count;
		int r;

		/* Behind another such sign, or at the beginning. */
		if (*text == '*' || *text == '?')
			return -EINVAL;
		r = parse_atom(pattern, &text);
		if (r < 0)
			return r;
		if (*text != '*' && *text != '?')
			continue;
		if (pattern->count == before)
			return -EINVAL;
		pattern->atoms[pattern->count - 1].times =
			*text == '*' ? ANY_TIMES : MAYBE;
		text++;
	}
	return 0;
}

void ignore_pattern_free(struct ignore_pattern *pattern)
{
	if (!pattern)
		return;
	for (size_t i = 0; i < pattern->count; i++)
		ignore_set_done(&pattern->atoms[i].set);
	free(pattern->atoms);
	free(pattern->text);
	free(pattern);
}

int ignore_pattern_new(const char *text, struct ignore_pattern **out)
{
	struct ignore_pattern *pattern = mem_zero(1, sizeof(*pattern));
	OWN_BUF struct buf regex = { 0 };
	int r = 0;

	pattern->text = mem_str(text);
	pattern->how = translate(text, &regex);
	if (pattern->how == REGEX)
		r = parse(pattern, buf_text(&regex));
	if (r < 0) {
		ignore_pattern_free(pattern);
		return r;
	}
	*out = pattern;
	return 0;
}

/* ---- matching ---- */

/* runes  the path's characters
 * marks  count + 1 of them: where the atoms so far may end */
struct run {
	uint32_t *runes;
	size_t count;
	bool *marks;
};

static bool is_word(const struct run *run, size_t at)
{
	uint32_t c = at < run->count ? run->runes[at] : 0;

	return c < 0x80 && (isalnum((int)c) || c == '_');
}

static bool is_there(const struct run *run, enum kind kind, size_t at)
{
	bool edge = is_word(run, at) != (at > 0 && is_word(run, at - 1));

	switch (kind) {
	case BEGIN:
		return at == 0;
	case END:
		return at == run->count;
	case WORD:
		return edge;
	case NO_WORD:
	case SET:
	case DIRS:
	default:
		return !edge;
	}
}

static void move_place(struct run *run, const struct atom *atom)
{
	for (size_t i = 0; i <= run->count && atom->times == ONCE; i++)
		run->marks[i] = run->marks[i] && is_there(run, atom->kind, i);
}

static void move_set(struct run *run, const struct atom *atom)
{
	bool came = false; /* there was a mark on the place before */

	for (size_t i = 0; i <= run->count; i++) {
		bool here = run->marks[i];
		bool moved =
			came && ignore_set_has(&atom->set, run->runes[i - 1]);

		run->marks[i] = moved || (here && atom->times != ONCE);
		came = atom->times == ANY_TIMES ? run->marks[i] : here;
	}
}

static void move_dirs(struct run *run)
{
	bool came = false;

	for (size_t i = 0; i <= run->count; i++) {
		bool here = run->marks[i];

		if (i && run->runes[i - 1] == '\n')
			came = false; /* '.' is no newline */
		if (came && run->runes[i - 1] == '/')
			run->marks[i] = true;
		came = came || here;
	}
}

static bool match_regex(const struct ignore_pattern *pattern, const char *path)
{
	size_t most = strlen(path);
	OWN_FREE uint32_t *runes = mem_alloc((most + 1) * sizeof(*runes));
	OWN_FREE bool *marks = mem_zero(most + 1, sizeof(*marks));
	struct run run = { runes, 0, marks };

	while (*path)
		runes[run.count++] = go_rune(&path);
	marks[0] = true;
	for (size_t i = 0; i < pattern->count; i++) {
		const struct atom *atom = &pattern->atoms[i];

		if (atom->kind == SET)
			move_set(&run, atom);
		else if (atom->kind == DIRS)
			move_dirs(&run);
		else
			move_place(&run, atom);
	}
	return marks[run.count];
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

bool ignore_pattern_match(const struct ignore_pattern *pattern,
			  const char *path)
{
	const char *text = pattern->text;

	switch (pattern->how) {
	case EXACT:
		return strcmp(path, text) == 0;
	case PREFIX: /* without the "**" at its end */
		return strncmp(path, text, strlen(text) - 2) == 0;
	case SUFFIX: /* without the one at its beginning */
		return ends_with(path, text + 2) ||
		       (text[2] == '/' && strcmp(path, text + 3) == 0);
	case REGEX:
	default:
		return match_regex(pattern, path);
	}
}
