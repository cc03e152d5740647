/* shell/complete.c - see complete.h: at the prompt
 *
 * readline cuts words at = and at blanks, as bash does, and completes the last
 * part; what is found are whole words. So of each only what goes on with the part
 * is given to it. */
#include "shell/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>
#include <readline/tilde.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/complete_parts.h"
#include "shell/style.h"

/* readline's callbacks take no argument of ours.
 *
 * parts  of the words of `found`, in the same order, then files of this machine
 * front  how much of a part stands in front of its path */
static struct {
	struct shell *shell;
	struct completion found;
	struct strs parts;
	size_t front;
	size_t next;
} tab;

static char *next_part(const char *text, int state)
{
	(void)text;
	if (state == 0)
		tab.next = 0;
	if (tab.next >= tab.parts.count)
		return NULL;
	return mem_str(tab.parts.items[tab.next++]); /* readline frees it */
}

static void cut(const char *raw)
{
	const struct completion *found = &tab.found;
	OWN_FREE char *text = complete_without_escapes(
		raw, (char)rl_completion_quote_character);
	size_t typed = strlen(found->typed);
	size_t len = strlen(text);
	size_t at =
		len <= typed && strcmp(found->typed + typed - len, text) == 0
			? typed - len
			: 0;

	for (size_t i = 0; i < found->words.count; i++)
		strs_add(&tab.parts, found->words.items[i] + at);
}

/* "web:", "--network=", "status=", "web:/etc/": more is to be typed. */
static bool goes_on(const char *word)
{
	size_t len = strlen(word);

	return len > 0 && strchr(":=/", word[len - 1]);
}

/* readline marks what is a folder on this machine. Those of a container are marked
 * already, and a file of the same name here says nothing of them. */
static int only_of_here(char **path)
{
	char *instead = tab.found.inside ? mem_str("")
					 : tilde_expand(*path + tab.front);

	free(*path);
	*path = instead;
	return 1;
}

static char **attempt(const char *text, int start, int end)
{
	OWN_FREE char *line = mem_strn(rl_line_buffer, (size_t)end);
	char **matches;

	(void)start;
	completion_done(&tab.found);
	strs_clear(&tab.parts);
	tab.front = 0;
	complete_line(tab.shell, line, false, &tab.found);
	rl_attempted_completion_over = 1;
	cut(text);
	if (tab.found.files || tab.found.folders) {
		tab.front = complete_files(text, &tab.found, &tab.parts);
		rl_filename_completion_desired = 1;
	}
	if (tab.found.inside)
		rl_filename_completion_desired = 1; /* shows last names only */
	matches = rl_completion_matches(text, next_part);
	if (!matches)
		rl_ding();
	else if (tab.parts.count == 1 && goes_on(matches[0]))
		rl_completion_suppress_append = 1;
	return matches;
}

/* What a match means: options and commands have a line of help. */
static const char *meaning_of(const char *part)
{
	for (size_t i = 0; i < tab.found.words.count; i++)
		if (strcmp(tab.parts.items[i], part) == 0)
			return tab.found.meanings.items[i];
	return "";
}

static void show_meanings(char **matches, int count, int longest)
{
	int columns = style_columns(rl_outstream);

	for (int i = 1; i <= count; i++) {
		const char *meaning = meaning_of(matches[i]);
		int width = columns - longest - 5;

		fprintf(rl_outstream, "\r\n  %-*s", *meaning ? longest : 0,
			matches[i]);
		if (*meaning && width > 10)
			fprintf(rl_outstream, "  %.*s",
				(int)style_fit(meaning, width), meaning);
	}
	fputs("\r\n", rl_outstream);
	rl_forced_update_display();
}

/* With their meanings where there are some and they fit on the screen, else as
 * readline lists them. */
static void show(char **matches, int count, int longest)
{
	int rows = 24;
	int columns = 80;

	rl_get_screen_size(&rows, &columns);
	if (count + 2 < rows && *meaning_of(matches[1])) {
		show_meanings(matches, count, longest);
		return;
	}
	rl_crlf();
	rl_display_match_list(matches, count, longest);
	rl_forced_update_display();
}

void complete_set_up(struct shell *shell)
{
	tab.shell = shell;
	rl_attempted_completion_function = attempt;
	rl_completion_display_matches_hook = show;
	rl_filename_stat_hook = only_of_here;
	/* No colon among them: names of images have one. */
	rl_completer_word_break_characters = " \t\n\"'`><=;|&(";
	complete_quote_set_up();
}
