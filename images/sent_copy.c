/* images/sent_copy.c - what a Dockerfile takes of what is sent; see sent.h
 *
 * A source is a path, a folder or a pattern; it takes what is sent, and what it would
 * have taken is hidden. Words of other instructions that are names of hidden files look
 * as if they were needed, no more. */
#include <stdlib.h>
#include <string.h>

#include "images/dockerfile.h"
#include "images/go_match.h"
#include "images/sent.h"
#include "images/sent_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

static bool is_url(const char *source)
{
	return strncmp(source, "http://", 7) == 0 ||
	       strncmp(source, "https://", 8) == 0 ||
	       strncmp(source, "git@", 4) == 0;
}

/* Whether the pattern is about the file or a folder above it. */
static bool takes(const char *pattern, const char *path)
{
	OWN_FREE char *part = mem_str(path);

	for (char *slash = part; (slash = strchr(slash, '/')); slash++) {
		bool found;

		*slash = '\0';
		found = go_match(pattern, part) == 1;
		*slash = '/';
		if (found)
			return true;
	}
	return go_match(pattern, path) == 1;
}

/* What is sent for the builder alone is taken out before a COPY looks. */
static bool is_to_be_had(const struct sent *sent, const struct sent_file *file)
{
	return file->sent && (file->rule < 0 || sent->rules[file->rule].line);
}

static void take(const struct sent *sent, const char *source,
		 struct sent_copy *copy)
{
	OWN_FREE char *clean = fs_clean_path(source);
	const char *pattern = clean + strspn(clean, "/");
	bool all = !*pattern || strcmp(pattern, ".") == 0;

	strs_add(&copy->sources, all ? "." : pattern);
	for (size_t i = 0; i < sent->file_count; i++) {
		const struct sent_file *file = &sent->files[i];
		bool had = is_to_be_had(sent, file);
		struct sent_count *to = had ? &copy->takes : &copy->hidden;

		if (!all && !takes(pattern, file->path))
			continue;
		to->files++;
		to->bytes += file->size;
		if (!had && copy->example < 0)
			copy->example = (int)i;
	}
}

static void add_copy(struct sent *sent, const struct instruction *instruction)
{
	struct sent_copy copy = { .line = instruction->line, .example = -1 };
	OWN_STRS struct strs sources = { 0 };
	const char *dest;
	bool any = false;

	instruction_sources(instruction, &sources, &dest);
	for (size_t i = 0; i < sources.count; i++) {
		const char *source = sources.items[i];

		if (is_url(source))
			continue;
		any = true;
		if (strchr(source, '$'))
			copy.unknown = true;
		else
			take(sent, source, &copy);
	}
	if (!any) {
		strs_done(&copy.sources);
		return;
	}
	copy.text = mem_str(instruction->text);
	sent->copies = mem_grow(sent->copies, sent->copy_count + 1,
				sizeof(copy));
	sent->copies[sent->copy_count++] = copy;
}

/* ---- what looks needed ---- */

static bool is_word_char(char c)
{
	return c && !strchr(" \t\"'[],;&|()<>=", c);
}

/* Whether `path` stands in `text` as a word of its own, with "./" in front or not, or
 * with a folder of the image in front: "/app/server.js". */
static bool names(const char *text, const char *path)
{
	size_t len = strlen(path);

	for (const char *at = strstr(text, path); at;
	     at = strstr(at + 1, path)) {
		bool begins = at == text || at[-1] == '/' ||
			      !is_word_char(at[-1]);

		if (begins && !is_word_char(at[len]))
			return true;
	}
	return false;
}

static void add_wishes(struct sent *sent,
		       const struct instruction *instruction)
{
	for (size_t i = 0; i < sent->file_count; i++) {
		if (sent->files[i].sent ||
		    !names(instruction->rest, sent->files[i].path))
			continue;
		sent->wishes = mem_grow(sent->wishes, sent->wish_count + 1,
					sizeof(*sent->wishes));
		sent->wishes[sent->wish_count++] = (struct sent_wish){
			instruction->line, mem_str(instruction->text), (int)i
		};
	}
}

int sent_read_copies(struct sent *sent, const struct buf *dockerfile,
		     struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	int r = dockerfile_parse(buf_text(dockerfile), dockerfile->len, &file,
				 err);

	for (size_t i = 0; i < file.count && r == 0; i++) {
		const struct instruction *at = &file.items[i];
		const char *name = at->name;

		if (strcmp(name, "copy") == 0 || strcmp(name, "add") == 0) {
			if (!instruction_flag(at, "from"))
				add_copy(sent, at);
		} else if (strcmp(name, "run") == 0 ||
			   strcmp(name, "cmd") == 0 ||
			   strcmp(name, "entrypoint") == 0) {
			add_wishes(sent, at);
		}
	}
	return r < 0 ? err_wrap(err, "failed to parse Dockerfile") : 0;
}
