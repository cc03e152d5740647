/* shell/script.c - see repl.h: lines without a prompt
 *
 * A line that is not whole (an open quote, a backslash at its end) is joined
 * with the next ones, and counts as standing where it began. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Its lines, until it ends, says `exit`, or fails where it is to stop. */
static void run_lines(struct shell *shell, struct source *source)
{
	OWN_BUF struct buf text = { 0 };

	while (!shell->want_exit && read_whole(source, &text, &shell->line)) {
		int status;

		shell->let_be = false;
		lesson_view_before(shell);
		status = line_run(shell, buf_text(&text));
		lesson_view_after(shell, buf_text(&text), status);
		if (status == 0 || !shell->stop || shell->let_be ||
		    shell->want_exit)
			continue;
		report_line(shell, _("stopped: status %d"), status);
		report_hint(shell, _("'|| true' behind a line lets a script go on"));
		return;
	}
}

/* What `trap` said, with the status of the script kept. */
static void run_at_end(struct shell *shell)
{
	OWN_FREE char *line = own_give_ptr(&shell->at_end);
	int status = shell->last_status;

	if (!line)
		return;
	shell->stop = false;
	(void)line_run(shell, line);
	shell->last_status = status;
}

static int run_source(struct shell *shell, struct source *source)
{
	run_lines(shell, source);
	run_at_end(shell);
	shell->script = NULL;
	return shell->last_status;
}

/* open(2) takes a folder as well; read(2) is what refuses it. */
static bool is_folder(FILE *file)
{
	struct stat st;

	return fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode);
}

/* A program, or data: text has no byte 0. Of a pipe that is not asked. */
static bool is_no_text(FILE *file)
{
	char begin[512];
	ssize_t got = pread(fileno(file), begin, sizeof(begin), 0);

	return got > 0 && memchr(begin, '\0', (size_t)got);
}

/* A script may begin with "#!/usr/bin/env dockershell": a comment. */
int repl_script(struct shell *shell, const char *path)
{
	OWN_FILE FILE *file = NULL;
	struct source source = { 0 };

	if (path) {
		file = fopen(path, "re");
		if (file && (is_folder(file) || is_no_text(file))) {
			bool folder = is_folder(file);

			fclose(own_give_ptr(&file));
			errno = folder ? EISDIR : ENOEXEC;
		}
		if (!file) {
			int why = errno; /* what is said may change it */

			report_line(shell, _("cannot read the script %s: %s"),
				    path, strerror(why));
			return why == ENOENT ? 127 : 126;
		}
		source.file = file;
	}
	shell->script = path ? path : _("standard input");
	return run_source(shell, &source);
}

int repl_text(struct shell *shell, const char *text)
{
	OWN_FREE char *copy = mem_str(text); /* fmemopen(3) wants to write */
	OWN_FILE FILE *file = NULL;
	struct source source = { 0 };

	if (!*text)
		return 0;
	file = fmemopen(copy, strlen(copy), "re");
	if (!file) {
		report_line(shell, "fmemopen: %s", strerror(errno));
		return 125;
	}
	source.file = file;
	shell->script = strchr(text, '\n') ? "-c" : "";
	return run_source(shell, &source);
}
