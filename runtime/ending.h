/* runtime/ending.h - how the last run of a container went, for whoever asks why.
 *
 * The events say that it was signalled, that memory ran out, that it died with 137.
 * Three things are known for an instant only, and to its monitor alone: what process
 * 1 would do with a signal just before it was sent, who wanted it sent, and whether
 * process 1 ended by a signal or by a number of its own. So the monitor notes them
 * beside the events, in the same file and the same write:
 *
 *   {"note":"signal","id":"<64 hex>","signal":15,"by":"stop","heed":"default",
 *    "ns":1795459407115128947}
 *   {"note":"end","id":"<64 hex>","signal":9,"oomKills":1,"limit":20971520}
 *
 * A note has no time of Docker's form, so it is none of the events that `events`
 * shows. */
#ifndef RUNTIME_ENDING_H
#define RUNTIME_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;
struct home;

/* What a process would do with a signal: nothing was arranged for it (`default`, and
 * for process 1 of a pid namespace that means that it is dropped), it runs a
 * function of its own, it ignores it, it lets it wait. */
enum heed { HEED_UNKNOWN, HEED_DEFAULT, HEED_CAUGHT, HEED_IGNORED,
	    HEED_BLOCKED };
extern const char *const heed_names[]; /* "default" ... */

/* Who had a signal sent: `kill` (and `rm -f`), `stop` (and `restart`), the end of
 * its grace, or the terminal that is attached (Ctrl-C). */
enum asker { ASKER_UNKNOWN, ASKER_KILL, ASKER_STOP, ASKER_GRACE,
	     ASKER_TERMINAL };

/* Reads SigCgt, SigIgn and SigBlk of /proc/PID/status. */
enum heed heed_of(pid_t pid, int signal);

/* ---- writing: by the monitor, into the lines of events to be written ---- */

void ending_note_signal(struct buf *lines, const char *id, int signal,
			enum asker by, enum heed heed);

/* What was seen at the end. oom_kills -1: nobody counted. */
struct ending_seen {
	int signal;
	int64_t oom_kills;
	int64_t memory_limit;
};
void ending_note_end(struct buf *lines, const char *id,
		     const struct ending_seen *seen);

/* ---- reading ---- */

struct ending_signal {
	int number;
	enum asker by;
	enum heed heed;
	int64_t ns;
};

enum { ENDING_SIGNALS = 8 };

/* The last run that the log knows of; times 0: no such event.
 *
 * id, name, image  "" where nothing was found
 * signals    the last ones sent to it, oldest first
 * seen.signal  process 1 ended by; 0: by a number of its own; -1: nobody noted it */
struct ending {
	char id[65];
	char name[128];
	char image[256];
	int64_t created_ns;
	int64_t started_ns;
	int64_t stopped_ns;
	int64_t died_ns;
	int64_t destroyed_ns;
	int exit_code;
	bool oom;
	int starts;
	struct ending_seen seen;
	struct ending_signal signals[ENDING_SIGNALS];
	size_t signal_count;
};

/* The container with that id, or the newest one that had that name: also one that is
 * gone. Returns 1, 0 where the log has no such, or -errno. */
int ending_read(const struct home *home, const char *id_or_name,
		struct ending *out, struct err *err);

/* The container that died last with that exit code, not before a time (0: ever).
 * Returns 1, 0, or -errno. */
int ending_find(const struct home *home, int exit_code, int64_t since_ns,
		struct ending *out, struct err *err);

/* The container that was asked last by `stop` to end. Returns 1, 0, or -errno. */
int ending_of_stop(const struct home *home, struct ending *out,
		   struct err *err);

/* When a volume was removed: 0 where the log does not say. */
int64_t ending_of_volume(const struct home *home, const char *name);

#endif
