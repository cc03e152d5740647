/* tests/facts_fake.h - facts that a test makes up (lessons/facts.h). */
#ifndef TESTS_FACTS_FAKE_H
#define TESTS_FACTS_FAKE_H

#include "lessons/facts.h"
#include "runtime/ending.h"

/* A world of at most 8 containers and 4 images.
 *
 * changes  per container, as `diff` prints them, NULL-terminated
 * log      per container
 * file     what every container, image, layer and volume holds at file_path
 * listens  per container, a line each
 * ending   how the last run of every container ended; id "": nothing is known
 * past     the steps of every image, newest first
 * volume   the one that there is, or NULL
 * network  the one that there is (its endpoints are in the containers' specs)
 * page     what every URL gives; page_error: what asking for it fails with
 * note     what w:built() and measures ask, by name: {"build":{...}}
 * ran      how every program ends */
struct fake {
	struct container items[8];
	struct containers containers;
	const char *const *changes[8];
	const char *log[8];
	const char *processes[8];
	struct image images[4];
	size_t images_count;
	const char *file_path;
	struct facts_file file;
	const char *listens[8];
	struct ending ending;
	struct past past;
	const char *volume;
	struct network network;
	struct networks networks;
	struct facts_page page;
	int page_error;
	json_t *note;
	struct facts_ran ran;
	int run_error;
	struct facts facts;
};

void fake_init(struct fake *fake);
void fake_done(struct fake *fake);

/* Adds a container that ended with `exit_code`; returns its index. */
size_t fake_container(struct fake *fake, const char *name, const char *image,
		      int exit_code);
/* Adds an image with that many layers. */
struct image *fake_image(struct fake *fake, const char *tag, int layers);

#endif
