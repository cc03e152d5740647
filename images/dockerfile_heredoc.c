/* images/dockerfile_heredoc.c - see dockerfile_private.h
 *
 * What announces a heredoc is one word of the line:
 *
 *   3<<-'EOF'    for descriptor 3, without leading tabs, and as it stands
 *   <<EOF        variables are put in
 *   "<<EOF"      is none: quoted */
#include "images/dockerfile_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

enum {
	MAX_FD = 1 << 20,
};

void heredoc_done(struct heredoc *heredoc)
{
	free(heredoc->name);
	free(heredoc->body);
	*heredoc = (struct heredoc){ 0 };
}

/* Fills in fd and strip_tabs. Returns what is behind them: the name; NULL where
 * there is no "<<". */
static const char *take_sign(const char *word, struct heredoc *out)
{
	size_t digits = strspn(word, "0123456789");
	long fd = digits ? strtol(word, NULL, 10) : 0;

	word += digits;
	if (word[0] != '<' || word[1] != '<')
		return NULL;
	word += 2;
	out->fd = fd > MAX_FD ? MAX_FD : (int)fd;
	out->strip_tabs = *word == '-';
	return word + out->strip_tabs;
}

static size_t count_quotes(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\'' || *text == '"';
	return count;
}

/* 1: the one word of `text`, bare and with its quotes. */
static int one_word(const char *text, char **out_bare, char **out_quoted,
		    struct err *err)
{
	struct word_rules rules = { .keep_unset = true };
	OWN_STRS struct strs bare = { 0 };
	OWN_STRS struct strs quoted = { 0 };
	int r = words_cut(text, &rules, &bare, err);

	rules.keep_quotes = true;
	if (r == 0)
		r = words_cut(text, &rules, &quoted, err);
	if (r < 0)
		return r;
	if (bare.count != 1 || quoted.count != 1)
		return 0;
	*out_bare = mem_str(bare.items[0]);
	*out_quoted = mem_str(quoted.items[0]);
	return 1;
}

int heredoc_read(const char *word, struct heredoc *out, struct err *err)
{
	struct heredoc made = { 0 };
	OWN_FREE char *quoted = NULL;
	const char *rest = take_sign(word, &made);
	int r;

	if (!rest)
		return 0;
	while (words_blank(rest))
		rest += words_blank(rest);
	if (!*rest || strchr(rest, '<'))
		return 0;
	r = one_word(rest, &made.name, &quoted, err);
	if (r <= 0)
		return r;
	/* A quote that only the one of them has is no part of the name. */
	made.expand = count_quotes(made.name) == count_quotes(quoted);
	*out = made;
	return 1;
}

/* "<<" with the name as a word of its own: "<< EOF". */
static bool is_sign_alone(const char *word)
{
	struct heredoc ignored;
	const char *rest = take_sign(word, &ignored);

	return rest && !*rest;
}

/* The word at *i, with the one behind it where it needs that. *i moves on. */
static char *joined_word(const struct strs *words, size_t *i)
{
	const char *word = words->items[(*i)++];

	if (!is_sign_alone(word) || *i == words->count)
		return mem_str(word);
	return mem_fmt("%s %s", word, words->items[(*i)++]);
}

/* Room is doubled whenever their number is a power of two. */
static void add_heredoc(struct instruction *out, const struct heredoc *heredoc)
{
	size_t count = out->heredoc_count;

	if ((count & (count - 1)) == 0)
		out->heredocs = mem_grow(out->heredocs, count ? 2 * count : 1,
					 sizeof(*out->heredocs));
	out->heredocs[out->heredoc_count++] = *heredoc;
}

int heredocs_find(const char *line, struct instruction *out, struct err *err)
{
	const struct word_rules rules = { .keep_quotes = true,
					  .keep_escapes = true,
					  .keep_unset = true };
	OWN_STRS struct strs words = { 0 };
	struct err ignored = { 0 };

	/* Where quotes are not closed the shell in the container will say so. */
	if (words_cut(line, &rules, &words, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < words.count;) {
		OWN_FREE char *word = joined_word(&words, &i);
		struct heredoc heredoc;
		int r = heredoc_read(word, &heredoc, err);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		add_heredoc(out, &heredoc);
	}
	return 0;
}

bool heredocs_allowed(const struct instruction *instruction)
{
	if (instruction->inner)
		instruction = instruction->inner;
	return !instruction->json && (strcmp(instruction->name, "run") == 0 ||
				      strcmp(instruction->name, "copy") == 0 ||
				      strcmp(instruction->name, "add") == 0);
}

char *heredoc_text(const struct heredoc *heredoc)
{
	struct buf text = { 0 };
	const char *p = heredoc->body;

	if (!heredoc->strip_tabs)
		return mem_str(p);
	while (*p) {
		size_t len;

		p += strspn(p, "\t");
		len = strcspn(p, "\n");
		len += p[len] == '\n';
		buf_add(&text, p, len);
		p += len;
	}
	return buf_give(&text);
}

/* ---- what an instruction makes of its heredocs ---- */

void instruction_sources(const struct instruction *instruction,
			 struct strs *out_sources, const char **out_dest)
{
	const struct strs *args = &instruction->args;
	struct err ignored = { 0 };

	*out_dest = args->count ? args->items[args->count - 1] : NULL;
	for (size_t i = 0; i + 1 < args->count;) {
		struct heredoc heredoc = { 0 };
		OWN_FREE char *word = joined_word(args, &i);

		if (!instruction->heredoc_count ||
		    heredoc_read(word, &heredoc, &ignored) != 1)
			strs_add(out_sources, word);
		heredoc_done(&heredoc);
	}
}

char *instruction_script(const struct instruction *instruction,
			 bool *out_program)
{
	const char *line =
		instruction->args.count ? instruction->args.items[0] : "";
	struct heredoc alone = { 0 };
	struct err ignored = { 0 };
	struct buf text = { 0 };
	bool is_alone = instruction->heredoc_count == 1 &&
			heredoc_read(line, &alone, &ignored) == 1;

	heredoc_done(&alone);
	*out_program = false;
	if (is_alone) {
		*out_program =
			strncmp(instruction->heredocs[0].body, "#!", 2) == 0;
		return heredoc_text(&instruction->heredocs[0]);
	}
	buf_str(&text, line);
	for (size_t i = 0; i < instruction->heredoc_count; i++)
		buf_fmt(&text, "\n%s%s", instruction->heredocs[i].body,
			instruction->heredocs[i].name);
	return buf_give(&text);
}
