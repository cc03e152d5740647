/* lessons/scene.h - a world for playing a lesson, which nobody's progress is in.
 *
 * `demo`, `tour` and the measuring of an author's way need a world that comes and
 * goes: "demo-PID". Owns its name and its end. As long as it is played in,
 * lessons/progress/demo-PID.alive is locked; one whose lock is free was left behind by
 * a kill, and is swept away with whatever runs in it. */
#ifndef LESSONS_SCENE_H
#define LESSONS_SCENE_H

struct err;
struct home;

/* home  the user's own; borrowed, must outlive the scene
 * name  for lesson_place.scratch */
struct scene {
	const struct home *home;
	char *name;
	int alive_fd;
};

/* Sweeps first. A process may have one at a time. */
int scene_open(const struct home *home, struct scene *out, struct err *err);

/* Removes the world, its start and its record, where they are still there. */
void scene_close(struct scene *scene);

/* Removes what others left behind. Costs one look where there is nothing. */
void scene_sweep(const struct home *home);

#endif
