/* runtime/measure.h - times taken on a busy machine, and what may be said of them.
 *
 * A single time says little here: others use the machine too. So a thing is done many
 * times, and what is told is the median, with the tenth and the ninetieth percentile
 * beside it: eight times of ten lay between those two.
 *
 * Of two such series an order is stated only where it is plain. The rule, for
 * "a takes at least `factor` times as long as b":
 *
 *   both have MEASURE_FEWEST samples or more
 *   median(a) >= factor * median(b)
 *   median(a) >  p90(b)       and  p10(a) > median(b)     (the two hardly overlap),
 *   or median(a) >= MEASURE_FAR * median(b)               (no single sample makes that)
 *
 * "Alike" is said where the medians lie within the square root of the factor of each
 * other. Everything between is unknown, and said to be so. */
#ifndef RUNTIME_MEASURE_H
#define RUNTIME_MEASURE_H

#include <stddef.h>
#include <stdint.h>

enum { MEASURE_FEWEST = 3, MEASURE_FAR = 20 };

/* Samples in nanoseconds, in no order. Owned. */
struct measure {
	int64_t *ns;
	size_t count;
	size_t size;
};

/* OWN_MEASURE struct measure m = { 0 }; */
void measure_done(struct measure *measure);
#define OWN_MEASURE __attribute__((cleanup(measure_done)))

void measure_add(struct measure *measure, int64_t ns);

/* CLOCK_MONOTONIC, for the start and the end of what is measured. */
int64_t measure_now_ns(void);

/* A series in a few numbers; all 0 where it has no sample. Plain: it may be sent over
 * a pipe. */
struct measured {
	size_t count;
	int64_t median_ns;
	int64_t p10_ns;
	int64_t p90_ns;
};
struct measured measure_sum(const struct measure *measure);

/* MEASURE_ABOVE   a takes at least `factor` times as long as b
 * MEASURE_BELOW   b takes at least `factor` times as long as a
 * MEASURE_ALIKE   neither, and the medians are close
 * MEASURE_UNKNOWN too few samples, or too much noise */
enum measure_order {
	MEASURE_UNKNOWN,
	MEASURE_ABOVE,
	MEASURE_BELOW,
	MEASURE_ALIKE,
};
enum measure_order measure_compare(const struct measured *a,
				   const struct measured *b, double factor);

/* The same of a row of series, from the least effort to the greatest: whether the last
 * takes at least `factor` times as long as the first, and no one of them less than 0.7
 * times what the one before it takes (noise may bend a rise, not break it).
 *
 * MEASURE_ABOVE   it grows
 * MEASURE_ALIKE   the largest and the smallest median are within the square root of
 *                 the factor */
enum measure_order measure_growth(const struct measured *row, size_t count,
				  double factor);

/* "above", "below", "alike", "unknown": for JSON. */
const char *measure_order_name(enum measure_order order);

/* The rule of measure_compare in a sentence, in the language chosen. Borrowed. */
const char *measure_rule(void);

#endif
