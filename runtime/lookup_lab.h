/* runtime/lookup_lab.h - what a look-up costs with 1 to 100 layers, tried out.
 *
 *   layer 100   many/
 *   ...         many/
 *   layer 1     many/ with files     one/ with files
 *
 * All layers have a folder `many`; only the lowest has a folder `one`. The files lie in
 * the lowest. So a file of `many` is asked for in each layer, one of `one` in the
 * lowest alone. Each name is asked for once, in a mount that never heard of it, and
 * once more; each number of layers has names of its own. */
#ifndef RUNTIME_LOOKUP_LAB_H
#define RUNTIME_LOOKUP_LAB_H

#include "runtime/lab.h"
#include "runtime/measure.h"

struct buf;
struct err;

/* How many names are asked for: of `many`, and of `one`, which is always quick. */
enum { LOOKUP_LAB_ROWS = 8, LOOKUP_LAB_NAMES = 300, LOOKUP_LAB_ONE = 100 };

/* 1, 2, 4, 8, 16, 32, 64, 100. */
extern const int lookup_lab_layers[LOOKUP_LAB_ROWS];

struct lookup_row {
	int layers;
	struct measured many_first;
	struct measured many_again;
	struct measured one_first;
	struct measured one_again;
};

/* Makes the layers in the lab. */
int lookup_lab_prepare(const struct lab *lab, struct err *err);

/* One row of them. options: what it was mounted with is added (may be NULL). */
int lookup_lab_measure(const struct lab *lab, int row, struct lookup_row *out,
		       struct buf *options, struct err *err);

/* What may be said of all rows: whether the first look-up grows with the layers where
 * all have the folder, and where one has it; whether the second does; and how the first
 * compares with the second at the most layers. */
struct lookup_verdict {
	enum measure_order many_grows;
	enum measure_order one_grows;
	enum measure_order again_grows;
	enum measure_order first_over_again;
};
void lookup_lab_judge(const struct lookup_row rows[LOOKUP_LAB_ROWS],
		      struct lookup_verdict *out);

#endif
