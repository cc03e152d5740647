/* images/dockerfile_private.h - what the files of the Dockerfile parser share.
 *
 *   dockerfile.c          lines: directives, comments, continuations, heredocs
 *   dockerfile_args.c     one joined line: name, flags, words
 *   dockerfile_json.c     the JSON form
 *   dockerfile_heredoc.c  "<<NAME"
 *   dockerfile_check.c    what each instruction wants
 *   dockerfile_dump.c     the tree as text */
#ifndef IMAGES_DOCKERFILE_PRIVATE_H
#define IMAGES_DOCKERFILE_PRIVATE_H

#include <stdbool.h>

#include "images/dockerfile.h"

/* Reads a joined line. -EINVAL with Docker's sentence, without the line's
 * number; *out is then to be let go as well. */
int instruction_read(const char *line, char escape, struct instruction *out,
		     struct err *err);

/* The strings of a JSON list that the text is: 1. 0: it is none, which is no
 * error. -EINVAL: a list of other things than strings. A NUL in a string comes
 * out as the two bytes C0 80, which are in no text that is UTF-8. */
int json_list_read(const char *text, struct strs *out);

/* "<<EOF", "3<<-'EOF'": 1, and all but the body; 0: it is none. -EINVAL: a quote
 * in it is not closed. */
int heredoc_read(const char *word, struct heredoc *out, struct err *err);
void heredoc_done(struct heredoc *heredoc);

/* The heredocs of a line, in order, still without their bodies. -EINVAL as
 * above. */
int heredocs_find(const char *line, struct instruction *out, struct err *err);

/* Whether heredocs may stand in it: RUN, COPY, ADD, also behind ONBUILD, but not
 * in the JSON form. */
bool heredocs_allowed(const struct instruction *instruction);

/* Blanks at the ends do not count. Given. */
char *trimmed(const char *text);

/* Adds what the whole grammar of an instruction looks like, as a hint:
 * "expected: WORKDIR PATH". Nothing for one that is unknown. */
void instruction_hint(const char *name, struct err *err);

#endif
