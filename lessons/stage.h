/* lessons/stage.h - a world for playing a lesson, which nobody's progress is in.
 *
 * `demo`, `tour` and the measuring of an author's way need a world that comes and
 * goes: "demo-PID". Owns its name and its end. As long as it is played in,
 * lessons/progress/demo-PID.alive is locked; one whose lock is free was left behind by
 * a kill, and is swept away with whatever runs in it. */
#ifndef LESSONS_STAGE_H
#define LESSONS_STAGE_H

struct err;
struct home;

/* home  the user's own; borrowed, must outlive the stage
 * name  for lesson_place.scratch */
struct stage {
	const struct home *home;
	char *name;
	int alive_fd;
};

/* Sweeps first. A process may have one at a time. */
int stage_open(const struct home *home, struct stage *out, struct err *err);

/* Removes the world, its start and its record, where they are still there. */
void stage_close(struct stage *stage);

/* Removes what others left behind. Costs one look where there is nothing. */
void stage_sweep(const struct home *home);

#endif
