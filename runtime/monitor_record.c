/* runtime/monitor_record.c - what the monitor writes down.
 *
 * Of the record, how the container lives is the monitor's to say; what it was told
 * to be (name, limits, policy) may be changed by others meanwhile, so after the
 * first time only the former is put into what lies there (state_change). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_files.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/monitor_parts.h"
#include "runtime/state.h"
#include "runtime/volumes.h"

enum { KEPT_MS = 2000 }; /* how long the file of events is held open */

/* ---- events ---- */

void monitor_event(struct monitor *m, const char *action, const char *extra,
		   const char *more)
{
	OWN_STRS struct strs pairs = { 0 };

	if (extra)
		strs_add(&pairs, extra);
	if (more)
		strs_add(&pairs, more);
	events_add_container(&m->event_lines, 0, &m->container->spec, action,
			     &pairs);
}

void monitor_event_at(struct monitor *m, int64_t time_ns, const char *action)
{
	events_add_container(&m->event_lines, time_ns, &m->container->spec,
			     action, NULL);
}

void monitor_events_write(struct monitor *m, bool last)
{
	/* The file may have been moved aside since it was opened. Whoever runs
	 * for a moment only is spared to open it twice. */
	if (m->events_fd >= 0 && clock_ms() - m->started_ms > KEPT_MS) {
		close(m->events_fd);
		m->events_fd = -1;
	}
	events_write_kept(m->home, &m->events_fd, &m->event_lines, last);
}

/* ---- the record ---- */

static void replace_text(char **to, const char *from)
{
	free(*to);
	*to = mem_str(from);
}

static void replace_list(struct strs *to, const struct strs *from)
{
	strs_clear(to);
	strs_copy(to, from);
}

/* Which networks it is on is for others to change; what it was given there is how it
 * lives. */
static void put_networks(struct spec *spec, const struct endpoints *from)
{
	struct endpoints *to = &spec->networks;

	for (size_t i = 0; i < from->count; i++) {
		const struct endpoint *now = &from->items[i];
		const char *key = now->network_id ? now->network_id :
						    now->network;
		struct endpoint *old = key ? endpoints_find(to, key) : NULL;

		if (!old && now->network)
			old = endpoints_find(to, now->network);
		if (!old && (to->count || spec->parted))
			continue; /* taken off meanwhile */
		if (!old)
			old = endpoints_add(to, now->network);
		endpoint_take_given(old, now);
	}
}

static bool put_life(struct container *to, void *arg)
{
	const struct container *from = arg;

	to->status = from->status;
	to->pid = from->pid;
	to->monitor_pid = from->monitor_pid;
	to->exit_code = from->exit_code;
	to->oom_killed = from->oom_killed;
	to->started_ns = from->started_ns;
	to->finished_ns = from->finished_ns;
	to->restart_count = from->restart_count;
	to->health = from->health;
	to->health_failing = from->health_failing;
	to->asked_to_stop = from->asked_to_stop;
	replace_text(&to->error, from->error);
	replace_text(&to->spec.network_why, from->spec.network_why);
	replace_list(&to->published, &from->published);
	to->spec.for_layer = from->spec.for_layer;
	put_networks(&to->spec, &from->spec.networks);
	return true;
}

static bool put_health(struct container *to, void *arg)
{
	const struct container *from = arg;

	to->health = from->health;
	to->health_failing = from->health_failing;
	return true;
}

void monitor_record_refresh(struct monitor *m)
{
	struct container now;
	struct err ignored = { 0 };
	struct spec old;

	if (state_read(m->folder_fd, &now, &ignored) < 0)
		return;
	old = m->container->spec;
	m->container->spec = now.spec;
	now.spec = old;
	/* What was made at the start is in no record. */
	m->container->spec.link_env = now.spec.link_env;
	now.spec.link_env = (struct strs){ 0 };
	container_done(&now);
}

int monitor_record_start(struct monitor *m, bool again, struct err *err)
{
	struct container *c = m->container;

	c->status = CONTAINER_RUNNING;
	c->pid = m->child.pid;
	c->monitor_pid = getpid();
	c->started_ns = clock_now_ns();
	c->exit_code = 0;
	c->oom_killed = false;
	c->asked_to_stop = false;
	c->health = health_is_wanted(&c->spec) ? HEALTH_STARTING : HEALTH_NONE;
	c->health_failing = 0;
	replace_text(&c->error, NULL);
	return again ? state_change(m->folder_fd, put_life, c, err) :
		       state_write(m->folder_fd, c, err);
}

static void put_end(struct monitor *m, enum container_status status)
{
	struct container *c = m->container;

	c->status = status;
	c->pid = 0;
	c->exit_code = m->exit_code;
	c->finished_ns = clock_now_ns();
	c->asked_to_stop = m->asked;
	strs_clear(&c->published);
}

void monitor_record_restarting(struct monitor *m)
{
	struct container *c = m->container;
	struct err ignored = { 0 };

	put_end(m, CONTAINER_RESTARTING);
	c->restart_count++;
	/* A full disk: the next start says so. */
	(void)state_change(m->folder_fd, put_life, c, &ignored);
}

/* Why it could not start, in place of how it ended. */
static void put_failure(struct monitor *m)
{
	struct container *c = m->container;

	if (m->before == CONTAINER_CREATED) {
		c->status = CONTAINER_CREATED;
		c->started_ns = c->finished_ns = 0;
	}
	c->exit_code = m->failure.status ? m->failure.status : 128;
	replace_text(&c->error, m->failure.msg);
}

bool monitor_removes(const struct monitor *m)
{
	const struct spec *spec = &m->container->spec;

	return spec->auto_remove || m->orphaned ||
	       (spec->for_layer && !m->failed && m->exit_code == 0);
}

void monitor_record_end(struct monitor *m)
{
	struct container *c = m->container;
	struct err ignored = { 0 };

	put_end(m, CONTAINER_EXITED);
	c->monitor_pid = 0;
	if (m->failed)
		put_failure(m);
	if (!monitor_removes(m)) {
		container_files_open_work(m->folder_fd);
		/* A step that failed is a container like any other. */
		c->spec.for_layer = false;
		/* A full disk: the lock that is free tells the next reader
		 * that it ended. */
		if (state_change(m->folder_fd, put_life, c, &ignored) < 0)
			(void)state_write(m->folder_fd, c, &ignored);
		return;
	}
	volumes_remove_anonymous(m->home, &c->spec);
	container_files_forget(m->home, m->folder_fd, &c->spec);
	monitor_event(m, "destroy", NULL, NULL);
}

void monitor_record_health(struct monitor *m)
{
	struct err ignored = { 0 };

	(void)state_change(m->folder_fd, put_health, m->container, &ignored);
}
