/* shell/answer.h - one object, shown through the template of -f (info, version). */
#ifndef SHELL_ANSWER_H
#define SHELL_ANSWER_H

#include <jansson.h>

struct err;
struct shell;

/* Prints what the template (or "json") makes of `json` (taken), and a newline.
 * type_name is Go's, for Docker's message. A template that is wrong ends with
 * status 64, one that fails with 1. */
int answer_with(struct shell *shell, const char *format, const char *type_name,
		json_t *json, struct err *err);

#endif
