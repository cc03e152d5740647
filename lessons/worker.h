/* lessons/worker.h - a child process for what cannot be trusted to end.
 *
 * A lesson's script may be endless, greedy or hostile. It runs in a child with
 * limits of its own, and all that leaves the child are messages over one socket:
 *
 *     child                                parent
 *       | {"do":"type","line":"run …"} -->   |  serve() answers
 *       | <-- {"status":0,"output":"…"}      |
 *       |              …                     |
 *       | {"result": …} or {"error":{…}} --> |  the last one
 *
 * One message is one record of a SOCK_SEQPACKET pair, one JSON object, at most
 * WORKER_MESSAGE_MAX bytes. The clock is the parent's: a child that is silent
 * for longer than it may is killed. A count hook in the script would be no
 * protection: pcall swallows its error, and one string.find can run for minutes.
 */
#ifndef LESSONS_WORKER_H
#define LESSONS_WORKER_H

#include <jansson.h>
#include <stddef.h>

struct err;
struct worker; /* the child's end of the line */

#define WORKER_MESSAGE_MAX (128 << 10)

/* In the child. Adds to nothing of the parent's; *out is given. */
typedef int worker_work(void *arg, struct worker *worker, json_t **out,
			struct err *err);

/* In the parent, for each request: *out_reply is given. A failure reaches the
 * child as the failure of its request. */
typedef int worker_serve(void *arg, const json_t *request, json_t **out_reply,
			 struct err *err);

/* work, work_arg    what the child does
 * serve, serve_arg  who answers its requests; NULL refuses all
 * lang              language of the messages made in the child, or NULL
 * wall_ms           how long the child may take, the time in serve not counted
 * cpu_s, memory     its limits; memory is on top of what the parent has */
struct worker_job {
	worker_work *work;
	void *work_arg;
	worker_serve *serve;
	void *serve_arg;
	const char *lang;
	int wall_ms;
	unsigned cpu_s;
	size_t memory_bytes;
};

/* Runs it. Returns 0 and *out (given), or -errno:
 *   -ETIMEDOUT  killed for being silent too long, or out of processor time
 *   -EPROTO     it died or said something that is no message */
int worker_run(const struct worker_job *job, json_t **out, struct err *err);

/* For the child: sends a request (taken) and waits for the answer (given). */
int worker_ask(struct worker *worker, json_t *request, json_t **out_reply,
	       struct err *err);

#endif
