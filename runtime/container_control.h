/* runtime/container_control.h - what can be changed while a container runs.
 *
 * Owns the talk about it: the monitor holds the record while it lives and does
 * these things (controls.h); a container that does not run has no monitor, and
 * its record is changed under its lock. */
#ifndef RUNTIME_CONTAINER_CONTROL_H
#define RUNTIME_CONTAINER_CONTROL_H

struct err;
struct home;
struct limits_change;
struct spec;

/* Everything in it stands still, or goes on. Docker's words: "Container ... is
 * not running", "... is already paused", "... is not paused". */
int container_pause(const struct home *home, const char *name,
		    struct err *err);
int container_unpause(const struct home *home, const char *name,
		      struct err *err);

/* Changes limits and restart policy of one that runs or not. out_spec (may be
 * NULL) gets the new settings, for limits_notes; given. */
int container_update(const struct home *home, const char *name,
		     const struct limits_change *change,
		     struct spec *out_spec, struct err *err);

/* The networks in the record of a container that runs were changed: its monitor
 * attaches it to what is new and takes it off what is gone. */
int container_networks_changed(const struct home *home, const char *id,
			       struct err *err);

#endif
