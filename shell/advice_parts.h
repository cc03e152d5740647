/* shell/advice_parts.h - what the files of advice.h share. */
#ifndef SHELL_ADVICE_PARTS_H
#define SHELL_ADVICE_PARTS_H

#include <stdbool.h>

struct err;
struct shell;

/* Another word for the same thing; a list ends with { NULL, NULL }. */
struct synonym {
	const char *typed;
	const char *meant;
};

/* What somebody who typed that means, or NULL. Borrowed. */
const char *advice_synonym_of(const struct synonym *list, const char *typed);

/* `begin` and the words, joined with blanks. Given. */
char *advice_line_of(const char *begin, char *const *rest);

/* Whether pages write it where a name of one's own is to stand: CONTAINER, <image>. */
bool advice_stands_for_another(const char *word);
void advice_on_stand_in(const char *word, struct err *err);

/* What was typed for a container's name and cannot be one: "all", "a,b", "CONTAINER".
 * False, and no hint, where it can. */
bool advice_on_no_name(const struct shell *shell, const char *typed,
		       struct err *err);

/* How a command for containers is told to take them all. False where it is better
 * not said. */
bool advice_on_all(const struct shell *shell, const char *called,
		   struct err *err);

/* "invalid reference format"; a mount that is none; "no such directory". */
void advice_on_reference(const struct shell *shell, struct err *err);
void advice_on_mount(const struct shell *shell, struct err *err);
void advice_on_place(const struct shell *shell, struct err *err);

#endif
