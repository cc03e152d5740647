/* lessons/replay.h - a submission's work is done once more, and judged.
 *
 * The part of grading that runs where strangers' words run: in an enclosure of its
 * own, with a home in which nothing has happened yet. It plays the lesson: each
 * step's setup, the submission's files, its commands, then all goals of the step are
 * judged. What it finds it says in words (JSON, one record each); who listens
 * (grade.h) holds the result.
 *
 *   {"plan":{"title":,"version":,"steps":[{"id":,"title":,"goals":[{"id":,"title":,
 *       "max":,"visibility":,"after":[]}]}]}}             the first
 *   {"at":{"step":0,"line":"run ...","setup":false}}      before each line
 *   {"ran":{"step":0,"line":"run ...","log":"...","ended":"time"}}    after it
 *   {"remark":"for the teacher"}
 *   {"verdicts":{"step":0,"last":true,"skipped":"why nobody judged it" or
 *       null,"fault":it is the grader's,"ms":,"items":[{"goal":,"state":,"message":,"says":,"expected":,
 *       "actual":,"look":,"fault":"why this machine is to blame"}]}}
 *   {"end":true} */
#ifndef LESSONS_REPLAY_H
#define LESSONS_REPLAY_H

#include <jansson.h>
#include <stdbool.h>

#include "lessons/commands.h"
#include "lessons/session.h"

struct buf;
struct err;

/* How a line of the submission's is to be run.
 *
 * line      as it was typed
 * stop_ms   > 0: it was ended by Ctrl-C after that long, and is so again; else it may
 *           take as long as a line may
 * commands of the lesson ("answer 2", "next") are the replay's own */
struct replay_line {
	const char *line;
	long long stop_ms;
};

/* status  its exit status
 * ended   NULL, or the limit for which it was ended ("time", "output" ...); borrowed */
struct replay_ran {
	int status;
	const char *ended;
};

/* place       as for lesson_open; scratch, grading and seed are set
 * lesson      its id
 * version     of its folder, for the plan
 * folder_fd   the submission, unpacked; borrowed
 * packed      its files lie in files/
 * enter       makes the session's world the one in which lines run; NULL: back again
 * run         runs a line; adds what it printed to `out`. -errno: the machine's fault
 * about       what a line is to the lesson: REPLAY_...
 * unfinished  commands.h
 * say         a word goes out. json is borrowed */
enum replay_about {
	REPLAY_WORK,   /* a command like any other */
	REPLAY_ANSWER, /* answer VALUE */
	REPLAY_NEXT,
	REPLAY_RESET,
	REPLAY_NOTHING, /* about the lesson: it changes nothing in its world */
};

struct replay {
	struct lesson_place place;
	const char *lesson;
	const char *version;
	int folder_fd;
	bool packed;
	void *ctx;
	int (*enter)(void *ctx, struct lesson_session *session,
		     struct err *err);
	int (*run)(void *ctx, const struct replay_line *line, struct buf *out,
		   struct replay_ran *ran, struct err *err);
	enum replay_about (*about)(const char *line, const char **out_value);
	commands_unfinished *unfinished;
	int (*say)(void *ctx, const json_t *word, struct err *err);
};

/* Returns 0 when all was judged, or -errno: it could not be done, which is the
 * lesson's or the machine's fault. */
int replay_run(const struct replay *replay, struct err *err);

#endif
