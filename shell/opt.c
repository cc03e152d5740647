/* shell/opt.c - see opt.h
 *
 * getopt_long(3) knows the forms but not all of Docker's manners, so three
 * things are added here. It takes "--na" for "--name", Docker does not: what was
 * typed is compared with what was found. Docker's switches may have a value,
 * "-d=true" too, where getopt takes '=' for one more letter. And Docker drops
 * the '=' of "-e=A=1". */
#include "shell/opt.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/suggest.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"

/* Not an index of any command's table. */
#define HELP INT_MAX
#define SHARED (INT_MAX - 8)

enum { MOST_SHARED = 2 };

static size_t count_opts(const struct cmd *cmd)
{
	size_t count = 0;

	while (cmd->opts && cmd->opts[count].name)
		count++;
	return count;
}

static const struct opt *find_own(const struct cmd *cmd, const char *name,
				  size_t len)
{
	size_t count = count_opts(cmd);

	for (size_t i = 0; i < count; i++)
		if (strlen(cmd->opts[i].name) == len &&
		    strncmp(cmd->opts[i].name, name, len) == 0)
			return &cmd->opts[i];
	return NULL;
}

const struct opt *opt_shared(const struct cmd *cmd)
{
	static const struct opt forms[] = {
		{ "json", 0, OPT_FLAG, NULL, N_("The same as JSON"), N_("Form"),
		  offsetof(struct opt_shared, json) },
		{ "plain", 0, OPT_FLAG, NULL,
		  N_("One fact a line, as a screen reader wants it"), N_("Form"),
		  offsetof(struct opt_shared, plain) },
		{ 0 },
	};
	static const struct opt forms_of_rows[] = {
		{ "json", 0, OPT_FLAG, NULL,
		  N_("Each row as JSON on a line of its own; no row, no line"),
		  N_("Form"), offsetof(struct opt_shared, json) },
		{ "plain", 0, OPT_FLAG, NULL,
		  N_("One fact a line, as a screen reader wants it"), N_("Form"),
		  offsetof(struct opt_shared, plain) },
		{ 0 },
	};

	if ((!cmd->shows && !cmd->rows) || find_own(cmd, "json", 4))
		return forms + MOST_SHARED;
	return cmd->rows ? forms_of_rows : forms;
}

const struct opt *opt_find(const struct cmd *cmd, const char *name, size_t len)
{
	const struct opt *own = find_own(cmd, name, len);

	for (const struct opt *o = opt_shared(cmd); !own && o->name; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return own;
}

const struct opt *opt_find_letter(const struct cmd *cmd, char letter)
{
	size_t count = count_opts(cmd);

	for (size_t i = 0; letter && i < count; i++)
		if (cmd->opts[i].letter == letter)
			return &cmd->opts[i];
	return NULL;
}

/* ---- values ---- */

static int bad_value(const struct opt *opt, const char *value, const char *why,
		     struct err *err)
{
	OWN_FREE char *letter = opt->letter ? mem_fmt("-%c, ", opt->letter)
					    : mem_str("");
	OWN_BUF struct buf shown = { 0 };

	go_quote(&shown, value);
	err_docker(err, ERR_BARE, EINVAL,
		   "invalid argument %s for \"%s--%s\" flag: %s",
		   buf_text(&shown), letter, opt->name, why);
	return err_status(err, 125);
}

/* Go's strconv.ParseBool. */
static int set_flag(const struct opt *opt, const char *value, bool *out,
		    struct err *err)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true",
					   "True", NULL };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false",
					  "False", NULL };
	OWN_FREE char *why = NULL;

	for (size_t i = 0; yes[i]; i++) {
		if (!value || strcmp(value, yes[i]) == 0) {
			*out = true;
			return 0;
		}
		if (strcmp(value, no[i]) == 0) {
			*out = false;
			return 0;
		}
	}
	why = mem_fmt("strconv.ParseBool: parsing \"%s\": invalid syntax",
		      value);
	return bad_value(opt, value, why, err);
}

static int set_count(const struct opt *opt, const char *value,
		     struct opt_number *out, struct err *err)
{
	OWN_FREE char *why = NULL;
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 0);
	if (end != value && *end == '\0' && errno == 0) {
		*out = (struct opt_number){ .given = true, .value = number };
		return 0;
	}
	why = mem_fmt("strconv.ParseInt: parsing \"%s\": %s", value,
		      errno == ERANGE ? "value out of range"
				      : "invalid syntax");
	return bad_value(opt, value, why, err);
}

/* "64m", "1.5g", "100", "2GiB": Docker's units.RAMInBytes, 1024 each. */
static int set_bytes(const struct opt *opt, const char *value,
		     struct opt_number *out, struct err *err)
{
	static const char units[] = "bkmgtp";
	OWN_FREE char *why = mem_fmt("invalid size: '%s'", value);
	const char *unit;
	char *end;
	double number;

	/* strtod(3) would take "inf", "0x10" and " 5" as well. */
	if (*value < '0' || *value > '9' || strpbrk(value, "xX"))
		return bad_value(opt, value, why, err);
	number = strtod(value, &end);
	if (*end == ' ')
		end++;
	unit = *end ? strchr(units, *end | 0x20) : units;
	if (!unit)
		return bad_value(opt, value, why, err);
	for (const char *u = units; u < unit; u++)
		number *= 1024;
	if (*end)
		end++;
	if (unit > units && (*end == 'i' || *end == 'I'))
		end++;
	if (unit > units && (*end == 'b' || *end == 'B'))
		end++;
	if (*end || number >= (double)LLONG_MAX)
		return bad_value(opt, value, why, err);
	*out = (struct opt_number){ .given = true,
				    .value = (long long)number };
	return 0;
}

static int check_value(const struct opt *opt, const char *value,
		       struct err *err)
{
	struct err why = { 0 };

	if (!opt->check || !value || opt->check(value, &why) == 0)
		return 0;
	return bad_value(opt, value, why.msg, err);
}

static int set_value(const struct opt *opt, const char *value, void *values,
		     struct err *err)
{
	void *place = (char *)values + opt->offset;

	if (opt->flags & OPT_REFUSED) {
		err_set(err, ENOTSUP, _("'--%s' is Docker's, but not ours: %s"),
			opt->name, _(opt->help));
		return err_status(err, 125);
	}
	if (check_value(opt, value, err) < 0)
		return -err->code;
	switch (opt->kind) {
	case OPT_FLAG:
		return set_flag(opt, value, place, err);
	case OPT_TEXT:
		*(const char **)place = value;
		return 0;
	case OPT_LIST:
		if ((opt->flags & OPT_FILTER) && *value && !strchr(value, '='))
			return bad_value(opt, value,
					 "bad format of filter (expected name=value)",
					 err);
		strs_add(place, value);
		return 0;
	case OPT_COUNT:
		return set_count(opt, value, place, err);
	case OPT_BYTES:
		return set_bytes(opt, value, place, err);
	}
	return 0;
}

static void set_defaults(const struct cmd *cmd, void *values)
{
	size_t count = count_opts(cmd);

	for (size_t i = 0; i < count; i++)
		if (cmd->opts[i].flags & OPT_ON)
			*(bool *)((char *)values + cmd->opts[i].offset) = true;
}

void opt_done(const struct cmd *cmd, void *values)
{
	size_t count = count_opts(cmd);

	/* One that is refused has no place of its own. */
	for (size_t i = 0; i < count; i++)
		if (cmd->opts[i].kind == OPT_LIST &&
		    !(cmd->opts[i].flags & OPT_REFUSED))
			strs_done((void *)((char *)values +
					   cmd->opts[i].offset));
}

/* ---- what getopt_long(3) is given ---- */

/* longs: those of the command, the shared ones, --help, an end. */
struct tables {
	struct option *longs;
	char *letters;
};

static void tables_make(const struct cmd *cmd, struct tables *out)
{
	size_t count = count_opts(cmd);
	char *letter;

	out->longs = mem_zero(count + MOST_SHARED + 2, sizeof(*out->longs));
	out->letters = mem_zero(count * 2 + 5, 1);
	letter = out->letters;
	if (cmd->stop_at_first_word)
		*letter++ = '+';
	*letter++ = ':'; /* a missing value is ':', not '?' */
	for (size_t i = 0; i < count; i++) {
		const struct opt *opt = &cmd->opts[i];
		bool flag = opt->kind == OPT_FLAG;

		out->longs[i] = (struct option){
			.name = opt->name,
			.has_arg = flag ? optional_argument
					: required_argument,
			.val = (int)i + 256,
		};
		if (!opt->letter)
			continue;
		*letter++ = opt->letter;
		if (!flag)
			*letter++ = ':';
	}
	for (int i = 0; opt_shared(cmd)[i].name; i++)
		out->longs[count++] = (struct option){
			.name = opt_shared(cmd)[i].name,
			.has_arg = optional_argument,
			.val = SHARED + i,
		};
	out->longs[count] = (struct option){ .name = "help", .val = HELP };
	if (!opt_find_letter(cmd, 'h'))
		*letter++ = 'h';
}

static void tables_done(struct tables *tables)
{
	free(tables->longs);
	free(tables->letters);
}

/* ---- messages ---- */

static int fail(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(struct err *err, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	err_docker(err, ERR_BARE, EINVAL, "%s", buf_text(&text));
	return err_status(err, 125);
}

static int unknown_long(const struct cmd *cmd, const char *word,
			struct err *err)
{
	OWN_FREE char *name = mem_strn(word, strcspn(word, "="));
	size_t count = count_opts(cmd);
	struct suggest best = suggest_start(name + 2);

	if (name[2] == '\0' || name[2] == '-')
		return fail(err, "bad flag syntax: %s", word);
	fail(err, "unknown flag: %s", name);
	for (size_t i = 0; i < count; i++)
		if (!(cmd->opts[i].flags & (OPT_HIDDEN | OPT_REFUSED)))
			suggest_try(&best, cmd->opts[i].name);
	for (const struct opt *o = opt_shared(cmd); o->name; o++)
		suggest_try(&best, o->name);
	if (best.found)
		err_hint(err, _("did you mean '--%s'?"), best.found);
	return -EINVAL;
}

/* `rest`: the letters of the word from the unknown one on. */
static int unknown_letter(const struct cmd *cmd, const char *word,
			  const char *rest, struct err *err)
{
	size_t len = strlen(word + 1);

	fail(err, "unknown shorthand flag: '%c' in -%s", *rest, rest);
	/* "-name" is the common slip for "--name". */
	if (len > 1 && opt_find(cmd, word + 1, strcspn(word + 1, "=")))
		err_hint(err, _("did you mean '-%s', with two dashes?"), word);
	return -EINVAL;
}

/* ---- the loop ---- */

struct reading {
	const struct cmd *cmd;
	char **words;
	void *values;
	const struct opt *flag; /* the switch whose letter was read last ... */
	char *flag_word;        /* ... and the word in which it stands */
	struct opt_shared *shared;
};

/* The word that getopt is in, for a message: when it has just finished one, the
 * one before optind. */
static char *word_of(const struct reading *r)
{
	char *before = optind > 1 ? r->words[optind - 1] : NULL;
	char *at = r->words[optind];

	/* In the middle of "-xyz", optind still points at it. */
	if (at && at[0] == '-' && at[1] && at[1] != '-' && optopt &&
	    strchr(at + 1, optopt) &&
	    !(before && before[0] == '-' && before[1] != '-' &&
	      before[strlen(before) - 1] == optopt))
		return at;
	return before;
}

static int on_unknown(struct reading *r, struct err *err)
{
	char *word = word_of(r);
	char *rest;

	if (!word || word[0] != '-')
		return fail(err, "unknown flag: %s", word ? word : "");
	if (word[1] == '-')
		return unknown_long(r->cmd, word, err);
	rest = strchr(word + 1, optopt);
	if (optopt == '=' && r->flag && r->flag_word == word && rest) {
		int ret = set_value(r->flag, rest + 1, r->values, err);

		/* Cut the value off, so that getopt finds the word at its end
		 * and takes the next one; where it had not yet counted this
		 * word as done, that is done for it. */
		if (rest[1] && r->words[optind] == word) {
			rest[0] = '\0';
			rest[1] = '\0';
			optind++;
		}
		return ret;
	}
	return unknown_letter(r->cmd, word, rest ? rest : word + 1, err);
}

static int on_missing_value(struct reading *r, struct err *err)
{
	char *word = r->words[optind - 1];

	if (word[0] == '-' && word[1] == '-') {
		if (!opt_find(r->cmd, word + 2, strlen(word + 2)))
			return unknown_long(r->cmd, word, err);
		return fail(err, "flag needs an argument: %s", word);
	}
	return fail(err, "flag needs an argument: '%c' in -%s", optopt,
		    strchr(word + 1, optopt));
}

static int on_long(struct reading *r, const struct opt *opt, void *values,
		   struct err *err)
{
	const char *name = opt ? opt->name : "help";
	char *word = r->words[optind - 1];

	if (opt && opt->kind != OPT_FLAG && optarg == word)
		word = r->words[optind - 2];
	/* getopt_long(3) completed an abbreviation. */
	if (strcspn(word + 2, "=") != strlen(name))
		return unknown_long(r->cmd, word, err);
	if (!opt) {
		r->shared->help = true;
		return 0;
	}
	return set_value(opt, optarg, values, err);
}

static int on_letter(struct reading *r, char letter, struct err *err)
{
	const struct opt *opt = opt_find_letter(r->cmd, letter);

	if (!opt) { /* the only letter that is in no table */
		r->shared->help = true;
		return 0;
	}
	if (opt->kind == OPT_FLAG) {
		/* The word in which this letter stands: still the current one
		 * unless the letter was its last. */
		char *at = r->words[optind];

		r->flag = opt;
		r->flag_word = at;
		return set_value(opt, NULL, r->values, err);
	}
	if (optarg[0] == '=' && optarg != r->words[optind - 1])
		optarg++;
	return set_value(opt, optarg, r->values, err);
}

int opt_parse(const struct cmd *cmd, int count, char **words, void *values,
	      struct opt_shared *out_shared, struct err *err)
{
	struct reading r = { .cmd = cmd,
			     .words = words,
			     .values = values,
			     .shared = out_shared };
	struct tables tables;
	int found;
	int ret = 0;

	set_defaults(cmd, values);
	tables_make(cmd, &tables);
	opterr = 0;
	optind = 0; /* glibc: begin anew, forget the line before */
	while (ret >= 0 && !out_shared->help &&
	       (found = getopt_long(count, words, tables.letters,
				    tables.longs, NULL)) != -1) {
		if (found == '?')
			ret = on_unknown(&r, err);
		else if (found == ':')
			ret = on_missing_value(&r, err);
		else if (found == HELP)
			ret = on_long(&r, NULL, NULL, err);
		else if (found >= SHARED)
			ret = on_long(&r, opt_shared(cmd) + (found - SHARED),
				      out_shared, err);
		else if (found >= 256)
			ret = on_long(&r, &cmd->opts[found - 256], values, err);
		else
			ret = on_letter(&r, (char)found, err);
	}
	tables_done(&tables);
	return ret < 0 ? ret : optind;
}
