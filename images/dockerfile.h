/* images/dockerfile.h - the text of a Dockerfile as a list of instructions.
 *
 * Owns the grammar: directives, lines that continue, heredocs, flags, the JSON
 * form. What an instruction does is said elsewhere (build.h, changes.h), and
 * variables are put in there too (words.h): here "$x" is just text. Source:
 * Dockerfile reference, "Format" and "Parser directives"; docker/buildkit,
 * frontend/dockerfile/parser, as the classic builder of Docker 20.10 has it, and
 * heredocs as later releases do. */
#ifndef IMAGES_DOCKERFILE_H
#define IMAGES_DOCKERFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct buf;
struct err;

enum {
	DOCKERFILE_LINE_MAX = 65535, /* bytes of one line, as in Docker */
	DOCKERFILE_MAX = 4 << 20,    /* bytes of a whole file */
};

/* The lines between "<<NAME" and NAME.
 *
 * name        without quotes; COPY calls the file so
 * body        with its newlines; the tabs of "<<-" are still there, see
 *             heredoc_text()
 * expand      whether variables are put in: the name was not quoted
 * strip_tabs  "<<-": tabs at the beginning of each line do not count
 * fd          the number in front, 0 where there is none */
struct heredoc {
	char *name;
	char *body;
	bool expand;
	bool strip_tabs;
	int fd;
};

/* name            "run": lower-case, whatever was written
 * text            the instruction as Docker shows it behind "Step 1/3 : ": as
 *                 written, lines joined
 * rest            what stands behind name and flags, lines joined, no blanks
 *                 around it. "" where nothing does.
 * flags           "--from=x", as written
 * args            the words as `build --ast` shows them: of ENV and LABEL three a
 *                 pair (name, value, "=" or, of the old form, ""); of RUN, CMD,
 *                 ENTRYPOINT and SHELL the strings of the JSON form, else one
 *                 string; of HEALTHCHECK its kind and what follows. Quotes are
 *                 still there.
 * json            args were a JSON list ("exec form")
 * inner           what stands behind ONBUILD, else NULL
 * line, last_line where it is in the file, from 1; heredocs included */
struct instruction {
	char *name;
	char *text;
	char *rest;
	struct strs flags;
	struct strs args;
	bool json;
	struct instruction *inner;
	struct heredoc *heredocs;
	size_t heredoc_count;
	int line;
	int last_line;
};

/* escape    '\\' or '`'
 * syntax    what "# syntax=" names, or NULL
 * warnings  whole sentences as Docker has them, without "[WARNING]: " */
struct dockerfile {
	struct instruction *items;
	size_t count;
	char escape;
	char *syntax;
	struct strs warnings;
};

/* Reads a Dockerfile. Instructions that do not exist are kept, dockerfile_check
 * refuses them. -EINVAL with Docker's bare sentence ("ENV must have two
 * arguments", in front of which `build` says "failed to parse Dockerfile: "), and
 * a hint of which line it is and what was expected there; *out is then empty. A
 * text of no bytes at all is refused by who knows its name: "the Dockerfile
 * (Dockerfile) cannot be empty". */
int dockerfile_parse(const char *text, size_t len, struct dockerfile *out,
		     struct err *err);

/* What can be refused before anything is built: unknown instructions, flags
 * that the instruction does not have, too few arguments, nothing but ARG in front
 * of the first FROM. Docker looks at the whole file so before its first step.
 * -EINVAL with Docker's whole sentence, "dockerfile parse error line 3: unknown
 * instruction: FOO". */
int dockerfile_check(const struct dockerfile *file, struct err *err);

/* The same for one, without "dockerfile parse error line 3: " in front. */
int instruction_check(const struct instruction *instruction, struct err *err);

/* One of an image's ONBUILD list, checked. -EINVAL as above. */
int dockerfile_parse_trigger(const char *text, struct instruction *out,
			     struct err *err);

/* Adds the tree, an instruction a line: (copy ["--from=x"] "a" "b"). */
void dockerfile_dump(const struct dockerfile *file, struct buf *out);

/* The body with the tabs of "<<-" taken off. Given. */
char *heredoc_text(const struct heredoc *heredoc);

/* Of COPY and ADD: the words that name files, without heredocs; and the last of
 * all, borrowed (NULL where there are no words). */
void instruction_sources(const struct instruction *instruction,
			 struct strs *out_sources, const char **out_dest);

/* Of a RUN that is no JSON: what its shell is given. Of "RUN <<EOF" that is the
 * body; where more stands in the line, the line with its heredocs behind it, for
 * the shell to read. *out_program: the body begins with "#!" and is to be run as a
 * program itself. Given. */
char *instruction_script(const struct instruction *instruction,
			 bool *out_program);

/* The value of flag "--name=value" ("" for a bare "--name"), or NULL. The last
 * one counts. Borrowed. */
const char *instruction_flag(const struct instruction *instruction,
			     const char *name);

void dockerfile_done(struct dockerfile *file);
void instruction_done(struct instruction *instruction);
#define OWN_DOCKERFILE __attribute__((cleanup(dockerfile_done)))
#define OWN_INSTRUCTION __attribute__((cleanup(instruction_done)))

#endif
