/* runtime/health.h - is the program in the container well?
 *
 * Owns the health check of one run of a container: when it is due, its time limit,
 * what its results make of the container's health, and containers/<id>/health.json,
 * the last results, which `inspect` shows as .State.Health.Log:
 *   [{"Start":"2026-...","End":"2026-...","ExitCode":0,"Output":""}]
 * The test is run as `exec` runs a program (join.h), by a process of its own; the
 * monitor only waits for news of it among all other news. */
#ifndef RUNTIME_HEALTH_H
#define RUNTIME_HEALTH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/buf.h"

struct container;
struct home;
struct spec;

enum { HEALTH_RESULTS = 5, HEALTH_OUTPUT = 4096, HEALTH_KEEPERS = 8 };

/* One result. output is at most HEALTH_OUTPUT bytes ("..." more where cut). */
struct health_result {
	int64_t start_ns;
	int64_t end_ns;
	int exit_code;
	struct buf output;
};

/* fd          the talk with the check under way, -1: none; to be polled
 * keepers     the processes that stay with checks and have not yet ended
 * due_ms      when the next one begins, or this one has taken too long; 0: never
 * now         the result being made
 * results     the last ones, oldest first */
struct health {
	const struct home *home;
	struct container *container;
	int folder_fd;
	int pidfd;
	int fd;
	pid_t keepers[HEALTH_KEEPERS];
	int keeper_count;
	int64_t due_ms;
	struct buf in;
	struct health_result now;
	bool output_cut;
	char exec_id[65];
	struct health_result results[HEALTH_RESULTS];
	int result_count;
};

/* Whether a test is set and is not "NONE". */
bool health_is_wanted(const struct spec *spec);

/* Process 1 runs, as `pidfd` (borrowed, like all else): the first check is due
 * after one interval. Without a test nothing will ever be due. `health` is zeroed
 * before the first run, and goes through all of them. */
void health_begin(struct health *health, const struct home *home,
		  struct container *container, int folder_fd, int pidfd);

/* The container is paused, and frozen programs answer nothing: a check under way
 * does not count, and until the next one that goes well it is "unhealthy", as in
 * Docker. The caller writes the container's record. */
void health_pause(struct health *health);

/* Process 1 has ended: so does a check under way, and its result does not count.
 * What has ended is "unhealthy", as in Docker; the results stay. */
void health_end(struct health *health);

/* Does what there is to do: news on fd, a time that has come. Changes
 * container->health and health_failing; true where it did. */
bool health_serve(struct health *health);

#endif
