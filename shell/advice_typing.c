/* shell/advice_typing.c - see advice.h: characters that only look alike
 *
 * Text copied from a web page brings “ ” – and blanks that are none; a Japanese
 * keyboard in the wrong mode ｒｕｎ, － and the wide blank. To the program they are
 * letters like any other, so nothing is changed by itself: where a line with such
 * a character fails, the line is shown as it was meant. So it is where a blank tore
 * the dash of a flag from its letters. */
#include <stddef.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/opt.h"

static const struct alike {
	const char *typed;
	const char *meant;
} alikes[] = {
	{ "“", "\"" }, { "”", "\"" }, { "„", "\"" }, { "‟", "\"" },
	{ "″", "\"" }, { "‘", "'" },  { "’", "'" },  { "‚", "'" },
	{ "′", "'" },  { "–", "-" },  { "—", "-" },  { "―", "-" },
	{ "‐", "-" },  { "‑", "-" },  { "−", "-" },  { "\u3000", " " },
	{ "\u00a0", " " }, { NULL, NULL },
};

/* The long vowel mark is the key of the dash on a Japanese keyboard. In front of
 * ASCII it is one; in a Japanese word it is a letter. */
#define VOWEL_MARK "ー"

/* What begins at `at`, if it is one of them: its length, and what was meant. */
static size_t alike_at(const char *at, bool begins, char meant[2])
{
	const unsigned char *u = (const unsigned char *)at;
	const char *next;

	for (const struct alike *a = alikes; a->typed; a++) {
		size_t len = strlen(a->typed);

		if (strncmp(at, a->typed, len) == 0) {
			meant[0] = a->meant[0];
			return len;
		}
	}
	next = at + strlen(VOWEL_MARK);
	if (begins && strncmp(at, VOWEL_MARK, strlen(VOWEL_MARK)) == 0 &&
	    (unsigned char)*next < 0x80) {
		meant[0] = '-';
		return strlen(VOWEL_MARK);
	}
	/* U+FF01 to U+FF5E are ! to ~, full width. */
	if (u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd) && u[2] >= 0x80) {
		unsigned code = (u[1] - 0xbcU) * 64 + u[2] - 0x80U;

		if (code >= 1 && code <= 0x5e) {
			meant[0] = (char)(' ' + code);
			return 3;
		}
	}
	return 0;
}

/* Whether all are flags of one letter, as in -it. */
static bool are_letters(const struct cmd *cmd, const char *flags, size_t len)
{
	if (!cmd || opt_find(cmd, flags, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!opt_find_letter(cmd, flags[i]))
			return false;
	return true;
}

/* "–rm" was "--rm" before a text program joined the dashes; "–d" was "-d", "–it" "-it". */
static void add_dashes(struct buf *out, const struct cmd *cmd,
		       const char *behind)
{
	size_t letters = strspn(behind, "abcdefghijklmnopqrstuvwxyz");

	buf_str(out, letters > 1 && !are_letters(cmd, behind, letters) ? "--"
								       : "-");
}

/* Adds the word as it was meant. Returns whether it was another. */
static bool add_meant(struct buf *out, const struct cmd *cmd, const char *word,
		      const char **out_first)
{
	const char *first = NULL;

	for (const char *at = word; *at;) {
		char meant[2] = "";
		size_t len = alike_at(at, at == word, meant);

		if (len == 0) {
			buf_add(out, at++, 1);
			continue;
		}
		if (!first)
			first = at;
		if (at == word && meant[0] == '-' && at[len] != '-')
			add_dashes(out, cmd, at + len);
		else
			buf_char(out, meant[0]);
		at += len;
	}
	if (first && !*out_first)
		*out_first = first;
	return first != NULL;
}

static void quote_where_needed(struct buf *out, const char *word)
{
	if (*word && !strpbrk(word, " \t\n'\"$&;|<>()*?`\\"))
		buf_str(out, word);
	else if (!strchr(word, '\''))
		buf_fmt(out, "'%s'", word);
	else
		buf_fmt(out, "\"%s\"", word);
}

/* "run - it busybox": a dash, a blank, letters that are flags. */
static bool is_torn(const struct cmd *cmd, char *const *at)
{
	return cmd && strcmp(at[0], "-") == 0 && at[1] && strlen(at[1]) <= 3 &&
	       are_letters(cmd, at[1], strlen(at[1]));
}

/* Given, or NULL where no dash stands alone. */
static char *on_torn(const struct cmd *cmd, char *const *words,
		     char *const *named)
{
	OWN_BUF struct buf line = { 0 };
	bool torn = false;

	for (char *const *at = words; *at; at++) {
		if (at > words)
			buf_char(&line, ' ');
		if (!torn && at > named && is_torn(cmd, at)) {
			torn = true;
			buf_char(&line, '-');
			at++;
		}
		quote_where_needed(&line, *at);
	}
	return torn ? mem_fmt(_("no blank stands behind the dash of a flag; did you mean '%s'?"),
			      buf_text(&line))
		    : NULL;
}

char *advice_on_typing(char *const *words)
{
	OWN_BUF struct buf line = { 0 };
	const char *first = NULL;
	char meant[2] = "";
	int used = 0;
	char *const *named =
		*words && strcmp(*words, "docker") == 0 ? words + 1 : words;
	const struct cmd *cmd = *named ? command_find(named, &used) : NULL;
	char *torn = on_torn(cmd, words, named);

	if (torn)
		return torn;
	for (; *words; words++) {
		OWN_BUF struct buf word = { 0 };

		if (line.len > 0)
			buf_char(&line, ' ');
		if (add_meant(&word, cmd, *words, &first))
			buf_str(&line, buf_text(&word));
		else
			quote_where_needed(&line, *words);
	}
	if (!first)
		return NULL;
	(void)alike_at(first, true, meant);
	if (meant[0] == ' ')
		return mem_fmt(_("a blank in this line is a wide one, which does not separate words; did you mean '%s'?"),
			       buf_text(&line));
	return mem_fmt(_("'%.*s' only looks like the %c of the keyboard: it comes from a text or from full-width input; did you mean '%s'?"),
		       (int)alike_at(first, true, meant), first, meant[0],
		       buf_text(&line));
}
