/* shell/template_call.h - one call of a function of a template.
 *
 * What template_funcs.c, which has the table of them, and template_docker.c share. */
#ifndef SHELL_TEMPLATE_CALL_H
#define SHELL_TEMPLATE_CALL_H

#include "shell/template_parts.h"

/* at    the command, for messages
 * name  of the function
 * out   gets what it gives */
struct call {
	struct run *run;
	const struct node *at;
	const char *name;
	const struct value *args;
	size_t count;
	struct value *out;
};

/* Fails as Go does where a function itself says no. */
#define CALL_FAILS "error calling %s: "

/* Fails: the argument is no such thing. */
int call_not_a(const struct call *c, size_t arg, const char *wanted);

/* The argument as text, as a number; what is none is a failure. */
int call_want_text(const struct call *c, size_t arg, const char **out);
int call_want_int(const struct call *c, size_t arg, json_int_t *out);

/* Gives what was written; takes it out of the buffer. Returns 0. */
int call_give(const struct call *c, struct buf *text);

/* ---- Docker's functions ---- */

int call_json(const struct call *c);
int call_join(const struct call *c);
int call_split(const struct call *c);
int call_case(const struct call *c);
int call_pad(const struct call *c);
int call_truncate(const struct call *c);

#endif
