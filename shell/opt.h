/* shell/opt.h - the options of a command, read from its table.
 *
 * Owns how options are written: what Docker's own parser takes is taken here,
 * and its messages are Docker's. getopt_long(3) does the work; a command says
 * what it takes with a table of struct opt (shell/cmd.h). */
#ifndef SHELL_OPT_H
#define SHELL_OPT_H

#include <stdbool.h>
#include <stddef.h>

struct cmd;
struct err;
struct opt;

/* Options that are in no command's own table.
 *
 * help   --help (or -h, where the command has no -h): the rest was not looked at
 * json,
 * plain  the form in which a command shows something (struct cmd: shows) */
struct opt_shared {
	bool help;
	bool json;
	bool plain;
};

/* Reads the options out of words[1..count). `words` is reordered so that the
 * arguments come last, may be written into, and must outlive `values`, which
 * has cmd->opts_size bytes, zeroed by the caller. words[count] is NULL.
 *
 * out_shared  zeroed by the caller
 *
 * Options may stand behind other words, unless the command has
 * stop_at_first_word; "--" ends them. No abbreviations. --rm, --rm=false;
 * -e A=1, -eA=1, -e=A=1, --env A=1, --env=A=1; -it, -d=true.
 *
 * Returns the index of the first argument, or -EINVAL with Docker's message
 * (ERR_BARE, status 125), or -ENOTSUP for an option that Docker has and we have
 * not. */
int opt_parse(const struct cmd *cmd, int count, char **words, void *values,
	      struct opt_shared *out_shared, struct err *err);

/* Frees the lists among the values. */
void opt_done(const struct cmd *cmd, void *values);

/* --json and --plain of a command that shows something and has none of its own; ends
 * with an entry without a name, and may be empty. */
const struct opt *opt_shared(const struct cmd *cmd);

/* The entry of that name, or NULL. `len` bytes of `name` count. */
const struct opt *opt_find(const struct cmd *cmd, const char *name,
			   size_t len);
const struct opt *opt_find_letter(const struct cmd *cmd, char letter);

#endif
