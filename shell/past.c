/* shell/past.c - see past.h */
#include "shell/past.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/report.h"
#include "shell/words.h"

#define KEPT 2000              /* lines in memory */
#define LONGEST_FILE (1 << 20) /* bytes; then the older half is dropped */

/* An entry is one line of the file. Where a command has several, a tab stands in
 * front and its newlines and backslashes are written "\n" and "\\". */
static void load_line(char *line)
{
	char *to = line;

	if (*line != '\t') {
		add_history(line);
		return;
	}
	for (const char *from = line + 1; *from; from++) {
		if (from[0] == '\\' && from[1] == 'n')
			*to++ = '\n', from++;
		else if (from[0] == '\\' && from[1] == '\\')
			*to++ = '\\', from++;
		else
			*to++ = *from;
	}
	*to = '\0';
	add_history(line);
}

static void shorten(struct shell *shell, const struct buf *text)
{
	const char *half = strchr(buf_text(text) + text->len / 2, '\n');
	struct err ignored = { 0 };

	if (half)
		(void)fs_replace(shell->base_home->fd, "history", half + 1,
				 strlen(half + 1), 0600, false,
				 &ignored); /* it is shortened next time */
}

void past_load(struct shell *shell)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *line;
	char *rest;

	using_history();
	stifle_history(KEPT);
	/* None yet, or one that cannot be read: there is no past, then. */
	if (!shell->base_home ||
	    fs_read(shell->base_home->fd, "history",
		    (size_t)2 * LONGEST_FILE, &text, &ignored) < 0)
		return;
	if (text.len > LONGEST_FILE)
		shorten(shell, &text);
	rest = text.data;
	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			load_line(line);
}

static bool is_repeated(const char *line)
{
	const HIST_ENTRY *last;

	if (history_length == 0)
		return false;
	last = history_get(history_base + history_length - 1);
	return last && strcmp(last->line, line) == 0;
}

/* Only at the start of a line: ! stands in many texts that mean no recall. */
static bool is_recall(const char *line)
{
	return line[0] == '!' && line[1] && !strchr(" \t\n=(", line[1]);
}

char *past_recall(struct shell *shell, const char *line)
{
	OWN_FREE char *found = NULL;
	char *text = mem_str(words_begin(line));
	int result;

	if (!is_recall(text))
		return text;
	result = history_expand(text, &found);
	free(text);
	if (result >= 0 && found) {
		fprintf(shell->err_out, "%s\n", found);
		return result == 2 ? NULL : own_give_ptr(&found);
	}
	report_line(shell, _("no line of the history begins so: %s"), line);
	shell->last_status = 1;
	return NULL;
}

void past_add(struct shell *shell, const char *line)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FD int fd = -1;

	if (is_repeated(line))
		return;
	add_history(line);
	if (!shell->base_home)
		return;
	if (strchr(line, '\n')) {
		buf_char(&text, '\t');
		for (const char *p = line; *p; p++) {
			if (*p == '\n')
				buf_str(&text, "\\n");
			else if (*p == '\\')
				buf_str(&text, "\\\\");
			else
				buf_char(&text, *p);
		}
	} else {
		/* A tab in front would mean what it means above. */
		buf_str(&text, line + strspn(line, "\t"));
	}
	buf_char(&text, '\n');
	fd = openat(shell->base_home->fd, "history",
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)fs_write_all(fd, text.data, text.len); /* a full disk
							      * stops nobody */
}
