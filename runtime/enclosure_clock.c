/* runtime/enclosure_clock.c - time that others took.
 *
 * A limit by the clock is for what is slow by itself, not for what had to wait since
 * others had the processors. Of each process the kernel counts how long it ran, and how
 * long it was ready to and had no processor. What is lost is as long as anybody in there
 * waited so, as far as nobody in there ran meanwhile: who starts a hundred that wait for
 * each other gains nothing.
 *
 * Source: the kernel's sched-stats.rst, "/proc/<pid>/schedstat". Where it is not kept
 * (CONFIG_SCHED_INFO) nothing is lost. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/processes.h"

enum { TEXT_SIZE = 96 };

#define NS_PER_MS 1000000

/* "2965310 11085523 5": ran, waited, in ns. False: it is gone. */
static bool read_one(pid_t pid, struct enclosure_turn *out)
{
	char path[TEXT_SIZE];
	char text[TEXT_SIZE];
	OWN_FD int fd = -1;
	ssize_t got;
	char *rest;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return false;
	text[got] = '\0';
	out->pid = pid;
	out->ran_ns = strtoll(text, &rest, 10);
	out->waited_ns = strtoll(rest, NULL, 10);
	return true;
}

/* What is new since the last look. Of a number that is somebody else's now, all. */
static void count_one(const struct enclosure_clock *clock,
		      const struct enclosure_turn *now, int64_t *ran,
		      int64_t *waited)
{
	struct enclosure_turn before = { 0 };

	for (size_t i = 0; i < clock->count; i++)
		if (clock->turns[i].pid == now->pid &&
		    clock->turns[i].ran_ns <= now->ran_ns)
			before = clock->turns[i];
	*ran += now->ran_ns - before.ran_ns;
	if (now->waited_ns - before.waited_ns > *waited)
		*waited = now->waited_ns - before.waited_ns;
}

void enclosure_clock_look(struct enclosure_clock *clock,
			  const struct pids *pids)
{
	struct enclosure_turn *turns =
		mem_zero(pids->count + 1, sizeof(*turns));
	size_t count = 0;
	int64_t waited = 0;

	for (size_t i = 0; i < pids->count; i++)
		if (read_one(pids->items[i], &turns[count]))
			count_one(clock, &turns[count++], &clock->ran_ns,
				  &waited);
	clock->waited_ns += waited;
	free(clock->turns);
	clock->turns = turns;
	clock->count = count;
}

void enclosure_clock_mark(const struct enclosure_clock *clock, int64_t at_ms,
			  struct enclosure_mark *out)
{
	*out = (struct enclosure_mark){ at_ms, clock->ran_ns,
					clock->waited_ns };
}

bool enclosure_clock_is_over(const struct enclosure_clock *clock,
			     const struct enclosure_mark *since,
			     int64_t limit_ms)
{
	int64_t passed = enclosure_now_ms() - since->at_ms;
	int64_t ran = (clock->ran_ns - since->ran_ns) / NS_PER_MS;
	int64_t lost = (clock->waited_ns - since->waited_ns) / NS_PER_MS;

	if (lost > passed - ran)
		lost = passed - ran;
	if (lost > ENCLOSURE_PUT_OFF * limit_ms)
		lost = ENCLOSURE_PUT_OFF * limit_ms;
	return passed > limit_ms + (lost > 0 ? lost : 0);
}

void enclosure_clock_done(struct enclosure_clock *clock)
{
	free(clock->turns);
	clock->turns = NULL;
	clock->count = 0;
}
