/* shell/whose_view.h - what `whose` shows.
 *
 *   whose_view.c  one path: which layer serves it, which hold it hidden
 *   whose_all.c   all that is hidden at a path and in it */
#ifndef SHELL_WHOSE_VIEW_H
#define SHELL_WHOSE_VIEW_H

#include <stdint.h>

#include "images/stack.h"

struct err;
struct shell;
struct view;

/* One question.
 *
 * name      as it was typed, for what is to be tried next
 * asked     the path as it was typed, clean
 * path      where the links of its folders lead: what is looked at
 * shown     the same, as it may be shown
 * index     of that path in the stack, -1 where no layer has it
 * seen      index of the item one sees there, or -1
 * link      of a link: its text, else NULL; leads_to: where that ends
 * mount     what lies over the layers there: "volume data at /data", or NULL */
struct whose {
	struct stack stack;
	char *name;
	char *asked;
	char *path;
	char *shown;
	int32_t index;
	int32_t seen;
	char *link;
	char *leads_to;
	char *mount;
};

void whose_done(struct whose *whose);
#define OWN_WHOSE __attribute__((cleanup(whose_done)))

int whose_read(struct shell *shell, const char *name, const char *path,
	       struct whose *out, struct err *err);

void whose_view(struct view *view, const struct whose *whose);
void whose_all_view(struct view *view, const struct whose *whose);

/* Neither bytes that no text has, nor commands to a terminal. */
struct buf;
bool whose_is_text(const struct buf *content);

/* A longer file is not printed: it is said where it lies. */
enum { WHOSE_MAX_SHOWN = 16 << 20 };

/* The line that prints the content of an item, which is a plain file; what is no text,
 * or long, goes through od(1) and head(1). Given. */
char *whose_show_line(const struct shell *shell, const struct whose *whose,
		      int32_t item);

/* The item of layer `number` (from 1; 0: what is seen, else the highest that is hidden)
 * at the path, or -1. */
int32_t whose_item(const struct whose *whose, unsigned number);

/* "file", "folder", "link" ...: for programs. */
const char *whose_kind(const struct stack_item *item);

#endif
