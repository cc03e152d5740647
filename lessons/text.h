/* lessons/text.h - the words of a lesson, in one language.
 *
 * A text file is Markdown in sections. A heading that starts with '@' opens one
 * and names its key; what follows the key on that line is its title:
 *
 *     ---
 *     revision: 3            (text.en.md)    follows: 3     (text.ja.md)
 *     ---
 *     ## @lesson The writable layer
 *     ## @step touch A file appears
 *     ### @goal touch/made
 *     ### @ask touch/guess
 *     ### @hint touch/made 1
 *     ### @msg touch/used_rm
 *     ### @done touch
 *     ## @end
 *     ## @card               (see card.h)
 *
 * Owns reading that and filling in %{names}; drawing it is the shell's. */
#ifndef LESSONS_TEXT_H
#define LESSONS_TEXT_H

#include <stddef.h>

#include "runtime/base/list.h"

struct buf;
struct err;

/* key    "hint touch/made 1"
 * title  may be ""
 * body   Markdown, empty lines at both ends cut off
 * line   where its heading stands */
struct text_section {
	char *key;
	char *title;
	char *body;
	int line;
};

/* revision  of an original; follows: of a translation; 0 where not said */
struct text {
	int revision;
	int follows;
	struct text_section *sections;
	size_t count;
};

/* Reads `text.LANG.md` in a lesson's folder. Returns 0, or -errno: -ENOENT
 * without the file, -EINVAL with the line where a key is doubled or unknown. */
int text_read(const char *dir, const char *lang, struct text *out,
	      struct err *err);
int text_parse(const char *markdown, const char *name, struct text *out,
	       struct err *err);
void text_done(struct text *text);

/* The section, or NULL. `format` makes the key: text_get(t, "step %s", id). */
const struct text_section *text_get(const struct text *text, const char *format,
				    ...) __attribute__((format(printf, 2, 3)));

/* Adds `body` with every %{name} replaced by its value of vars ("name=value");
 * a name without a value stays as it stands. */
void text_fill(const char *body, const struct strs *vars, struct buf *out);

/* The names in %{...}, each once. */
void text_names(const char *body, struct strs *out);

/* The nth (from 1) item of the numbered list in `body`, cut to its text; NULL
 * where there is none. Given, to be freed. */
char *text_choice(const char *body, int n);

#endif
