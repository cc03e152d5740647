/* images/stack.h - what the layers of an image hold, and what of it is hidden.
 *
 * A layer never changes, so nothing that was put into one is ever taken out of the
 * image: a layer above can only hide it. This module walks each layer once and says of
 * every file which layer serves it, which others hold it hidden, and by what:
 *
 *   3   /a (a file)   /b (whiteout)   /d (opaque folder)   /e (a file)
 *   2   /a            /b              /d/x                 /e/y
 *       REWRITTEN     DELETED         EMPTIED              COVERED
 *       or COPIED, where the content is the same
 *
 * Sizes are counted as `images` and `history` count them: lengths of files and links, a
 * file with several names once. So of each layer
 *
 *   size = added + copied + rewritten         what it brought
 *   size = seen + hidden                      what became of it
 *
 * Source: kernel filesystems/overlayfs.rst, "whiteouts and opaque directories". */
#ifndef IMAGES_STACK_H
#define IMAGES_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/digest.h"
#include "runtime/base/list.h"

struct archive_watch;
struct buf;
struct err;
struct store;

enum stack_kind {
	STACK_FILE,
	STACK_FOLDER,
	STACK_LINK,
	STACK_SPECIAL, /* a device, fifo or socket */
	STACK_WHITEOUT,
};

/* What became of something that a layer holds. */
enum stack_fate {
	STACK_SEEN,      /* it is what one sees */
	STACK_COPIED,    /* the same content lies there once more, in layer `by` */
	STACK_REWRITTEN, /* another file of that name */
	STACK_DELETED,   /* a whiteout, of it or of a folder above it */
	STACK_EMPTIED,   /* an opaque folder above it: removed and made anew */
	STACK_COVERED,   /* a folder became something else, or the other way round */
};
enum { STACK_FATES = STACK_COVERED + 1 };

/* How a copy differs from what it hides; none: it is the very same. */
enum stack_change {
	STACK_OWNER = 1 << 0,
	STACK_MODE = 1 << 1,
	STACK_TIME = 1 << 2,
};

/* What one layer holds at one path.
 *
 * path     index of its path
 * layer    index of its layer
 * below    index of what the next lower layer holds at that path, or -1
 * by       the layer that hides it, by_path what does so there
 * change   of one that is COPIED: bits of enum stack_change
 * opaque   a folder that shows nothing of the layers below
 * bytes    what it counts: its size, 0 for folders and for further names of a file
 * first    names of one file in one layer: index of the first of them; else itself
 * links    how many names the file has
 * mtime_s  seconds since 1970 */
struct stack_item {
	uint32_t path;
	uint32_t layer;
	int32_t below;
	uint32_t by;
	uint32_t by_path;
	uint32_t first;
	uint8_t kind;
	uint8_t fate;
	uint8_t change;
	bool opaque;
	mode_t mode;
	uint32_t links;
	int64_t size;
	int64_t bytes;
	int64_t mtime_s;
};

/* path    "/etc/passwd"; the root is "/"
 * top     index of what the highest layer that has this path holds, or -1
 * parent, child, next  indexes of paths: of the folder, of the first in it, of the next
 *                      one in the same folder; or -1 */
struct stack_path {
	const char *path;
	int32_t top;
	int32_t parent;
	int32_t child;
	int32_t next;
};

/* files  everything but folders and whiteouts */
struct stack_count {
	int64_t files;
	int64_t bytes;
};

/* chain       its chain id; "" for a container's writable layer
 * folder      below the home: "layers/<hex>/diff", "containers/<id>/upper"
 * created_by  the instruction that made it; where nobody says, the comment, or ""
 * size_bytes  as the store has it noted; of a writable layer: as counted
 * images, containers  the others that stand on it, as `images` and `ps` name them
 * ends        those of the images that are complete with it: this one was made FROM them
 * added       new names; folders: new folders
 * copied, rewritten   names that were there: with the same content, with another
 * folders     new ones; kept_folders: those that only lead to something inside
 * whiteouts, opaques  its marks
 * deletes     what the marks and its covering files took out of sight
 * hidden      what of its own is out of sight */
struct stack_layer {
	char chain[DIGEST_SIZE];
	char *folder;
	char *created_by;
	int64_t created_ns;
	int64_t size_bytes;
	bool writable;
	struct strs images;
	struct strs ends;
	struct strs containers;
	int64_t counted_bytes;
	int64_t folders;
	int64_t kept_folders;
	int64_t whiteouts;
	int64_t opaques;
	struct stack_count added;
	struct stack_count copied;
	struct stack_count rewritten;
	struct stack_count deletes;
	struct stack_count hidden;
};

/* A line of the history: which layer it made, or -1 (config only). */
struct stack_step {
	char *created_by;
	int64_t created_ns;
	int layer;
};

/* What layer `by` hides of layer `layer`, and why. */
struct stack_hiding {
	uint32_t layer;
	uint32_t by;
	uint8_t fate;
	uint8_t change; /* all bits that were met */
	struct stack_count what;
};

/* name        "myapp:2", or a 12-digit id
 * container   its name, or NULL; container_id
 * layers      lowest first
 * steps       oldest first
 * hidings     by layer, then by `by`, then by fate
 * size_bytes  of the image: the sum of its layers, without the writable one
 * hidden_bytes  what of all layers (the writable one's too) is out of sight */
struct stack {
	const struct archive_watch *watch;
	char *name;
	char *image_id;
	char *container;
	char *container_id;
	struct stack_layer *layers;
	size_t layer_count;
	struct stack_step *steps;
	size_t step_count;
	struct stack_path *paths;
	size_t path_count;
	struct stack_item *items;
	size_t item_count;
	struct stack_hiding *hidings;
	size_t hiding_count;
	int64_t size_bytes;
	int64_t hidden_bytes;
	struct stack_memory *memory; /* this module's own */
};

void stack_done(struct stack *stack);
#define OWN_STACK __attribute__((cleanup(stack_done)))

enum stack_of { STACK_OF_EITHER, STACK_OF_IMAGE, STACK_OF_CONTAINER };

/* Reads the layers of an image, or of a container with its writable layer on top
 * (EITHER: containers go first, as in `inspect`).
 *
 * -ENOENT: "No such image: x:latest", "No such container: x", "No such object: x".
 * -EINTR after Ctrl-C. */
int stack_read(struct store *store, const char *name, enum stack_of of,
	       struct stack *out, struct err *err);

/* The index of a path ("/etc/passwd", clean), or -1 where no layer has it. No link is
 * followed. */
int32_t stack_find(const struct stack *stack, const char *path);

/* What one sees at a path: index of its item, or -1. Of a folder the highest part. */
int32_t stack_seen(const struct stack *stack, int32_t path);

/* Adds what one sees at a path and in it: files and their bytes. */
void stack_count_seen(const struct stack *stack, int32_t path,
		      struct stack_count *count);

/* The text of a link, as it is. Given. */
int stack_link(struct store *store, const struct stack *stack, int32_t item,
	       char **out, struct err *err);

/* Where a path leads once the links of its folders, and its own where `last`, are
 * followed inside of this stack: a clean path, given; it need not exist. -ELOOP after 40
 * links. */
int stack_follow(struct store *store, const struct stack *stack,
		 const char *path, bool last, char **out, struct err *err);

/* The content of a file that a layer holds, seen or not; `limit` bytes at most
 * (-EFBIG). */
int stack_content(struct store *store, const struct stack *stack, int32_t item,
		  size_t limit, struct buf *out, struct err *err);

/* Where it lies on this disk: absolute; given. */
char *stack_place(struct store *store, const struct stack *stack, int32_t item);

/* "copied" ...: for programs, in no language. */
const char *stack_fate_name(enum stack_fate fate);

#endif
