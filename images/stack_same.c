/* images/stack_same.c - whether a file holds what it hides; see stack_private.h
 *
 * chown, chmod and touch copy a file into their layer, whole: its content lies there
 * twice. That is found out by reading both. What a chain id names never changes, so the
 * answer is kept beside the layer, where it took a while to find:
 *
 *   layers/<chain id>/copies   "copies 1 <pairs>\n"
 *                              one digit (enum stack_change) and the path, NUL
 *                              ...
 *                              "end\n"
 *
 * It may be missing or half written at any time: then the files are read again. */
#include "images/stack_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/pack_meta.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum {
	BLOCK = 64 << 10,
	KEEP_PAIRS = 32,       /* fewer are read anew each time */
	KEEP_BYTES = 1 << 20,  /* as are fewer bytes */
	MAX_KEPT = 64 << 20,
	NOT_SAME = 0x80,
};

/* items    indexes of what is hidden, in the order of the layers that hide it
 * answers  NOT_SAME, or bits of enum stack_change; one for each item
 * folders  of the layers: descriptors, -1 until they are needed */
struct pairs {
	const struct home *home;
	const struct stack *stack;
	uint32_t *items;
	size_t count;
	size_t room;
	unsigned char *answers;
	int *folders;
};

/* ---- two files ---- */

static int open_in_layer(const struct pairs *pairs, uint32_t layer,
			 const char *path, int flags, struct err *err)
{
	int *folder = &pairs->folders[layer];

	if (*folder < 0)
		*folder = fs_open_dir(pairs->home->fd,
				      pairs->stack->layers[layer].folder, err);
	if (*folder < 0)
		return *folder;
	return fs_open_beneath(*folder, path + 1, flags | O_NOFOLLOW, 0, err);
}

static bool same_bytes(int a, int b, char *blocks)
{
	for (;;) {
		ssize_t got = read(a, blocks, BLOCK);
		ssize_t other = read(b, blocks + BLOCK, BLOCK);

		if (got < 0 || got != other || interrupt_seen())
			return false;
		if (got == 0)
			return true;
		if (memcmp(blocks, blocks + BLOCK, (size_t)got) != 0)
			return false;
	}
}

static bool same_links(int a, int b, char *blocks)
{
	ssize_t got = readlinkat(a, "", blocks, BLOCK);
	ssize_t other = readlinkat(b, "", blocks + BLOCK, BLOCK);

	return got >= 0 && got == other &&
	       memcmp(blocks, blocks + BLOCK, (size_t)got) == 0;
}

static unsigned char changes_between(struct stat *above, struct stat *below,
				     int above_fd, int below_fd)
{
	int change = 0;

	pack_meta_true_owner(above, above_fd);
	pack_meta_true_owner(below, below_fd);
	if (above->st_uid != below->st_uid || above->st_gid != below->st_gid)
		change |= STACK_OWNER;
	if (above->st_mode != below->st_mode)
		change |= STACK_MODE;
	/* Archives keep whole seconds. */
	if (above->st_mtime != below->st_mtime)
		change |= STACK_TIME;
	return (unsigned char)change;
}

static int compare(const struct pairs *pairs, size_t pair, char *blocks,
		   struct err *err)
{
	const struct stack *stack = pairs->stack;
	const struct stack_item *item = &stack->items[pairs->items[pair]];
	const char *path = stack->paths[item->path].path;
	bool link = item->kind == STACK_LINK;
	/* In a running container it may have become a fifo: no waiting. */
	int flags = link ? O_PATH : O_RDONLY | O_NONBLOCK | O_NOCTTY;
	OWN_FD int below = open_in_layer(pairs, item->layer, path, flags, err);
	OWN_FD int above = below < 0 ? -1 :
				       open_in_layer(pairs, item->by, path,
						     flags, err);
	struct stat st[2];

	pairs->answers[pair] = NOT_SAME;
	if (below < 0 || above < 0)
		/* Of a running container: it may be gone again. */
		return err->code == EACCES ? -EACCES : 0;
	if (fstat(above, &st[0]) < 0 || fstat(below, &st[1]) < 0 ||
	    (!link && !(S_ISREG(st[0].st_mode) && S_ISREG(st[1].st_mode))))
		return 0;
	if (link ? same_links(above, below, blocks) :
		   same_bytes(above, below, blocks))
		pairs->answers[pair] =
			changes_between(&st[0], &st[1], above, below);
	return interrupt_seen() ? interrupt_err(err) : 0;
}

/* ---- all of a layer ---- */

static int compare_all(void *arg, struct buf *reply, struct err *err)
{
	const struct pairs *pairs = arg;
	const struct archive_watch *watch = pairs->stack->watch;
	OWN_FREE char *blocks = mem_alloc(2 * (size_t)BLOCK);
	int64_t bytes = 0;

	for (size_t i = 0; i < pairs->count; i++) {
		struct err why = { 0 };
		int r = compare(pairs, i, blocks, &why);

		if (r < 0) {
			*err = why;
			return r;
		}
		bytes += 2 * pairs->stack->items[pairs->items[i]].size;
		if (watch && watch->moved)
			watch->moved(watch->arg, bytes);
	}
	buf_add(reply, pairs->answers, pairs->count);
	return 0;
}

static int ask(struct pairs *pairs, struct err *err)
{
	OWN_BUF struct buf reply = { 0 };
	struct err why = { 0 };
	int r = compare_all(pairs, &reply, &why);

	if (r == -EACCES && userns_kind() != USERNS_NONE) {
		buf_clear(&reply);
		r = userns_call(compare_all, pairs, false, &reply, err);
	} else if (r < 0) {
		*err = why;
	}
	if (r == 0 && reply.len == pairs->count)
		memcpy(pairs->answers, buf_text(&reply), reply.len);
	return r;
}

/* ---- what is kept ---- */

static char *kept_path(const struct stack_layer *layer)
{
	return mem_fmt("layers/%s/copies", digest_hex(layer->chain));
}

static void keep(const struct pairs *pairs, const struct stack_layer *layer)
{
	OWN_FREE char *path = kept_path(layer);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 }; /* a store that may only be read */

	buf_fmt(&text, "copies 1 %zu\n", pairs->count);
	for (size_t i = 0; i < pairs->count; i++) {
		const struct stack_item *item =
			&pairs->stack->items[pairs->items[i]];

		if (pairs->answers[i] == NOT_SAME)
			continue;
		buf_char(&text, (char)('0' + pairs->answers[i]));
		buf_str(&text, pairs->stack->paths[item->path].path);
		buf_char(&text, '\0');
	}
	buf_str(&text, "end\n");
	(void)fs_replace(pairs->home->fd, path, text.data, text.len, 0600,
			 false, &ignored);
}

/* The pair whose path that is, or -1. */
static ssize_t pair_of(const struct pairs *pairs, const char *path,
		       uint32_t layer)
{
	int32_t index = stack_find(pairs->stack, path);
	int32_t item = index < 0 ? -1 : pairs->stack->paths[index].top;

	/* The pairs are in the order of their items. */
	for (; item >= 0; item = pairs->stack->items[item].below) {
		const struct stack_item *it = &pairs->stack->items[item];
		size_t low = 0;
		size_t high = pairs->count;

		if (it->fate != STACK_REWRITTEN || it->by != layer)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;

			if (pairs->items[middle] < (uint32_t)item)
				low = middle + 1;
			else
				high = middle;
		}
		return low < pairs->count &&
				       pairs->items[low] == (uint32_t)item ?
			       (ssize_t)low :
			       -1;
	}
	return -1;
}

static bool read_kept(struct pairs *pairs, const struct stack_layer *layer,
		      uint32_t number)
{
	OWN_FREE char *path = kept_path(layer);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	size_t count = 0;
	const char *at;
	const char *end;

	if (fs_read(pairs->home->fd, path, MAX_KEPT, &text, &ignored) < 0 ||
	    text.len < 5 || memcmp(text.data + text.len - 4, "end\n", 4) != 0 ||
	    sscanf(text.data, "copies 1 %zu\n", &count) != 1 || /* NOLINT(cert-err34-c) */
	    count != pairs->count)
		return false;
	memset(pairs->answers, NOT_SAME, pairs->count);
	end = text.data + text.len - 4;
	at = memchr(text.data, '\n', text.len);
	for (at = at + 1; at < end; at += strlen(at) + 1) {
		ssize_t pair = pair_of(pairs, at + 1, number);

		if (pair < 0 || *at < '0' || *at > '7')
			return false;
		pairs->answers[pair] = (unsigned char)(*at - '0');
	}
	return true;
}

/* ---- layer by layer ---- */

/* What layer `number` hides and may hold: other lengths need no reading. */
static int64_t gather(struct pairs *pairs, uint32_t number)
{
	const struct stack *stack = pairs->stack;
	int64_t bytes = 0;

	pairs->count = 0;
	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];
		const struct stack_item *above;
		int32_t at;

		if (item->fate != STACK_REWRITTEN || item->by != number)
			continue;
		at = stack->paths[item->path].top;
		while (at >= 0 && stack->items[at].layer != number)
			at = stack->items[at].below;
		above = at < 0 ? NULL : &stack->items[at];
		if (!above || above->kind != item->kind ||
		    above->size != item->size || item->kind == STACK_SPECIAL)
			continue;
		if (pairs->count == pairs->room) {
			pairs->room = pairs->room ? pairs->room * 2 : 256;
			pairs->items = mem_grow(pairs->items, pairs->room,
						sizeof(*pairs->items));
		}
		pairs->items[pairs->count++] = (uint32_t)i;
		bytes += item->size;
	}
	return bytes;
}

static int compare_layer(struct pairs *pairs, struct stack *stack,
			 uint32_t number, struct err *err)
{
	const struct stack_layer *layer = &stack->layers[number];
	int64_t bytes = gather(pairs, number);
	bool kept = !layer->writable && layer->chain[0] &&
		    (pairs->count >= KEEP_PAIRS || bytes >= KEEP_BYTES);
	int r = 0;

	if (!pairs->count)
		return 0;
	pairs->answers = mem_zero(pairs->count, 1);
	if (!kept || !read_kept(pairs, layer, number)) {
		r = ask(pairs, err);
		if (r == 0 && kept)
			keep(pairs, layer);
	}
	for (size_t i = 0; i < pairs->count && r == 0; i++) {
		struct stack_item *item = &stack->items[pairs->items[i]];

		if (pairs->answers[i] == NOT_SAME)
			continue;
		item->fate = STACK_COPIED;
		item->change = pairs->answers[i];
	}
	free(own_give_ptr(&pairs->answers));
	return r;
}

int stack_compare(const struct home *home, struct stack *stack,
		  struct err *err)
{
	struct pairs pairs = { .home = home, .stack = stack };
	OWN_FREE bool *rewrites = mem_zero(stack->layer_count + 1, 1);
	OWN_FREE int *folders =
		mem_alloc((stack->layer_count + 1) * sizeof(int));
	int r = 0;

	pairs.folders = folders;
	for (size_t i = 0; i < stack->layer_count; i++)
		folders[i] = -1;

	for (size_t i = 0; i < stack->item_count; i++)
		if (stack->items[i].fate == STACK_REWRITTEN)
			rewrites[stack->items[i].by] = true;
	for (size_t i = 0; i < stack->layer_count && r == 0; i++)
		if (rewrites[i])
			r = compare_layer(&pairs, stack, (uint32_t)i, err);
	for (size_t i = 0; i < stack->layer_count; i++)
		if (folders[i] >= 0)
			close(folders[i]);
	free(pairs.items);
	return r;
}
