/* tests/test_measure.c - medians, percentiles, and when an order is stated. */
#include "runtime/measure.h"

#include <string.h>

#include "tests/test.h"

static struct measured of(const int64_t *ns, size_t count)
{
	OWN_MEASURE struct measure m = { 0 };

	for (size_t i = 0; i < count; i++)
		measure_add(&m, ns[i]);
	return measure_sum(&m);
}

static void
the_median_is_the_middle_and_the_percentiles_lie_around_it(void **state)
{
	OWN_MEASURE struct measure m = { 0 };
	struct measured s = measure_sum(&m);

	(void)state;
	assert_int_equal(s.count, 0);
	assert_int_equal(s.median_ns, 0);
	for (int64_t i = 100; i >= 0; i--) /* in no order that would help */
		measure_add(&m, i * 37 % 101);
	s = measure_sum(&m);
	assert_int_equal(s.count, 101);
	assert_int_equal(s.median_ns, 50);
	assert_int_equal(s.p10_ns, 10);
	assert_int_equal(s.p90_ns, 90);
	measure_add(&m, 1000000);
	assert_int_equal(measure_sum(&m).median_ns, 50); /* (50 + 51) / 2 */
}

static void an_order_needs_samples_distance_and_quiet(void **state)
{
	const struct measured slow = of((int64_t[]){ 90, 100, 120 }, 3);
	const struct measured fast = of((int64_t[]){ 9, 10, 12 }, 3);
	const struct measured noisy = of((int64_t[]){ 2, 30, 500 }, 3);
	const struct measured near = of((int64_t[]){ 10, 11, 14 }, 3);
	const struct measured few = of((int64_t[]){ 900, 1000 }, 2);
	const struct measured far = of((int64_t[]){ 9, 1000, 1100 }, 3);

	(void)state;
	assert_int_equal(measure_compare(&slow, &fast, 5), MEASURE_ABOVE);
	assert_int_equal(measure_compare(&fast, &slow, 5), MEASURE_BELOW);
	assert_int_equal(measure_compare(&slow, &fast, 20), MEASURE_UNKNOWN);
	assert_int_equal(measure_compare(&noisy, &fast, 2), MEASURE_UNKNOWN);
	assert_int_equal(measure_compare(&near, &fast, 2), MEASURE_ALIKE);
	assert_int_equal(measure_compare(&few, &fast, 2), MEASURE_UNKNOWN);
	/* One sample that somebody else's work made is no doubt then. */
	assert_int_equal(measure_compare(&far, &fast, 2), MEASURE_ABOVE);
	assert_int_equal(measure_compare(&far, &fast, 200), MEASURE_UNKNOWN);
}

static void a_row_grows_is_alike_or_is_unknown(void **state)
{
	const struct measured one = of((int64_t[]){ 10, 10, 10 }, 3);
	const struct measured two = of((int64_t[]){ 20, 20, 20 }, 3);
	const struct measured bent = of((int64_t[]){ 16, 16, 16 }, 3);
	const struct measured eight = of((int64_t[]){ 80, 80, 80 }, 3);
	const struct measured grows[] = { one, two, bent, eight };
	const struct measured broken[] = { one, eight, one, eight };
	const struct measured flat[] = { one, bent, one };

	(void)state;
	assert_int_equal(measure_growth(grows, 4, 3), MEASURE_ABOVE);
	assert_int_equal(measure_growth(broken, 4, 3), MEASURE_UNKNOWN);
	assert_int_equal(measure_growth(flat, 3, 3), MEASURE_ALIKE);
	assert_int_equal(measure_growth(flat, 1, 3), MEASURE_UNKNOWN);
	assert_string_equal(measure_order_name(MEASURE_ABOVE), "above");
}

static void the_clock_runs_forward(void **state)
{
	int64_t before = measure_now_ns();

	(void)state;
	assert_true(measure_now_ns() >= before);
	assert_true(strlen(measure_rule()) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_median_is_the_middle_and_the_percentiles_lie_around_it),
		cmocka_unit_test(an_order_needs_samples_distance_and_quiet),
		cmocka_unit_test(a_row_grows_is_alike_or_is_unknown),
		cmocka_unit_test(the_clock_runs_forward),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
