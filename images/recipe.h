/* images/recipe.h - programs of this machine, as an image.
 *
 * Owns `image recipe host:NAME`: which files a program cannot do without, found by
 * reading and never by running it, and the image of one layer that they become.
 * So an image for a lesson needs no network: whatever is installed here will do.
 *
 *   python3 --> /usr/bin/python3 -> python3.11       links on the way, too
 *           --> ELF: loader, libraries, theirs       elf.h, ld_cache.h
 *           --> /usr/lib/python3.11                  its own library folder
 *   a script --> its interpreter, likewise
 *
 * What a program opens only while it runs (plugins, data, programs it calls) is
 * not known from its headers and is not in the image, but for the folders that
 * are listed in recipe.c. */
#ifndef IMAGES_RECIPE_H
#define IMAGES_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/digest.h"
#include "runtime/base/list.h"

struct err;
struct store;

/* name         as it was asked for: "python3", "/opt/x/bin/y"
 * path         where it lies, the name by which it is started
 * interpreter  of a script, else NULL
 * is_static    it needs no library and no loader */
struct recipe_program {
	char *name;
	char *path;
	char *interpreter;
	bool is_static;
};

/* What was found.
 *
 * libraries  paths, the loaders' among them
 * folders    library folders that go along
 * paths      all that goes into the image, in order; links as links
 * bytes      of the files */
struct recipe {
	struct recipe_program *programs;
	size_t program_count;
	struct strs libraries;
	struct strs folders;
	struct strs paths;
	int64_t bytes;
};

void recipe_done(struct recipe *recipe);
#define OWN_RECIPE __attribute__((cleanup(recipe_done)))

/* Finds what the programs need. -ENOENT: no such program on the PATH, or a library
 * that is asked for and not there; -ENOEXEC: neither ELF nor a script; -EACCES. */
int recipe_find(const struct strs *names, struct recipe *out, struct err *err);

/* Makes it an image of that name ("host:python3"), whose command is the first
 * program. All files become root's, without setuid bits. */
int recipe_make(struct store *store, const struct recipe *recipe,
		const char *name, char out_id[DIGEST_SIZE], struct err *err);

#endif
