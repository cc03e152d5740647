/* lessons/text.c - see text.h */
#include "lessons/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define TEXT_MAX_BYTES (512 << 10)

/* Kinds of sections, and how many words their key has after the kind. */
static const struct {
	const char *kind;
	int words;
} kinds[] = {
	{ "lesson", 0 }, { "end", 0 },  { "step", 1 }, { "done", 1 },
	{ "goal", 1 },   { "hint", 2 }, { "msg", 1 },  { "ask", 1 },
	{ "card", 0 },
};

void text_done(struct text *text)
{
	for (size_t i = 0; i < text->count; i++) {
		free(text->sections[i].key);
		free(text->sections[i].title);
		free(text->sections[i].body);
	}
	free(text->sections);
	*text = (struct text){ 0 };
}

static int words_of_kind(const char *kind, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].kind) == len &&
		    strncmp(kinds[i].kind, kind, len) == 0)
			return kinds[i].words;
	}
	return -1;
}

/* "## @hint touch/made 1 Title": the key's words and where the title starts.
 * Returns -EINVAL for a kind that does not exist or a key that is cut short. */
static int heading_split(const char *at, struct buf *key, const char **title)
{
	size_t len = strcspn(at, " \t");
	int words = words_of_kind(at, len);

	if (words < 0)
		return -EINVAL;
	buf_add(key, at, len);
	for (at += len; words > 0; words--) {
		at += strspn(at, " \t");
		len = strcspn(at, " \t");
		if (len == 0)
			return -EINVAL;
		buf_char(key, ' ');
		buf_add(key, at, len);
		at += len;
	}
	*title = at + strspn(at, " \t");
	return 0;
}

/* The '@' of a section's heading, or NULL for any other line. */
static const char *heading_at(const char *line)
{
	size_t marks = strspn(line, "#");

	if (marks < 1 || marks > 4 || line[marks] != ' ' ||
	    line[marks + 1] != '@')
		return NULL;
	return line + marks + 2;
}

static void section_close(struct text *text, struct buf *body)
{
	const char *at = buf_text(body);
	size_t len;

	if (text->count == 0)
		return;
	while (*at == '\n')
		at++;
	len = strlen(at);
	while (len > 0 && isspace((unsigned char)at[len - 1]))
		len--;
	free(text->sections[text->count - 1].body);
	text->sections[text->count - 1].body = mem_strn(at, len);
	buf_clear(body);
}

static int section_open(struct text *text, const char *at, const char *name,
			int line, struct err *err)
{
	OWN_BUF struct buf key = { 0 };
	const char *title = "";

	if (heading_split(at, &key, &title) < 0)
		return err_set(err, EINVAL, _("%s:%d: '@%s' is no section"),
			       name, line, at);
	if (text_get(text, "%s", buf_text(&key)))
		return err_set(err, EINVAL, _("%s:%d: '@%s' is there twice"),
			       name, line, buf_text(&key));
	text->sections = mem_grow(text->sections, text->count + 1,
				  sizeof(*text->sections));
	text->sections[text->count++] = (struct text_section){
		.key = buf_give(&key),
		.title = mem_str(title),
		.body = mem_str(""),
		.line = line,
	};
	return 0;
}

/* "revision: 3". */
static void header_number(const char *line, const char *name, int *out)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) == 0)
		*out = (int)strtol(line + len, NULL, 10);
}

int text_parse(const char *markdown, const char *name, struct text *out,
	       struct err *err)
{
	struct text text = { 0 };
	OWN_BUF struct buf body = { 0 };
	OWN_STRS struct strs lines = { 0 };
	bool in_header = false;
	bool in_code = false;

	strs_split(&lines, markdown, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *line = lines.items[i];
		const char *at = in_code ? NULL : heading_at(line);

		line[strcspn(line, "\r")] = 0;
		if (strcmp(line, "---") == 0 && text.count == 0) {
			in_header = !in_header;
			continue;
		}
		if (in_header) {
			header_number(line, "revision:", &text.revision);
			header_number(line, "follows:", &text.follows);
			continue;
		}
		/* A '#' in a block of code is a prompt, not a heading. */
		if (strncmp(line, "```", 3) == 0)
			in_code = !in_code;
		if (!at) {
			buf_str(&body, line);
			buf_char(&body, '\n');
			continue;
		}
		section_close(&text, &body);
		if (section_open(&text, at, name, (int)i + 1, err) < 0) {
			text_done(&text);
			return -err->code;
		}
	}
	section_close(&text, &body);
	*out = text;
	return 0;
}

int text_read(const char *dir, const char *lang, struct text *out,
	      struct err *err)
{
	OWN_BUF struct buf markdown = { 0 };
	OWN_FREE char *path = mem_fmt("%s/text.%s.md", dir, lang);
	OWN_FREE char *name = mem_fmt("text.%s.md", lang);
	int r = fs_read(AT_FDCWD, path, TEXT_MAX_BYTES, &markdown, err);

	if (r < 0)
		return r;
	return text_parse(buf_text(&markdown), name, out, err);
}

const struct text_section *text_get(const struct text *text, const char *format,
				    ...)
{
	char key[256];
	va_list args;

	va_start(args, format);
	vsnprintf(key, sizeof(key), format, args);
	va_end(args);
	for (size_t i = 0; i < text->count; i++) {
		if (strcmp(text->sections[i].key, key) == 0)
			return &text->sections[i];
	}
	return NULL;
}

/* The next "%{name}": returns its '%' and sets the name; NULL at the end. */
static const char *next_name(const char *at, const char **name, size_t *len)
{
	for (at = strstr(at, "%{"); at; at = strstr(at + 2, "%{")) {
		*name = at + 2;
		*len = strspn(*name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if (*len > 0 && (*name)[*len] == '}')
			return at;
	}
	return NULL;
}

void text_fill(const char *body, const struct strs *vars, struct buf *out)
{
	const char *name = NULL;
	size_t len = 0;

	for (const char *at = next_name(body, &name, &len); at;
	     at = next_name(body, &name, &len)) {
		OWN_FREE char *word = mem_strn(name, len);
		const char *value = strs_get_env(vars, word);

		buf_add(out, body, (size_t)(at - body));
		if (value)
			buf_str(out, value);
		else
			buf_fmt(out, "%%{%s}", word);
		body = name + len + 1;
	}
	buf_str(out, body);
}

void text_names(const char *body, struct strs *out)
{
	const char *name = NULL;
	size_t len = 0;

	while (next_name(body, &name, &len)) {
		OWN_FREE char *word = mem_strn(name, len);

		if (!strs_has(out, word))
			strs_add(out, word);
		body = name + len + 1;
	}
}

char *text_choice(const char *body, int n)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_BUF struct buf choice = { 0 };
	bool inside = false;

	strs_split(&lines, body, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		char *rest = NULL;
		long number = strtol(lines.items[i], &rest, 10);
		bool item = rest != lines.items[i] && rest[0] == '.' &&
			    rest[1] == ' ';

		if (item)
			inside = number == n;
		else if (lines.items[i][0] == 0)
			inside = false;
		if (!inside)
			continue;
		if (choice.len > 0)
			buf_char(&choice, ' ');
		rest = item ? rest + 1 : lines.items[i];
		buf_str(&choice, rest + strspn(rest, " "));
	}
	return choice.len > 0 ? buf_give(&choice) : NULL;
}
