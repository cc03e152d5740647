/* shell/stop_time.h - the -t of stop and restart. */
#ifndef SHELL_STOP_TIME_H
#define SHELL_STOP_TIME_H

#include <limits.h>

#include "runtime/container.h"
#include "shell/cmd.h"

/* Seconds for container_stop: the container's own where none were given; less than
 * none means that it is never killed, as in Docker. */
static inline int stop_time(const struct opt_number *time)
{
	if (!time->given)
		return CONTAINER_OWN_TIMEOUT;
	if (time->value < 0)
		return CONTAINER_NO_TIMEOUT;
	return time->value > INT_MAX ? INT_MAX : (int)time->value;
}

#endif
