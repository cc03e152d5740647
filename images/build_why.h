/* images/build_why.h - what became of each step of the last build, kept for `why`.
 *
 * Owns <home>/last-build.json: one object, written at the end of each build. The reason
 * for a step that was not in the cache is build_explain's, in the language of the
 * time. */
#ifndef IMAGES_BUILD_WHY_H
#define IMAGES_BUILD_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct home;

/* number  as shown ("Step 3/6")
 * text    the instruction as the history has it
 * reason  why it was not in the cache; "" where it was */
struct build_why_step {
	int number;
	bool cached;
	char *text;
	char *reason;
};

/* ns       when it ended; failed: the message, or NULL
 * steps    those that the cache was asked for, in order; total: of the Dockerfile */
struct build_why {
	int64_t ns;
	int total;
	char *failed;
	struct build_why_step *steps;
	size_t count;
};

void build_why_done(struct build_why *why);
#define OWN_BUILD_WHY __attribute__((cleanup(build_why_done)))

/* Returns 1, 0 where nothing has been built here, or -errno. */
int build_why_read(const struct home *home, struct build_why *out,
		   struct err *err);

#endif
