/* runtime/monitor_parts.h - the monitor's own state, shared by its files.
 *
 *   monitor.c         its life: start, loop, end, and over again
 *   monitor_start.c   how it starts its container
 *   monitor_connect.c how others come to it
 *   monitor_obey.c    what clients ask of it
 *   monitor_record.c  what it writes down: the record, events
 *   monitor_names.c   how the container is found by name
 *   monitor_ports.c   its published ports
 *
 * Nobody else includes this. */
#ifndef RUNTIME_MONITOR_PARTS_H
#define RUNTIME_MONITOR_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/container.h"
#include "runtime/controls.h"
#include "runtime/dns_helper.h"
#include "runtime/forward.h"
#include "runtime/health.h"
#include "runtime/log.h"
#include "runtime/net.h"
#include "runtime/publish.h"
#include "runtime/relay.h"
#include "runtime/restart.h"
#include "runtime/stages.h"

struct home;
struct monitor_start;
struct sockaddr_un;

/* before      the state that the container was in before this run
 * started, failed, ended   of the present run of process 1
 * started_ms  on the monotonic clock
 * asked       somebody asked for its end: no policy brings it back
 * stopping    asked by WIRE_END; how says what comes after
 * restarting  after that, or by its policy, it is being started again
 * kill_at_ms  when a process 1 that does not heed the stop signal is killed; 0:
 *             not
 * orphaned    the container was to end with its starter, which is gone
 * end_signal  that process 1 ended by, 0 where it ended with a number of its own
 * views_fd    the container's mount namespace, kept for a while, or -1
 * publish, forward   what listens for it, and who carries what comes in there;
 *             published: the same for the record
 * event_lines, events_fd   events not yet written; the file, kept for a short run */
struct monitor {
	const struct home *home;
	struct container *container;
	int folder_fd;
	struct stages_child child;
	struct relay relay;
	struct log_writer log;
	struct restart restart;
	struct health health;
	struct controls controls;
	struct net net;
	struct dns_helper names; /* the name server's process */
	bool networked;          /* this run was given its networks */
	enum container_status before;
	bool started;
	bool failed;
	bool ended;
	bool asked;
	bool stopping;
	bool restarting;
	bool orphaned;
	enum wire_how how;
	int64_t started_ms;
	int64_t kill_at_ms;
	struct err failure;
	int exit_code;
	int end_signal;
	struct publish publish;
	struct strs published;
	struct forward forward;
	struct buf event_lines;
	int events_fd;
	int views_fd;
	uint64_t *mount_namespace; /* where process 1 is not all, else NULL */
};

/* ---- monitor_start.c ---- */

/* Everything up to the birth of process 1, and the record of it. */
int monitor_start_child(struct monitor *m, const struct monitor_start *start,
			bool again, struct err *err);

/* What the child says on its way: steps, its terminal, its exec or its failure. */
void monitor_hear_child(struct monitor *m);

/* ---- monitor_connect.c ---- */

void monitor_address(const struct home *home, const char *id,
		     struct sockaddr_un *address);

/* ---- monitor_obey.c ---- */

/* A client wants to hear of the steps from here on. */
void monitor_trace(struct monitor *m, int client);

/* Whatever a client says that is not about streams: relay.obey. */
void monitor_obey(void *arg, int client, const struct wire_message *message);

/* Kills process 1 if the time of its stop is over. */
void monitor_check_stop(struct monitor *m);

/* ---- monitor_ports.c ---- */

/* Listens for a container that is about to start: in the machine's network
 * namespace, so before the monitor leaves it (net.h). */
int monitor_ports_open(struct monitor *m, struct err *err);

/* It has an address now: what comes in is carried there. Once more after `network
 * connect` and `disconnect`: where its first address is another, what stands is
 * broken off; where it has none, nobody is let in. */
int monitor_ports_begin(struct monitor *m, struct err *err);

/* Process 1 has ended, or could not start. */
void monitor_ports_end(struct monitor *m);

/* ---- monitor_record.c ---- */

/* Whether the container goes with its end: --rm, a build's step whose layer is its
 * starter's now, or whose starter is gone. */
bool monitor_removes(const struct monitor *m);

/* Process 1 was born: the first record of a run. */
int monitor_record_start(struct monitor *m, bool again, struct err *err);

/* It has ended, or could not start; and is waited for before it starts again. */
void monitor_record_end(struct monitor *m);
void monitor_record_restarting(struct monitor *m);

/* Takes over what others changed in the record: name, limits, policy. */
void monitor_record_refresh(struct monitor *m);

/* Writes what the health checks found. */
void monitor_record_health(struct monitor *m);

/* Notes an event, now or at a time; extra and more are "name=value" or NULL. It is
 * written by the next monitor_events_write, `last` if the monitor then ends. */
void monitor_event(struct monitor *m, const char *action, const char *extra,
		   const char *more);
void monitor_event_at(struct monitor *m, int64_t time_ns, const char *action);
void monitor_events_write(struct monitor *m, bool last);

/* ---- monitor_names.c: in the order in which they are called ---- */

int monitor_names_prepare(struct monitor *m, struct err *err);
int monitor_names_begin(struct monitor *m, struct err *err);
void monitor_names_known(struct monitor *m);
void monitor_names_changed(struct monitor *m);

/* One event for each of its networks: "connect", "disconnect". */
void monitor_network_events(struct monitor *m, const char *action);

#endif
