/* runtime/base/parse.h - text to checked numbers with units, and back.
 *
 * Owns the spellings that Docker's options take and the ones that its listings
 * show (Go's strconv and time, docker/go-units). Each parse_ function takes the
 * whole text or none of it, and returns 0 or -EINVAL (-ERANGE for a number out
 * of bounds) with Docker's words in *err where Docker has some. */
#ifndef RUNTIME_BASE_PARSE_H
#define RUNTIME_BASE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

struct err;

/* "-12": decimal digits only, within min..max. */
int parse_int(const char *text, int64_t min, int64_t max, int64_t *out,
	      struct err *err);

/* "100-200", or "100" for both ends; first <= last, within min..max. */
int parse_range(const char *text, int64_t min, int64_t max, int64_t *out_first,
		int64_t *out_last, struct err *err);

/* "64m", "1.5 GiB", "512": 1024-based, as `-m` takes it (RAMInBytes). */
int parse_bytes(const char *text, int64_t *out, struct err *err);

/* The same with units of 1000 (FromHumanSize). */
int parse_bytes_decimal(const char *text, int64_t *out, struct err *err);

/* "0.5", "-1.25": in billionths, as `--cpus` takes it. */
int parse_nano(const char *text, int64_t *out, struct err *err);

/* "1m30s", "1.5h", "300ms", "-2s", "0" (Go's time.ParseDuration). */
int parse_duration(const char *text, int64_t *out_ns, struct err *err);

/* "KILL", "SIGKILL", "sigkill", "9", "RTMIN+3". */
int parse_signal(const char *text, int *out, struct err *err);

/* "true", "t", "1" ...: Go's strconv.ParseBool. */
int parse_bool(const char *text, bool *out, struct err *err);

/* "2026-11-23T18:44:36.22542152Z" (RFC 3339, any offset) to nanoseconds since
 * 1970. */
int parse_time(const char *text, int64_t *out_ns, struct err *err);

#define HUMAN_SIZE 32

/* "1.98MB": units of 1000, `digits` significant ones: 3 in images, history and
 * ps, 4 elsewhere. Returns out. */
char *human_size(char out[HUMAN_SIZE], double bytes, int digits);

/* "1.894MiB": units of 1024, four digits (stats). */
char *human_bytes(char out[HUMAN_SIZE], double bytes);

/* "Less than a second", "About an hour", "3 weeks". */
char *human_duration(char out[HUMAN_SIZE], int64_t ns);

/* RFC 3339 in UTC, with as many decimals as say something. */
#define HUMAN_TIME 40
char *human_time(char out[HUMAN_TIME], int64_t ns);

#endif
