/* images/health.h - what HEALTHCHECK says.
 *
 * Owns its words and flags: how they are read, and how Docker shows them in the
 * history of an image. */
#ifndef IMAGES_HEALTH_H
#define IMAGES_HEALTH_H

#include <stdint.h>

#include "runtime/base/list.h"

struct buf;
struct err;
struct instruction;

/* test     ["CMD", ...], ["CMD-SHELL", line] or ["NONE"]
 * *_ns     0 where not said
 * retries  0 where not said */
struct health {
	struct strs test;
	int64_t interval_ns;
	int64_t timeout_ns;
	int64_t start_ns;
	int retries;
};

void health_done(struct health *health);
#define OWN_HEALTH __attribute__((cleanup(health_done)))

/* -EINVAL with Docker's sentence: no command, a time under 1ms, a kind that is
 * none. *out is then empty. Flags that it does not know are not looked at. */
int health_read(const struct instruction *instruction, struct health *out,
		struct err *err);

/* &{["CMD" "true"] "5s" "0s" "0s" '\x03'} */
void health_show(const struct health *health, struct buf *out);

#endif
