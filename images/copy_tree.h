/* images/copy_tree.h - what a layer in the making will look like on its image.
 *
 * A layer of COPY or ADD is written without the image being mounted to be written
 * to, so that somebody must know what lies where: what has gone into the layer so
 * far, kept here, and where it says nothing, the image. Links are followed through
 * both. */
#ifndef IMAGES_COPY_TREE_H
#define IMAGES_COPY_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

struct copy_tree;
struct err;

/* image_fd: the image's root, O_PATH, borrowed; -1: there is nothing. */
struct copy_tree *copy_tree_new(int image_fd);
void copy_tree_free(struct copy_tree *tree); /* NULL is fine */

enum copy_tree_kind { TREE_NOTHING, TREE_FOLDER, TREE_LINK, TREE_OTHER };

/* What is at a path; a link itself, not where it leads.
 *
 * made    it is in the layer; else in the image, and st is filled in
 * target  of a link; borrowed until the next call */
struct copy_tree_look {
	enum copy_tree_kind kind;
	bool made;
	struct stat st;
	const char *target;
};

/* path: "a/b"; "" is the root. No link may be on its way. */
void copy_tree_look(struct copy_tree *tree, const char *path,
		    struct copy_tree_look *out);

/* Notes that the layer has something there now; the folder it lies in was noted
 * before. Returns whether a folder needs overlayfs' mark that hides what the image
 * has in its place: a file had come between the two. */
bool copy_tree_put(struct copy_tree *tree, const char *path,
		   enum copy_tree_kind kind, const char *target);

/* *out: where a path leads beneath `base` ("a/b"; "" is the root) with its links
 * followed, the last word's only if `whole`. Links do not leave `base`, as after
 * chroot(2). Given. -ELOOP for too many links. */
int copy_tree_follow(struct copy_tree *tree, const char *base, const char *path,
		     bool whole, char **out, struct err *err);

#endif
