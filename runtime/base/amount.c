/* runtime/base/amount.c - see amount.h */
#include "runtime/base/amount.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 200,
	PAUSE_NS = 1000000,
	SAME_MS = 100,
};

static struct amounts *listening; /* a sink, as those of trace.h */

void amount_listen(struct amounts *amounts)
{
	listening = amounts;
}

int64_t amount_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool amount_lock(struct amounts *amounts)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (!atomic_flag_test_and_set(&amounts->lock))
			return true;
		(void)nanosleep(&pause, NULL); /* sooner is as good */
	}
	return false;
}

void amount_unlock(struct amounts *amounts)
{
	atomic_flag_clear(&amounts->lock);
}

static void begin(const char *label, int64_t total, bool items)
{
	struct amounts *a = listening;
	int64_t now;
	bool locked;

	if (!a || a->depth++ > 0)
		return;
	now = amount_now_ms();
	locked = amount_lock(a);
	if (now - a->ended_ms < SAME_MS && strcmp(a->label, label) == 0) {
		a->total = a->total && total ? a->total + total : 0;
		if (locked)
			amount_unlock(a);
		return;
	}
	snprintf(a->label, sizeof(a->label), "%s", label);
	a->total = total;
	a->items = items;
	a->steps = false;
	a->begun_ms = now;
	atomic_store(&a->bytes, 0);
	atomic_store(&a->things, 0);
	if (locked)
		amount_unlock(a);
}

void amount_begin(const char *label, int64_t total)
{
	begin(label, total, false);
}

void amount_begin_things(const char *label, int64_t total)
{
	begin(label, total, true);
}

/* The line is wiped out by who goes on to print, at once: whoever draws it may be
 * scheduled later. */
void amount_end(void)
{
	static const char wipe[] = "\r\033[K";
	struct amounts *a = listening;
	bool locked;

	if (!a || a->depth == 0 || --a->depth > 0)
		return;
	locked = amount_lock(a);
	if (a->drawn && write(a->fd, wipe, sizeof(wipe) - 1) < 0)
		a->fd = -1; /* the terminal is gone */
	a->drawn = false;
	a->ended_ms = amount_now_ms();
	if (locked)
		amount_unlock(a);
}

void amount_add(int64_t bytes)
{
	if (listening)
		atomic_fetch_add(&listening->bytes, bytes);
}

void amount_set(int64_t bytes)
{
	if (listening)
		atomic_store(&listening->bytes, bytes);
}

void amount_add_thing(void)
{
	if (listening)
		atomic_fetch_add(&listening->things, 1);
}
