/* runtime/monitor_obey.c - what the monitor's clients ask of it.
 *
 * A signal goes through the monitor, so that it knows who asked for the end; a
 * stop is wholly its work, grace and kill, so that it is finished even when the
 * one who asked has gone. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/container.h"
#include "runtime/ending.h"
#include "runtime/limits.h"
#include "runtime/monitor_parts.h"
#include "runtime/state.h"
#include "runtime/sys.h"

/* Only queued: a client that is gone must not be dropped while another one's wish
 * is being done. What comes next, an answer or the loop, sends it. */
static void tell_step(void *arg, const struct trace_event *event)
{
	struct monitor *m = arg;
	bool heard = false;

	for (int i = 0; i < m->relay.client_count; i++) {
		if (!m->relay.clients[i].traced)
			continue;
		wire_queue(&m->relay.clients[i].queue, WIRE_EVENT, event,
			   sizeof(*event));
		heard = true;
	}
	if (!heard)
		trace_remove_sink(tell_step, m);
}

void monitor_trace(struct monitor *m, int client)
{
	trace_remove_sink(tell_step, m);
	m->relay.clients[client].traced = true;
	(void)trace_add_sink(tell_step, m);
}

static void say_done(struct monitor *m, int client, int32_t result)
{
	relay_tell(&m->relay, client, WIRE_DONE, &result, sizeof(result));
}

/* One that is paused hears nothing: it goes on where the signal is to end it. */
static void wake(struct monitor *m, int signal)
{
	struct err ignored = { 0 };
	OWN_FD int lock = -1;

	if (!m->controls.paused)
		return;
	lock = state_lock_record(m->folder_fd, &ignored);
	if (lock >= 0)
		monitor_record_refresh(m);
	if (!controls_signalled(&m->controls, m->container, signal))
		return;
	(void)state_write(m->folder_fd, m->container, &ignored);
	monitor_event(m, "unpause", NULL, NULL);
	monitor_events_write(m, false);
}

/* What process 1 makes of a signal can be seen before it is sent, and perhaps never
 * again. SIGKILL is nobody's choice. */
static int send_signal(struct monitor *m, int signal, enum asker by)
{
	enum heed heed = HEED_UNKNOWN;
	char extra[32];

	if (m->ended || m->child.pidfd < 0)
		return ESRCH;
	if (signal != SIGKILL)
		heed = heed_of(m->child.pid, signal);
	if (call_kill(m->child.pidfd, signal) < 0)
		return errno;
	ending_note_signal(&m->event_lines, m->container->spec.id, signal, by,
			   heed);
	snprintf(extra, sizeof(extra), "signal=%d", signal);
	monitor_event(m, "kill", extra, NULL);
	monitor_events_write(m, false);
	wake(m, signal);
	return 0;
}

/* Whether a signal says that the container is not to come back. Docker's rule:
 * any, unless the container has a stop signal of its own; then that and SIGKILL.
 * Source: moby daemon/kill.go, killWithSignal. */
static bool ends_policy(const struct spec *spec, int signal)
{
	return spec->stop_signal == SIGTERM || signal == spec->stop_signal ||
	       signal == SIGKILL;
}

/* Pause, unpause, update, networks: done, written down, answered. */
static void control(struct monitor *m, int client,
		    const struct wire_message *message)
{
	struct err answer = { 0 };
	struct err done = { 0 };
	struct limits_change change;
	const char *event = "update";
	OWN_FD int lock = state_lock_record(m->folder_fd, &answer);
	int r = -EPROTO;

	monitor_record_refresh(m);
	if (lock < 0) {
		r = lock;
	} else if (message->kind == WIRE_PAUSE) {
		event = "pause";
		r = controls_pause(&m->controls, m->container, &answer);
		if (r == 0)
			health_pause(&m->health);
	} else if (message->kind == WIRE_UNPAUSE) {
		event = "unpause";
		r = controls_unpause(&m->controls, m->container, &answer);
	} else if (message->kind == WIRE_NETWORKS) {
		event = NULL; /* it is the network's */
		r = m->child.pid > 0 && !m->ended ?
			    net_adjust(&m->net, m->home, &m->container->spec,
				       m->child.pid, &answer) :
			    0;
		if (r == 0 && m->started)
			r = monitor_ports_begin(m, &answer);
	} else if (message->len == sizeof(change)) {
		memcpy(&change, message->bytes, sizeof(change));
		r = controls_update(&m->controls, m->container, &change,
				    &answer);
	}
	if (r == 0)
		r = state_write(m->folder_fd, m->container, &answer);
	relay_tell(&m->relay, client, WIRE_ANSWER, r < 0 ? &answer : &done,
		   sizeof(answer));
	if (r == 0 && message->kind == WIRE_NETWORKS)
		monitor_names_changed(m);
	if (r < 0 || !event)
		return;
	monitor_event(m, event, NULL, NULL);
	monitor_events_write(m, false);
}

static void obey_signal(struct monitor *m, int client,
			const struct wire_signal *signal)
{
	int result = 0;

	if (ends_policy(&m->container->spec, signal->signal))
		m->asked = true;
	/* Between two runs there is nobody to signal, and the asking is enough. */
	if (!m->restarting)
		result = send_signal(m, signal->signal,
				     signal->why == WIRE_PROXY ?
					     ASKER_TERMINAL :
				     signal->why == WIRE_STOP ? ASKER_STOP :
								ASKER_KILL);
	say_done(m, client, result);
}

static void obey_end(struct monitor *m, int client, const struct wire_end *end)
{
	int64_t kill_at = end->timeout_s < 0 ?
				  0 :
				  clock_ms() + (int64_t)end->timeout_s * 1000;
	int result = m->restarting ?
			     0 :
			     send_signal(m, end->signal, ASKER_STOP);

	if (result == 0) {
		m->asked = true;
		m->stopping = true;
		m->how = (enum wire_how)end->how;
		if (kill_at && (!m->kill_at_ms || kill_at < m->kill_at_ms))
			m->kill_at_ms = kill_at;
	}
	say_done(m, client, result);
	monitor_check_stop(m);
}

void monitor_check_stop(struct monitor *m)
{
	if (!m->kill_at_ms || clock_ms() < m->kill_at_ms)
		return;
	m->kill_at_ms = 0;
	(void)send_signal(m, SIGKILL, ASKER_GRACE);
}

static void note_attach(struct monitor *m, int client)
{
	const struct wire_attach *streams = &m->relay.clients[client].streams;

	if (!streams->output && !streams->error && !streams->input)
		return;
	monitor_event(m, "attach", NULL, NULL);
	monitor_events_write(m, false);
}

static void note_resize(struct monitor *m, const struct wire_size *size)
{
	char height[32];
	char width[32];

	snprintf(height, sizeof(height), "height=%u", size->rows);
	snprintf(width, sizeof(width), "width=%u", size->columns);
	monitor_event(m, "resize", height, width);
	monitor_events_write(m, false);
}

/* Messages are as long as their struct says, or are not ours to understand. */
void monitor_obey(void *arg, int client, const struct wire_message *message)
{
	struct monitor *m = arg;
	struct wire_signal signal;
	struct wire_end end;
	struct wire_size size;

	switch (message->kind) {
	case WIRE_SIGNAL:
		if (message->len != sizeof(signal))
			break;
		memcpy(&signal, message->bytes, sizeof(signal));
		obey_signal(m, client, &signal);
		break;
	case WIRE_END:
		if (message->len != sizeof(end))
			break;
		memcpy(&end, message->bytes, sizeof(end));
		obey_end(m, client, &end);
		break;
	case WIRE_ATTACH:
		note_attach(m, client);
		break;
	case WIRE_RESIZE:
		if (message->len != sizeof(size))
			break;
		memcpy(&size, message->bytes, sizeof(size));
		note_resize(m, &size);
		break;
	case WIRE_LEAVE:
		monitor_event(m, "detach", NULL, NULL);
		monitor_events_write(m, false);
		break;
	case WIRE_CHANGED:
		monitor_record_refresh(m);
		break;
	case WIRE_TRACE:
		monitor_trace(m, client);
		break;
	case WIRE_PAUSE:
	case WIRE_UNPAUSE:
	case WIRE_UPDATE:
	case WIRE_NETWORKS:
		control(m, client, message);
		break;
	case WIRE_INPUT:
	case WIRE_INPUT_END:
	case WIRE_BROKEN:
	case WIRE_STARTED:
	case WIRE_FAILED:
	case WIRE_OUTPUT:
	case WIRE_ERROR:
	case WIRE_EXIT:
	case WIRE_EVENT:
	case WIRE_DONE:
	case WIRE_ANSWER:
	case WIRE_WORD:
	case WIRE_FOLLOW:
		break; /* the relay's, or ours to say */
	}
}
