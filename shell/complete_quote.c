/* shell/complete_quote.c - quotes around what Tab has found; see complete_parts.h
 *
 * readline's own way puts one " in front of a name and lets it be: in it, sh reads $
 * and ` as its own. So a name goes
 *
 *   my dir/   into "my dir/"
 *   a $x      into 'a $x', where no quote was open
 *             or "a \$x", behind a " that was typed
 *   it's      into "it's", or 'it'\''s' behind a ' that was typed */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <readline/readline.h>
#include <readline/tilde.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/complete_parts.h"

static const char special[] = " \t\n\\\"'`$&;|<>()*?[#~";

/* What sh minds between two ". */
static const char in_double[] = "\"\\$`";

bool complete_is_escape(const char *p, char quote)
{
	if (*p != '\\' || !p[1] || quote == '\'')
		return false;
	return quote != '"' || strchr(in_double, p[1]);
}

/* Whether the character at `index` is no sign of sh's: behind a \, or in quotes. */
static int is_quoted(char *line, int index)
{
	char quote = '\0';

	for (int i = 0; i < index && line[i]; i++) {
		if (complete_is_escape(line + i, quote)) {
			if (++i == index)
				return 1;
		} else if (quote && line[i] == quote) {
			quote = '\0';
		} else if (!quote && strchr("\"'", line[i])) {
			quote = line[i];
		}
	}
	return quote != '\0';
}

char *complete_without_escapes(const char *text, char quote)
{
	OWN_BUF struct buf plain = { 0 };

	for (; *text; text++) {
		if (complete_is_escape(text, quote))
			text++;
		buf_char(&plain, *text);
	}
	return buf_give(&plain);
}

static char *dequote(char *text, int quote)
{
	return complete_without_escapes(text, (char)quote);
}

static char *in_quotes(const char *text, char quote)
{
	OWN_BUF struct buf word = { 0 };

	buf_char(&word, quote);
	for (; *text; text++) {
		if (quote == '"' && strchr(in_double, *text))
			buf_char(&word, '\\');
		if (quote == '\'' && *text == '\'')
			buf_str(&word, "'\\'");
		buf_char(&word, *text);
	}
	return buf_give(&word);
}

/* For readline: *open is the quote that was typed, or '\0', and what it is to close. */
static char *quote(char *text, int matches, char *open)
{
	OWN_FREE char *whole = NULL;

	(void)matches;
	if (*open)
		return in_quotes(text, *open);
	/* sh knows no ~ in quotes: it stays outside of them, or becomes the folder. */
	if (*text == '~' && !strpbrk(text + 1, special))
		return mem_str(text);
	whole = *text == '~' ? tilde_expand(text) : mem_str(text);
	*open = strpbrk(whole, in_double) && !strchr(whole, '\'') ? '\'' : '"';
	return in_quotes(whole, *open);
}

void complete_quote_set_up(void)
{
	rl_completer_quote_characters = "\"'";
	rl_filename_quote_characters = special;
	rl_char_is_quoted_p = is_quoted;
	rl_filename_quoting_function = quote;
	rl_filename_dequoting_function = dequote;
}
