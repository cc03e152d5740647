/* shell/advice_parts.h - what the files of advice.h share. */
#ifndef SHELL_ADVICE_PARTS_H
#define SHELL_ADVICE_PARTS_H

/* Another word for the same thing; a list ends with { NULL, NULL }. */
struct synonym {
	const char *typed;
	const char *meant;
};

/* What somebody who typed that means, or NULL. Borrowed. */
const char *advice_synonym_of(const struct synonym *list, const char *typed);

/* `begin` and the words, joined with blanks. Given. */
char *advice_line_of(const char *begin, char *const *rest);

#endif
