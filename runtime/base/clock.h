/* runtime/base/clock.h - what time it is. */
#ifndef RUNTIME_BASE_CLOCK_H
#define RUNTIME_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since 1970 (CLOCK_REALTIME): for what is shown. */
int64_t clock_now_ns(void);

/* Milliseconds of CLOCK_MONOTONIC: for how long something takes. */
int64_t clock_ms(void);

#endif
