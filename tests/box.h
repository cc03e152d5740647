/* tests/box.h - a home with one image in it, made by hand.
 *
 * The runtime has never heard of images: a folder with a busybox and a link to it
 * in l/ is enough to start containers. */
#ifndef TESTS_BOX_H
#define TESTS_BOX_H

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "tests/test.h"

struct box {
	struct scratch *scratch;
	struct home home;
};

/* Makes the home in the scratch folder. Skips the test where no container can be
 * started by this account. */
void box_make(struct scratch *scratch, struct box *box);
void box_done(struct box *box);
#define OWN_BOX __attribute__((cleanup(box_done)))

/* A spec for `sh -c SCRIPT` on that image. */
void box_spec(struct spec *spec, const char *script);

/* What a container did in the foreground. */
struct box_run {
	int result; /* of container_run */
	int exit_code;
	struct err err;
	struct buf out;
	struct buf err_out;
};
void box_run_done(struct box_run *run);
#define OWN_RUN __attribute__((cleanup(box_run_done)))

/* Runs a spec in the foreground and keeps what it printed (up to a pipe's 64 kB).
 * `input` NULL: standard input is not joined. */
void box_run(struct box *box, struct spec *spec, const char *input,
	     struct box_run *run);

/* Runs a script and asserts what it printed. */
void box_says(struct box *box, const char *script, const char *expected);

/* Asserts what `diff` shows of it: "C /tmp\nA /tmp/x\n". */
void box_changed(struct box *box, const char *name, const char *expected);

/* Adds to *out what its log has of both streams. */
void box_log(struct box *box, const char *id, struct buf *out);

/* Starts it detached and asserts that it runs. */
void box_start(struct box *box, struct spec *spec);

#endif
