/* runtime/home.h - the one folder in which everything lies.
 *
 * Owns where it is, what is in it at the top and who may look in. What the
 * folders hold is their modules' work: layers and blobs are images/, containers
 * are runtime/container.h. Removing the folder removes all trace. */
#ifndef RUNTIME_HOME_H
#define RUNTIME_HOME_H

#include <stdbool.h>

struct err;

/* path           absolute, owned
 * fd             the folder; paths given to the store are relative to it
 * made           it did not exist before this home_open
 *
 *   store.db  blobs/sha256  layers  l  containers/by-name  volumes  lessons
 *   run       (links layers, l and blobs point elsewhere in a lesson's world) */
struct home {
	char *path;
	int fd;
	bool made;
};

/* Where that folder is or will be, absolute; NULL with *err filled in where nothing
 * says it. Given, to be freed. Makes and opens nothing. */
char *home_where(const char *path, struct err *err);

/* Opens, or makes, the folder. `path` NULL means $DOCKERSHELL_HOME, else
 * $XDG_DATA_HOME/dockershell, else ~/.local/share/dockershell; for root
 * /var/lib/dockershell. Mode 0700.
 *
 * Returns 0, or -errno with *err filled in and *home untouched. */
int home_open(const char *path, struct home *home, struct err *err);

/* Whether it is there: for who would not make it. */
bool home_exists(const char *path);

/* A world: a home of its own at `path` that shares layers, l and blobs with
 * `base`, by links. Removing the world's folder removes nothing of the base. */
int home_open_world(const struct home *base, const char *path,
		    struct home *home, struct err *err);

void home_close(struct home *home);

#endif
