/* shell/why.h - why: causes as data.
 *
 * A cause is one entry of the table (why_causes.c): what it may be about, and a
 * function that looks for its evidence. Only an entry that found its evidence gives a
 * sentence, and the sentence carries that evidence. Several may apply: the table's
 * order is their strength. Where none does, or the one that would has nothing to go
 * by, the answer is "unknown" and what would tell.
 *
 *   cmd_why.c     which thing is meant
 *   why_facts.c   what is known of it from the start
 *   why.c         asks the table, prints
 *   why_end.c     what ended a container           why_number.c  how it ended itself
 *   why_state.c   why it is as it is               why_names.c   where names lead
 *   why_start.c   why a program could not start    why_line.c    why a command failed
 *   why_port.c    ports                            why_file.c    files
 *   why_image.c   images and their layers          why_build.c   builds
 *   why_disk.c    a full disk                      why_goal.c    a lesson's goals
 *   why_step.c    the step of `explain` it was     failure.c     what failed last */
#ifndef SHELL_WHY_H
#define SHELL_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "images/look.h"
#include "images/store.h"
#include "runtime/container.h"
#include "runtime/ending.h"
#include "shell/failure.h"
#include "shell/view.h"

struct why;
struct why_finding;

/* What a question is about; one may be several of these. */
enum why_about {
	WHY_LINE = 1 << 0,      /* a command that failed: line */
	WHY_START = 1 << 1,     /* a start that failed: message */
	WHY_END = 1 << 2,       /* the end of a run: ending, perhaps container */
	WHY_STATE = 1 << 3,     /* a container that is there: container */
	WHY_STOP = 1 << 4,      /* how long the last stop took: ending */
	WHY_FILE = 1 << 5,      /* path, in container or image */
	WHY_PORT = 1 << 6,      /* port of the machine */
	WHY_IMAGE = 1 << 7,     /* image */
	WHY_LAYER = 1 << 8,     /* layer of image */
	WHY_BUILD = 1 << 9,     /* the last build */
	WHY_STATUS = 1 << 10,   /* an exit status, in general */
	WHY_GONE = 1 << 11,     /* ending of a container that was removed */
	WHY_NETWORK = 1 << 12,  /* word */
	WHY_VOLUME = 1 << 13,   /* word */
	WHY_HOST_FILE = 1 << 14, /* path on the machine */
	WHY_WORD = 1 << 15,     /* a word of the course: localhost, commit */
	WHY_GOAL = 1 << 16,     /* the lesson under way */
	WHY_DISK = 1 << 17,     /* the home's disk, too full to note what failed */
};

enum why_answer { WHY_NOT, WHY_FOUND, WHY_UNKNOWN };

/* Where a fact was read. */
enum why_source {
	WHY_FROM_EVENTS,
	WHY_FROM_RECORD,
	WHY_FROM_STATUS,
	WHY_FROM_LOG,
	WHY_FROM_PROC,
	WHY_FROM_FILES,
	WHY_FROM_IMAGE,
	WHY_FROM_MESSAGE,
	WHY_FROM_NETWORK,
	WHY_FROM_LINE,
	WHY_FROM_BUILD,
	WHY_FROM_CONTEXT,
	WHY_FROM_DISK,
	WHY_FROM_PROBE,
	WHY_FROM_LESSON,
	WHY_FROM_STEPS,
};

struct why_fact {
	enum why_source from;
	char *text;
};

/* id        where the cause has several, which one; NULL: the cause's own
 * sentence  without a full stop
 * fix       what to do; tell: what would tell, where it is unknown; next: a command
 *           to type. NULL where there is none */
struct why_finding {
	const struct why_cause *cause;
	const char *id;
	enum why_answer answer;
	char *sentence;
	struct why_fact *facts;
	size_t fact_count;
	char *fix;
	char *tell;
	char *next;
};

/* id      in no language, for --json
 * about   to which questions it may be the answer
 * weak    says only what is left to say: not beside a stronger one */
struct why_cause {
	const char *id;
	unsigned about;
	bool weak;
	enum why_answer (*look)(struct why *why, struct why_finding *out);
};

/* The table, in the order of strength; id NULL behind the last. One a file, joined in
 * why.c. */
extern const struct why_cause why_goal_causes[];
extern const struct why_cause why_line_causes[];
extern const struct why_cause why_disk_causes[];
extern const struct why_cause why_names_causes[];
extern const struct why_cause why_start_causes[];
extern const struct why_cause why_end_causes[];
extern const struct why_cause why_number_causes[];
extern const struct why_cause why_state_causes[];
extern const struct why_cause why_port_causes[];
extern const struct why_cause why_file_causes[];
extern const struct why_cause why_image_causes[];
extern const struct why_cause why_build_causes[];

/* A question, and all that is known at its start.
 *
 * word      as it was asked, for sentences and "about"
 * meaning   what a status means in general: said first; NULL where none was asked for
 * message   of a start that failed, or NULL
 * status    asked for, or -1
 * container NULL where it is gone; ending.id "" where the events do not know it
 * image     id NULL: none
 * program   what was looked for in PATH, once; NULL: not yet */
struct why {
	struct shell *shell;
	unsigned about;
	char *word;
	char *meaning;
	char *message;
	char *path;
	int status;
	int port;
	int layer;
	struct failure line;
	struct container *container;
	struct ending ending;
	struct image image;
	struct look_program *program;
	struct why_finding *found;
	size_t found_count;
};

void why_init(struct why *why, struct shell *shell);
void why_done(struct why *why);
#define OWN_WHY __attribute__((cleanup(why_done)))

/* Asks the table and prints the answer. Returns 0. */
int why_print(struct why *why, const struct view_opts *opts);

/* ---- for causes ---- */

enum why_answer why_say(struct why_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum why_answer why_say_unknown(struct why_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void why_fact(struct why_finding *f, enum why_source from, const char *format,
	      ...) __attribute__((format(printf, 3, 4)));
void why_fix(struct why_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void why_tell(struct why_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void why_next(struct why_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The container's name, also of one that is gone; "" where none is meant. */
const char *why_name(const struct why *why);

/* "SIGKILL". Borrowed until the next call. */
const char *why_signal_name(int number);

/* A time between two events: "0.31 s". Borrowed until the next call but one. */
const char *why_span(int64_t ns);

/* How long ago that was: "12 s", "5 minutes". Borrowed until the next call. */
const char *why_ago(int64_t ns);

/* Where the cause stands for a step of `explain`, its number is added as a fact. */
void why_add_step(const struct why *why, struct why_finding *f);

/* The last lines that the container printed, as facts. Returns how many. */
int why_log_facts(const struct why *why, struct why_finding *f);

/* The last lines in one text, for looking for words; "" where there are none, or where
 * it is not the end of that run that is asked about. */
char *why_log_tail(const struct why *why);

/* Where the files of the container, or of the image, are. false: neither is there. */
bool why_place(const struct why *why, struct look_place *out);

/* The line ran a program in a container, and that one failed: `run`, `exec`. */
bool why_ran_program(const struct why *why);

/* Adds a container by name: container, ending, what it is about. Returns 1, 0 for
 * none that is or was there, or -errno. */
int why_take_container(struct why *why, const char *name, struct err *err);
int why_take_image(struct why *why, const char *name, struct err *err);

/* "web (exited)": as evidence of what is there. Given. */
char *why_container_text(const struct container *c);

#endif
