/* images/context.h - what a build is given: its files and its Dockerfile.
 *
 * Owns the kinds of build context - a folder, a tar on standard input or from a
 * server, a Dockerfile alone from there - and the limits of each: nothing outside of
 * the context is ever read, whatever links and names lie in it. A folder is read
 * where it lies, each file when an instruction names it; a tar is read once and
 * kept in the home until the build ends.
 *
 * What .dockerignore leaves out (ignore.h) is not in the context, except for the
 * Dockerfile itself, which is read all the same. */
#ifndef IMAGES_CONTEXT_H
#define IMAGES_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

struct archive_watch;
struct buf;
struct context;
struct err;
struct home;
struct ignore;
struct strs;

/* Whom it is told of each file of a folder that is sent, while it is measured: its
 * path in the folder and its length. */
struct context_seen {
	void (*tell)(void *arg, const char *path, int64_t size);
	void *arg;
};

/* What the command line says; borrowed.
 *
 * path        a folder, or "-": what comes from input_fd is a tar (also a
 *             compressed one) or, if it is none, the Dockerfile; or the URL of such
 * dockerfile  -f: relative to the working directory for a folder, to the archive's
 *             root for a tar; "-": it comes from input_fd; NULL: "Dockerfile" (or
 *             "dockerfile") of the context
 * input_fd    standard input, for "-"
 * watch       told how many bytes of a tar came; may be NULL
 * seen        may be NULL */
struct context_choice {
	const char *path;
	const char *dockerfile;
	int input_fd;
	const struct archive_watch *watch;
	const struct context_seen *seen;
};

/* Opens it, reads .dockerignore and measures. home: borrowed until the end.
 *
 * Failures are Docker's sentences, complete with their voice: "unable to prepare
 * context: path "x" not found", "error checking context: ..." (a file that may not
 * be read, a pattern that is none), "invalid argument: can't use stdin for both
 * build context and dockerfile". -EINTR after Ctrl-C. */
int context_open(const struct home *home, const struct context_choice *choice,
		 struct context **out, struct err *err);
void context_close(struct context *context); /* NULL is fine */

/* How many bytes Docker's client would send: "Sending build context to Docker
 * daemon  3.072kB". */
int64_t context_tar_bytes(const struct context *context);

/* Files that the client would complain about and leave out, in its words, one line
 * each: a socket. Borrowed; often empty. */
const struct strs *context_warnings(const struct context *context);

/* The text of the Dockerfile, ignored or not. "Cannot locate specified Dockerfile:
 * x", "the Dockerfile (x) cannot be empty". */
int context_dockerfile(struct context *context, struct buf *out,
		       struct err *err);

/* Where it lies, for messages: "Dockerfile"; "-" from standard input. Borrowed. */
const char *context_dockerfile_name(const struct context *context);

/* When it was changed last, in seconds; 0 where it has come from standard input. */
int64_t context_dockerfile_time(const struct context *context);

/* A file of the context, beneath its root; `limit` bytes at most. -ENOENT also for
 * what is ignored. */
int context_read(struct context *context, const char *path, uint64_t limit,
		 struct buf *out, struct err *err);

/* Its files, for those who copy them: the root, as an O_PATH descriptor (borrowed;
 * -1: there are none), and what is left out of it (NULL: nothing), by itself or for
 * a path ("a/b", clean, relative). */
int context_root(const struct context *context);
const struct ignore *context_ignore(const struct context *context);
bool context_leaves_out(struct context *context, const char *path);

#endif
