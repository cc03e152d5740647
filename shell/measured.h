/* shell/measured.h - what a view measured, kept for the lesson under way.
 *
 * The names are an interface: a lesson's measure{} asks for them.
 *
 *   lookup NAME:/path   "lookup first", "lookup again"
 *   lookup --lab        "lookup N first", "lookup N again": N layers, the folder in
 *                       all; "lookup N one": in one of them. N 1, 2, 4 ... 64, 100
 *   cow NAME:/path      "cow first", "cow second", "cow volume"
 *   cow --lab           "copy-up N", "second open N", "volume open N": N megabytes, 1,
 *                       10 or 100; "append overlay", "append volume": one append to
 *                       an open file */
#ifndef SHELL_MEASURED_H
#define SHELL_MEASURED_H

#include <jansson.h>

struct measured;
struct shell;

void measured_note(const struct shell *shell, const struct measured *measured,
		   const char *name, ...) __attribute__((format(printf, 3, 4)));

/* The same as an object: count, median_ns, p10_ns, p90_ns. Given. */
json_t *measured_json(const struct measured *measured);

#endif
