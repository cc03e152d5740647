/* tests/copying.h - COPY and ADD asked for, and what came of it, for their tests. A
 * layer is shown as its tar says it, an entry a line: type, mode, owner, name, content. */
#ifndef TESTS_COPYING_H
#define TESTS_COPYING_H

#include <stdbool.h>

#include "images/build_copy.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "tests/tarball.h"

/* A request with its words. `sources`: "a|b". */
struct ask {
	const char *sources;
	const char *dest;
	const char *on;   /* "t", NULL: nothing below */
	const char *from; /* --from */
	const char *chown;
	const char *chmod;
	const char *cwd;
	bool add;
	bool late;
	struct heredoc *heredoc;
};

/* What came of it. */
struct answer {
	char *sum;
	struct buf listing;
	char diff[DIGEST_SIZE];
	struct err err;
	bool no_layer;
};
void answer_done(struct answer *answer);
#define OWN_ANSWER __attribute__((cleanup(answer_done)))

/* The context is the folder "ctx" of the test's own. Returns as copy_find does. */
int ask(struct shop *shop, const struct ask *ask, struct answer *answer);

/* It is done, and the layer is this one; it fails with this sentence. */
void gives(struct shop *shop, const struct ask *what, const char *listing);
void fails(struct shop *shop, const struct ask *what, const char *sentence);

/* One home and one image "t" for all tests; close_common is the group's teardown. */
void shop_make(struct scratch *scratch, struct shop *shop);
int close_common(void **state);

#endif
