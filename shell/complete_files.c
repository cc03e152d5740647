/* shell/complete_files.c - see complete_parts.h: files of this machine, at the prompt
 *
 * readline looks into folders, with what ~/.inputrc says of it. What it takes as a
 * path are plain characters, so sh's signs are read here:
 *
 *   typed     ~/a\ b/fi       $HOME/a\ b/fi
 *   path      /home/me/a b/fi (both)
 *   offered   ~/a b/file.txt  /home/me/a b/file.txt
 *
 * (Quotes around what is offered are complete_quote.c's.) */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <readline/readline.h>
#include <readline/tilde.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/complete_parts.h"

/* What was typed of a path, and what it means.
 *
 * shown  without backslashes, its ~ kept
 * path   what is looked for on disk */
struct meant {
	struct buf shown;
	struct buf path;
};

static void add(struct meant *meant, const char *text, size_t len)
{
	buf_add(&meant->shown, text, len);
	buf_add(&meant->path, text, len);
}

/* "$HOME" or "${HOME}" at p, where there is such a variable: behind it, else NULL.
 * The value takes its place: a $ would be lost in the quotes that a blank asks for. */
static const char *take_variable(const char *p, struct meant *meant)
{
	bool braced = p[1] == '{';
	const char *begin = p + (braced ? 2 : 1);
	const char *end = begin;
	OWN_FREE char *name = NULL;
	const char *value;

	while (isalnum((unsigned char)*end) || *end == '_')
		end++;
	if (end == begin || isdigit((unsigned char)*begin) ||
	    (braced && *end != '}'))
		return NULL;
	name = mem_strn(begin, (size_t)(end - begin));
	value = getenv(name);
	if (!value)
		return NULL;
	add(meant, value, strlen(value));
	return end + (braced ? 1 : 0);
}

/* "~" or "~root" at the begin, and the slash after it. Returns what is behind. */
static const char *take_tilde(const char *raw, struct meant *meant)
{
	size_t len = strcspn(raw, "/");
	OWN_FREE char *name = mem_strn(raw, len);
	char *folder = tilde_expand(name);

	buf_str(&meant->shown, name);
	buf_str(&meant->path, folder);
	free(folder);
	return raw + len;
}

/* begins: the word begins here, so that ~ is a folder to sh */
static void read_path(const char *raw, char quote, bool begins,
		      struct meant *meant)
{
	if (*raw == '~' && begins && !quote && strchr(raw, '/'))
		raw = take_tilde(raw, meant);
	else if (*raw == '~')
		buf_str(&meant->path,
			"./"); /* a name, for sh as for readline */
	while (*raw) {
		const char *behind = *raw == '$' && quote != '\''
					     ? take_variable(raw, meant)
					     : NULL;

		if (behind) {
			raw = behind;
			continue;
		}
		if (complete_is_escape(raw, quote))
			raw++;
		add(meant, raw++, 1);
	}
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Up to the last slash and with it. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* "~", "~ro": the homes there are. Alone it is one's own. */
static void add_homes(const char *raw, struct strs *parts)
{
	char *home;

	if (!raw[1])
		strs_add(parts, raw);
	for (int i = 0;
	     raw[1] && (home = rl_username_completion_function(raw, i));
	     i = 1) {
		strs_add(parts, home);
		free(home);
	}
}

/* How much of `raw` stands in front of the path: "-v" of "-v/etc". */
static size_t in_front(const char *raw, char quote,
		       const struct completion *found)
{
	OWN_FREE char *plain = complete_without_escapes(raw, quote);
	size_t before = strlen(found->typed) - strlen(plain);
	size_t len;

	if (strlen(plain) > strlen(found->typed) || found->files_at <= before)
		return 0;
	len = found->files_at - before;
	return strncmp(raw, plain, len) == 0 ? len : 0;
}

size_t complete_files(const char *raw, const struct completion *found,
		      struct strs *parts)
{
	char quote = (char)rl_completion_quote_character;
	int found_quote = rl_completion_found_quote;
	size_t front = in_front(raw, quote, found);
	struct meant meant = { 0 };
	size_t shown;
	size_t path;
	char *file;

	/* Behind -v, ~ is a character like others. */
	if (*raw == '~' && !quote && front == 0 && !strchr(raw, '/')) {
		add_homes(raw, parts);
		return 0;
	}
	buf_add(&meant.shown, raw, front);
	read_path(raw + front, quote, front == 0, &meant);
	shown = folder_length(buf_text(&meant.shown));
	path = folder_length(buf_text(&meant.path));
	rl_completion_found_quote =
		0; /* no backslash is left to be taken away */
	for (int i = 0;
	     (file = rl_filename_completion_function(buf_text(&meant.path), i));
	     i = 1) {
		OWN_FREE char *part =
			mem_fmt("%.*s%s", (int)shown, buf_text(&meant.shown),
				file + path);

		if (found->files || is_folder(file))
			strs_add(parts, part);
		free(file);
	}
	rl_completion_found_quote = found_quote;
	buf_done(&meant.shown);
	buf_done(&meant.path);
	return front;
}
