/* shell/complete_parts.h - what the files of complete_*.c share.
 *
 *   complete.c         joins it to readline
 *   complete_quote.c   quotes around what was found
 *   complete_files.c   files of this machine
 *   complete_place.c   where one is: which command, which of its words
 *   complete_offer.c   what is offered there: commands, options, things by name
 *   complete_values.c  values of options: --filter, --format, --mount ...
 *   complete_fields.c  what -f of `inspect`, `info` and `version` may ask for
 *   complete_programs.c  programs of an image, stages of a Dockerfile
 *   complete_inside.c  files of a container or an image, programs of a container */
#ifndef SHELL_COMPLETE_PARTS_H
#define SHELL_COMPLETE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/cmd.h"
#include "shell/complete.h"

/* A place in a line.
 *
 * cmd    the command of the line, or NULL while its name is being typed
 * group  "network" while the second word of such a name is typed
 * first  the first word behind the command's name and options, or NULL
 * before the words between the command's name and `word`, ending with NULL
 * piped  a | stands in front of the command
 * index  how many arguments stand in front of `word`
 * word   what the cursor stands behind, without quotes
 * at     where in it the part begins that is completed: "status=|run" */
struct place {
	struct shell *shell;
	const struct cmd *cmd;
	const char *group;
	const char *first;
	char *const *before;
	int index;
	bool piped;
	const char *word;
	size_t at;
	struct completion *out;
};

/* What is typed of the part. */
static inline const char *place_text(const struct place *place)
{
	return place->word + place->at;
}

/* The home, or NULL where there is none: the Tab key makes none. Borrowed. */
const struct home *place_home(const struct place *place);

/* Opens the store, where there is a home: shell->store then. */
bool place_store(struct place *place);

/* Moves on to behind `text` of the part. */
void place_skip(struct place *place, size_t len);

/* Offers a word where it goes on with what is typed. */
void offer(struct place *place, const char *text);
void offer_words(struct place *place, const char *words); /* blanks between */
void offer_files(struct place *place, bool only_folders);

void offer_commands(struct place *place, const char *group);
void offer_programs(struct place *place);
void offer_options(struct place *place);

/* Whatever there is of a kind. */
void offer_kind(struct place *place, enum complete_kind kind);

/* What the value of this option may be. */
void offer_value(struct place *place, const struct opt *opt);

/* The value of --mount. */
void offer_mount(struct place *place);

/* Fields of a command that says in no table what it shows. */
void offer_asked_fields(struct place *place);

/* Files of the container `name`; the part is a path in there. Names only, some
 * hundreds at most, within half a second or none. */
void offer_inside(struct place *place, const char *name);

/* The same for what a program in it is given, in the folder where it would work: in the
 * container, in one of the image, that the line names. */
void offer_container_files(struct place *place);
void offer_image_files_seen(struct place *place);

/* Files in the layers of an image, those that a higher one hides too. */
void offer_image_files(struct place *place, const char *name);

/* Programs in the $PATH of that container, of that image. */
void offer_container_programs(struct place *place, const char *name);
void offer_image_programs(struct place *place, const char *name);

/* Stages of the Dockerfile that the line names. */
void offer_stages(struct place *place);

/* Sorts what was offered and says what it means. */
void offer_meanings(const struct place *place);

/* Joins the quotes to readline. */
void complete_quote_set_up(void);

/* Whether the backslash at p takes the meaning from what follows. */
bool complete_is_escape(const char *p, char quote);

/* What sh would make of a part of a line; quote: the one it is in, or '\0'. Given. */
char *complete_without_escapes(const char *text, char quote);

/* Adds the files of this machine, or folders alone, that go on with readline's part of
 * a word, as it was typed: with its ~, backslashes and variables. Returns
 * how much of it stands in front of the path: 2 of "-v/etc". */
size_t complete_files(const char *raw, const struct completion *found,
		      struct strs *parts);

/* Reads the words (ends with NULL) in front of place->word, and offers. */
void place_complete(struct place *place, char *const *before);

#endif
