/* shell/script.c - see repl.h: lines without a prompt
 *
 * A line that is not whole (an open quote, a backslash at its end) is joined
 * with the next ones, and counts as standing where it began. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/line.h"
#include "shell/repl.h"
#include "shell/report.h"
#include "shell/sh.h"
#include "shell/words.h"

/* file  NULL: standard input, read a byte at a time, so that a command which
 *       reads it too begins where the line ended, as in any shell */
struct source {
	FILE *file;
	int line;
};

/* Adds one line and its newline. False at the end of input. */
static bool read_line(struct source *source, struct buf *out)
{
	size_t before = out->len;
	char c;

	source->line++;
	if (source->file) {
		OWN_FREE char *line = NULL;
		size_t size = 0;
		ssize_t len = getline(&line, &size, source->file);

		if (len > 0)
			buf_add(out, line, (size_t)len);
		return len > 0;
	}
	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return out->len > before;
		buf_char(out, c);
		if (c == '\n')
			return true;
	}
}

static bool wants_more(const char *text)
{
	return words_unfinished(text) || sh_unfinished(text);
}

/* One line, or several that belong together. */
static bool read_whole(struct source *source, struct buf *out, int *out_line)
{
	buf_clear(out);
	if (!read_line(source, out))
		return false;
	*out_line = source->line;
	while (wants_more(buf_text(out)) && read_line(source, out))
		;
	return true;
}

/* A script may begin with "#!/usr/bin/env dockershell": a comment. */
int repl_script(struct shell *shell, const char *path, bool stop)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FILE FILE *file = NULL;
	struct source source = { 0 };

	if (path) {
		file = fopen(path, "re");
		if (!file) {
			report_line(shell, _("cannot read the script %s: %s"),
				    path, strerror(errno));
			return errno == ENOENT ? 127 : 126;
		}
		source.file = file;
		shell->script = path;
	}
	while (!shell->want_exit &&
	       read_whole(&source, &text, &shell->line)) {
		int status;

		lesson_view_before(shell);
		status = line_run(shell, buf_text(&text));
		lesson_view_after(shell, buf_text(&text), status);
		if (status == 0 || !stop || shell->want_exit)
			continue;
		report_line(shell, _("stopped: status %d"), status);
		break;
	}
	shell->script = NULL;
	return shell->last_status;
}
