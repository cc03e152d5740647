/* shell/parts.c - see parts.h */
#include "shell/parts.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"

void parts_done(struct parts *parts)
{
	strs_done(&parts->texts);
	free(parts->links);
	*parts = (struct parts){ 0 };
}

/* The character behind the quote that ends what begins at `at`, or NULL. What is
 * substituted in double quotes is left to sh. */
static const char *behind_quote(const char *at)
{
	char quote = *at++;

	for (; *at && *at != quote; at++) {
		if (quote == '\'')
			continue;
		if (*at == '`' || (*at == '$' && at[1] == '('))
			return NULL;
		if (*at == '\\' && at[1])
			at++;
	}
	return *at ? at + 1 : NULL;
}

/* Where the command that begins at `at` ends: at ;, &, | or the end of the line. NULL:
 * there is something in it that is for sh. */
static const char *end_of_command(const char *at)
{
	const char *begin = at;

	while (*at && !strchr(";&|", *at)) {
		if (strchr("<>()`\n", *at) ||
		    (*at == '#' && (at == begin || strchr(" \t", at[-1]))))
			return NULL;
		if (*at == '\\' && at[1])
			at += 2;
		else if (*at == '\'' || *at == '"')
			at = behind_quote(at);
		else
			at++;
		if (!at)
			return NULL;
	}
	return at;
}

static bool is_shs(const char *text)
{
	static const char *const words[] = {
		"!",	"{",	"}",	"case", "do",	 "done",  "elif", "else",
		"esac", "exec", "fi",	"for",	"if",	 "then",  "until",
		"while", "function", NULL,
	};
	size_t len = strcspn(text, " \t");

	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == len &&
		    strncmp(words[i], text, len) == 0)
			return true;
	return false;
}

/* The link at `at`, and how long it is; '\0' where it is none of ours. */
static char read_link(const char *at, size_t *out_len)
{
	*out_len = 2;
	if (strncmp(at, "&&", 2) == 0 || strncmp(at, "||", 2) == 0)
		return *at;
	*out_len = strspn(at, ";");
	return *out_len <= 1 && strchr(";", *at) ? ';' : '\0';
}

bool parts_read(const char *line, struct parts *out)
{
	OWN_BUF struct buf links = { 0 };
	OWN_FREE char *copy = mem_strn(line, strlen(line));
	size_t len = strlen(copy);
	const char *at = copy;

	while (len > 0 && strchr(" \t\r\n", copy[len - 1]))
		copy[--len] = '\0';
	for (char link = ';'; *at || link != ';';) {
		const char *begin = at + strspn(at, " \t");
		size_t link_len;

		at = end_of_command(begin);
		if (!at || at == begin || is_shs(begin))
			return false;
		link = read_link(at, &link_len);
		if (!link)
			return false;
		strs_take(&out->texts, mem_strn(begin, (size_t)(at - begin)));
		buf_char(&links, link);
		at += link_len;
	}
	out->links = buf_give(&links);
	return out->texts.count > 1;
}

/* How many bytes the piece at `at` of `line` has; 0: only sh sees where it ends. *out_ends:
 * it ends a list, and is not the & of the line's end. */
static size_t read_piece(const char *line, const char *at, bool *out_ends)
{
	const char *behind;

	*out_ends = false;
	if (*at == '\\' && at[1])
		return 2;
	if (*at == '\'' || *at == '"') {
		behind = behind_quote(at);
		return behind ? (size_t)(behind - at) : 0;
	}
	if (strchr("(`#", *at))
		return 0;
	if (strncmp(at, "&&", 2) == 0)
		return 2;
	*out_ends = at[1 + strspn(at + 1, " \t\r\n")] &&
		    (strchr(";\n", *at) ||
		     (*at == '&' && (at == line || !strchr("<>", at[-1]))));
	return 1;
}

static bool begins_compound(const char *text)
{
	text += strspn(text, " \t");
	return *text == '(' || is_shs(text);
}

ssize_t parts_in_front(const char *line)
{
	const char *last = line;
	size_t len;
	bool ends;

	if (begins_compound(line))
		return 0;
	for (const char *at = line; *at; at += len) {
		len = read_piece(line, at, &ends);
		if (len == 0 && strcspn(at, ";\n&") + at == strrchr(at, '&'))
			break; /* no list ends in there */
		if (len == 0 || (ends && begins_compound(at + 1)))
			return -1;
		if (ends)
			last = at + 1;
	}
	return last - line;
}

bool parts_go_on(char link, int status)
{
	if (link == ';')
		return true;
	return (link == '&') == (status == 0);
}
