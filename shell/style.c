/* shell/style.c - see style.h
 *
 * Text is UTF-8, whatever the locale says: names of images and containers, and
 * all our messages are. libc's own tables (wcwidth) tell the widths. */
#include "shell/style.h"

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "runtime/base/buf.h"
#include "shell/cmd.h"

/* ---- colour ---- */

const char *style_on(const struct shell *shell, enum style style)
{
	static const char *const codes[] = {
		[STYLE_BOLD] = "\033[1m",  [STYLE_DIM] = "\033[2m",
		[STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",
		[STYLE_NOTE] = "\033[33m", [STYLE_NAME] = "\033[36m",
	};

	return shell->color ? codes[style] : "";
}

const char *style_off(const struct shell *shell)
{
	return shell->color ? "\033[0m" : "";
}

bool style_wants_color(const char *wish, FILE *stream)
{
	const char *value;

	if (wish && strcmp(wish, "always") == 0)
		return true;
	if (wish && strcmp(wish, "never") == 0)
		return false;
	value = getenv("NO_COLOR");
	if (value && *value)
		return false;
	value = getenv("CLICOLOR");
	if (value && strcmp(value, "0") == 0)
		return false;
	value = getenv("TERM");
	if (!value || !*value || strcmp(value, "dumb") == 0)
		return false;
	return isatty(fileno(stream));
}

/* ---- width ---- */

int style_columns(FILE *stream)
{
	struct winsize size = { 0 };
	const char *value = getenv("COLUMNS");
	int columns = value ? atoi(value) : 0; /* NOLINT(cert-err34-c): 0 is no */

	if (columns <= 0 && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns <= 0)
		columns = 80;
	return columns < 20 ? 20 : columns;
}

bool style_locale(void)
{
	static bool done;
	static bool own = true;

	if (done)
		return own;
	done = true;
	/* LC_CTYPE alone: numbers, dates and sorting stay as Docker's. */
	if (!setlocale(LC_CTYPE, "") ||
	    strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
		own = false;
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* or we stay as we are */
	}
	return own;
}

/* One character: its bytes (at least 1) and its columns. */
static size_t next_char(const char *text, wchar_t *out_char, int *out_columns)
{
	mbstate_t state = { 0 };
	size_t bytes;

	*out_char = (unsigned char)*text;
	*out_columns = 1;
	if ((unsigned char)*text < 0x80)
		return 1;
	(void)style_locale(); /* whichever it is */
	bytes = mbrtowc(out_char, text, strlen(text), &state);
	if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0)
		return 1;
	*out_columns = wcwidth(*out_char);
	if (*out_columns < 0)
		*out_columns = 1;
	return bytes;
}

int style_width(const char *text)
{
	int width = 0;

	while (*text) {
		wchar_t c;
		int columns;

		text += next_char(text, &c, &columns);
		width += columns;
	}
	return width;
}

size_t style_fit(const char *text, int columns)
{
	const char *p = text;

	while (*p) {
		wchar_t c;
		int width;
		size_t bytes = next_char(p, &c, &width);

		if (width > columns)
			break;
		columns -= width;
		p += bytes;
	}
	return (size_t)(p - text);
}

char *style_cut(const struct shell *shell, const char *text, int columns)
{
	const char *more = shell->ascii ? "..." : "…";
	int left = columns - style_width(more);

	if (style_width(text) <= columns)
		return mem_str(text);
	if (left < 0)
		return mem_strn(text, style_fit(text, columns));
	return mem_fmt("%.*s%s", (int)style_fit(text, left), text, more);
}

/* ---- lines ---- */

/* Marks that must not begin a line, and those that must not end one (kinsoku,
 * JIS X 4051, the few that matter in a terminal). */
static const wchar_t *const not_first =
	L"、。，．・：；？！）］｝」』】〉》〕”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
	L"…,.:;?!)]}";
static const wchar_t *const not_last = L"（［｛「『【〈《〔“‘([{";

/* Characters between which Japanese text may break: all wide ones. */
static bool is_wide(wchar_t c)
{
	return c >= 0x1100 && wcwidth(c) == 2;
}

static bool may_break(wchar_t before, wchar_t after)
{
	if (before == L' ')
		return after != L' ';
	if (!is_wide(before) && !is_wide(after))
		return false;
	return !wcschr(not_first, after) && !wcschr(not_last, before);
}

/* The bytes of `text` that make one line of `columns`. */
static size_t line_length(const char *text, int columns)
{
	const char *p = text;
	size_t good = 0;
	wchar_t before = 0;
	int used = 0;

	while (*p && *p != '\n') {
		wchar_t c;
		int width;
		size_t bytes = next_char(p, &c, &width);

		if (p > text && may_break(before, c))
			good = (size_t)(p - text);
		if (used + width > columns && c != L' ')
			/* A word longer than the line is broken as it falls. */
			return good ? good : p == text ? bytes
						       : (size_t)(p - text);
		used += width;
		before = c;
		p += bytes;
	}
	return (size_t)(p - text);
}

void style_wrap(struct buf *out, const char *text, int at, int indent,
		int columns)
{
	for (;;) {
		size_t len = line_length(text, columns - at);
		size_t shown = len;

		while (shown > 0 && text[shown - 1] == ' ')
			shown--;
		buf_add(out, text, shown);
		buf_char(out, '\n');
		text += len;
		if (*text == '\n')
			text++;
		else
			text += strspn(text, " ");
		if (!*text)
			return;
		if (*text != '\n')
			buf_fmt(out, "%*s", indent, "");
		at = indent;
	}
}

/* ---- drawing ---- */

/* The locale of the environment, by its name: whether it is there on this
 * machine says nothing about the terminal. */
bool style_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
	}
	return false;
}

/* Reads "ESC [ row ; column R" and gives the column, 0 when it does not come in
 * time. What stands before it was typed by the user. */
static int read_cursor_column(int fd, struct buf *typed)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	OWN_BUF struct buf got = { 0 };
	const char *answer;
	int column = 0;

	while (got.len < 4096 && poll(&ready, 1, 100) > 0 &&
	       read(fd, buf_room(&got, 1), 1) == 1) {
		char c = got.data[got.len++];

		got.data[got.len] = '\0';
		answer = c == 'R' ? strstr(got.data, "\033[") : NULL;
		if (!answer)
			continue;
		got.len = (size_t)(answer - got.data);
		answer = strchr(answer, ';');
		if (answer)
			column = (int)strtol(answer + 1, NULL, 10);
		break;
	}
	buf_add(typed, buf_text(&got), got.len);
	return column;
}

bool style_probe_drawing(int in_fd, int out_fd, struct buf *typed)
{
	static const char draw[] = "\r─█\033[6n";
	static const char wipe[] = "\r\033[K";
	const char *term = getenv("TERM");
	struct termios old;
	struct termios raw;
	int column;

	if (!term || strcmp(term, "dumb") == 0 || !style_is_utf8() ||
	    tcgetattr(in_fd, &old) < 0)
		return false;
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(in_fd, TCSADRAIN, &raw) < 0 ||
	    write(out_fd, draw, sizeof(draw) - 1) < 0)
		return false;
	column = read_cursor_column(in_fd, typed);
	(void)!write(out_fd, wipe, sizeof(wipe) - 1); /* only cosmetic */
	(void)tcsetattr(in_fd, TCSADRAIN, &old);
	return column == 3;
}
