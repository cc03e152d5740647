/* shell/style.h - colour, width, and which characters may be drawn.
 *
 * Owns what the terminal can show: its width, whether colour is wanted, how
 * many columns a text takes, where a line may break, and whether line-drawing
 * characters are safe. */
#ifndef SHELL_STYLE_H
#define SHELL_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct buf;
struct shell;

enum style {
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_GOOD, /* green; a word or mark beside it says the same */
	STYLE_BAD,  /* red */
	STYLE_NOTE, /* yellow */
	STYLE_NAME, /* cyan: names, things to type */
};

/* The control sequence that begins a style, and the one that ends all; "" where
 * the shell shows no colour. Borrowed. */
const char *style_on(const struct shell *shell, enum style style);
const char *style_off(const struct shell *shell);

/* Whether colour is wanted on that stream. `wish`: "always", "never", or NULL
 * and "auto": a terminal, no NO_COLOR, no CLICOLOR=0 and not TERM=dumb. */
bool style_wants_color(const char *wish, FILE *stream);

/* Columns of the terminal: $COLUMNS, else what the stream's terminal says, else
 * 80. At least 20. */
int style_columns(FILE *stream);

/* Makes the character functions of libc know UTF-8, once, when it is needed:
 * setlocale(3) reads files, and most commands print plain ASCII. False: the
 * environment names no locale of UTF-8 that is on this machine, so C.UTF-8 was
 * taken. */
bool style_locale(void);

/* Columns that `text` takes on a terminal. Bytes that are no UTF-8 count 1 each;
 * so do control characters. */
int style_width(const char *text);

/* How many bytes of `text` fit into `columns`; whole characters only. */
size_t style_fit(const char *text, int columns);

/* The text cut to `columns`, with "…" (or "..." where the shell draws in ASCII)
 * at its end where something is missing. Given, to be freed. */
char *style_cut(const struct shell *shell, const char *text, int columns);

/* Adds `text` broken into lines of at most `columns`, each further line
 * indented by `indent` spaces; `at` is the column where the first begins. Breaks
 * at spaces and between Japanese characters, but puts no closing mark at the
 * start of a line and no opening bracket at its end. Newlines in `text` stay.
 * Ends with a newline. */
void style_wrap(struct buf *out, const char *text, int at, int indent,
		int columns);

/* Whether the environment's locale is one of UTF-8, by its name. */
bool style_is_utf8(void);

/* Finds out whether line-drawing characters take one column each here: some
 * terminals draw them two wide, and tables break. Draws two of them, asks the
 * terminal where its cursor is, wipes them out. False where it does not answer
 * within 100 ms, is "dumb", or where the locale is not UTF-8. `typed` gets what
 * was typed meanwhile. */
bool style_probe_drawing(int in_fd, int out_fd, struct buf *typed);

#endif
