/* runtime/notes.h - what happened in a home, kept for who asks later.
 *
 * Owns notes/NAME.json below the home: one JSON object each, replaced as a whole.
 * They are kept only where the folder notes/ is: a lesson's world has it, so that a
 * lesson can ask what the last build found in its cache; elsewhere nobody pays for
 * it. Losing one loses nothing else, so the disk is not waited for. */
#ifndef RUNTIME_NOTES_H
#define RUNTIME_NOTES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct home;

bool notes_wanted(const struct home *home);

/* Best effort: a note that cannot be written is none. `note` is taken. */
void notes_write(const struct home *home, const char *name, json_t *note);

/* The object (given), or NULL where there is none that can be read. */
json_t *notes_read(const struct home *home, const char *name);

/* A series of times that was measured (measure.h), under the name of what was
 * measured: "lookup first", "copy-up 100". The last one of a name counts; names
 * are the interface between what measures and the lessons that ask.
 *
 * Lies in notes/measures.json: {"NAME": {"count":9,"median":1,"p10":1,"p90":2}} */
struct noted_times {
	size_t count;
	int64_t median_ns;
	int64_t p10_ns;
	int64_t p90_ns;
};
void notes_measured(const struct home *home, const char *name,
		    const struct noted_times *times);

#endif
