/* lessons/measure.h - what came of a way through a step: how much is written, and into
 * how many layers. Times and counts of commands are the log's (progress.h). */
#ifndef LESSONS_MEASURE_H
#define LESSONS_MEASURE_H

#include <jansson.h>
#include <stdint.h>

struct err;
struct home;
struct store;

/* containers  that are there; written_bytes: in their writable layers
 * images      with a name, those that come with the program not counted
 * layers, layers_bytes  below those, each once, without those of the program's own
 *                       images */
struct measure {
	int64_t containers;
	int64_t written_bytes;
	int64_t images;
	int64_t layers;
	int64_t layers_bytes;
};

int measure_world(const struct home *home, struct store *store,
		  struct measure *out, struct err *err);

/* Of each the greater one: what was there at most. */
void measure_most(struct measure *most, const struct measure *now);

json_t *measure_to_json(const struct measure *measure);
void measure_from_json(const json_t *json, struct measure *out);

#endif
