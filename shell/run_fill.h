/* shell/run_fill.h - options become a spec.
 *
 * Owns what Docker's client and its daemon check before a container is made, in
 * their order and words. Which words of the image count is images/run_spec.h's,
 * what becomes of it all runtime/spec.h's. */
#ifndef SHELL_RUN_FILL_H
#define SHELL_RUN_FILL_H

#include "images/store.h"
#include "shell/run_opts.h"

struct err;
struct spec;

/* Fills a spec (spec_init was called) from the words of `run` or `create`. The
 * image is looked up; folders of the machine that -v names are made, unless it is
 * for a plan. */
int run_fill(struct shell *shell, const struct args *args, struct spec *spec,
	     struct err *err);

/* The parts, one file each. */
int run_fill_rights(struct shell *shell, const struct run_opts *o,
		    struct spec *spec, struct err *err);
int run_fill_mounts(struct shell *shell, const struct run_opts *o,
		    const struct image *image, struct spec *spec,
		    struct err *err);
int run_fill_limits(struct shell *shell, const struct run_opts *o,
		    struct spec *spec, struct err *err);
int run_fill_life(const struct run_opts *o, struct spec *spec, struct err *err);
int run_fill_ports(const struct run_opts *o, struct spec *spec,
		   struct err *err);
int run_fill_modes(struct shell *shell, const struct run_opts *o,
		   struct spec *spec, struct err *err);

#endif
