/* lessons/facts_parts.h - the facts of a real home, for facts_*.c only. */
#ifndef LESSONS_FACTS_PARTS_H
#define LESSONS_FACTS_PARTS_H

#include "lessons/facts.h"
#include "runtime/home.h"

/* What is behind ctx. listed, listed_networks: read once already. image: the one whose
 * files were looked at last; one of that id is always the same. */
struct real {
	struct home home;
	struct store *store;
	struct containers containers;
	struct networks networks;
	struct image image;
	bool listed;
	bool listed_networks;
};

/* The full id of a name, or NULL with *err filled in: whatever a script hands in
 * never becomes a path. */
const char *facts_real_id(struct real *real, const char *name, struct err *err);

/* facts_files.c: struct facts, file. */
int facts_real_file(void *ctx, const struct facts_path *path,
		    struct facts_file *out, struct err *err);

/* facts_search.c: struct facts, search. */
int facts_real_search(void *ctx, const struct facts_text *wanted,
		      struct strs *out, struct err *err);

#endif
