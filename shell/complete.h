/* shell/complete.h - the Tab key, from the table of commands.
 *
 * Serves the prompt, and bash, zsh and fish (see cmd_complete.c). Nothing is made,
 * written or waited for: what cannot be found out at once is not offered. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct cmd;
struct shell;

/* What may stand at the end of a line.
 *
 * typed     the word that stands there now, without quotes
 * words     whole words that go on with it, sorted
 * meanings  what each means in the chosen language, "" where that says nothing
 * files, folders  files of this machine fit as well, or folders alone: they are not
 *           among the words. files_at: where in `typed` their path begins
 * inside    the words are paths in a container */
struct completion {
	char *typed;
	struct strs words;
	struct strs meanings;
	size_t files_at;
	bool files;
	bool folders;
	bool inside;
};

void completion_done(struct completion *completion);
#define OWN_COMPLETION __attribute__((cleanup(completion_done)))

/* `line` is cut at the cursor. With `program`, its first word is the program's name,
 * and options of the program may follow. */
void complete_line(struct shell *shell, const char *line, bool program,
		   struct completion *out);

/* The words that a key of --filter takes, where they are few and known. */
void complete_filter_words(const struct cmd *cmd, const char *key,
			   struct strs *out);

/* The names of all fields that `cmd` shows with -f, at any depth. `name`: of what
 * thing, or NULL where it takes none. What the command needs is open. */
void complete_field_names(const struct shell *shell, const struct cmd *cmd,
			  const char *name, struct strs *out);

/* Joins readline to it. */
void complete_set_up(struct shell *shell);

#endif
