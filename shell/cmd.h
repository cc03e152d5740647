/* shell/cmd.h - what a command is.
 *
 * A command is one `const struct cmd` in a file of its own, listed in
 * commands.c. Parsing, help, completion, "did you mean" and the README's table
 * are made from it: what is said here is said nowhere else. */
#ifndef SHELL_CMD_H
#define SHELL_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/home.h"

struct args;
struct broker;
struct cmd;
struct format_kind;
struct jobs;
struct lesson_session;
struct pids;
struct store;
struct strs;

/* The program's state, as commands see it.
 *
 * out, err_out   where results and everything else go; never stdout
 * in_fd          where a command may read its input (0)
 * home, store    the one in use: the user's, or the world of a lesson
 * base_home,
 * base_store     the user's own; the same as home, store outside of a lesson
 * lesson         the lesson under way, or NULL
 * interactive    at the prompt, on a terminal
 * docker_voice   called as `docker`, or `docker` stood in front of the line
 * cmd, args      the command under way and what it was called with, for advice on
 *                its failures; NULL between commands
 * said           all its words, without `docker`; options may stand first in them
 * misread        one of them has a character that only looks like one of the
 *                keyboard: advice is about nothing else
 * misfit         the script was said to be another shell's: once is enough
 * failed         what the command under way failed with; code 0: with nothing
 * advised        the advice that was printed last for it, or NULL: not given twice in a
 *                row where a command goes through many names
 * script, line   where a line comes from, for messages ("": it has but one)
 * script_words   "$0", "$1" ... of the script; NULL-terminated, or NULL
 * own_words      the same, where a line has set them; or NULL
 * kept           what each sh is told first (keep.h), or NULL
 * at_end         a line to be run when the script ends, or NULL
 * behind         what was started with & and is no job of the prompt; or NULL
 * stop           the script ends at the first line that fails
 * let_be         of the last line, sh came to the end in spite of `set -e`: what failed was
 *                behind !, or not the last of an && list */
struct shell {
	FILE *out;
	FILE *err_out;
	int in_fd;
	struct home *home;
	struct store *store;
	struct home *base_home;
	struct store *base_store;
	struct lesson_session *lesson;
	const char *lang; /* "en" or "ja" */
	int last_status;
	bool interactive;
	bool want_exit;
	bool plain;
	bool json;
	bool ascii;
	bool color;
	bool docker_voice;
	const struct cmd *cmd;
	const struct args *args;
	char *const *said;
	bool misread;
	bool misfit;
	const char *home_path;    /* --home, or NULL */
	const char *lessons_dirs; /* --lessons, or NULL */
	const char *script;       /* the script being run, or NULL */
	int line;                 /* its line, from 1 */
	char *const *script_words;
	struct strs *own_words;
	char *kept;
	char *at_end;
	struct pids *behind;
	bool stop;
	bool let_be;
	struct jobs *jobs; /* what the prompt started, or NULL */
	struct broker *broker; /* in an enclosure: who runs lines of sh (broker.h) */
	struct err failed;
	char *advised;
};

enum opt_kind {
	OPT_FLAG,  /* bool; --rm, --rm=false */
	OPT_TEXT,  /* const char *, borrowed from the line; last wins */
	OPT_LIST,  /* struct strs; each use adds one */
	OPT_COUNT, /* struct opt_number; a whole number */
	OPT_BYTES, /* struct opt_number; 64m, 1g: 1024-based, as Docker's -m */
};

/* A number that remembers whether it was given. */
struct opt_number {
	bool given;
	long long value;
};

enum opt_flag {
	OPT_REFUSED = 1 << 0, /* Docker has it, we do not: `help` says why */
	OPT_HIDDEN = 1 << 1,  /* accepted, not shown in help */
	OPT_ON = 1 << 2,      /* a flag that is true until "=false" is said */
	OPT_FILTER = 1 << 3,  /* a list of name=value, as --filter is */
};

/* Looks at one value of an option. Returns 0, or -errno with Docker's reason as
 * the message: it comes to stand in 'invalid argument "x" for "--y" flag: '. */
typedef int opt_check(const char *value, struct err *err);

/* What may stand in a place of the line, for completion and "did you mean". */
enum complete_kind {
	COMPLETE_DEFAULT, /* read from the synopsis or placeholder; else files */
	COMPLETE_NOTHING,
	COMPLETE_FILES,
	COMPLETE_FOLDERS,
	COMPLETE_IMAGES,
	COMPLETE_CONTAINERS, /* all of them */
	COMPLETE_RUNNING,    /* those that run */
	COMPLETE_STOPPED,    /* those that do not */
	COMPLETE_COMMANDS,
	COMPLETE_LESSONS,
	COMPLETE_LANGUAGES,
	COMPLETE_JOBS,
	COMPLETE_PROGRAMS, /* a program, then its files: after IMAGE */
	COMPLETE_VOLUMES,
	COMPLETE_NETWORKS,
	COMPLETE_OBJECTS, /* whatever has a name: containers, images ... */
	COMPLETE_STACKS,  /* what has layers: containers and images */
	COMPLETE_WHOSE,   /* the same, a colon and a path in there */
	COMPLETE_COPY,    /* a file of the machine, or NAME: and one in there */
	COMPLETE_MOUNT,   /* type=bind,source=... */
	COMPLETE_VARIABLES, /* of the environment */
	COMPLETE_SHELLS,    /* bash, zsh, fish */
	COMPLETE_SIGNALS,
	COMPLETE_CAPABILITIES,
	COMPLETE_STAGES, /* of the Dockerfile that the line names */
};

/* One option. The table ends with an entry whose name is NULL.
 *
 * name         "rm", without the dashes
 * letter       0 where there is none
 * placeholder  "string", "list" ...: Docker's word in its help
 * help         one line, marked with N_
 * group        heading in the help ("Process", "Files" ...), or NULL
 * offset       where in the command's struct the value goes
 * complete     what its value may be
 * check        what its value must be like; NULL: anything
 * values       words that its value may be, blanks between; one that ends in : or =
 *              goes on. NULL: none */
struct opt {
	const char *name;
	char letter;
	enum opt_kind kind;
	const char *placeholder;
	const char *help;
	const char *group;
	size_t offset;
	unsigned flags;
	enum complete_kind complete;
	opt_check *check;
	const char *values;
};

/* What a command is called with.
 *
 * words    the arguments after the options, NULL-terminated; borrowed
 * opts     the command's struct of option values, zeroed first, then filled
 * called   the words as which it was called: "run", "container ls" */
struct args {
	int count;
	char *const *words;
	void *opts;
	const char *called;
};

/* Returns an exit status (0..255), or -errno with *err filled in: the shell
 * prints it and turns it into a status (err.status, else 125 for commands with
 * own_failure_is_125, else 1). */
typedef int cmd_run(struct shell *shell, struct args *args, struct err *err);

/* name       "run", "container ls", "learn"
 * aliases    further names, NULL-terminated or NULL: the bare "ps" has
 *            "container ls", "container list", "container ps"
 * group      heading in the help, marked with N_
 * synopsis   "[OPTIONS] IMAGE [COMMAND] [ARG...]"
 * summary    one line, no full stop, marked with N_
 * docker_summary  the line that Docker has in its place, where a message of its
 *            shows it; NULL: the same
 * max_args   -1: any number
 * opts_size  size of the struct that the offsets speak of
 * examples   two lines that run as they are, NULL-terminated
 * lesson     id of the lesson that teaches it, or NULL
 * ours       not Docker's: usage errors are in our words and language
 * inside_only  it changes the shell itself (cd, jobs ...): /bin/sh gets no word
 *            of that name
 * job        it may take long: at the prompt it is a job of its own, as a program
 *            is, for Ctrl-Z, fg and bg. It must not change the shell
 * pages      its output may be long and is only read: for a pager (pager.h)
 * needs      what is open when it runs: shell->store and home, home alone, or
 *            neither
 * first,
 * rest       what its first word and the others may be
 * filter_keys  what --filter knows, NULL-terminated, or NULL
 * rows       what --format knows, or NULL
 * hidden     for programs, not for people: help does not list it
 * shows      it shows something and changes nothing: --json and --plain are known,
 *            set shell->json and shell->plain, and it looks at these. All with `rows`
 *            show something */
enum cmd_needs {
	CMD_NEEDS_STORE,
	CMD_NEEDS_HOME,
	CMD_NEEDS_NOTHING,
};

struct cmd {
	const char *name;
	const char *const *aliases;
	const char *group;
	const char *synopsis;
	const char *summary;
	const char *docker_summary;
	int min_args;
	int max_args;
	const struct opt *opts;
	size_t opts_size;
	bool stop_at_first_word;
	bool own_failure_is_125;
	const char *const *examples;
	const char *lesson;
	cmd_run *run;
	bool ours;
	bool inside_only;
	bool job;
	bool pages;
	enum cmd_needs needs;
	enum complete_kind first;
	enum complete_kind rest;
	const char *const *filter_keys;
	const struct format_kind *rows;
	bool hidden;
	bool shows;
};

#endif
