/* shell/complete_place.c - see complete_parts.h: where one is
 *
 * What stands before the cursor is read as the command would read it: which
 * command, which option waits for its value, the how-manyth argument. The table
 * of commands then says what may stand there. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/complete_parts.h"
#include "shell/opt.h"
#include "shell/start.h"

/* ---- words ---- */

/* The words of the line's last command.
 *
 * before    those that are whole
 * word      the one at the cursor, so far
 * open      something of it was typed, be it only a quote
 * to_file   a < or > stands in front of it
 * piped     a | stands in front of the command */
struct typed {
	struct strs before;
	struct buf word;
	bool open;
	bool to_file;
	bool piped;
};

static void end_word(struct typed *typed)
{
	if (typed->open && !typed->to_file)
		strs_add(&typed->before, buf_text(&typed->word));
	if (typed->open)
		typed->to_file = false;
	buf_clear(&typed->word);
	typed->open = false;
}

/* One character outside of quotes. */
static void take(struct typed *typed, char c)
{
	if (strchr(" \t\n", c)) {
		end_word(typed);
	} else if (strchr("|;&(`", c)) { /* another command begins */
		end_word(typed);
		typed->piped = c == '|' && typed->before.count > 0; /* or || */
		strs_clear(&typed->before);
		typed->to_file = false;
	} else if (strchr("<>", c)) {
		end_word(typed);
		typed->to_file = true;
	} else {
		buf_add(&typed->word, &c, 1);
		typed->open = true;
	}
}

static bool begins_command(const char *line, const char *p)
{
	return *p == '`' || (*p == '(' && p > line && p[-1] == '$');
}

/* Unlike words.h it goes on behind what only a shell understands: a variable's
 * value is not asked for. */
static void read_words(const char *line, struct typed *typed)
{
	char quote = '\0';

	for (const char *p = line; *p; p++) {
		bool escape = complete_is_escape(p, quote);

		if (quote == '"' && begins_command(line, p))
			quote = '\0'; /* a command in quotes: "$(docker ps" */
		if (escape)
			p++;
		if (!escape && quote && *p == quote) {
			quote = '\0';
		} else if (!escape && !quote && strchr("\"'", *p)) {
			quote = *p;
			typed->open = true;
		} else if (escape || quote) {
			buf_add(&typed->word, p, 1);
			typed->open = true;
		} else {
			take(typed, *p);
		}
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

/* ---- options ---- */

/* The option that waits for its value after this word, or NULL. */
static const struct opt *waits(const struct cmd *cmd, const char *word)
{
	const struct opt *opt = NULL;

	if (word[1] == '-') {
		opt = opt_find(cmd, word + 2, strlen(word + 2));
	} else {
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

/* "--network=ho", "-vda": the value stands in the option's own word. */
static bool complete_joined(struct place *place)
{
	const char *text = place_text(place);
	const char *equals = strchr(text, '=');
	const struct opt *opt = NULL;
	size_t value = 0;

	if (text[0] == '-' && text[1] == '-' && equals) {
		opt = opt_find(place->cmd, text + 2,
			       (size_t)(equals - text - 2));
		value = (size_t)(equals - text) + 1;
	} else if (text[0] == '-' && text[1] && text[1] != '-' && text[2]) {
		opt = opt_find_letter(place->cmd, text[1]);
		value = text[2] == '=' ? 3 : 2;
	}
	if (!opt || opt->kind == OPT_FLAG)
		return false;
	place_skip(place, value);
	offer_value(place, opt);
	return true;
}

/* `before`: the words behind the command's name. */
static void complete_argument(struct place *place, char *const *before)
{
	const struct opt *waiting = NULL;
	bool options = true;
	int index = 0;

	place->before = before;
	for (; *before; before++) {
		if (waiting) {
			waiting = NULL;
		} else if (options && strcmp(*before, "--") == 0) {
			options = false;
		} else if (options && **before == '-' && (*before)[1]) {
			waiting = waits(place->cmd, *before);
		} else {
			if (index++ == 0)
				place->first = *before;
			if (place->cmd->stop_at_first_word)
				options = false;
		}
	}
	place->index = index;
	if (waiting)
		offer_value(place, waiting);
	else if (options && place_text(place)[0] == '-')
		complete_joined(place) ? (void)0 : offer_options(place);
	else
		offer_kind(place, kind_of_argument(place->cmd, index));
}

/* ---- commands ---- */

static void complete_name(struct place *place)
{
	if (strchr(place_text(place), '/')) {
		offer_files(place, false);
		return;
	}
	offer_commands(place, NULL);
	/* Behind a pipe stands grep or head rather than a word of ours. */
	if (place->out->words.count == 0 || (place->piped && *place_text(place)))
		offer_programs(place);
}

/* `explain` is followed by another command's words. */
static char *const *skip_explain(char *const *before)
{
	char *const *after = before + 1;

	if (strcmp(before[0], "explain") != 0)
		return before;
	while (*after && (*after)[0] == '-')
		after++;
	if (*after && strcmp(*after, "docker") == 0 && after[1])
		after++;
	return *after ? after : before;
}

void place_complete(struct place *place, char *const *before)
{
	int used = 0;

	if (!before[0]) {
		complete_name(place);
		return;
	}
	if (strcmp(before[0], "docker") == 0 && !*++before) {
		offer_commands(place, NULL);
		return;
	}
	before = skip_explain(before);
	place->cmd = command_find(before, &used);
	if (place->cmd) {
		complete_argument(place, before + used);
	} else if (command_is_group(before[0]) && !before[1]) {
		place->group = before[0];
		offer_commands(place, before[0]);
	} else {
		offer_files(place, false);
	}
}

/* Options of the program itself that change where things are looked for. */
static void take_option(struct shell *shell, const struct opt *opt,
			const char *value)
{
	if (strcmp(opt->name, "home") == 0)
		shell->home_path = value;
	else if (strcmp(opt->name, "lessons") == 0)
		shell->lessons_dirs = value;
}

/* As start_read has it: options up to the first other word. */
static void complete_program(struct place *place, char *const *words)
{
	const struct opt *waiting = NULL;

	for (; *words && (waiting || **words == '-'); words++) {
		const char *equals = strchr(*words, '=');

		if (waiting) {
			take_option(place->shell, waiting, *words);
			waiting = NULL;
		} else if (equals && (*words)[1] == '-') {
			const struct opt *opt =
				opt_find(&start_program, *words + 2,
					 (size_t)(equals - *words - 2));

			if (opt)
				take_option(place->shell, opt, equals + 1);
		} else {
			waiting = waits(&start_program, *words);
		}
	}
	if (*words || (!waiting && place_text(place)[0] != '-')) {
		place_complete(place, words);
		return;
	}
	place->cmd = &start_program;
	if (waiting)
		offer_value(place, waiting);
	else if (!complete_joined(place))
		offer_options(place);
}

void complete_line(struct shell *shell, const char *line, bool program,
		   struct completion *out)
{
	struct typed typed = { 0 };
	struct place place = { .shell = shell, .out = out };
	char *const *before;

	read_words(line, &typed);
	before = strs_vector(&typed.before);
	place.word = buf_text(&typed.word);
	place.piped = typed.piped;
	out->typed = mem_str(place.word);
	if (typed.to_file)
		offer_files(&place, false);
	else if (program && before[0])
		complete_program(&place, before + 1);
	else if (!program)
		place_complete(&place, before);
	offer_meanings(&place);
	strs_done(&typed.before);
	buf_done(&typed.word);
}
