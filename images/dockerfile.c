/* images/dockerfile.c - see dockerfile.h
 *
 * From lines to instructions:
 *
 *   # escape=`            directives stand above all else, each once
 *   # a comment           gone, also in the middle of an instruction
 *   RUN a \               a line that ends with the escape character goes on in
 *       b                 the next, whose blanks stay: "RUN a     b"
 *   COPY <<EOF /f         the lines up to EOF belong to it as they are
 *   text
 *   EOF */
#include "images/dockerfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "images/dockerfile_private.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* What of the text is still to be read.
 *
 * line       the number of the one that was taken last
 * above_all  directives may still come
 * seen       the ones that came */
struct source {
	const char *p;
	const char *end;
	int line;
	bool above_all;
	struct strs seen;
};

/* A line without its newline; borrowed from the text. */
struct line {
	const char *text;
	size_t len;
};

/* ---- lines ---- */

/* A newline belongs to the line when `whole` is asked for: in a heredoc. */
static int take_line(struct source *source, struct line *out, bool whole,
		     struct err *err)
{
	const char *newline;
	size_t left = (size_t)(source->end - source->p);

	if (!left)
		return 0;
	newline = memchr(source->p, '\n', left);
	out->text = source->p;
	out->len = newline ? (size_t)(newline - source->p) : left;
	source->line++;
	if (out->len > DOCKERFILE_LINE_MAX) {
		err_docker(
			err, ERR_DAEMON, EINVAL,
			"dockerfile line greater than max allowed size of %d",
			DOCKERFILE_LINE_MAX);
		return err_hint(err, _("cut it with \\ at the ends of lines"));
	}
	if (memchr(out->text, '\0', out->len)) {
		err_set(err, EINVAL, _("a NUL byte in the Dockerfile"));
		return err_hint(err, _("is it a text, and not UTF-16?"));
	}
	source->p += out->len + (newline ? 1 : 0);
	if (whole && newline)
		out->len++;
	return 1;
}

static void trim_newline(struct line *line)
{
	while (line->len && strchr("\r\n", line->text[line->len - 1]))
		line->len--;
}

/* The text may end right behind the line: a blank never goes over its end, since
 * no byte of it is a newline or the NUL that stands there. */
static void trim_left(struct line *line)
{
	while (line->len) {
		size_t blank = words_blank(line->text);

		if (!blank || blank > line->len)
			return;
		line->text += blank;
		line->len -= blank;
	}
}

static bool is_comment(struct line line)
{
	trim_left(&line);
	return line.len && line.text[0] == '#';
}

/* Takes the escape character at the end off, and says whether it was there. It
 * is none where another one stands in front. */
static bool take_continuation(struct line *line, char escape)
{
	size_t len = line->len;

	while (len && strchr(" \t", line->text[len - 1]))
		len--;
	if (!len || line->text[len - 1] != escape ||
	    (len > 1 && line->text[len - 2] == escape))
		return false;
	line->len = len - 1;
	return true;
}

/* ---- directives ---- */

/* "# name = value": 1. The name comes out lower-case. */
static int split_directive(struct line line, char **out_name, char **out_value)
{
	const char *p = line.text + 1;
	const char *end = line.text + line.len;
	const char *name;
	const char *name_end;

	if (!line.len || line.text[0] != '#')
		return 0;
	while (p < end && isspace((unsigned char)*p))
		p++;
	for (name = p; p < end && isalnum((unsigned char)*p); p++)
		;
	name_end = p;
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (name == name_end || isdigit((unsigned char)*name) || p == end ||
	    *p != '=')
		return 0;
	for (p++; p < end && isspace((unsigned char)*p);)
		p++;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	if (p == end)
		return 0;
	*out_name = mem_strn(name, (size_t)(name_end - name));
	*out_value = mem_strn(p, (size_t)(end - p));
	for (char *c = *out_name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return 1;
}

static int use_directive(struct dockerfile *file, const char *name,
			 char **value, struct err *err)
{
	if (strcmp(name, "syntax") == 0) {
		file->syntax = own_give_ptr(value);
		return 0;
	}
	if (strcmp(name, "escape") != 0)
		return 0;
	if (strcmp(*value, "\\") != 0 && strcmp(*value, "`") != 0) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "invalid escape token '%s' does not match ` or \\",
			   *value);
		return err_hint(err, _("expected: # escape=\\ or # escape=`"));
	}
	file->escape = **value;
	return 0;
}

/* A line that is no directive, or one that nobody knows, is the end of them: it
 * is then a comment like others. */
static int read_directive(struct source *source, struct dockerfile *file,
			  const struct line *line, struct err *err)
{
	OWN_FREE char *name = NULL;
	OWN_FREE char *value = NULL;

	if (!source->above_all)
		return 0;
	source->above_all =
		split_directive(*line, &name, &value) == 1 &&
		(strcmp(name, "syntax") == 0 || strcmp(name, "escape") == 0 ||
		 strcmp(name, "check") == 0);
	if (!source->above_all)
		return 0;
	if (strs_has(&source->seen, name)) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "only one %s parser directive can be used", name);
		return err_hint(err, _("take one of the two lines out"));
	}
	strs_add(&source->seen, name);
	return use_directive(file, name, &value, err);
}

/* ---- instructions ---- */

/* The lines behind one that goes on. *out_empty: an empty one was among them. */
static int join_lines(struct source *source, char escape, struct buf *joined,
		      bool *out_empty, struct err *err)
{
	bool goes_on = true;

	while (goes_on) {
		struct line line;
		struct line bare;
		int r = take_line(source, &line, false, err);

		if (r <= 0)
			return r;
		trim_newline(&line);
		if (is_comment(line))
			continue;
		bare = line;
		trim_left(&bare);
		if (!bare.len) {
			*out_empty = true;
			continue;
		}
		goes_on = take_continuation(&line, escape);
		buf_add(joined, line.text, line.len);
	}
	return 0;
}

static bool ends_heredoc(const struct heredoc *heredoc, struct line line)
{
	trim_newline(&line);
	while (heredoc->strip_tabs && line.len && *line.text == '\t') {
		line.text++;
		line.len--;
	}
	return line.len == strlen(heredoc->name) &&
	       memcmp(line.text, heredoc->name, line.len) == 0;
}

static int read_heredoc(struct source *source, struct heredoc *heredoc,
			struct err *err)
{
	OWN_BUF struct buf body = { 0 };

	for (;;) {
		struct line line;
		int r = take_line(source, &line, true, err);

		if (r < 0)
			return r;
		if (r == 0) {
			err_docker(err, ERR_DAEMON, EINVAL,
				   "unterminated heredoc");
			return err_hint(
				err, _("expected: a line with nothing but %s"),
				heredoc->name);
		}
		if (ends_heredoc(heredoc, line))
			break;
		buf_add(&body, line.text, line.len);
	}
	heredoc->body = buf_give(&body);
	return 0;
}

static int read_heredocs(struct source *source, const char *line,
			 struct instruction *out, struct err *err)
{
	int r = 0;

	if (!heredocs_allowed(out) || !strstr(line, "<<"))
		return 0;
	r = heredocs_find(line, out, err);
	for (size_t i = 0; i < out->heredoc_count && r == 0; i++)
		r = read_heredoc(source, &out->heredocs[i], err);
	return r;
}

static void warn_empty(struct dockerfile *file, const char *line)
{
	strs_addf(&file->warnings, "Empty continuation line found in:\n    %s",
		  line);
}

/* The number of the line goes into the hint: these sentences of Docker's have
 * none. */
static int at_line(int line, struct err *err)
{
	OWN_FREE char *hint = mem_str(err->hint);

	if (*hint)
		err_hint(err, _("line %d: %s"), line, hint);
	else
		err_hint(err, _("it is in line %d"), line);
	return -err->code;
}

/* The instruction that begins with `line`, and the lines that belong to it. */
static int read_instruction(struct source *source, struct dockerfile *file,
			    struct line line, struct err *err)
{
	struct instruction *out;
	OWN_BUF struct buf joined = { 0 };
	bool empty = false;
	int first = source->line;
	bool goes_on = take_continuation(&line, file->escape);
	int r = 0;

	if (!goes_on && !line.len)
		return 0;
	buf_add(&joined, line.text, line.len);
	if (goes_on)
		r = join_lines(source, file->escape, &joined, &empty, err);
	if (r < 0)
		return at_line(source->line, err);
	if (empty)
		warn_empty(file, buf_text(&joined));
	if ((file->count & (file->count - 1)) == 0)
		file->items =
			mem_grow(file->items, file->count ? file->count * 2 : 1,
				 sizeof(*file->items));
	out = &file->items[file->count++];
	*out = (struct instruction){ .line = first };
	r = instruction_read(buf_text(&joined), file->escape, out, err);
	if (r == 0)
		r = read_heredocs(source, buf_text(&joined), out, err);
	out->last_line = source->line;
	return r < 0 ? at_line(first, err) : 0;
}

static void discard_mark(struct source *source)
{
	if (source->end - source->p >= 3 &&
	    memcmp(source->p, "\xef\xbb\xbf", 3) == 0)
		source->p += 3;
}

static int read_file(struct source *source, struct dockerfile *out,
		     struct err *err)
{
	struct line line;
	int r;

	discard_mark(source);
	while ((r = take_line(source, &line, false, err)) > 0) {
		trim_newline(&line);
		trim_left(&line);
		r = read_directive(source, out, &line, err);
		if (r < 0)
			break;
		if (is_comment(line))
			continue;
		r = read_instruction(source, out, line, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? at_line(source->line, err) : 0;
}

int dockerfile_parse(const char *text, size_t len, struct dockerfile *out,
		     struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { .escape = '\\' };
	struct source source = { .above_all = true };
	OWN_FREE char *copy = NULL;
	int r;

	if (len > DOCKERFILE_MAX)
		return err_set(err, EFBIG,
			       _("a Dockerfile of more than %d bytes"),
			       DOCKERFILE_MAX);
	/* A copy, since words_blank looks at bytes up to a NUL. */
	copy = mem_strn(len ? text : "", len);
	source.p = copy;
	source.end = copy + len;
	r = read_file(&source, &file, err);
	strs_done(&source.seen);
	if (r < 0)
		return r;
	if (file.warnings.count)
		strs_add(
			&file.warnings,
			"Empty continuation lines will become errors in a future release.");
	if (!file.count) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "file with no instructions");
		return err_hint(err, _("the first one is: FROM IMAGE"));
	}
	*out = file;
	file = (struct dockerfile){ 0 };
	return 0;
}

int dockerfile_parse_trigger(const char *text, struct instruction *out,
			     struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	int r = dockerfile_parse(text, strlen(text), &file, err);

	if (r < 0)
		return r;
	if (file.count != 1)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"onbuild trigger should be a single expression");
	r = instruction_check(&file.items[0], err);
	if (r < 0)
		return r;
	*out = file.items[0];
	file.count = 0;
	return 0;
}

/* ---- letting go ---- */

void instruction_done(struct instruction *instruction)
{
	if (instruction->inner)
		instruction_done(instruction->inner);
	free(instruction->inner);
	free(instruction->name);
	free(instruction->text);
	free(instruction->rest);
	strs_done(&instruction->flags);
	strs_done(&instruction->args);
	for (size_t i = 0; i < instruction->heredoc_count; i++)
		heredoc_done(&instruction->heredocs[i]);
	free(instruction->heredocs);
	*instruction = (struct instruction){ 0 };
}

void dockerfile_done(struct dockerfile *file)
{
	for (size_t i = 0; i < file->count; i++)
		instruction_done(&file->items[i]);
	free(file->items);
	free(file->syntax);
	strs_done(&file->warnings);
	*file = (struct dockerfile){ 0 };
}
