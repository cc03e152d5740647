/* images/copy_tree.c - see copy_tree.h */
#include "images/copy_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

enum { MAX_LINKS = 255 };

/* One name in the layer.
 *
 * inside  of a folder: a tsearch(3) tree of nodes
 * closed  what the image has in this folder is hidden */
struct node {
	char *name;
	enum copy_tree_kind kind;
	char *target;
	void *inside;
	bool closed;
};

struct copy_tree {
	int image_fd;
	struct node root;
	char target[PATH_MAX];
};

static int compare(const void *a, const void *b)
{
	const struct node *x = a;
	const struct node *y = b;

	return strcmp(x->name, y->name);
}

static void free_node(void *arg)
{
	struct node *node = arg;

	tdestroy(node->inside, free_node);
	free(node->name);
	free(node->target);
	free(node);
}

struct copy_tree *copy_tree_new(int image_fd)
{
	struct copy_tree *tree = mem_zero(1, sizeof(*tree));

	tree->image_fd = image_fd;
	tree->root.kind = TREE_FOLDER;
	return tree;
}

void copy_tree_free(struct copy_tree *tree)
{
	if (!tree)
		return;
	tdestroy(tree->root.inside, free_node);
	free(tree);
}

/* The next word of a path, which is moved behind it; NULL at its end. Given. */
static char *next_word(const char **path)
{
	const char *word = *path + strspn(*path, "/");
	size_t len = strcspn(word, "/");

	*path = word + len;
	return len ? mem_strn(word, len) : NULL;
}

/* tfind(3) gives what is looked for first. */
static int compare_name(const void *name, const void *b)
{
	const struct node *node = b;

	return strcmp(name, node->name);
}

static struct node *find(const struct node *folder, const char *name)
{
	struct node **found = tfind(name, &folder->inside, compare_name);

	return found ? *found : NULL;
}

/* ---- looking ---- */

static void look_in_image(struct copy_tree *tree, const char *path,
			  struct copy_tree_look *out)
{
	OWN_FD int fd = -1;
	ssize_t len;

	if (tree->image_fd < 0)
		return;
	fd = fs_openat2(tree->image_fd, *path ? path : ".",
			O_PATH | O_NOFOLLOW, 0,
			RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &out->st) < 0)
		return;
	out->kind = S_ISDIR(out->st.st_mode)   ? TREE_FOLDER
		    : S_ISLNK(out->st.st_mode) ? TREE_LINK
					       : TREE_OTHER;
	if (out->kind != TREE_LINK)
		return;
	len = readlinkat(fd, "", tree->target, sizeof(tree->target) - 1);
	tree->target[len < 0 ? 0 : len] = '\0';
	out->target = tree->target;
}

void copy_tree_look(struct copy_tree *tree, const char *path,
		    struct copy_tree_look *out)
{
	const struct node *node = &tree->root;
	const char *rest = path += strspn(path, "/");
	bool closed = false;

	*out = (struct copy_tree_look){ .kind = TREE_NOTHING };
	for (;;) {
		OWN_FREE char *word = next_word(&rest);
		const struct node *inner;

		if (!word)
			break;
		if (node->kind != TREE_FOLDER)
			return; /* there is nothing in a file */
		inner = find(node, word);
		if (!inner) {
			if (!closed)
				look_in_image(tree, path, out);
			return;
		}
		node = inner;
		closed = closed || node->closed;
	}
	out->kind = node->kind;
	out->made = true;
	out->target = node->target;
}

/* ---- noting ---- */

/* Whether the image has a folder there; what is nearer to the root is open. */
static bool image_has_folder(struct copy_tree *tree, const char *path)
{
	struct copy_tree_look look = { .kind = TREE_NOTHING };

	look_in_image(tree, path, &look);
	return look.kind == TREE_FOLDER;
}

bool copy_tree_put(struct copy_tree *tree, const char *path,
		   enum copy_tree_kind kind, const char *target)
{
	struct node *node = &tree->root;
	const char *rest = path;
	bool marked = false;
	char *word;

	while ((word = next_word(&rest))) {
		struct node *inner = find(node, word);

		if (inner) {
			free(word);
		} else {
			inner = mem_zero(1, sizeof(*inner));
			inner->name = word;
			inner->kind = *rest ? TREE_FOLDER : TREE_NOTHING;
			(void)tsearch(inner, &node->inside, compare);
		}
		node = inner;
	}
	if (kind == TREE_FOLDER &&
	    (node->kind == TREE_LINK || node->kind == TREE_OTHER)) {
		marked = !node->closed && image_has_folder(tree, path);
		node->closed = true;
	}
	if (kind != TREE_FOLDER)
		tdestroy(own_give_ptr(&node->inside), free_node);
	free(node->target);
	node->target = mem_str(target);
	node->kind = kind;
	return marked;
}

/* ---- links ---- */

/* A path on its way: `rest` is still to be gone, beneath the base, from `done`. */
struct way {
	char *rest;
	char *done;
	int links;
};

/* Goes one word on, or into a link. */
static void go_on(struct copy_tree *tree, const char *base, struct way *way,
		  bool whole)
{
	const char *left = way->rest;
	OWN_FREE char *word = next_word(&left);
	OWN_FREE char *joined = mem_fmt("%s/%s", way->done, word);
	OWN_FREE char *next = fs_clean_path(joined);
	OWN_FREE char *full = mem_fmt("%s%s", base, next);
	char *after;
	struct copy_tree_look look;

	copy_tree_look(tree, full, &look);
	if (look.kind == TREE_LINK && (whole || left[strspn(left, "/")])) {
		after = mem_fmt("%s%s", look.target, left);
		way->links++;
		if (look.target[0] == '/') {
			free(way->done);
			way->done = mem_str("/");
		}
	} else {
		after = mem_str(left);
		free(way->done);
		way->done = own_give_ptr(&next);
	}
	free(way->rest);
	way->rest = after;
}

int copy_tree_follow(struct copy_tree *tree, const char *base,
		     const char *path, bool whole, char **out,
		     struct err *err)
{
	struct way way = { mem_str(path), mem_str("/"), 0 };
	int r = 0;

	while (way.rest[strspn(way.rest, "/")] && way.links <= MAX_LINKS)
		go_on(tree, base, &way, whole);
	if (way.links > MAX_LINKS)
		r = err_docker(err, ERR_BARE, ELOOP,
			       "evalSymlinksInScope: too many links in %s", path);
	else /* without a '/' in front, as all paths here */
		*out = mem_fmt("%s%s", base,
			       way.done + (!*base || !way.done[1]));
	free(way.rest);
	free(way.done);
	return r;
}
