/* runtime/enclosure.h - a machine of its own for work that runs strangers' words.
 *
 * An enclosure is made of namespaces: in it are a few programs to see, a folder to work
 * in, a home for containers, its own processes, its own loopback; nothing else of the
 * machine has a name. Our own code, the engine, runs in it as root among ids that are
 * nobody's outside, and makes containers in it as a plain user does. When the engine
 * ends, all that runs in there ends.
 *
 *   caller                     usher                      enclosure
 *   clone3(NEWUSER) ---------> ids; limit of processes
 *                              clone3(all, PARENT) -----> process 1: mounts, pivot_root
 *   fills home and folder                                 fork: the engine
 *   watches the limits <------ words (say_fd) ----------- engine(ctx, inside)
 *
 *   ENCLOSURE_HOME   /var/lib/dockershell   the copy of home_fd; not to be seen by a line
 *   ENCLOSURE_WORK   /work                  the copy of work_fd
 *   /tmp, /root, /run                       empty, to be written to
 *   /bin ...                                the copy of root_fd; cannot be changed
 *
 * What a learner's line gives to /bin/sh does not run beside the engine but in a
 * compartment of its own in there (enclosure_sh.h, shell/broker.h). */
#ifndef RUNTIME_ENCLOSURE_H
#define RUNTIME_ENCLOSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define ENCLOSURE_HOME "/var/lib/dockershell"
#define ENCLOSURE_WORK "/work"

/* Where the program itself is to be seen; `docker` on PATH is a link to it. */
#define ENCLOSURE_PROGRAM "/usr/lib/dockershell/dockershell"

enum enclosure_limit {
	ENCLOSURE_TIME,      /* by the clock */
	ENCLOSURE_PROCESSOR, /* time of all processes */
	ENCLOSURE_PROCESSES, /* at once */
	ENCLOSURE_MEMORY,
	ENCLOSURE_DISK,
	ENCLOSURE_OUTPUT, /* of one line of sh */
	ENCLOSURE_LIMITS,
};
#define ENCLOSURE_BIT(limit) (1u << (limit))

/* "time", "processor time" ...: stable, for reports; translate with _(). */
const char *enclosure_limit_name(enum enclosure_limit limit);

/* 0 takes the default that stands behind it.
 *
 * time_ms, processor_ms  of the whole enclosure              (600000, 300000)
 * line_ms                by the clock, of one line             (120000)
 * processes              at once                               (256)
 * memory_bytes           of all processes; files count too     (1 GiB)
 * disk_bytes             home, folder and /tmp together        (256 MiB)
 * files                  so many may be made                   (65536)
 * output_bytes           of one line of sh; the rest is lost   (1 MiB)
 *
 * Time by the clock during which others had the processors does not count, up to
 * ENCLOSURE_PUT_OFF times as much as the limit is: a busy machine gives the same result. */
enum { ENCLOSURE_PUT_OFF = 3 };
struct enclosure_limits {
	int64_t time_ms;
	int64_t processor_ms;
	int64_t line_ms;
	int64_t processes;
	int64_t memory_bytes;
	int64_t disk_bytes;
	int64_t files;
	int64_t output_bytes;
};

/* Memory that watcher and engine both see.
 *
 * hit            bits of the limits that were met so far
 * settling       what was ended for a limit is not gone yet
 * line_until_ms  when the line under way is to be over (CLOCK_MONOTONIC); 0: none is */
struct enclosure_shared {
	_Atomic unsigned hit;
	_Atomic int settling;
	_Atomic int64_t line_until_ms;
};

/* For the engine.
 *
 * say_fd  one record (enclosure_say) is one call of heard() outside; closed on exec, no
 *         program in there has it
 * ask_fd, answer_fd  for a look at the limits right now, and that it is done */
struct enclosure_inside {
	int say_fd;
	int ask_fd;
	int answer_fd;
	struct enclosure_limits limits;
	struct enclosure_shared *shared;
};
#define ENCLOSURE_WORD_MAX (128 << 10)

/* Sends one record. -EMSGSIZE: longer than ENCLOSURE_WORD_MAX. */
int enclosure_say(const struct enclosure_inside *inside, const void *bytes,
		  size_t len, struct err *err);

/* Around each line of a learner's, however it runs: from here on it has limits.line_ms,
 * then the programs that run (sh's and containers') are ended, and the engine gets a
 * Ctrl-C. The end has somebody look at the limits, waits until what was ended is gone, and
 * returns the bits of the limits that were met meanwhile. */
void enclosure_line_begin(const struct enclosure_inside *inside);
unsigned enclosure_line_end(const struct enclosure_inside *inside);

/* Runs in the enclosure. Returns an exit status (0 to 255), or -errno with *err filled in:
 * enclosure_run fails with it then. */
typedef int enclosure_engine(void *ctx, const struct enclosure_inside *inside,
			     struct err *err);

/* Runs outside, for each word of the engine's. -errno ends the enclosure. */
typedef int enclosure_heard(void *ctx, const void *bytes, size_t len,
			    struct err *err);

/* One file or folder of the machine that is shown, read-only, at `as`. */
struct enclosure_show {
	const char *path;
	const char *as;
};

/* All borrowed. Descriptors may be -1.
 *
 * root_fd   folder with the files of a small system (the base image's layer): bin/sh ...
 * home_fd   a prepared home (home.h), store and layers in it; -1: an empty folder
 * work_fd   the submission; -1: an empty folder
 * show      more to see; the program itself and its libraries are there already
 * keep_fds  what stays open for the engine, under the same numbers (the lesson, opened
 *           before); everything else that is open is closed
 * disk      a folder of the machine's in which what may be written to is put, as one folder
 *           that goes with the enclosure; NULL: in memory, or below /var/tmp where the
 *           kernel keeps no extended attributes of files in memory (Linux before 6.6).
 *           On a disk the limit of disk is looked at twice a second, and may be passed
 *           in between
 * controllers  CGROUP_BIT (cgroup_find.h) of what containers in there are to be limited
 *           by, as far as this account has it; 0: no cgroup is to be seen in there
 * slot      0 ..: enclosures that run at once as root get ids of their own by it
 * engine, heard, ctx */
struct enclosure_spec {
	int root_fd;
	int home_fd;
	int work_fd;
	const struct enclosure_show *show;
	size_t show_count;
	const int *keep_fds;
	int keep_count;
	const char *disk;
	unsigned controllers;
	unsigned slot;
	struct enclosure_limits limits;
	enclosure_engine *engine;
	enclosure_heard *heard;
	void *ctx;
};
#define ENCLOSURE_SPEC_NONE \
	((struct enclosure_spec){ .root_fd = -1, .home_fd = -1, .work_fd = -1 })

enum enclosure_how {
	ENCLOSURE_DONE,    /* the engine came to its end: status */
	ENCLOSURE_LIMITED, /* ended from outside for a limit: limit */
	ENCLOSURE_KILLED,  /* something in there ended the engine by a signal: signal */
};

/* hit  bits of all limits that were met, those too after which it went on */
struct enclosure_end {
	enum enclosure_how how;
	int status;
	enum enclosure_limit limit;
	int signal;
	unsigned hit;
	int64_t time_ns;
	int64_t memory_bytes; /* the most that was seen */
};

/* Makes it, runs the engine in it, waits, removes all trace. Returns 0 and *out, or
 * -errno where that could not be done, which is never the fault of what was to be run
 * there: no user namespaces, no room, the engine's own failure. Blocks; to have
 * several at once call it in a process each. It dies with the calling process. */
int enclosure_run(const struct enclosure_spec *spec, struct enclosure_end *out,
		  struct err *err);

#endif
