/* runtime/restart.h - whether a container that ended is to be started again.
 *
 * Owns Docker's restart policies and its back-off: 100 ms before the first time,
 * twice as long before each further one, a minute at most, and 100 ms again once
 * the container has run for ten seconds.
 *
 * Who starts it is the monitor, so a policy lasts as long as its monitor. There is
 * no daemon: after a reboot, or when the monitor was killed, nobody brings a
 * container back, not even with `always`. It is then what it says it is, "Exited
 * (255)" with the reason in State.Error, and `start` begins anew, policy and all. */
#ifndef RUNTIME_RESTART_H
#define RUNTIME_RESTART_H

#include <stdbool.h>
#include <stdint.h>

struct spec;

/* The back-off so far; {0} at first. */
struct restart {
	int64_t delay_ms;
};

/* How a run ended.
 *
 * count      how often it was started again already
 * exit_code  of this end
 * ran_ms     how long it ran
 * asked      `stop` or `kill` ended it */
struct restart_end {
	int count;
	int exit_code;
	int64_t ran_ms;
	bool asked;
};

/* Whether it is to be started again, and *out_delay_ms after how long. */
bool restart_is_due(struct restart *restart, const struct spec *spec,
		    const struct restart_end *end, int64_t *out_delay_ms);

#endif
