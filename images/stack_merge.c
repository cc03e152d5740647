/* images/stack_merge.c - what hides what; see stack_private.h
 *
 * The layers are laid on each other from the lowest up, as overlayfs would: each thing
 * a layer holds meets what is seen at its path by then.
 *
 *   it is         seen there is    what becomes of that
 *   a whiteout    anything         DELETED, with all that is in it
 *   a folder      a folder         both are seen as one
 *   an opaque f.  a folder         EMPTIED, with all that is in it
 *   a folder      no folder        COVERED
 *   no folder     a folder         COVERED, with all that is in it
 *   no folder     no folder        REWRITTEN (COPIED: stack_same.c finds out)
 *
 * Everything is hidden once at most, and whatever lies under something hidden at the same
 * path is hidden too. */
#include "images/stack_private.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024, FIRST_SLOTS = 4096 };

/* ---- paths by their names ---- */

static uint32_t hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

/* The slot of a path: its own, or the empty one where it would go. */
static size_t slot_of(const struct stack *stack, const char *path, size_t len)
{
	size_t mask = stack->memory->slot_count - 1;
	size_t at = hash(path, len) & mask;
	int32_t index;

	while ((index = stack->memory->slots[at]) != 0) {
		const char *there = stack->paths[index - 1].path;

		if (strncmp(there, path, len) == 0 && !there[len])
			break;
		at = (at + 1) & mask;
	}
	return at;
}

static void make_slots(struct stack *stack)
{
	struct stack_memory *memory = stack->memory;

	free(memory->slots);
	memory->slot_count =
		memory->slot_count ? memory->slot_count * 2 : FIRST_SLOTS;
	memory->slots = mem_zero(memory->slot_count, sizeof(*memory->slots));
	for (size_t i = 0; i < stack->path_count; i++) {
		const char *path = stack->paths[i].path;

		memory->slots[slot_of(stack, path, strlen(path))] =
			(int32_t)i + 1;
	}
}

static int32_t find_path(const struct stack *stack, const char *path,
			 size_t len)
{
	if (!stack->memory->slot_count)
		return -1;
	return stack->memory->slots[slot_of(stack, path, len)] - 1;
}

int32_t stack_find(const struct stack *stack, const char *path)
{
	return find_path(stack, path, strlen(path));
}

static void hang_in(struct stack *stack, int32_t index)
{
	struct stack_path *path = &stack->paths[index];
	const char *slash = strrchr(path->path, '/');
	size_t len = (size_t)(slash - path->path);

	if (!path->path[1])
		return; /* the root */
	path->parent = find_path(stack, len ? path->path : "/", len ? len : 1);
	path->next = stack->paths[path->parent].child;
	stack->paths[path->parent].child = index;
}

/* text: borrowed from a walk, which stays. Folders came before what is in them. */
static int32_t add_path(struct stack *stack, const char *text, size_t len)
{
	struct stack_memory *memory = stack->memory;
	int32_t index;

	if (stack->path_count * 2 >= memory->slot_count)
		make_slots(stack);
	index = find_path(stack, text, len);
	if (index >= 0)
		return index;
	if (stack->path_count == memory->path_room) {
		memory->path_room =
			memory->path_room ? memory->path_room * 2 : FIRST_ROOM;
		stack->paths = mem_grow(stack->paths, memory->path_room,
					sizeof(*stack->paths));
	}
	index = (int32_t)stack->path_count;
	memory->slots[slot_of(stack, text, len)] = index + 1;
	stack->paths[stack->path_count++] =
		(struct stack_path){ text, -1, -1, -1, -1 };
	hang_in(stack, index);
	return index;
}

/* ---- names of one file ---- */

struct inodes {
	struct inode {
		uint64_t number;
		int32_t item; /* index + 1 */
	} *slots;
	size_t count;
	size_t size;
};

static struct inode *inode_slot(const struct inodes *inodes, uint64_t number)
{
	size_t mask = inodes->size - 1;
	size_t at = (size_t)(number * 0x9e3779b97f4a7c15u >> 20) & mask;

	while (inodes->slots[at].item && inodes->slots[at].number != number)
		at = (at + 1) & mask;
	return &inodes->slots[at];
}

static void grow_inodes(struct inodes *inodes)
{
	struct inodes bigger = {
		.size = inodes->size ? inodes->size * 2 : FIRST_ROOM,
		.count = inodes->count,
	};

	bigger.slots = mem_zero(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < inodes->size; i++)
		if (inodes->slots[i].item)
			*inode_slot(&bigger, inodes->slots[i].number) =
				inodes->slots[i];
	free(inodes->slots);
	*inodes = bigger;
}

/* The first item of that file in this layer: `item` itself, or an earlier one. */
static uint32_t first_name(struct inodes *inodes, uint64_t number,
			   uint32_t item)
{
	struct inode *slot;

	if (inodes->count * 2 >= inodes->size)
		grow_inodes(inodes);
	slot = inode_slot(inodes, number);
	if (slot->item)
		return (uint32_t)slot->item - 1;
	*slot = (struct inode){ number, (int32_t)item + 1 };
	inodes->count++;
	return item;
}

/* ---- hiding ---- */

/* What hides, and how. */
struct hider {
	uint32_t layer;
	uint32_t path;
	enum stack_fate fate;
};

static void hide_at(struct stack *stack, int32_t item, struct hider by)
{
	for (; item >= 0; item = stack->items[item].below) {
		struct stack_item *it = &stack->items[item];

		if (it->fate != STACK_SEEN || it->kind == STACK_WHITEOUT)
			break; /* so is all that lies under it */
		it->fate = (uint8_t)by.fate;
		it->by = by.layer;
		it->by_path = by.path;
	}
}

static void hide_inside(struct stack *stack, int32_t path, struct hider by)
{
	int32_t child = stack->paths[path].child;

	for (; child >= 0; child = stack->paths[child].next) {
		hide_inside(stack, child, by);
		hide_at(stack, stack->paths[child].top, by);
	}
}

int32_t stack_seen(const struct stack *stack, int32_t path)
{
	int32_t top = path < 0 ? -1 : stack->paths[path].top;

	if (top < 0 || stack->items[top].kind == STACK_WHITEOUT ||
	    stack->items[top].fate != STACK_SEEN)
		return -1;
	return top;
}

/* A thing of a layer meets what is seen at its path: `seen`, or -1. */
static void meet(struct stack *stack, const struct stack_item *item,
		 int32_t seen)
{
	struct hider by = { item->layer, item->path, STACK_COVERED };
	bool was_folder = seen >= 0 &&
			  stack->items[seen].kind == STACK_FOLDER;
	bool is_folder = item->kind == STACK_FOLDER;

	if (seen < 0 || (was_folder && is_folder && !item->opaque))
		return;
	if (item->kind == STACK_WHITEOUT)
		by.fate = STACK_DELETED;
	else if (was_folder && is_folder)
		by.fate = STACK_EMPTIED;
	else if (!was_folder && !is_folder)
		by.fate = STACK_REWRITTEN;
	if (was_folder)
		hide_inside(stack, (int32_t)item->path, by);
	hide_at(stack, seen, by);
}

/* ---- layer by layer ---- */

static struct stack_item *new_item(struct stack *stack)
{
	struct stack_memory *memory = stack->memory;

	if (stack->item_count == memory->item_room) {
		memory->item_room =
			memory->item_room ? memory->item_room * 2 : FIRST_ROOM;
		stack->items = mem_grow(stack->items, memory->item_room,
					sizeof(*stack->items));
	}
	return &stack->items[stack->item_count++];
}

static void add_item(struct stack *stack, uint32_t layer,
		     const struct stack_record *record, const char *text,
		     struct inodes *inodes)
{
	bool root = !*text;
	int32_t path = add_path(stack, root ? "/" : text,
				root ? 1 : record->path_len);
	int32_t seen = stack_seen(stack, path);
	uint32_t index = (uint32_t)stack->item_count;
	struct stack_item *item = new_item(stack);

	*item = (struct stack_item){
		.path = (uint32_t)path,
		.layer = layer,
		.below = stack->paths[path].top,
		.first = index,
		.kind = record->kind,
		.opaque = record->opaque,
		.mode = record->mode,
		.links = record->links,
		.size = record->size,
		.mtime_s = record->mtime_s,
	};
	/* All whiteouts of a layer may be names of one device. */
	if (record->links > 1 && record->kind != STACK_FOLDER)
		item->first = first_name(inodes, record->inode, index);
	item->bytes = item->first == index ? record->size : 0;
	meet(stack, item, seen);
	stack->paths[path].top = (int32_t)index;
}

static void merge_layer(struct stack *stack, uint32_t layer)
{
	const struct buf *walk = &stack->memory->walks[layer];
	struct inodes inodes = { 0 };
	size_t at = 0;

	while (at < walk->len) {
		struct stack_record record;

		memcpy(&record, walk->data + at, sizeof(record));
		at += sizeof(record);
		add_item(stack, layer, &record, walk->data + at, &inodes);
		at += (size_t)record.path_len + 1;
	}
	free(inodes.slots);
}

void stack_merge(struct stack *stack)
{
	for (size_t i = 0; i < stack->layer_count; i++)
		merge_layer(stack, (uint32_t)i);
}
