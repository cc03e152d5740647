/* images/dockerfile_check.c - see dockerfile.h
 *
 * What Docker looks at in the whole file before its first step: whether the
 * instruction is one, its flags, how many words it has. Variables are not put in
 * yet, so a word may still turn out wrong. */
#include "images/dockerfile.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "images/dockerfile_private.h"
#include "images/health.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"

enum how_many {
	ANY,
	EXACTLY_ONE,
	AT_LEAST_ONE,
	AT_LEAST_TWO, /* COPY and ADD: the last is where to */
};

typedef int check(const struct instruction *instruction, struct err *err);

static check check_arg, check_copy, check_from, check_health, check_onbuild,
	check_pairs, check_shell, check_volume;

static const char health_usage[] =
	"HEALTHCHECK [--interval=TIME] [--timeout=TIME] [--start-period=TIME] [--retries=N] CMD COMMAND or HEALTHCHECK NONE";

/* usage        the grammar, for hints
 * flags        what it knows: "name=" wants a value, "name" is true or false,
 *              "name*" may come several times with one; NULL: flags are not even
 *              looked at
 * flags_first  a wrong flag is named before too few words are
 * more         what else has to hold; NULL for nothing */
static const struct grammar {
	const char *name;
	const char *usage;
	const char *flags;
	enum how_many how_many;
	bool flags_first;
	check *more;
} grammars[] = {
	{ "add", "ADD [--chown=USER] [--chmod=MODE] SOURCE... DESTINATION",
	  "chown= chmod= link", AT_LEAST_TWO, false, check_copy },
	{ "arg", "ARG NAME[=DEFAULT]", NULL, ANY, false, check_arg },
	{ "cmd", "CMD [\"PROGRAM\", \"ARG\"...] or CMD LINE", "", ANY, true,
	  NULL },
	{ "copy",
	  "COPY [--from=STAGE] [--chown=USER] [--chmod=MODE] SOURCE... DESTINATION",
	  "chown= chmod= from= link", AT_LEAST_TWO, false, check_copy },
	{ "entrypoint",
	  "ENTRYPOINT [\"PROGRAM\", \"ARG\"...] or ENTRYPOINT LINE", "", ANY,
	  true, NULL },
	{ "env", "ENV NAME=VALUE... or ENV NAME VALUE", "", AT_LEAST_ONE, true,
	  check_pairs },
	{ "expose", "EXPOSE PORT[-PORT][/PROTOCOL]...", "", AT_LEAST_ONE, false,
	  NULL },
	{ "from", "FROM [--platform=PLATFORM] IMAGE [AS NAME]",
	  "platform=", ANY, false, check_from },
	{ "healthcheck", health_usage, NULL, AT_LEAST_ONE, false,
	  check_health },
	{ "label", "LABEL NAME=VALUE...", "", AT_LEAST_ONE, true, check_pairs },
	{ "maintainer", "MAINTAINER NAME", "", EXACTLY_ONE, false, NULL },
	{ "onbuild", "ONBUILD INSTRUCTION", "", AT_LEAST_ONE, false,
	  check_onbuild },
	{ "run", "RUN LINE or RUN [\"PROGRAM\", \"ARG\"...]",
	  "mount* network= security=", ANY, true, NULL },
	{ "shell", "SHELL [\"PROGRAM\", \"ARG\"...]", "", ANY, true,
	  check_shell },
	{ "stopsignal", "STOPSIGNAL SIGNAL", NULL, EXACTLY_ONE, false, NULL },
	{ "user", "USER NAME[:GROUP]", "", EXACTLY_ONE, false, NULL },
	{ "volume", "VOLUME PATH... or VOLUME [\"PATH\", ...]", "",
	  AT_LEAST_ONE, false, check_volume },
	{ "workdir", "WORKDIR PATH", "", EXACTLY_ONE, false, NULL },
};

static const struct grammar *grammar_of(const char *name)
{
	for (size_t i = 0; i < sizeof(grammars) / sizeof(grammars[0]); i++)
		if (strcmp(name, grammars[i].name) == 0)
			return &grammars[i];
	return NULL;
}

void instruction_hint(const char *name, struct err *err)
{
	const struct grammar *grammar = grammar_of(name);

	if (grammar)
		err_hint(err, _("expected: %s"), grammar->usage);
}

/* An instruction's name in capitals, as Docker's sentences have it. */
struct upper {
	char text[16];
};

static struct upper upper(const char *name)
{
	struct upper result = { "" };

	for (size_t i = 0; name[i] && i + 1 < sizeof(result.text); i++)
		result.text[i] = (char)toupper((unsigned char)name[i]);
	return result;
}

static int refuse(const struct instruction *instruction, const char *sentence,
		  struct err *err)
{
	err_docker(err, ERR_DAEMON, EINVAL, "%s", sentence);
	instruction_hint(instruction->name, err);
	return -err->code;
}

/* ---- flags ---- */

/* What stands in the list behind the name of the flag: '=', '*', ' ' or NUL; '?'
 * where it is not there. */
static char flag_kind(const char *flags, const char *name, size_t len)
{
	for (const char *p = flags; *p; p += strspn(p, " ")) {
		size_t known = strcspn(p, "=* ");

		if (known == len && strncmp(p, name, len) == 0)
			return p[known];
		p += strcspn(p, " ");
	}
	return '?';
}

static int unknown_flag(const struct grammar *grammar, const char *flag,
			size_t len, struct err *err)
{
	OWN_FREE char *name = mem_strn(flag + 2, len - 2);
	OWN_FREE char *all = mem_str(grammar->flags);
	struct suggest suggest = suggest_start(name);
	char *save = NULL;

	err_docker(err, ERR_DAEMON, EINVAL, "Unknown flag: %s", name);
	for (char *p = strtok_r(all, "=* ", &save); p;
	     p = strtok_r(NULL, "=* ", &save))
		suggest_try(&suggest, p);
	if (suggest.found)
		return err_hint(err, _("did you mean --%s?"), suggest.found);
	return err_hint(err, _("expected: %s"), grammar->usage);
}

static int check_flag(const struct grammar *grammar,
		      const struct instruction *instruction, size_t at,
		      struct err *err)
{
	const char *flag = instruction->flags.items[at];
	size_t len = strcspn(flag, "=");
	const char *value = flag[len] ? flag + len + 1 : NULL;
	char kind = flag_kind(grammar->flags, flag + 2, len - 2);

	if (kind == '?')
		return unknown_flag(grammar, flag, len, err);
	for (size_t i = 0; i < at && kind != '*'; i++)
		if (strncmp(instruction->flags.items[i], flag, len) == 0 &&
		    strchr("=", instruction->flags.items[i][len]))
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "Duplicate flag specified: %.*s",
					  (int)len - 2, flag + 2);
	if (kind == '=' || kind == '*' ? !value : value && !*value)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Missing a value on flag: %.*s",
				  (int)len - 2, flag + 2);
	if (kind != '=' && kind != '*' && value &&
	    strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"expecting boolean value for flag %.*s, not: %s",
			(int)len, flag, value);
	return 0;
}

static int check_flags(const struct grammar *grammar,
		       const struct instruction *instruction, struct err *err)
{
	int r = 0;

	for (size_t i = 0;
	     grammar->flags && i < instruction->flags.count && r == 0; i++)
		r = check_flag(grammar, instruction, i, err);
	return r;
}

/* ---- words ---- */

static int check_count(const struct grammar *grammar,
		       const struct instruction *instruction, struct err *err)
{
	size_t count = instruction->args.count + (instruction->inner ? 1 : 0);
	const char *wanted = NULL;

	if (grammar->how_many == EXACTLY_ONE && count != 1)
		wanted = "exactly one argument";
	if (grammar->how_many == AT_LEAST_ONE && count < 1)
		wanted = "at least one argument";
	if (grammar->how_many == AT_LEAST_TWO && count < 2)
		wanted =
			"at least two arguments, but only one was provided. Destination could not be determined";
	if (!wanted)
		return 0;
	err_docker(err, ERR_DAEMON, EINVAL, "%s requires %s",
		   upper(grammar->name).text, wanted);
	instruction_hint(grammar->name, err);
	return -err->code;
}

static int check_arg(const struct instruction *instruction, struct err *err)
{
	if (!instruction->args.count)
		return refuse(instruction, "ARG requires at least one argument",
			      err);
	for (size_t i = 0; i < instruction->args.count; i++)
		if (instruction->args.items[i][0] == '=')
			return refuse(instruction, "ARG names can not be blank",
				      err);
	return 0;
}

static int check_pairs(const struct instruction *instruction, struct err *err)
{
	OWN_FREE char *sentence = mem_fmt("%s names can not be blank",
					  upper(instruction->name).text);

	for (size_t i = 0; i < instruction->args.count; i += 3)
		if (!*instruction->args.items[i])
			return refuse(instruction, sentence, err);
	return 0;
}

static int check_copy(const struct instruction *instruction, struct err *err)
{
	struct heredoc heredoc = { 0 };
	const struct strs *args = &instruction->args;
	int r = instruction->json ? 0
				  : heredoc_read(args->items[args->count - 1],
						 &heredoc, err);

	heredoc_done(&heredoc);
	if (r <= 0)
		return r;
	err_docker(err, ERR_DAEMON, EINVAL,
		   "%s cannot accept a heredoc as a destination",
		   upper(instruction->name).text);
	instruction_hint(instruction->name, err);
	return -err->code;
}

/* "^[a-z][a-z0-9-_.]*$", once it is lower-case. */
static bool is_stage_name(const char *name)
{
	if (!isalpha((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int check_from(const struct instruction *instruction, struct err *err)
{
	const struct strs *args = &instruction->args;
	OWN_BUF struct buf quoted = { 0 };

	if (args->count == 1)
		return 0;
	if (args->count != 3 || strcasecmp(args->items[1], "as") != 0)
		return refuse(instruction,
			      "FROM requires either one or three arguments",
			      err);
	if (is_stage_name(args->items[2]))
		return 0;
	go_quote(&quoted, args->items[2]);
	err_docker(
		err, ERR_DAEMON, EINVAL,
		"invalid name for build stage: %s, name can't start with a number or contain symbols",
		buf_text(&quoted));
	return err_hint(
		err, _("a name is a letter, then letters, digits, - _ or ."));
}

static int check_onbuild(const struct instruction *instruction, struct err *err)
{
	const char *name = instruction->inner->name;

	if (strcmp(name, "onbuild") == 0)
		err_docker(
			err, ERR_DAEMON, EINVAL,
			"Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
	else if (strcmp(name, "from") == 0 || strcmp(name, "maintainer") == 0)
		err_docker(err, ERR_DAEMON, EINVAL,
			   "%s isn't allowed as an ONBUILD trigger",
			   upper(name).text);
	else
		return 0;
	return err_hint(
		err,
		_("expected behind ONBUILD: RUN, COPY or any other instruction"));
}

static int check_shell(const struct instruction *instruction, struct err *err)
{
	if (!instruction->args.count)
		return refuse(instruction,
			      "SHELL requires at least one argument", err);
	if (!instruction->json)
		return refuse(instruction,
			      "SHELL requires the arguments to be in JSON form",
			      err);
	return 0;
}

static int check_volume(const struct instruction *instruction, struct err *err)
{
	for (size_t i = 0; i < instruction->args.count; i++) {
		OWN_FREE char *path = trimmed(instruction->args.items[i]);

		if (!*path)
			return refuse(
				instruction,
				"VOLUME specified can not be an empty string",
				err);
	}
	return 0;
}

static int check_health(const struct instruction *instruction, struct err *err)
{
	static const struct grammar grammar = {
		.name = "healthcheck",
		.usage = health_usage,
		.flags = "interval= timeout= start-period= retries=",
	};
	OWN_HEALTH struct health ignored = { 0 };
	int r = 0;

	/* NONE takes no flags, and Docker does not look whether it has some. */
	if (strcasecmp(instruction->args.items[0], "NONE") != 0)
		r = check_flags(&grammar, instruction, err);
	if (r == 0)
		r = health_read(instruction, &ignored, err);
	if (r < 0 && !*err->hint)
		instruction_hint("healthcheck", err);
	return r;
}

/* ---- the whole ---- */

static int unknown(const struct instruction *instruction, struct err *err)
{
	OWN_FREE char *written = mem_strn(
		instruction->text, strcspn(instruction->text, "\t\v\f\r "));
	struct suggest suggest = suggest_start(instruction->name);

	for (char *p = written; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	err_docker(err, ERR_DAEMON, EINVAL, "unknown instruction: %s", written);
	for (size_t i = 0; i < sizeof(grammars) / sizeof(grammars[0]); i++)
		suggest_try(&suggest, grammars[i].name);
	if (suggest.found)
		return err_hint(err, _("did you mean %s?"),
				upper(suggest.found).text);
	return err_hint(err, _("a line that goes on in the next ends with \\"));
}

int instruction_check(const struct instruction *instruction, struct err *err)
{
	const struct grammar *grammar = grammar_of(instruction->name);
	int r = 0;

	if (!grammar)
		return unknown(instruction, err);
	if (grammar->flags_first)
		r = check_flags(grammar, instruction, err);
	if (r == 0)
		r = check_count(grammar, instruction, err);
	if (r == 0 && !grammar->flags_first)
		r = check_flags(grammar, instruction, err);
	if (r == 0 && grammar->more)
		r = grammar->more(instruction, err);
	return r;
}

int dockerfile_check(const struct dockerfile *file, struct err *err)
{
	bool in_stage = false;

	for (size_t i = 0; i < file->count; i++) {
		const struct instruction *item = &file->items[i];

		if (instruction_check(item, err) < 0)
			return err_wrap(err, "dockerfile parse error line %d",
					item->line);
		if (strcmp(item->name, "from") == 0)
			in_stage = true;
		if (in_stage || strcmp(item->name, "arg") == 0)
			continue;
		err_docker(err, ERR_DAEMON, EINVAL,
			   "no build stage in current context");
		return err_hint(err,
				_("line %d: in front of %s comes FROM IMAGE"),
				item->line, upper(item->name).text);
	}
	return 0;
}
