/* shell/complete.c - see complete.h
 *
 * What stands before the cursor is read as the command would read it: which
 * command, which option waits for its value, the how-manyth argument. The table
 * of commands then says what may stand there. */
#include "shell/complete.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "images/store.h"
#include "lessons/course.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/commands.h"
#include "shell/opt.h"
#include "shell/sh.h"
#include "shell/shell.h"
#include "shell/style.h"
#include "shell/words.h"

/* cmd   the command of the line, or NULL while its name is being typed
 * text  what the cursor stands behind */
struct place {
	struct shell *shell;
	const struct cmd *cmd;
	const char *text;
	struct strs *out;
	bool files;
};

static void offer(struct place *place, const char *word)
{
	if (strncmp(word, place->text, strlen(place->text)) == 0 &&
	    !strs_has(place->out, word))
		strs_add(place->out, word);
}

/* ---- names ---- */

/* First words of all names, or the second ones of a group. */
static void offer_name(struct place *place, const char *group,
		       const char *name)
{
	size_t len = strcspn(name, " ");
	OWN_FREE char *first = mem_strn(name, len);

	if (!group)
		offer(place, first);
	else if (name[len] && strcmp(first, group) == 0)
		offer(place, name + len + 1);
}

static void offer_commands(struct place *place, const char *group)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		offer_name(place, group, cmd->name);
		for (const char *const *a = cmd->aliases; a && *a; a++)
			offer_name(place, group, *a);
	}
}

static bool fits(const struct container *container, enum complete_kind kind)
{
	bool runs = container->status == CONTAINER_RUNNING ||
		    container->status == CONTAINER_PAUSED ||
		    container->status == CONTAINER_RESTARTING;

	return kind == COMPLETE_CONTAINERS ||
	       runs == (kind == COMPLETE_RUNNING);
}

/* Names; ids only where no name begins so. */
static void offer_containers(struct place *place, enum complete_kind kind)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (shell_need_home(place->shell, &ignored) < 0 ||
	    container_list(place->shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (fits(&all.items[i], kind))
			offer(place, all.items[i].spec.name);
	if (place->out->count > 0 || !*place->text)
		return;
	for (size_t i = 0; i < all.count; i++) {
		OWN_FREE char *id = mem_strn(all.items[i].spec.id, 12);

		if (fits(&all.items[i], kind))
			offer(place, id);
	}
}

/* "busybox" for "busybox:latest", until a colon is typed. */
static void offer_images(struct place *place)
{
	struct image_list all = { 0 };
	struct err ignored = { 0 };

	if (shell_need_store(place->shell, &ignored) < 0 ||
	    image_list(place->shell->store, false, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		for (size_t t = 0; t < all.items[i].tags.count; t++) {
			const char *tag = all.items[i].tags.items[t];
			const char *latest = strstr(tag, ":latest");
			OWN_FREE char *plain = mem_strn(
				tag, latest && !strchr(place->text, ':')
					     ? (size_t)(latest - tag)
					     : strlen(tag));

			offer(place, plain);
		}
	}
	image_list_done(&all);
}

static void offer_lessons(struct place *place)
{
	struct course course = { 0 };
	struct err ignored = { 0 };

	if (course_open(place->shell->lessons_dirs, &course, &ignored) < 0)
		return;
	for (size_t i = 0; i < course.count; i++)
		offer(place, course.items[i].id);
	course_done(&course);
}

static void offer_networks(struct place *place)
{
	OWN_NETWORKS struct networks all = { 0 };
	struct err ignored = { 0 };

	if (shell_need_home(place->shell, &ignored) < 0 ||
	    network_list(place->shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		offer(place, all.items[i].name);
}

static void offer_volumes(struct place *place)
{
	OWN_FREE char *path = NULL;
	OWN_DIR DIR *dir = NULL;
	const struct dirent *entry;
	struct err ignored = { 0 };

	if (shell_need_home(place->shell, &ignored) < 0)
		return;
	path = mem_fmt("%s/volumes", place->shell->home->path);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			offer(place, entry->d_name);
}

/* Programs of this machine, for lines that sh runs. */
static void offer_programs(struct place *place)
{
	const char *path = getenv("PATH");
	OWN_STRS struct strs folders = { 0 };

	strs_split(&folders, path ? path : "", ':');
	for (size_t i = 0; i < folders.count; i++) {
		OWN_DIR DIR *dir = opendir(folders.items[i]);
		const struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				offer(place, entry->d_name);
	}
}

static void offer_options(struct place *place)
{
	for (const struct opt *o = place->cmd->opts; o && o->name; o++) {
		OWN_FREE char *word = mem_fmt("--%s", o->name);

		if (!(o->flags & (OPT_HIDDEN | OPT_REFUSED)))
			offer(place, word);
	}
	offer(place, "--help");
}

static void offer_list(struct place *place, const char *const *words)
{
	for (; *words; words++)
		offer(place, *words);
}

static void offer_kind(struct place *place, enum complete_kind kind)
{
	static const char *const langs[] = { "en", "ja", NULL };

	switch (kind) {
	case COMPLETE_IMAGES:
		offer_images(place);
		break;
	case COMPLETE_CONTAINERS:
	case COMPLETE_RUNNING:
	case COMPLETE_STOPPED:
		offer_containers(place, kind);
		break;
	case COMPLETE_OBJECTS:
		offer_containers(place, COMPLETE_CONTAINERS);
		offer_images(place);
		offer_networks(place);
		offer_volumes(place);
		break;
	case COMPLETE_COMMANDS:
		offer_commands(place, NULL);
		break;
	case COMPLETE_LESSONS:
		offer_lessons(place);
		break;
	case COMPLETE_LANGUAGES:
		offer_list(place, langs);
		break;
	case COMPLETE_NETWORKS:
		offer_networks(place);
		break;
	case COMPLETE_VOLUMES:
		offer_volumes(place);
		place->files = place->cmd->stop_at_first_word &&
			       place->out->count == 0;
		break;
	case COMPLETE_DEFAULT:
	case COMPLETE_FILES:
	case COMPLETE_FOLDERS:
		place->files = true;
		break;
	case COMPLETE_NOTHING:
	case COMPLETE_JOBS:
	case COMPLETE_PROGRAMS: /* those of an image: not looked into */
		break;
	}
}

/* ---- which kind ---- */

static bool holds(const char *text, const char *word)
{
	return text && strstr(text, word);
}

/* From the words of the synopsis, where the table says nothing more. */
static enum complete_kind kind_of_synopsis(const struct cmd *cmd)
{
	if (holds(cmd->synopsis, "LESSON"))
		return COMPLETE_LESSONS;
	if (holds(cmd->synopsis, "IMAGE"))
		return COMPLETE_IMAGES;
	if (holds(cmd->synopsis, "CONTAINER"))
		return COMPLETE_CONTAINERS;
	if (holds(cmd->synopsis, "NETWORK"))
		return COMPLETE_NETWORKS;
	if (holds(cmd->synopsis, "VOLUME"))
		return COMPLETE_VOLUMES;
	return cmd->max_args == 0 ? COMPLETE_NOTHING : COMPLETE_FILES;
}

static enum complete_kind kind_of_argument(const struct cmd *cmd, int index)
{
	enum complete_kind kind = index == 0 ? cmd->first : cmd->rest;

	if (cmd->max_args >= 0 && index >= cmd->max_args)
		return COMPLETE_NOTHING;
	if (kind != COMPLETE_DEFAULT)
		return kind;
	if (index > 0 && cmd->stop_at_first_word)
		return COMPLETE_PROGRAMS;
	if (index > 0 && cmd->first != COMPLETE_DEFAULT)
		return cmd->first;
	return kind_of_synopsis(cmd);
}

/* -v takes a path, or a volume's name. */
static enum complete_kind kind_of_value(const struct place *place,
					const struct opt *opt)
{
	if (strcmp(opt->name, "volume") == 0 && *place->text &&
	    !strpbrk(place->text, "/.~"))
		return COMPLETE_VOLUMES;
	if (strcmp(opt->name, "volumes-from") == 0)
		return COMPLETE_CONTAINERS;
	if (opt->complete != COMPLETE_DEFAULT)
		return opt->complete;
	if (holds(opt->name, "net"))
		return COMPLETE_NETWORKS;
	if (holds(opt->name, "file") || holds(opt->name, "volume") ||
	    holds(opt->placeholder, "file"))
		return COMPLETE_FILES;
	return COMPLETE_NOTHING;
}

/* The option that waits for its value after this word, or NULL. */
static const struct opt *waits(const struct cmd *cmd, const char *word)
{
	const struct opt *opt = NULL;

	if (word[0] == '-' && word[1] == '-') {
		size_t len = strcspn(word + 2, "=");

		/* "--name=": readline cuts words at "=". */
		if (word[2 + len] == '\0' || word[2 + len + 1] == '\0')
			opt = opt_find(cmd, word + 2, len);
	} else if (word[0] == '-') {
		for (const char *p = word + 1; *p; p++) {
			opt = opt_find_letter(cmd, *p);
			if (!opt || opt->kind == OPT_FLAG)
				continue;
			if (p[1]) /* the rest is its value */
				opt = NULL;
			break;
		}
	}
	return opt && opt->kind != OPT_FLAG ? opt : NULL;
}

/* `before`: the words behind the command's name, the one at the cursor not
 * among them. */
static void complete_argument(struct place *place, char *const *before)
{
	const struct opt *waiting = NULL;
	bool options = true;
	int index = 0;

	for (; *before; before++) {
		if (waiting) {
			waiting = NULL;
		} else if (options && strcmp(*before, "--") == 0) {
			options = false;
		} else if (options && **before == '-' && (*before)[1]) {
			waiting = waits(place->cmd, *before);
		} else {
			index++;
			if (place->cmd->stop_at_first_word)
				options = false;
		}
	}
	if (waiting)
		offer_kind(place, kind_of_value(place, waiting));
	else if (options && place->text[0] == '-')
		offer_options(place);
	else
		offer_kind(place, kind_of_argument(place->cmd, index));
}

/* The words before the cursor, those of the last command of the line. */
static void complete_place(struct place *place, char *const *before)
{
	int used = 0;

	if (before[0] && strcmp(before[0], "docker") == 0)
		before++;
	if (!before[0]) {
		if (strchr(place->text, '/')) {
			place->files = true;
			return;
		}
		offer_commands(place, NULL);
		if (place->out->count == 0)
			offer_programs(place);
		return;
	}
	place->cmd = command_find(before, &used);
	if (place->cmd)
		complete_argument(place, before + used);
	else if (command_is_group(before[0]) && !before[1])
		offer_commands(place, before[0]);
	else
		place->files = true;
}

/* Behind the last |, ;, & or ( that is not quoted. */
static const char *last_command(const char *line)
{
	const char *begin = line;
	char quote = '\0';

	for (const char *p = line; *p; p++) {
		if (quote) {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		} else if (strchr("|;&(`", *p)) {
			begin = p + 1;
		}
	}
	return begin;
}

/* place->cmd is what the words before the cursor say. */
static void complete_at(struct place *place, const char *line, size_t start)
{
	OWN_WORDS struct words w = { 0 };
	OWN_FREE char *before = mem_strn(line, start);

	words_read(words_begin(last_command(before)), &w);
	complete_place(place, strs_vector(&w.words));
}

void complete_line(struct shell *shell, const char *line, struct strs *out,
		   bool *out_files)
{
	size_t start = strlen(line);
	struct place place = { .shell = shell, .out = out };

	while (start > 0 && !strchr(" \t=", line[start - 1]))
		start--;
	place.text = line + start;
	complete_at(&place, line, start);
	strs_sort(out);
	*out_files = place.files;
}

/* ---- readline ---- */

/* readline's callbacks take no argument of ours. */
static struct {
	struct shell *shell;
	const struct cmd *cmd;
	struct strs found;
	size_t next;
} tab;

static char *next_found(const char *text, int state)
{
	(void)text;
	if (state == 0)
		tab.next = 0;
	if (tab.next >= tab.found.count)
		return NULL;
	return mem_str(tab.found.items[tab.next++]); /* readline frees it */
}

static char **attempt(const char *text, int start, int end)
{
	struct place place = { .shell = tab.shell,
			       .text = text,
			       .out = &tab.found };
	char **matches;

	(void)end;
	strs_clear(&tab.found);
	complete_at(&place, rl_line_buffer, (size_t)start);
	tab.cmd = place.cmd;
	if (place.files)
		return NULL; /* readline knows files by itself */
	rl_attempted_completion_over = 1;
	strs_sort(&tab.found);
	matches = rl_completion_matches(text, next_found);
	if (!matches)
		rl_ding();
	return matches;
}

/* What a match means: options and commands have a line of help. */
static const char *meaning_of(const char *word)
{
	const struct opt *opt;
	const struct cmd *cmd;

	if (tab.cmd && strncmp(word, "--", 2) == 0) {
		opt = opt_find(tab.cmd, word + 2, strlen(word + 2));
		return opt ? _(opt->help) : "";
	}
	if (tab.cmd)
		return "";
	cmd = command_named(word);
	return cmd ? _(cmd->summary) : "";
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
	/* No colon among them: names of images have one. */
	rl_completer_word_break_characters = " \t\n\"'`><=;|&(";
	rl_completer_quote_characters = "\"'";
	rl_filename_quote_characters = " \t\n\\\"'`$&;|<>()*?[#~";
}
