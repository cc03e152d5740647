/* images/ignore.c - see ignore.h */
#include "images/ignore.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "images/go_match.h"
#include "images/ignore_pattern.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

enum { LINE_MAX_BYTES = 64 << 10 };

/* text     the pattern, cleaned, without its "!"
 * pattern  the same, ready to match */
struct rule {
	char *text;
	bool brings_back;
	struct ignore_pattern *pattern;
};

struct ignore {
	struct rule *rules;
	size_t count;
	bool brings_back; /* one of them does */
};

/* ---- the file ---- */

/* Without blanks around it. Given. */
static char *trim(const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return mem_strn(text, len);
}

static void add_line(const char *line, size_t len, struct strs *out)
{
	OWN_FREE char *text = trim(line, len);
	bool inverted = text[0] == '!';
	OWN_FREE char *path = NULL;
	OWN_FREE char *clean = NULL;

	if (!*text || *line == '#')
		return;
	path = inverted ? trim(text + 1, strlen(text + 1)) : mem_str(text);
	clean = *path ? fs_clean_path(path) : mem_str("");
	strs_addf(out, "%s%s", inverted ? "!" : "",
		  clean + (clean[0] == '/' && clean[1]));
}

int ignore_lines(const char *text, size_t len, struct strs *out,
		 struct err *err)
{
	static const char mark[] = "\xEF\xBB\xBF";
	const char *end = text + len;

	if (len >= 3 && memcmp(text, mark, 3) == 0)
		text += 3;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);

		if (line >= LINE_MAX_BYTES)
			return err_docker(
				err, ERR_BARE, EINVAL,
				"Error reading .dockerignore: bufio.Scanner: token too long");
		/* A pattern with a NUL can match no name. */
		if (line && !memchr(text, '\0', line))
			add_line(text, line, out);
		text += line + 1;
	}
	return 0;
}

/* ---- the rules ---- */

void ignore_free(struct ignore *ignore)
{
	if (!ignore)
		return;
	for (size_t i = 0; i < ignore->count; i++) {
		free(ignore->rules[i].text);
		ignore_pattern_free(ignore->rules[i].pattern);
	}
	free(ignore->rules);
	free(ignore);
}

static int add_rule(struct ignore *ignore, const char *line, struct err *err)
{
	OWN_FREE char *trimmed = trim(line, strlen(line));
	OWN_FREE char *clean = *trimmed ? fs_clean_path(trimmed) : NULL;
	struct rule *rule;

	if (!clean)
		return 0;
	if (strcmp(clean, "!") == 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "illegal exclusion pattern: \"!\"");
	ignore->rules = mem_grow(ignore->rules, ignore->count + 1,
				 sizeof(*ignore->rules));
	rule = &ignore->rules[ignore->count++];
	*rule = (struct rule){ .brings_back = clean[0] == '!' };
	rule->text = mem_str(clean + rule->brings_back);
	ignore->brings_back = ignore->brings_back || rule->brings_back;
	if (go_match(rule->text, ".") < 0 ||
	    ignore_pattern_new(rule->text, &rule->pattern) < 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "syntax error in pattern");
	return 0;
}

int ignore_new(const struct strs *patterns, struct ignore **out,
	       struct err *err)
{
	struct ignore *ignore = mem_zero(1, sizeof(*ignore));
	int r = 0;

	for (size_t i = 0; i < patterns->count && r == 0; i++)
		r = add_rule(ignore, patterns->items[i], err);
	if (r < 0) {
		ignore_free(ignore);
		return r;
	}
	*out = ignore;
	return 0;
}

/* Go's filepath.Dir: "a/b" to "a", "a/" to "a", "a" to ".". Given. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *folder =
		slash ? mem_strn(path, (size_t)(slash - path) + 1)
		      : mem_str(".");

	return fs_clean_path(folder);
}

/* Whether the rule is about one of the folders: "a/b" is asked for "a" and "a/b",
 * of "/" there is the empty name and itself. */
static bool matches_a_folder(const struct rule *rule, char *folder)
{
	char *slash = folder;
	bool found;

	do {
		slash = strchrnul(slash, '/');
		if (*slash) {
			*slash = '\0';
			found = ignore_pattern_match(rule->pattern, folder);
			*slash++ = '/';
		} else {
			return ignore_pattern_match(rule->pattern, folder);
		}
	} while (!found);
	return true;
}

int ignore_rule_of(const struct ignore *ignore, const char *path)
{
	OWN_FREE char *folder = NULL;
	bool ignored = false;
	int last = -1;

	if (!ignore || !ignore->count)
		return -1;
	folder = folder_of(path);
	for (size_t i = 0; i < ignore->count; i++) {
		const struct rule *rule = &ignore->rules[i];

		/* It would change nothing. */
		if (rule->brings_back != ignored)
			continue;
		if (ignore_pattern_match(rule->pattern, path) ||
		    (strcmp(folder, ".") != 0 &&
		     matches_a_folder(rule, folder))) {
			ignored = !rule->brings_back;
			last = (int)i;
		}
	}
	return last;
}

bool ignore_matches(const struct ignore *ignore, const char *path)
{
	int rule = ignore_rule_of(ignore, path);

	return rule >= 0 && !ignore->rules[rule].brings_back;
}

bool ignore_looks_into(const struct ignore *ignore, const char *folder)
{
	size_t len = strlen(folder);

	for (size_t i = 0; ignore && i < ignore->count; i++) {
		const struct rule *rule = &ignore->rules[i];

		if (rule->brings_back &&
		    strncmp(rule->text, folder, len) == 0 &&
		    (rule->text[len] == '/' || !rule->text[len]))
			return true;
	}
	return false;
}

bool ignore_leaves_out(const struct ignore *ignore, const char *path)
{
	OWN_FREE char *part = mem_str(path);

	if (!ignore || !ignore->count)
		return false;
	for (char *slash = strchr(part, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		bool closed;

		*slash = '\0';
		closed = ignore_matches(ignore, part) &&
			 !ignore_looks_into(ignore, part);
		*slash = '/';
		if (closed)
			return true;
	}
	return ignore_matches(ignore, path);
}
