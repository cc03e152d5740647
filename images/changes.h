/* images/changes.h - Dockerfile instructions that change an image's config alone.
 *
 * Owns what each of them does to the config, and how Docker writes it into the
 * history: CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD SHELL
 * STOPSIGNAL USER VOLUME WORKDIR. The builder uses it, and so do `import -c` and
 * `commit -c`. */
#ifndef IMAGES_CHANGES_H
#define IMAGES_CHANGES_H

#include <stdbool.h>

struct buf;
struct err;
struct image_config;
struct instruction;
struct strs;

/* Where instructions are applied, one after another.
 *
 * config     changed; borrowed
 * args       build arguments that may stand in words, "NAME=value"; ENV goes
 *            first. NULL for none.
 * escape     of the Dockerfile; 0 is '\\'
 * author     what MAINTAINER sets (freed and given anew); NULL: nothing
 * cmd_given  a CMD was among them: an ENTRYPOINT takes an inherited one away, but
 *            not one that stands in the same stage */
struct changes {
	struct image_config *config;
	const struct strs *args;
	char escape;
	char **author;
	bool cmd_given;
};

/* Whether it is one of them; lower-case. */
bool changes_knows(const char *name);

/* One instruction that instruction_check has found good. `out_comment` gets what
 * the history says of it behind "#(nop) ": "CMD [\"a\"]", "ENV A=1"; NULL for
 * nobody. -EINVAL with Docker's sentence for what shows only now that variables
 * are put in: "Invalid containerPort: x" ... The config may then be half
 * changed. */
int changes_apply(struct changes *changes,
		  const struct instruction *instruction,
		  struct buf *out_comment, struct err *err);

/* Lines of instructions, as -c gives them. -EINVAL: "run is not a valid change
 * command" and all of the above. */
int changes_apply_all(struct image_config *config, const struct strs *lines,
		      struct err *err);

/* EXPOSE's words, variables put in: adds "80/tcp" for each port. -EINVAL:
 * "Invalid containerPort: x", "Invalid proto: x" ... */
int expose_add(const struct strs *words, struct strs *exposed, struct err *err);

#endif
