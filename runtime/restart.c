/* runtime/restart.c - see restart.h
 *
 * Source: moby restartmanager/restartmanager.go, ShouldRestart. */
#include "runtime/restart.h"

#include <string.h>

#include "runtime/spec.h"

enum { FIRST_MS = 100, LONGEST_MS = 60 * 1000, RAN_WELL_MS = 10 * 1000 };

static bool policy_says(const struct spec *spec, int count, int exit_code)
{
	const char *policy = spec->restart_policy ? spec->restart_policy : "no";

	if (strcmp(policy, "always") == 0 ||
	    strcmp(policy, "unless-stopped") == 0)
		return true;
	return strcmp(policy, "on-failure") == 0 && exit_code != 0 &&
	       (spec->restart_max == 0 || count < spec->restart_max);
}

bool restart_is_due(struct restart *restart, const struct spec *spec,
		    const struct restart_end *end, int64_t *out_delay_ms)
{
	if (end->ran_ms >= RAN_WELL_MS)
		restart->delay_ms = 0;
	restart->delay_ms = restart->delay_ms == 0 ? FIRST_MS :
						     2 * restart->delay_ms;
	if (restart->delay_ms > LONGEST_MS)
		restart->delay_ms = LONGEST_MS;
	*out_delay_ms = restart->delay_ms;
	return !end->asked && policy_says(spec, end->count, end->exit_code);
}
