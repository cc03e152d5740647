/* runtime/base/lang.h - the words of the program in the chosen language.
 *
 * _("...") marks a message and looks its translation up (gettext); N_("...")
 * only marks it, for tables that are looked up later. Docker's own messages are
 * never marked: they stay Docker's, word for word. A child between clone and
 * exec must not look anything up: the catalogue lies on the other side of
 * pivot_root(2). */
#ifndef RUNTIME_BASE_LANG_H
#define RUNTIME_BASE_LANG_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

#endif
