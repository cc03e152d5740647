/* shell/argv_view.h - what `argv` knows of a command line, and shows.
 *
 * All command lines are made by the very function that `run` uses (run_spec.h). */
#ifndef SHELL_ARGV_VIEW_H
#define SHELL_ARGV_VIEW_H

#include <stdbool.h>

#include "images/manifest.h"
#include "runtime/base/list.h"

struct err;
struct shell;
struct view;

/* How ENTRYPOINT or CMD is written: not at all, ["a", "b"], or a line for a shell. */
enum argv_form { ARGV_NONE, ARGV_EXEC, ARGV_SHELL };
enum { ARGV_FORMS = 3 };

/* One combination.
 *
 * bare    the words that start without words behind the image; empty: an error
 * given   the same with the words that were asked about
 * is_this the image is written so */
struct argv_row {
	enum argv_form entrypoint;
	enum argv_form cmd;
	struct strs bare;
	struct strs given;
	bool is_this;
};

/* config      the image's; empty for a container
 * words       asked about
 * final       what would be started; why_not: Docker's error where nothing is
 * from_entrypoint  how many of its words came from the entrypoint
 * container   its name, or NULL: final is then what it was made with
 * process_1   of a container that runs: what /proc says, else empty */
struct argv_facts {
	char *name;
	char *container;
	struct image_config config;
	struct strs words;
	const char *entrypoint; /* --entrypoint, or NULL */
	struct strs final;
	char *why_not;
	int from_entrypoint;
	bool init;
	int pid;
	struct strs process_1;
	struct argv_row rows[ARGV_FORMS * ARGV_FORMS];
};

void argv_facts_done(struct argv_facts *facts);
#define OWN_ARGV __attribute__((cleanup(argv_facts_done)))

/* entrypoint: what --entrypoint says, NULL where it was not given. */
int argv_facts_read(struct shell *shell, const char *name,
		    const struct strs *words, const char *entrypoint,
		    struct argv_facts *out, struct err *err);

enum argv_form argv_form_of(const struct strs *words);

void argv_view(struct view *view, const struct argv_facts *facts);

#endif
