/* images/stack_private.h - what the files of the stack know of each other.
 *
 *   stack.c        which layers, who shares them, which step made each
 *   stack_walk.c   what lies in each layer
 *   stack_merge.c  what hides what
 *   stack_same.c   whether a copy holds what it hides
 *   stack_look.c   questions about a stack that was read */
#ifndef IMAGES_STACK_PRIVATE_H
#define IMAGES_STACK_PRIVATE_H

#include "images/stack.h"
#include "runtime/base/buf.h"

struct home;

/* What a walk says of one thing, followed by its path and a NUL. The folder comes before
 * what is in it; the layer's root is the first, its path empty. */
struct stack_record {
	uint32_t mode;
	uint32_t links;
	int64_t size;
	int64_t mtime_s;
	uint64_t inode;
	uint16_t path_len;
	uint8_t kind;
	uint8_t opaque;
};

/* walks    one for each layer: its records
 * texts    the paths' bytes
 * slots    paths by their hash: index + 1, 0 for none; slot_count is a power of 2 */
struct stack_memory {
	struct buf *walks;
	char **texts;
	size_t text_count;
	int32_t *slots;
	size_t slot_count;
	size_t path_room;
	size_t item_room;
};

/* Fills memory->walks. */
int stack_walk(const struct home *home, struct stack *stack, struct err *err);

/* Fills paths, items, and the counts of the layers. */
void stack_merge(struct stack *stack);

/* Tells COPIED from REWRITTEN among what is REWRITTEN. */
int stack_compare(const struct home *home, struct stack *stack,
		  struct err *err);

/* Sums up what each layer brought and what became of it. */
void stack_count(struct stack *stack);

#endif
