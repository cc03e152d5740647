/* shell/stack_view.h - words for layers, shared by the views that show them. */
#ifndef SHELL_STACK_VIEW_H
#define SHELL_STACK_VIEW_H

#include <jansson.h>
#include <stdint.h>

#include "images/stack.h"

struct buf;
struct err;
struct shell;

/* An instruction as its Dockerfile had it: "/bin/sh -c #(nop)  CMD [...]" is "CMD [...]",
 * "/bin/sh -c apt update" is "RUN apt update"; in one line. "" where nobody says. Given. */
char *stack_view_instruction(const char *created_by);

/* The same for a layer: "container web" for a writable one, "(unknown)" for "". */
char *stack_view_made_by(const struct stack *stack,
			 const struct stack_layer *layer);

/* "the layer above holds the same content again" ...: why layer `by` hides something; a
 * whole sentence without a full stop. Given. */
char *stack_view_why(enum stack_fate fate, unsigned change, uint32_t by);

/* A path as it may be shown: what would command the terminal, and what is no UTF-8,
 * becomes '?'. Given. */
char *stack_view_path(const char *path);

/* Whether that shows it as it is: so it can be typed. */
bool stack_view_is_plain(const char *path);

/* Adds a word as sh reads it, in quotes where it needs some. */
void stack_view_quote(struct buf *out, const char *text);

/* "NAME:/path" likewise, to be typed. Given. */
char *stack_view_place(const char *name, const char *path);

/* What was changed by a copy: "owner, mode". Given. */
char *stack_view_changes(unsigned change);
json_t *stack_view_changes_json(unsigned change);

/* Text as a JSON string; what is no UTF-8 in it becomes U+FFFD. NULL gives null. */
json_t *stack_view_text(const char *text);
json_t *stack_view_strs(const struct strs *strs);
json_t *stack_view_count(const struct stack_count *count);

/* Reads a stack as stack_read does, Ctrl-C ends it, and the terminal is told that it
 * takes a while where it does. A name that is none gets its hint. */
int stack_view_read(struct shell *shell, const char *name, struct stack *out,
		    struct err *err);

/* "NAME:/path" in two: the colon before the first slash. False where there is none.
 * Both given; the path is clean. */
bool stack_view_split(const char *word, char **out_name, char **out_path);

#endif
