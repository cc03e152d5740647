/* runtime/cow_lab.h - copy-up: what the first write to a file of the image costs.
 *
 * Everything is done on a writable layer made for it, over the layers that are asked
 * about, so no container is changed. Each sample has a fresh one. "On a volume" is the
 * same file in a plain folder of the same disk: that is what a volume is.
 *
 * Source: kernel filesystems/overlayfs.rst, "Non-directories", "Metadata only copy
 * up", "redirect_dir". */
#ifndef RUNTIME_COW_LAB_H
#define RUNTIME_COW_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/lab.h"
#include "runtime/measure.h"

struct buf;
struct err;
struct strs;

/* One file.
 *
 * bytes    its length; copied: what came to lie in the writable layer, in blocks of the
 *          disk
 * first    of open(2) for writing: copies it up; second: of the next
 * volume   of the first open(2) in a plain folder */
struct cow_row {
	int64_t bytes;
	int64_t copied;
	struct measured first;
	struct measured second;
	struct measured volume;
};

enum { COW_LAB_ROWS = 3 };
extern const int64_t cow_lab_bytes[COW_LAB_ROWS]; /* 1, 10, 100 MB */

/* A file of that length, of noise: made in the lab. */
int cow_lab_measure(const struct lab *lab, int64_t bytes, struct cow_row *out,
		    struct buf *options, struct err *err);

/* A file that is there: `path` (absolute, without links) in these layers (below the
 * home, the highest first). append: bytes that are written to it. */
struct cow_file {
	const struct strs *layers;
	const char *path;
	int64_t bytes;
	int64_t append;
};
int cow_lab_measure_file(const struct lab *lab, const struct cow_file *file,
			 struct cow_row *out, struct buf *options,
			 struct err *err);

/* How many bytes the disk must have for a file of that length. */
int64_t cow_lab_needs(int64_t bytes);

/* What else makes a copy, and what cannot be done, tried with a file of 1 MB.
 *
 * chmod_copied  bytes in the writable layer after chmod alone
 * whiteout      what lies there after rm: a character device 0, 0
 * rename_error  of a folder of the image: EXDEV; 0 where the kernel redirects
 * overlay_append, volume_append   one of 10,000 appends of one byte, to a file that
 *               has been opened before */
struct cow_facts {
	int64_t chmod_copied;
	bool whiteout;
	int rename_error;
	struct measured overlay_append;
	struct measured volume_append;
};
int cow_lab_facts(const struct lab *lab, struct cow_facts *out,
		  struct err *err);

#endif
