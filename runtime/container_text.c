/* runtime/container_text.c - a container's state in the words of `ps`. */
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"

bool container_has_monitor(const struct container *c)
{
	return c->status == CONTAINER_RUNNING ||
	       c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

static const char *health_shown(enum container_health health)
{
	switch (health) {
	case HEALTH_NONE:
		break;
	case HEALTH_STARTING:
		return " (health: starting)";
	case HEALTH_HEALTHY:
		return " (healthy)";
	case HEALTH_UNHEALTHY:
		return " (unhealthy)";
	}
	return "";
}

char *container_status_text(const struct container *c)
{
	char age[HUMAN_SIZE];
	int64_t now = clock_now_ns();

	switch (c->status) {
	case CONTAINER_CREATED:
		return mem_str("Created");
	case CONTAINER_RUNNING:
		return mem_fmt("Up %s%s",
			       human_duration(age, now - c->started_ns),
			       health_shown(c->health));
	case CONTAINER_PAUSED:
		return mem_fmt("Up %s (Paused)",
			       human_duration(age, now - c->started_ns));
	case CONTAINER_RESTARTING:
		return mem_fmt("Restarting (%d) %s ago", c->exit_code,
			       human_duration(age, now - c->finished_ns));
	case CONTAINER_REMOVING:
		return mem_str("Removal In Progress");
	case CONTAINER_EXITED:
		return mem_fmt("Exited (%d) %s ago", c->exit_code,
			       human_duration(age, now - c->finished_ns));
	case CONTAINER_DEAD:
		break;
	}
	return mem_str("Dead");
}

const char *container_health_name(enum container_health health)
{
	switch (health) {
	case HEALTH_NONE:
		break;
	case HEALTH_STARTING:
		return "starting";
	case HEALTH_HEALTHY:
		return "healthy";
	case HEALTH_UNHEALTHY:
		return "unhealthy";
	}
	return "none";
}
