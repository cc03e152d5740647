/* images/sent.h - which files of a folder a build would be sent, and why not the others.
 *
 * Owns the bookkeeping around context.h and ignore.h: of each file whether it would go,
 * and which line of .dockerignore decided; of each COPY and ADD what it would take. */
#ifndef IMAGES_SENT_H
#define IMAGES_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct context_choice;
struct err;
struct home;

struct sent_count {
	int64_t files;
	int64_t bytes;
};

/* A line of .dockerignore.
 *
 * line     its number, from 1; 0: a file that the builder needs is sent all the same
 * text     the pattern
 * hides    what it leaves out; of a line with "!": what it brings back */
struct sent_rule {
	int line;
	char *text;
	bool brings_back;
	struct sent_count what;
};

/* path  "a/b"; rule: index of what decided, or -1 */
struct sent_file {
	char *path;
	int64_t size;
	int rule;
	bool sent;
};

/* A COPY or ADD that takes files of the context.
 *
 * takes    what it would find
 * hidden   what is there and hidden from it; example: one of these, an index or -1
 * sources  what is named, clean; folder: one of them is a folder that is sent, be it
 *          without a file
 * unknown  a variable stands in it: what it takes shows only at the build */
struct sent_copy {
	int line;
	char *text;
	struct sent_count takes;
	struct sent_count hidden;
	int example;
	struct strs sources;
	bool folder;
	bool unknown;
};

/* A word of CMD, ENTRYPOINT or RUN that is the name of a file that is hidden: it looks
 * needed; an estimate. */
struct sent_wish {
	int line;
	char *text;
	int file;
};

/* tar_bytes  what `build` says it sends; sent.bytes are the files' lengths alone
 * dockerfile  its path in the folder, or wherever it is
 * files      in the order of their paths */
struct sent {
	char *dockerfile;
	int64_t tar_bytes;
	struct sent_count sent;
	struct sent_count hidden;
	struct sent_rule *rules;
	size_t rule_count;
	struct sent_file *files;
	size_t file_count;
	struct sent_copy *copies;
	size_t copy_count;
	struct sent_wish *wishes;
	size_t wish_count;
	struct strs warnings;
};

void sent_done(struct sent *sent);
#define OWN_SENT __attribute__((cleanup(sent_done)))

/* Failures are context_open's and the Dockerfile's: nothing would be sent, or built. */
int sent_read(const struct home *home, const struct context_choice *choice,
	      struct sent *out, struct err *err);

#endif
