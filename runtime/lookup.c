/* runtime/lookup.c - see lookup.h: the child that looks, and what it costs.
 *
 * The cost is measured on mounts that nobody else uses: each is made, asked once, asked
 * again and taken down. So "first" is the first that this mount hears of the name;
 * what lies below may be in the kernel's memory already, as it is on a machine at
 * work. */
#include "runtime/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/lab.h"
#include "runtime/lookup_parts.h"
#include "runtime/userns.h"

enum {
	MOST_SAMPLES = 300,
	LEAST_SAMPLES = 2 * MEASURE_FEWEST,
	BUDGET_NS = 40000000, /* a view is to answer within a blink */
};

void lookup_done(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++) {
		free(lookup->steps[i].name);
		free(lookup->steps[i].answers);
		free(lookup->steps[i].target);
	}
	free(lookup->steps);
	free(lookup->resolved);
	free(lookup->why);
	*lookup = (struct lookup){ 0 };
}

ssize_t lookup_layer(const struct lookup *lookup)
{
	const char *answers;

	if (!lookup->count || !lookup->found)
		return -1;
	answers = lookup->steps[lookup->count - 1].answers;
	for (size_t i = 0; answers[i]; i++)
		if (answers[i] == LOOKUP_FILE || answers[i] == LOOKUP_FOLDER ||
		    answers[i] == LOOKUP_OPAQUE)
			return (ssize_t)i;
	return -1;
}

/* ---- the cost ---- */

/* The path has no link on its way any more; should one come to lie there meanwhile, it
 * is not followed. */
static int64_t time_one(int root_fd, const char *path)
{
	int64_t before = measure_now_ns();
	int fd = fs_openat2(root_fd, path, O_PATH | O_NOFOLLOW, 0,
			    RESOLVE_BENEATH);
	int64_t ns = measure_now_ns() - before;

	if (fd >= 0)
		close(fd);
	return ns;
}

static int sample(const struct lab_overlay *overlay, const char *path,
		  struct measure *first, struct measure *again, struct err *err)
{
	OWN_FD int root_fd = -1;
	int r = lab_mount(overlay, NULL, err);

	if (r < 0)
		return r;
	root_fd = open(overlay->where, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		r = err_errno(err, "open %s", overlay->where);
	if (r == 0) {
		measure_add(first, time_one(root_fd, path));
		measure_add(again, time_one(root_fd, path));
	}
	lab_unmount(overlay->where);
	return r;
}

static void put_measured(struct buf *reply, char letter,
			 const struct measure *measure)
{
	struct measured m = measure_sum(measure);

	buf_fmt(reply, "%c%zu %" PRId64 " %" PRId64 " %" PRId64 "\n", letter,
		m.count, m.median_ns, m.p10_ns, m.p90_ns);
}

/* run/root: an empty folder, for one layer that wants a second. */
static void measure_lookup(const struct home *home, const struct strs *layers,
			   const char *path, struct buf *reply)
{
	OWN_MEASURE struct measure first = { 0 };
	OWN_MEASURE struct measure again = { 0 };
	OWN_FREE char *names = strs_join(layers, ":");
	OWN_FREE char *lower =
		mem_fmt("%s%s", names, layers->count == 1 ? ":run/root" : "");
	const struct lab_overlay overlay = { .lower = lower,
					     .where = "run/root" };
	int64_t until = measure_now_ns() + BUDGET_NS;
	struct err err = { 0 };
	int r = chdir(home->path) < 0 ? err_errno(&err, "chdir") : 0;

	while (r == 0 && first.count < MOST_SAMPLES &&
	       (first.count < LEAST_SAMPLES || measure_now_ns() < until))
		r = sample(&overlay, path[1] ? path + 1 : ".", &first, &again,
			   &err);
	if (r < 0) {
		buf_fmt(reply, "W%s\n", err.msg);
		return;
	}
	put_measured(reply, 'F', &first);
	put_measured(reply, 'A', &again);
}

/* ---- the child ---- */

struct job {
	const struct home *home;
	const struct strs *layers;
	const char *path;
};

static int look(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	OWN_FREE char *resolved = NULL;
	int r = lookup_walk(job->home, job->layers, job->path, reply, &resolved,
			    err);

	if (r < 0)
		return r;
	buf_fmt(reply, "R%s\n", resolved);
	measure_lookup(job->home, job->layers, resolved, reply);
	return 0;
}

/* ---- its answer ---- */

/* "SmnnFh\tapp.js\ttarget" */
static void take_step(char *line, struct lookup *out)
{
	char *name = strchr(line, '\t');
	char *target = name ? strchr(name + 1, '\t') : NULL;
	struct lookup_step *step;

	if (!target)
		return;
	*name++ = '\0';
	*target++ = '\0';
	out->steps = mem_grow(out->steps, out->count + 1, sizeof(*out->steps));
	step = &out->steps[out->count++];
	*step = (struct lookup_step){
		.end = (enum lookup_end)line[0],
		.answers = mem_str(line + 1),
		.name = mem_str(name),
		.target = mem_str(target),
	};
	for (const char *a = step->answers; *a; a++)
		step->asked += *a != LOOKUP_NOT_ASKED && *a != LOOKUP_HIDDEN;
}

static void take_measured(const char *line, struct measured *out)
{
	/* NOLINTNEXTLINE(cert-err34-c): numbers of our own making */
	(void)sscanf(line, "%zu %" SCNd64 " %" SCNd64 " %" SCNd64, &out->count,
		     &out->median_ns, &out->p10_ns, &out->p90_ns);
}

static void take_line(char *line, struct lookup *out)
{
	switch (line[0]) {
	case 'S':
		take_step(line + 1, out);
		break;
	case 'T':
		/* NOLINTNEXTLINE(cert-err34-c): numbers of our own making */
		out->found = sscanf(line + 1, "%o %" SCNd64 " %u", &out->mode,
				    &out->bytes, &out->uid) == 3;
		break;
	case 'R':
		out->resolved = mem_str(line + 1);
		break;
	case 'F':
		take_measured(line + 1, &out->first);
		break;
	case 'A':
		take_measured(line + 1, &out->again);
		break;
	case 'W':
		out->why = mem_str(line + 1);
		break;
	default:
		break;
	}
}

int lookup_path(const struct home *home, const struct strs *layers,
		const char *path, struct lookup *out, struct err *err)
{
	struct job job = { home, layers, path };
	OWN_BUF struct buf reply = { 0 };
	OWN_STRS struct strs lines = { 0 };
	int r = userns_call(look, &job, true, &reply, err);

	if (r < 0)
		return r;
	*out = (struct lookup){ 0 };
	strs_split(&lines, buf_text(&reply), '\n');
	for (size_t i = 0; i < lines.count; i++)
		take_line(lines.items[i], out);
	return 0;
}
