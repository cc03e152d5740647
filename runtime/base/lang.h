/* runtime/base/lang.h - the words of the program in the chosen language.
 *
 * _("...") marks a message and looks its translation up; N_("...") only marks
 * it, for tables that are looked up later. xgettext collects both. Docker's own
 * messages are never marked: they stay Docker's, word for word. A child
 * between clone and exec finds only what lang_prepare() opened before: the
 * catalogue lies on the other side of pivot_root(2). */
#ifndef RUNTIME_BASE_LANG_H
#define RUNTIME_BASE_LANG_H

#include <stdbool.h>

#define _(text) lang_text(text)
#define N_(text) text

/* The text in the chosen language, or `text` itself where there is no
 * translation. Borrowed, it stays. The catalogue is opened by the first call
 * that needs one: a program that says nothing in Japanese reads none. */
const char *lang_text(const char *text) __attribute__((format_arg(1)));

/* Chooses the language of all texts from now on: "en" or "ja". False where it is
 * neither; nothing changes then. */
bool lang_choose(const char *lang);

/* Opens the catalogue now if one is wanted: for a child that is about to change
 * its root, so that it neither looks for it there nor reads one that lies there
 * in its place. */
void lang_prepare(void);

/* "en" or "ja"; "en" until somebody chose. */
const char *lang_now(void);

/* What the environment asks for: $DOCKERSHELL_LANG, else the first language of
 * $LANGUAGE that we have, else $LC_ALL, $LC_MESSAGES or $LANG, the first that is
 * set. "en" where it asks for none of ours. */
const char *lang_of_environment(void);

#endif
