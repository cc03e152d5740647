/* runtime/base/clock.h - what time it is. */
#ifndef RUNTIME_BASE_CLOCK_H
#define RUNTIME_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since 1970 (CLOCK_REALTIME): for what is shown. */
int64_t clock_now_ns(void);

/* Milliseconds of CLOCK_MONOTONIC: for how long something takes. */
int64_t clock_ms(void);

/* "2026-11-23T18:44:57.407726542Z": RFC 3339 in UTC, always with nine decimals.
 * Looks into no file of time zones. Returns out. */
#define CLOCK_UTC sizeof("2026-11-23T18:44:57.407726542Z")
char *clock_utc(char out[CLOCK_UTC], int64_t ns);

#endif
