/* shell/keep.c - see keep.h */
#include "shell/keep.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/env.h"
#include "shell/report.h"
#include "shell/sh.h"
#include "shell/words.h"

static const char *word_at(const struct words *w, size_t i)
{
	return i < w->words.count ? w->words.items[i] : "";
}

static bool is_word(const struct words *w, size_t i, const char *word)
{
	return strcmp(word_at(w, i), word) == 0;
}

static bool is_assignment(const char *word)
{
	size_t len = strcspn(word, "=");

	return word[len] == '=' && env_is_name(word, len);
}

/* ---- which lines ---- */

/* Commands follow it, or something is redirected: then it is sh's. */
static bool has_operators(const struct words *w)
{
	return w->syntax && !w->expands;
}

static bool only_assigns(const struct words *w)
{
	/* IFS is sh's own. */
	for (size_t i = 0; i < w->words.count; i++)
		if (!is_assignment(w->words.items[i]) ||
		    strncmp(w->words.items[i], "IFS=", 4) == 0)
			return false;
	return true;
}

/* `export` alone or with an = in its word sets the environment, `export
 * CONTAINER` is Docker's. */
static bool exports(const struct words *w)
{
	return is_word(w, 0, "export") &&
	       (w->words.count == 1 || strchr(word_at(w, 1), '=') ||
		is_word(w, 1, "-p"));
}

/* trap WHAT EXIT, also among other signals: of these only the line's own sh could hear. */
static bool is_trap(const struct shell *shell, const struct words *w)
{
	if (!shell->script || !is_word(w, 0, "trap"))
		return false;
	for (size_t i = is_word(w, 1, "--") ? 3 : 2; i < w->words.count; i++)
		if (is_word(w, i, "EXIT") || is_word(w, i, "0"))
			return true;
	return false;
}

/* set -u, set +e -x: options, and no $1 $2 */
static bool is_option(const struct words *w)
{
	const char *word = word_at(w, 1);

	return is_word(w, 0, "set") && (*word == '-' || *word == '+') &&
	       strcmp(word, "--") != 0 && word[1];
}

/* f() { ...; } or f() ( ... ), and nothing behind it */
static bool is_function(const char *text)
{
	size_t len = strcspn(text, " \t(");
	size_t end = strlen(text);
	const char *body = text + len + strspn(text + len, " \t");

	if (!env_is_name(text, len) || strncmp(body, "()", 2) != 0)
		return false;
	body += 2;
	body += strspn(body, " \t\r\n");
	while (end > 0 && strchr(" \t\r\n;", text[end - 1]))
		end--;
	return (*body == '{' && text[end - 1] == '}') ||
	       (*body == '(' && text[end - 1] == ')');
}

static bool speaks_to_sh(const char *text, const struct words *w)
{
	if (is_function(text))
		return true;
	return !w->syntax &&
	       (is_option(w) ||
		(is_word(w, 0, "alias") && strchr(word_at(w, 1), '=')));
}

bool keep_wanted(const struct shell *shell, const char *text,
		 const struct words *w)
{
	/* The quotes of A="b c" are not in its name. */
	if (w->words.count == 0 || (w->quoted_first && !is_assignment(text)))
		return false;
	if (speaks_to_sh(text, w))
		return true;
	if (has_operators(w))
		return false;
	return only_assigns(w) || exports(w) || is_trap(shell, w) ||
	       (!w->syntax && is_word(w, 0, "unset"));
}

/* ---- what they do ---- */

/* A=$(run -d busybox): sh makes the values, and is asked for them. */
static int set_by_sh(struct shell *shell, const char *text,
		     const struct words *w)
{
	OWN_BUF struct buf question = { 0 };
	OWN_BUF struct buf values = { 0 };
	/* Not the alias, whose words are no assignments: there ~ is no folder. */
	OWN_FREE char *line = mem_fmt(
		"%s%s", is_word(w, 0, "export") ? "command " : "", text);
	struct err err = { 0 };
	const char *value;
	int status;

	for (size_t i = 0; i < w->words.count; i++)
		if (is_assignment(w->words.items[i]))
			buf_fmt(&question, "printf '%%s\\0' \"${%.*s-}\"\n",
				(int)strcspn(w->words.items[i], "="),
				w->words.items[i]);
	status = sh_ask(shell, line, buf_text(&question), &values, &err);
	if (status < 0) {
		report_failure(shell, NULL, "sh", &err);
		return 1;
	}
	value = buf_text(&values);
	for (size_t i = 0; i < w->words.count; i++) {
		const char *word = w->words.items[i];

		if (!is_assignment(word) ||
		    value >= buf_text(&values) + values.len)
			continue;
		OWN_FREE char *name = mem_strn(word, strcspn(word, "="));

		env_set(shell, name, value);
		value += strlen(value) + 1;
	}
	return status;
}

static int set_variables(struct shell *shell, const char *text,
			 const struct words *w)
{
	int names = is_word(w, 0, "export") ? 1 : 0;

	if (w->expands)
		return set_by_sh(shell, text, w);
	return env_export(shell, (int)w->words.count - names,
			  w->words.items + names);
}

static int unset_variables(struct shell *shell, const struct words *w)
{
	for (size_t i = 1; i < w->words.count; i++)
		if (env_is_name(w->words.items[i],
				strlen(w->words.items[i])))
			env_set(shell, w->words.items[i], NULL);
	return 0;
}

/* -e among them is the script's affair too: it ends at a line that fails. */
static void note_errexit(struct shell *shell, const struct words *w)
{
	for (size_t i = 1; i < w->words.count; i++) {
		const char *word = w->words.items[i];

		if ((*word == '-' || *word == '+') && strchr(word, 'e'))
			shell->stop = *word == '-';
		if (i > 1 && strcmp(word, "errexit") == 0)
			shell->stop = word_at(w, i - 1)[0] == '-';
	}
}

/* What sh itself does not take need not be told to it again. */
static int tell_sh(struct shell *shell, const char *text, const struct words *w)
{
	struct err err = { 0 };
	int status = sh_run(shell, text, false, &err);
	char *before = shell->kept;

	if (status < 0) {
		report_failure(shell, NULL, "sh", &err);
		return 1;
	}
	/* -e is heeded where sh does not know its neighbour: `set -euo pipefail`. */
	if (is_word(w, 0, "set"))
		note_errexit(shell, w);
	if (status > 0)
		return status;
	shell->kept = mem_fmt("%s%s%s", before ? before : "", text,
			      strchr(text, '\0')[-1] == '\n' ? "" : "\n");
	free(before);
	return 0;
}

/* The script ends with WHAT; "-" and "" take it back. What is expanded in it is expanded
 * now, by sh. */
static int set_trap(struct shell *shell, const char *text,
		    const struct words *w)
{
	OWN_FREE char *question = mem_fmt("printf '%%s\\0' %s",
					  text + strlen("trap"));
	OWN_BUF struct buf made = { 0 };
	struct err err = { 0 };
	const char *what = word_at(w, is_word(w, 1, "--") ? 2 : 1);
	int status = w->expands ? sh_ask(shell, ":", question, &made, &err) : 0;

	if (status < 0) {
		report_failure(shell, NULL, "sh", &err);
		return 1;
	}
	if (w->expands)
		what = buf_text(&made);
	if (w->expands && strcmp(what, "--") == 0 && made.len > 3)
		what += 3;
	free(shell->at_end);
	shell->at_end = *what && strcmp(what, "-") != 0 ? mem_str(what) : NULL;
	return 0;
}

int keep_line(struct shell *shell, const char *text, const struct words *w)
{
	if (speaks_to_sh(text, w))
		return tell_sh(shell, text, w);
	if (is_word(w, 0, "unset"))
		return unset_variables(shell, w);
	return is_trap(shell, w) ? set_trap(shell, text, w)
				 : set_variables(shell, text, w);
}

bool keep_has(const struct shell *shell, const char *word)
{
	OWN_FREE char *alias = mem_fmt(" %s=", word);
	OWN_STRS struct strs lines = { 0 };
	size_t len = strlen(word);

	strs_split(&lines, shell->kept ? shell->kept : "", '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];

		if (strncmp(line, "alias ", 6) == 0 && strstr(line, alias))
			return true;
		if (strncmp(line, word, len) == 0 &&
		    line[len + strspn(line + len, " \t")] == '(')
			return true;
	}
	return false;
}
