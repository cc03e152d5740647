/* images/dockerfile_args.c - see dockerfile_private.h
 *
 * Every instruction is "NAME --flags what-follows". How the last part is cut
 * depends on the name, and on nothing else: the table at the end says how. */
#include "images/dockerfile_private.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* What Docker's parser cuts words at; all else that is a blank in Unicode it
 * takes for one only inside of ENV and its like. */
static const char blanks[] = "\t\v\f\r ";

enum {
	MAX_ONBUILD = 8, /* within each other; the second is refused later on */
};

typedef int reader(const char *rest, char escape, struct instruction *out,
		   struct err *err);

char *trimmed(const char *text)
{
	size_t end;
	size_t last = 0;

	while (words_blank(text))
		text += words_blank(text);
	for (end = 0; text[end];) {
		size_t blank = words_blank(text + end);

		end += blank ? blank : 1;
		if (!blank)
			last = end;
	}
	return mem_strn(text, last);
}

/* ---- flags ---- */

/* One flag; quotes and escapes in it are taken off. Returns what is behind. */
static const char *take_flag(const char *p, char escape, struct buf *out)
{
	char quote = '\0';

	for (; *p && (quote || !words_blank(p)); p++) {
		if (*p == quote)
			quote = '\0';
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == escape && p[1])
			buf_char(out, *++p);
		else if (*p != escape)
			buf_char(out, *p);
	}
	return p;
}

/* All that begin with "--", up to the first word that does not; "--" ends them.
 * Returns what is behind. */
static const char *take_flags(const char *p, char escape, struct strs *out)
{
	for (;;) {
		OWN_BUF struct buf flag = { 0 };

		while (words_blank(p))
			p += words_blank(p);
		if (p[0] != '-' || p[1] != '-')
			return p;
		p = take_flag(p, escape, &flag);
		if (strcmp(buf_text(&flag), "--") == 0)
			return p;
		strs_add(out, buf_text(&flag));
	}
}

/* ---- words ---- */

static void split_blanks(const char *rest, struct strs *out)
{
	while (*rest) {
		size_t len = strcspn(rest, blanks);

		strs_take(out, mem_strn(rest, len));
		rest += len;
		rest += strspn(rest, blanks);
	}
}

/* One word of ENV, LABEL and ARG: blanks in quotes do not end it. Quotes and
 * escapes stay, but an escape at the end of all. */
static const char *take_word(const char *p, char escape, struct buf *out)
{
	char quote = '\0';

	for (; *p && (quote || !words_blank(p)); p++) {
		if (*p == escape && quote != '\'') {
			if (!p[1])
				continue;
			buf_char(out, *p++);
		} else if (*p == quote) {
			quote = '\0';
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		}
		buf_char(out, *p);
	}
	return p;
}

static void split_words(const char *rest, char escape, struct strs *out)
{
	for (;;) {
		struct buf word = { 0 };

		while (words_blank(rest))
			rest += words_blank(rest);
		if (!*rest)
			return;
		rest = take_word(rest, escape, &word);
		if (word.len)
			strs_take(out, buf_give(&word));
		else
			buf_done(&word);
	}
}

/* ---- how each kind is read ---- */

static int read_nothing(const char *rest, char escape, struct instruction *out,
			struct err *err)
{
	(void)rest;
	(void)escape;
	(void)err;
	strs_add(&out->args, "");
	return 0;
}

static int read_string(const char *rest, char escape, struct instruction *out,
		       struct err *err)
{
	(void)escape;
	(void)err;
	if (*rest)
		strs_add(&out->args, rest);
	return 0;
}

static int read_blanks(const char *rest, char escape, struct instruction *out,
		       struct err *err)
{
	(void)escape;
	(void)err;
	split_blanks(rest, &out->args);
	return 0;
}

static int read_words(const char *rest, char escape, struct instruction *out,
		      struct err *err)
{
	(void)err;
	split_words(rest, escape, &out->args);
	return 0;
}

/* 1: it was a list. */
static int read_json(const char *rest, struct instruction *out, struct err *err)
{
	int r = json_list_read(rest, &out->args);

	out->json = r == 1;
	if (r >= 0)
		return r;
	err_docker(
		err, ERR_DAEMON, EINVAL,
		"when using JSON array syntax, arrays must be comprised of strings only");
	return err_hint(
		err, _("expected: [\"a\", \"b\"], every one in double quotes"));
}

static int read_command(const char *rest, char escape, struct instruction *out,
			struct err *err)
{
	int r = read_json(rest, out, err);

	return r == 0 ? read_string(rest, escape, out, err) : r < 0 ? r : 0;
}

static int read_list(const char *rest, char escape, struct instruction *out,
		     struct err *err)
{
	int r = read_json(rest, out, err);

	return r == 0 ? read_blanks(rest, escape, out, err) : r < 0 ? r : 0;
}

/* "CMD ..." or "NONE". */
static int read_health(const char *rest, char escape, struct instruction *out,
		       struct err *err)
{
	size_t kind = 0;

	while (rest[kind] && !words_blank(rest + kind))
		kind++;
	if (!kind)
		return 0;
	strs_take(&out->args, mem_strn(rest, kind));
	rest += kind;
	while (words_blank(rest))
		rest += words_blank(rest);
	return read_command(rest, escape, out, err);
}

static const char *upper_name(const struct instruction *out)
{
	return strcmp(out->name, "env") == 0 ? "ENV" : "LABEL";
}

/* The old form, "NAME the rest of the line": there is no '=' in the first word. */
static int read_old_pair(const char *rest, struct instruction *out,
			 struct err *err)
{
	size_t name = strcspn(rest, blanks);

	if (!rest[name]) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "%s must have two arguments", upper_name(out));
		instruction_hint(out->name, err);
		return -err->code;
	}
	strs_take(&out->args, mem_strn(rest, name));
	strs_add(&out->args, rest + name + strspn(rest + name, blanks));
	strs_add(&out->args, "");
	return 0;
}

static int no_equals(const char *word, const struct instruction *out,
		     struct err *err)
{
	OWN_BUF struct buf quoted = { 0 };

	go_quote(&quoted, word);
	err_docker(
		err, ERR_DAEMON, EINVAL,
		"Syntax error - can't find = in %s. Must be of the form: name=value",
		buf_text(&quoted));
	return err_hint(
		err,
		_("a value with blanks in it stands in quotes: %s NAME=\"a b\""),
		upper_name(out));
}

static int read_pairs(const char *rest, char escape, struct instruction *out,
		      struct err *err)
{
	OWN_STRS struct strs words = { 0 };

	split_words(rest, escape, &words);
	if (words.count && !strchr(words.items[0], '='))
		return read_old_pair(rest, out, err);
	for (size_t i = 0; i < words.count; i++) {
		const char *equals = strchr(words.items[i], '=');

		if (!equals)
			return no_equals(words.items[i], out, err);
		strs_take(&out->args,
			  mem_strn(words.items[i],
				   (size_t)(equals - words.items[i])));
		strs_add(&out->args, equals + 1);
		strs_add(&out->args, "=");
	}
	return 0;
}

/* ---- the line ---- */

static int read_line(const char *line, char escape, int depth,
		     struct instruction *out, struct err *err);

static int read_onbuild(const char *rest, char escape, int depth,
			struct instruction *out, struct err *err)
{
	if (!*rest)
		return 0;
	if (depth == MAX_ONBUILD)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
	out->inner = mem_zero(1, sizeof(*out->inner));
	return read_line(rest, escape, depth + 1, out->inner, err);
}

static reader *reader_of(const char *name)
{
	static const struct {
		const char *name;
		reader *read;
	} readers[] = {
		{ "add", read_list },           { "arg", read_words },
		{ "cmd", read_command },        { "copy", read_list },
		{ "entrypoint", read_command }, { "env", read_pairs },
		{ "expose", read_blanks },      { "from", read_blanks },
		{ "healthcheck", read_health }, { "label", read_pairs },
		{ "maintainer", read_string },  { "run", read_command },
		{ "shell", read_command },      { "stopsignal", read_string },
		{ "user", read_string },        { "volume", read_list },
		{ "workdir", read_string },
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strcmp(name, readers[i].name) == 0)
			return readers[i].read;
	return read_nothing;
}

static int read_line(const char *line, char escape, int depth,
		     struct instruction *out, struct err *err)
{
	const char *rest;
	size_t name;

	out->text = trimmed(line);
	name = strcspn(out->text, blanks);
	out->name = mem_strn(out->text, name);
	for (char *p = out->name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	rest = out->text + name + strspn(out->text + name, blanks);
	rest = take_flags(rest, escape, &out->flags);
	out->rest = trimmed(rest);
	if (strcmp(out->name, "onbuild") == 0)
		return read_onbuild(out->rest, escape, depth, out, err);
	return reader_of(out->name)(out->rest, escape, out, err);
}

int instruction_read(const char *line, char escape, struct instruction *out,
		     struct err *err)
{
	return read_line(line, escape, 0, out, err);
}

const char *instruction_flag(const struct instruction *instruction,
			     const char *name)
{
	size_t len = strlen(name);

	for (size_t i = instruction->flags.count; i > 0; i--) {
		const char *flag = instruction->flags.items[i - 1];

		if (strncmp(flag, "--", 2) != 0 ||
		    strncmp(flag + 2, name, len) != 0)
			continue;
		if (flag[2 + len] == '=')
			return flag + 2 + len + 1;
		if (!flag[2 + len])
			return "";
	}
	return NULL;
}
