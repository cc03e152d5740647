/* runtime/measure.c - see measure.h */
#include "runtime/measure.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* How far a step of a row may fall below the one before it. */
static const double BEND = 0.7;

void measure_done(struct measure *measure)
{
	free(measure->ns);
	*measure = (struct measure){ 0 };
}

void measure_add(struct measure *measure, int64_t ns)
{
	if (measure->count == measure->size) {
		measure->size = measure->size ? measure->size * 2 : 64;
		measure->ns = mem_grow(measure->ns, measure->size,
				       sizeof(*measure->ns));
	}
	measure->ns[measure->count++] = ns;
}

int64_t measure_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The sample below which `percent` of them lie: the nearest rank. */
static int64_t rank(const int64_t *sorted, size_t count, size_t percent)
{
	return sorted[(count - 1) * percent / 100];
}

struct measured measure_sum(const struct measure *measure)
{
	struct measured sum = { .count = measure->count };
	OWN_FREE int64_t *sorted = NULL;
	size_t n = measure->count;

	if (!n)
		return sum;
	sorted = mem_alloc(n * sizeof(*sorted));
	memcpy(sorted, measure->ns, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_size);
	sum.median_ns = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	sum.p10_ns = rank(sorted, n, 10);
	sum.p90_ns = sorted[n - 1 - (n - 1) * 10 / 100];
	return sum;
}

static bool is_above(const struct measured *a, const struct measured *b,
		     double factor)
{
	bool far = a->median_ns >= MEASURE_FAR * b->median_ns &&
		   a->median_ns > b->median_ns;
	bool apart = a->median_ns > b->p90_ns && a->p10_ns > b->median_ns;

	return (double)a->median_ns >= factor * (double)b->median_ns &&
	       (far || apart);
}

/* Whether x and y lie within sqrt(factor) of each other. */
static bool is_close(int64_t x, int64_t y, double factor)
{
	double ratio;

	if (x <= 0 || y <= 0)
		return x == y;
	ratio = x > y ? (double)x / (double)y : (double)y / (double)x;
	return ratio * ratio <= factor;
}

enum measure_order measure_compare(const struct measured *a,
				   const struct measured *b, double factor)
{
	if (a->count < MEASURE_FEWEST || b->count < MEASURE_FEWEST)
		return MEASURE_UNKNOWN;
	if (is_above(a, b, factor))
		return MEASURE_ABOVE;
	if (is_above(b, a, factor))
		return MEASURE_BELOW;
	return is_close(a->median_ns, b->median_ns, factor) ? MEASURE_ALIKE
							    : MEASURE_UNKNOWN;
}

enum measure_order measure_growth(const struct measured *row, size_t count,
				  double factor)
{
	int64_t least = count ? row[0].median_ns : 0;
	int64_t most = least;
	bool rises = true;

	if (count < 2)
		return MEASURE_UNKNOWN;
	for (size_t i = 0; i < count; i++) {
		if (row[i].count < MEASURE_FEWEST)
			return MEASURE_UNKNOWN;
		if (row[i].median_ns < least)
			least = row[i].median_ns;
		if (row[i].median_ns > most)
			most = row[i].median_ns;
		if (i && (double)row[i].median_ns <
				 BEND * (double)row[i - 1].median_ns)
			rises = false;
	}
	if (rises && is_above(&row[count - 1], &row[0], factor))
		return MEASURE_ABOVE;
	return is_close(least, most, factor) ? MEASURE_ALIKE : MEASURE_UNKNOWN;
}

const char *measure_order_name(enum measure_order order)
{
	static const char *const names[] = { "unknown", "above", "below",
					     "alike" };

	return names[order];
}

const char *measure_rule(void)
{
	return _(
		"An order is stated only where the medians are far enough apart and, unless one is twenty times the other, each lies outside the other's middle 80 percent.");
}
